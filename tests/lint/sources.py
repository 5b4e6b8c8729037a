# SPDX-License-Identifier: GPL-2.0-only
"""Lints that read the sources and build nothing.

A lint that looked at no file would pass. So each one also claims which files it has looked at,
and lint/sources-can-fail plants what each of them must find.
"""

from __future__ import annotations

import py_compile
import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP

SELF = Path("tests/lint/sources.py")
OURS = "GPL-2.0-only"
LICENCES = {
    "v7dbg": "BSD-2-Clause OR GPL-2.0-only",
    "include/uapi": "GPL-2.0-only WITH Linux-syscall-note",
}
# Texts, data and files whose format has no comments.
NO_SPDX = re.compile(r"(^|/)(LICENSES/|LICENSE|COPYING)|\.(md|tsv|txt|patch|dts|json)$|^bench/budget$|"
                     r"^tests/unit/list$|^tests/fuzz/corpus/")
CODE = (".c", ".h", ".S", ".py", ".sh", ".def")
C_FOLDERS = {"guests", "include", "module", "tests", "tools", "v7dbg", "vmm"}


def tracked(*patterns: str) -> list[Path]:
    """Files that are or would be committed."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--",
                          *patterns], cwd=TOP, capture_output=True, check=True).stdout
    paths = [Path(p) for p in out.decode().split("\0") if p]
    return sorted({p for p in paths if (TOP / p).is_file()})


def first_lines(path: Path, count: int) -> str:
    with (TOP / path).open("rb") as handle:
        return b"".join(handle.readline() for _ in range(count)).decode(errors="replace")


def scripts(interpreters: str) -> list[Path]:
    return [p for p in tracked() if re.match(rf"#!.*\b({interpreters})\b", first_lines(p, 1))]


def shell_files() -> list[Path]:
    return sorted({*scripts("sh|bash"), *tracked("*.sh")})


def python_files() -> list[Path]:
    return sorted({*scripts("python3"), *tracked("*.py")})


# ---- licences ----


def licence(path: Path) -> str:
    return next((v for k, v in LICENCES.items() if path.is_relative_to(k)), OURS)


def licence_problem(path: Path, lines: str) -> str:
    """What is wrong with the first two LINES of a file; the second counts below a #! only."""
    if not lines.startswith("#!"):
        lines = lines.split("\n", 1)[0]
    found = re.search(r"SPDX-License-Identifier: ([^\n*]*[^\n* ])", lines)
    said = found[1] if found else "nothing"
    return "" if said == licence(path) else f"{path}: must say {licence(path)}, says {said}"


@case("lint/spdx", tier="check")
def spdx(t: Context) -> None:
    files = [p for p in tracked() if not NO_SPDX.search(str(p))]
    t.equal({licence(p) for p in files}, {OURS, *LICENCES.values()}, "files of each licence are read")
    t.equal([*filter(None, (licence_problem(p, first_lines(p, 2)) for p in files))], [],
            f"{len(files)} files begin with their licence")


# ---- tools ----


def clang_format(*files: Path | str) -> list[str]:
    """The files that are not formatted."""
    done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files], cwd=TOP,
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    bad = {line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line}
    return sorted(bad) if bad or not done.returncode else [done.stderr]


def shellcheck(*files: Path | str) -> str:
    done = subprocess.run(["shellcheck", "--norc", "-x", *files], cwd=TOP, capture_output=True,
                          text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def python_problem(path: Path, scratch: Path) -> str:
    first = first_lines(path, 1)
    if first.startswith("#!") and first != "#!/usr/bin/python3\n":
        return f"{path}: begins with {first.strip()}; #!/usr/bin/python3 is the one that is tested"
    try:
        py_compile.compile(str(TOP / path), cfile=str(scratch), doraise=True)
    except py_compile.PyCompileError as error:
        return str(error)
    return ""


@case("lint/clang-format", tier="check")
def formatted(t: Context) -> None:
    files = tracked("*.c", "*.h")
    t.equal({p.parts[0] for p in files}, C_FOLDERS, "each folder with C sources is looked at")
    t.equal(clang_format(*files), [], f"{len(files)} files are formatted (make fmt)")


@case("lint/shellcheck", tier="check")
def shell(t: Context) -> None:
    files = shell_files()
    t.equal(sorted({*scripts(".*")} - {*files} - {*python_files()}), [],
            "every script is for a shell or for Python")
    t.equal(shellcheck(*files), "", f"shellcheck is silent about {len(files)} scripts")


@case("lint/python", tier="check")
def python(t: Context) -> None:
    files = python_files()
    t.check(SELF in files, "this file is among those that are compiled")
    t.equal([*filter(None, (python_problem(p, t.dir / "pyc") for p in files))], [],
            f"{len(files)} Python files compile")


# ---- text ----


def text_problems(path: Path, text: str) -> list[str]:
    """Blanks and leftovers that no formatter looks at."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            found.append(f"{path}:{number}: blanks at the end of the line")
        if re.search(r"\b(TODO|FIXME|XXX)\b", line) and path != SELF:
            found.append(f"{path}:{number}: a leftover: {line.strip()}")
    return found


@case("lint/plain-text", tier="check")
def plain_text(t: Context) -> None:
    files = [p for p in tracked() if p.suffix in CODE or p.name == "Makefile"]
    t.equal({p.suffix for p in files}, {*CODE, ""}, "files of each kind are read")
    t.equal([line for p in files for line in text_problems(p, (TOP / p).read_text(errors="replace"))],
            [], f"{len(files)} files have neither blanks at a line's end nor leftovers")


@case("lint/generated-pages", tier="check")
def generated_pages(t: Context) -> None:
    """The documents made from tables are what their tables make today."""
    for argv in (["docs/differences.py", "--check"],
                 ["v7dbg/registers.py", "--check", "docs/registers.md"]):
        done = subprocess.run(["/usr/bin/python3", *argv], cwd=TOP, capture_output=True, text=True,
                              check=False)
        t.equal((done.returncode, done.stdout + done.stderr), (0, ""), " ".join(argv))


# ---- what the above must find ----


@case("lint/sources-can-fail", tier="check")
def can_fail(t: Context) -> None:
    """Each lint of this file, on a file that it must refuse and on one that it must not."""
    def planted(name: str, text: str) -> Path:
        path = t.dir / name
        path.write_text(text)
        return path

    ours, lib = Path("vmm/x.c"), Path("v7dbg/x.c")
    bsd = f"// SPDX-License-Identifier: {LICENCES['v7dbg']}\n"
    t.equal(licence_problem(lib, bsd), "", "v7dbg's licence in v7dbg")
    t.check(licence_problem(ours, bsd), "v7dbg's licence elsewhere")
    t.check(licence_problem(ours, f"\n// SPDX-License-Identifier: {OURS}\n"), "a licence on line 2")
    t.check(licence_problem(ours, "int x;\n"), "no licence")

    t.equal(clang_format(planted("good.c", "int x;\n")), [], "a file that is formatted")
    t.check(clang_format(planted("bad.c", "int   x ;\n")), "a file that is not")
    t.equal(shellcheck(planted("good.sh", "#!/bin/sh\necho hello\n")), "", "a good shell script")
    t.check(shellcheck(planted("bad.sh", "#!/bin/sh\necho $1\n")), "one without quotes")
    t.check(shellcheck(), "no shell script at all")
    scratch = t.dir / "pyc"
    t.equal(python_problem(planted("good.py", "x = 1\n"), scratch), "", "a good Python file")
    t.check(python_problem(planted("bad.py", "x = \n"), scratch), "one with a syntax error")
    t.check(python_problem(planted("env.py", "#!/usr/bin/env python3\n"), scratch), "another python3")

    t.equal(text_problems(ours, "int x;\n"), [], "plain text")
    t.check(text_problems(ours, "int x; \n"), "a blank at a line's end")
    t.check(text_problems(ours, "/* FIXME */\n"), "a leftover")
