# SPDX-License-Identifier: GPL-2.0-only
"""Lints of the tests' own files: the cases that they name exist, and mutants apply."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
from pathlib import Path

from lib import Context, case, mutants, registry, sources
from lib.registry import TOP, allowed, load

from harness.paths import outside_make

# Fuzzers of armvm: the cases of sources.OF_ARMVM.
OF_ARMVM = tuple(f"tests/fuzz/{name}" for name in (
    "virtio.c", "restore.c", "control.c", "control_machine.c", "control_machine.h", "config.c",
    "machine.c", "machine.h", "input.h", "quiet.c"))


def refused(function, *arguments: object) -> bool:
    try:
        function(*arguments)
    except ValueError:
        return True
    return False


@case("lint/skips", tier="check")
def skips(t: Context) -> None:
    rows = allowed()
    t.equal(set(rows) - set(load()), set(), f"the {len(rows)} cases in tests/skips exist")
    t.equal([name for name, (_, reason) in rows.items() if len(reason) <= 20], [],
            "the reason of each is a sentence")
    (t.dir / "skips").write_text("SKIP host/hostile\n")
    t.check(refused(allowed, t.dir / "skips"), "a row without a reason is refused")


@case("lint/mutants", tier="check")
def every_mutant(t: Context) -> None:
    """Each mutant applies to today's tree, names cases that exist, and is in the model's table."""
    names = set(load())
    model = (TOP / "docs" / "debug-model.md").read_text(encoding="utf-8")
    every = mutants.every()
    t.check(every, f"there are {len(every)} mutants")
    for one in every:
        short = one.name.removeprefix("v7dbg-")
        t.check(re.search(rf"(?<![a-z0-9-]){re.escape(short)}(?![a-z0-9-])", model),
                f"{one.name}: debug-model.md has it")
        t.equal(set(one.tests) - names, set(), f"{one.name}: its tests exist")
        t.equal(one.problem(), "", f"{one.name}: its patch applies")


def unknown_names(model: str, source: str) -> list[str]:
    """The functions and files in the model's `Code:` lines that the sources do not have."""
    listed = "\n".join(re.findall(r"^  Code: (.*?)\n  (?:Tests|Mutants):", model, re.M | re.S))
    names = set(re.findall(r"`([^`]+)`|\(([\w-]+\.[chS])\)", listed))
    words = set(re.findall(r"\w+", source))
    files = {path.name for path in map(Path, sources.listed())}
    return sorted({n for n, _ in names if n and not set(re.findall(r"\w+", n)) <= words}
                  | {f for _, f in names if f and f not in files})


def all_code() -> str:
    paths = [TOP / name for name in sources.listed()
             if re.match(r"(module|v7dbg|vmm|include)/.*\.([chS]|def)$|debian/.*\.dkms$", name)]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@case("lint/model-names", tier="check")
def model_names(t: Context) -> None:
    """A reader of debug-model.md finds each function that it names."""
    model = (TOP / "docs" / "debug-model.md").read_text(encoding="utf-8")
    code = all_code()
    t.equal(unknown_names(model, code), [], "each function and file of a `Code:` line exists")
    row = ("- **A rule.** B1.\n  Code: `v7dbg_trap`, `no_such_function`\n  (gone.c).\n"
           "  Tests: `none`.\n")
    t.equal(unknown_names(row, code), ["gone.c", "no_such_function"],
            "one that does not is found")


@case("lint/mutants-can-fail", tier="check")
def can_fail(t: Context) -> None:
    """Made-up headers, and a patch whose code has changed."""
    def planted(text: str) -> mutants.Mutant:
        (t.dir / "made-up.patch").write_text(text)
        return mutants.read(t.dir / "made-up.patch")

    head = "Test: a/b c/d\nRequirement: S1\nWhy: A sentence that goes on\n  and on.\n"
    one = planted(head + "\ndiff --git a/x b/x\n+Expect: nothing\n")
    t.equal((one.tests, one.requirement, one.why, one.expect),
            (("a/b", "c/d"), "S1", "A sentence that goes on and on.", ""), "a header is read")
    t.equal(planted(head + "Expect: these words\n").expect, "these words",
            "with the words that are expected")
    for word in mutants.NEEDED:
        t.check(refused(planted, head.replace(f"{word}: ", f"{word}:")),
                f"a header without {word}: is refused")
    real = mutants.every()[0]
    stale = t.dir / "stale.patch"
    stale.write_text(real.patch.read_text().replace("\n-", "\n-was here once: "))
    t.check(dataclasses.replace(real, patch=stale).problem(),
            "a patch whose code has changed does not apply")


@case("lint/digests", tier="check")
def digests(t: Context) -> None:
    """The sources behind a unit test (tests/lib/sources.py) are all that it is built from."""
    files = sources.listed()
    t.equal([one for one in sources.LIBRARY if not any(f.startswith(one) for f in files)], [],
            "every name in LIBRARY is a file or a folder of this tree")
    text = "".join((TOP / f).read_text(errors="replace") for f in files
                   if f.startswith(("tests/unit/", "tests/fuzz/"))
                   and f not in OF_ARMVM
                   and f.endswith((".c", ".h", "Makefile")))
    text = text.replace("../../", "/").replace("../", "tests/")
    outside = set(re.findall(r"(?<!tests/)\b(?:module|vmm|guests|include)/[\w./-]+\.[ch]\b", text))
    # Headers of module/ and of the folders below are on the include path.
    outside |= {f"module/{name}" for name in re.findall(r'#include "([\w./-]+)"', text)
                if (TOP / "module" / name).is_file()}
    t.check(outside, f"unit tests are built from other folders' files: {sorted(outside)}")
    t.equal(outside, {f for f in outside if f.startswith(sources.LIBRARY)},
            "LIBRARY names each of them")


def imported(file: str) -> set[str]:
    """The files in tests/ that a file imports, without their endings."""
    nodes = [n for n in ast.walk(ast.parse((TOP / file).read_text(encoding="utf-8")))
             if isinstance(n, ast.ImportFrom) and n.module]
    return {f"tests/{name.replace('.', '/')}" for node in nodes
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))}


@case("lint/digest-only", tier="check")
def digest_only(t: Context) -> None:
    """What the sources are behind some tests only (ONLY) is read by no other."""
    files = sources.listed()
    t.equal([one for one in sources.ONLY if not any(f.startswith(one) for f in files)], [],
            "every name in ONLY is a file or a folder of this tree")
    wrong = set()
    for one in registry.CASES.values():
        file = f"{one.function.__module__.replace('.', '/')}.py"
        file = file if file.startswith("tests/") else f"tests/{file}"
        wrong |= {one.name for key, names in sources.ONLY.items()
                  if file.startswith(key) and not one.name.startswith(names)}
        # Who builds the packages, by itself or for a board.
        if (re.search(r"tools/deb\b|debian_board", (TOP / file).read_text(encoding="utf-8"))
                and not one.name.startswith(sources.ONLY["debian/"])):
            wrong.add(one.name)
        own = sources.cases_in(file)
        if own and not one.name.startswith((*own, "debug/", "matrix/")):
            wrong.add(one.name)
    t.equal(wrong, set(), "a file that is behind some cases only has no others")
    wrong, imports = set(), 0
    for file in files:
        if not file.startswith("tests/") or not file.endswith(".py"):
            continue
        found = imported(file)
        imports += len(found)
        wrong |= {f"{file}: {one}" for one in found for key, names in sources.ONLY.items()
                  if one.startswith(key.removesuffix(".py").rstrip("/"))
                  and names not in [theirs for other, theirs in sources.ONLY.items()
                                    if file.startswith(other)]}
        wrong |= {f"{file}: {one}" for one in found
                  if (TOP / f"{one}.py").exists() and sources.cases_in(f"{one}.py")}
    t.check(imports > 100, f"{imports} imports are looked at")
    t.equal(wrong, set(), "and no file of others imports it")


@case("lint/digest-of-a-cell", tier="check")
def digest_of_a_cell(t: Context) -> None:
    """The sources behind a cell of the matrix are what it builds, boots and compares."""
    files = set(sources.listed())
    t.equal([one for one in sources.CELL if not any(f.startswith(one) for f in files)], [],
            "every name in CELL is a file or a folder of this tree")
    plain, built = (set(sources.behind([f"matrix/{k}/a15-2"])) for k in ("sid-armmp", "debug"))
    cells = sys.modules["tests.matrix.cells"]
    needed = {f"guests/{name}.c" for name in cells.PROGRAMS}
    needed |= {"tools/init", "tests/linux/hwpoints.c", "tests/host/run-work.c"}
    needed |= {f for f in files if f.startswith(("guests/lib/", "tools/agent/"))}
    needed |= set(subprocess.run(["make", "-s", "-C", "module", "--eval",
                                  "print-sources: ; @echo $(SOURCES)", "print-sources"],
                                 cwd=TOP, check=True, capture_output=True, text=True,
                                 env=outside_make()).stdout.split()) & files
    # What cells.py imports, but for the machinery that all tests have.
    tree = ast.parse((TOP / "tests/matrix/cells.py").read_text(encoding="utf-8"))
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)):
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
            path = name.replace(".", "/") + ".py"
            needed |= {f"tests/{path}", f"tools/{path}"} & files
    needed -= {"tests/lib/registry.py", "tools/harness/paths.py"}
    example = {f for f in needed if f.startswith("v7dbg/example/")}
    t.check(len(needed) > 100, f"a cell needs {len(needed)} files")
    t.equal(needed - example - plain, set(), "all of them are behind it")
    t.equal({f for f in plain if re.match(r"docs/|vmm/|tests/(host/\w+/|unit/|kernels/)|"
                                          r"v7dbg/example/|guests/fuzz\.c|.*\.md$", f)}, set(),
            "what it does not run is not")
    t.equal(built - plain, {"tests/kernels/common.config", "tests/kernels/debug.config"},
            "and of a kernel that is built here its options")
