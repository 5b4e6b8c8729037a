# SPDX-License-Identifier: GPL-2.0-only
"""Each option and each command of armvm is in its man page and its help, and has a test."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib import Context, case, sources
from lib.registry import TOP

TESTS = re.compile(r"^tests/(vmm|linux|host|lib)/.*\.(py|c)$")
# This test claims that the help has them, and uses none.
OF_HELP = re.compile(r"^def test_help_and_version.*?(?=^def )", re.M | re.S)


@dataclass
class Texts:
    """Where they have to be."""

    man: str
    help: str
    tests: str


def read(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def options(source: str) -> list[str]:
    return re.findall(r'^\t\{ "([a-z-]+)", (?:true|false), set_\w+ \},$', source, re.M)


def commands(source: str) -> list[str]:
    """What the control socket understands."""
    return re.findall(r'\.name = "([a-z-]+)"', source)


def words(source: str) -> list[str]:
    """What comes after `armvm`."""
    return re.findall(r'!strcmp\(argv\[1\], "([a-z]+)"\)', source)


def switches() -> list[str]:
    """The options of the commands other than `run`."""
    return sorted({name for path in (TOP / "vmm").rglob("*.c") for name in
                   re.findall(r'strcmp\(argv\[0\], "--([a-z]+)"\)', path.read_text("utf-8"))})


def missing(name: str, kind: str, texts: Texts) -> list[str]:
    """Where it is not: options and switches are --NAME, the others are words."""
    dashes = "--" if kind in ("option", "switch") else ""
    man, helps = {
        "option": (rf"^(?:\.It |\.It Xo\n\.)Fl -{name}(?:\s|$)", rf"^  --{name}(?=[\s\[])"),
        "command": (rf"^\.It Cm {name}(?:\s|$)", rf"^Commands of ctl: [^.]*\b{name}\b"),
        "switch": (rf"^\.Op Fl -{name}(?:\s|$)", rf"^  armvm \w+ \[--{name}[ \]]"),
        "word": (rf"^\.Nm\n\.Cm {name}$", rf"^  armvm {name} "),
    }[kind]
    places = {"the man page": (man, texts.man), "the help": (helps, texts.help),
              "a test": (rf'"{dashes}{name}["= ]', texts.tests)}
    return [where for where, (pattern, text) in places.items()
            if not re.search(pattern, text, re.M)]


def undocumented(names: dict[str, list[str]], texts: Texts) -> list[str]:
    return [f"{kind} {name} is not in {where}" for kind, every in names.items() for name in every
            for where in missing(name, kind, texts)]


def invented(names: list[str], texts: Texts) -> list[str]:
    """The options of `armvm run` that man page and help have and the program does not."""
    listed = texts.man.partition("\nThe value of an option")[2].partition("\n.Ss Keys")[0]
    found = (re.findall(r"^(?:\.It |\.It Xo\n\.)Fl -([a-z-]+)", listed, re.M)
             + re.findall(r"^  --([a-z-]+)", texts.help.partition("Options of run")[2], re.M))
    return sorted(set(found) - set(names))


def help_text(source: str) -> str:
    """The string of vmm/main.c, whose lines are literals that follow each other."""
    literals = re.findall(r'"((?:[^"\\]|\\.)*)"',
                          source.partition("help[] =")[2].partition(";\n\n")[0])
    return "".join(literals).replace("\\n", "\n")


def everything() -> tuple[dict[str, list[str]], Texts]:
    main = read("vmm/main.c")
    names = {"option": options(read("vmm/options.c")),
             "command": commands(read("vmm/control/command.c")), "word": words(main),
             "switch": switches()}
    tests = "\n".join(OF_HELP.sub("", read(name)) for name in sources.listed()
                      if TESTS.match(name))
    return names, Texts(read("vmm/armvm.1"), help_text(main), tests)


@case("lint/options", tier="check")
def documented(t: Context) -> None:
    names, texts = everything()
    # `save` and `migrate` are sent by commands of armvm that have these names, `hold` by the first.
    names["command"] = [n for n in names["command"] if n not in (*names["word"], "hold")]
    t.log(f"{names}")
    t.check(len(names["option"]) > 25 and len(names["command"]) > 8 and len(names["word"]) > 6
            and len(names["switch"]) >= 3, "the tables have been found")
    t.equal(undocumented(names, texts), [], "each is in the man page, in the help, and in a test")
    t.equal(invented(names["option"], texts), [], "and there are no others")


@case("lint/options-can-fail", tier="check")
def can_fail(t: Context) -> None:
    texts = Texts(".Nm\n.Cm run\n.It Fl -kernel Ar file\n.It Cm status\n",
                  "  armvm run [OPTION]\n  --kernel FILE\nCommands of ctl: status, quit.\n",
                  '"run", "--kernel", "status"')
    good = {"option": ["kernel"], "command": ["status"], "word": ["run"]}
    t.equal(undocumented(good, texts), [], "what is everywhere is accepted")
    for kind, name in (("option", "kern"), ("command", "pause"), ("word", "list"),
                       ("switch", "colour")):
        t.equal(len(undocumented({kind: [name]}, texts)), 3, f"{kind} {name}, which is nowhere")
    t.equal(undocumented({"command": ["quit"]}, texts),
            ["command quit is not in the man page", "command quit is not in a test"],
            "a command that only the help has")
    texts.man = "\nThe value of an option is\n.It Fl -kernel\n.It Fl -colour\n.Ss Keys"
    t.equal(invented(["kernel"], texts), ["colour"], "an option that only the man page has")
