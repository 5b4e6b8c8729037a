# SPDX-License-Identifier: GPL-2.0-only
"""The sources that a result depends on, and a digest of them."""

from __future__ import annotations

import functools
import hashlib
import re
import subprocess
from collections.abc import Callable, Iterable

from .registry import FOLDERS, TOP

from harness.paths import BUILT

# The files named here are all of the module that a unit test looks at.
LIBRARY = ("v7dbg/", "module/hyp/guest-insn.h", "module/hyp/sysreg-bits.h", "module/hyp/vfp-sr.c",
           "module/hyp/hyp.h", "module/hyp/abi.h", "module/hyp/cp15.", "module/hyp/gich.h",
           "module/core/ldst.c", "module/core/ldst.h", "module/machine/branch-predictor.h",
           "module/machine/vfp.h", "module/machine/diagnostic.h",
           "module/machine/erratum-798181.h", "tests/unit/", "tests/fuzz/", "tests/spin/")
# What a cell of the matrix (tests/matrix/cells.py) builds, boots and compares: the module, the
# programs that it runs, and of the harness what makes a board. armvm is not here. It is the same
# program on every kernel, tested elsewhere, and changes more often than the matrix can run.
CELL = ("module/", "v7dbg/", "include/", "guests/Makefile", "guests/lib/", "guests/breakpoints.c",
        "guests/watchpoints.c", "guests/timer.c", "guests/smp.c", "tests/matrix/",
        "tests/oracle/_compare.py", "tests/oracle/differences.tsv", "tests/lib/building.py",
        "tests/lib/hwpoints.py", "tests/linux/hwpoints.c", "tests/host/run-work.c",
        "tests/host/small-vm.h", "tools/init", "tools/agent/", "tools/harness/bare.py",
        "tools/harness/initramfs.py", "tools/harness/kernel.py", "tools/harness/logs.py",
        "tools/harness/machine.py", "tools/harness/source.py")
# .. but of these folders only what Kbuild compiles (module/Makefile has the same list).
COMPILED = re.compile(r"(module|v7dbg)/(.*\.([chS]|def|mk|sh)|(.*/)?Kbuild)")
# What only the tests with these names read: a change there leaves the results of all others as they
# are. The part "test" of the long tier and the mutants depend on all of it.
ONLY = {"debian/": ("lint/", "host/debian-packages", "linux/libc"), "tests/debug/": ("debug/",),
        "tests/debug/fail-init/": ("debug/fail-nth",),
        "tests/debug/long_cases.py": ("debug/kills", "debug/thousand-vms", "debug/pressure-"),
        "tests/host/foreign/": ("host/foreign",), "tests/host/pressure/": ("host/pressure",),
        "tests/host/fail-nth/": ("host/fail-sites", "debug/fail-nth"),
        "tests/host/memory/": ("host/memory", "host/checked", "silicon/watched"),
        "tests/fuzz/": ("unit/",),
        "tests/kernels/thumb2.config": ("lint/", "matrix/thumb2"),
        "tests/kernels/": ("lint/", "debug/", "matrix/"),
        "tests/linux/_gdb_suite.py": ("linux/gdb-suite",),
        "tests/linux/gdb-suite/": ("linux/gdb-suite",),
        "tests/linux/gdb_suite.py": ("linux/gdb-suite",), "tests/lint/": ("lint/", "unit/"),
        "tests/matrix/": ("matrix/", "linux/newer-kernel", "linux/rt-kernel"),
        "tests/silicon/": ("silicon/",), "tests/spin/": ("unit/",), "tests/unit/": ("unit/",),
        "tests/vmm/": ("unit/",)}
# What keeps the results, and runs nothing itself.
BOOKS = ("tests/lib/sources.py", "tests/lib/results.py", "tests/run-long", "tests/run-matrix")
# The cases that a file registers, as far as their names are literal. Nobody imports such a file, so
# it is behind these cases alone; and, in host/, behind those of the same name on the debug kernel.
# A file of helpers is behind the cases of the files that import it.
CASE = re.compile(r'@case\(\s*f?"([^"{]+)')
# Unit tests that are built from vmm/, and so depend on more than LIBRARY.
OF_ARMVM = ("unit/armvm", "unit/fuzz-virtio", "unit/fuzz-restore", "unit/fuzz-control",
            "unit/fuzz-config")


def _names(*argv: str) -> list[str]:
    out = subprocess.run(["git", *argv], cwd=TOP, check=True, capture_output=True).stdout.decode()
    return [name for name in out.split("\0") if name]


def listed() -> list[str]:
    """List the tree's files, including those not yet added, but not those that git ignores."""
    names = _names("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted(p for p in names if (TOP / p).is_file())


def changed_since(commit: str) -> tuple[str, ...] | None:
    """List the files that differ from a commit's, or None if there is no such commit here."""
    try:
        return (*_names("diff", "-z", "--name-only", "--no-renames", commit, "--"),
                *_names("ls-files", "-z", "--others", "--exclude-standard"))
    except subprocess.CalledProcessError:
        return None


def same_since(commit: str, tests: Iterable[str]) -> bool:
    """Whether the sources behind TESTS, as they are known now, are all as they were at a commit.

    A digest cannot say so once this file has another opinion of what is behind a test. A commit
    whose tree was edited is named COMMIT-dirty, so it is none.
    """
    changed = changed_since(commit)
    return changed is not None and not any(map(behind_of(tests), changed))


@functools.cache
def cases_in(name: str) -> tuple[str, ...]:
    """Return the beginnings of the names of a file's cases, or none if not all are literal."""
    if not re.fullmatch(rf"tests/(?:{'|'.join(FOLDERS)})/[a-z]\w*\.py", name):
        return ()
    # Of a file that is gone nobody knows whose it was.
    if not (TOP / name).exists():
        return ()
    text = (TOP / name).read_text(encoding="utf-8")
    found = CASE.findall(text)
    return tuple(found) if len(found) == text.count("@case(") else ()


@functools.cache
def cases_with(name: str) -> tuple[str, ...]:
    """Return the beginnings of the names of all cases that a file of tests/ is behind, if known.

    That is its own, and if its name begins with an underscore, those of the files that import it.
    """
    helper = re.fullmatch(rf"tests/({'|'.join(FOLDERS)})/(_\w+)\.py", name)
    if not helper or not (TOP / name).exists():
        return cases_in(name)
    folder, stem = helper.groups()
    imports = re.compile(rf"^(from {folder}\.{stem} import|"
                         rf"from {folder} import (\w|[ ,]|\((\s|\w|,)*)*\b{stem}\b|"
                         rf"import {folder}\.{stem}\b)", re.M)
    users = [cases_with(other) for other in listed()
             if other.startswith("tests/") and other.endswith(".py") and other != name
             and imports.search((TOP / other).read_text(encoding="utf-8"))]
    return tuple(sorted({case for cases in users for case in cases})) if all(users) else ()


def behind_cell(name: str, kernels: set[str]) -> bool:
    """Whether a file is behind the cells of KERNELS: of those built here, with its options."""
    if name.startswith("tests/kernels/"):
        return name in {f"tests/kernels/{k}.config" for k in kernels} or (
            name == "tests/kernels/common.config" and not kernels.isdisjoint(BUILT))
    if name.startswith(("module/", "v7dbg/")):
        return bool(COMPILED.fullmatch(name)) and not name.startswith("v7dbg/example/")
    return name.startswith(CELL)


def behind_of(tests: Iterable[str]) -> Callable[[str], bool]:
    """Return a function that says whether a file is one of the sources behind TESTS, or all tests.

    Unit tests depend on LIBRARY alone, cells of the matrix on CELL, and all others on what is not
    ONLY others', and no file of other cases. Only lint reads the patches of the mutants and BOOKS.
    What runs on the debug kernel is there for the module's sake, as in the matrix, so armvm is not
    behind it.
    """
    tests = list(tests)
    if tests and all(t.startswith("matrix/") for t in tests):
        kernels = {t.split("/")[1] for t in tests}
        return lambda name: behind_cell(name, kernels)
    library = bool(tests) and all(t.startswith("unit/") and not t.startswith(OF_ARMVM)
                                  for t in tests)
    lint = not tests or any(t.startswith("lint/") for t in tests)
    as_host = [t.replace("debug/", "host/", 1) for t in tests]

    def of_others(name: str) -> bool:
        own = cases_with(name)
        return bool(own and tests and not any(t.startswith(own) for t in (*tests, *as_host)))

    debug = bool(tests) and all(t.startswith("debug/") for t in tests)
    others = tuple(folder for folder, names in ONLY.items()
                   if tests and not any(t.startswith(names) for t in (*tests, *as_host)))
    return lambda p: (not p.startswith("docs/") and not p.endswith(".md")
                      and (lint or not p.startswith(("tests/mutants/", *BOOKS)))
                      and (p.startswith(LIBRARY) or not library) and not p.startswith(others)
                      and not (debug and p.startswith("vmm/")) and not of_others(p))


def behind(tests: Iterable[str]) -> list[str]:
    """List the sources behind TESTS, or behind all tests if there are none."""
    return list(filter(behind_of(tests), listed()))


def digest(tests: Iterable[str], more: bytes = b"") -> str:
    """Hash all sources behind TESTS, and MORE."""
    content = hashlib.sha256(more)
    for name in behind(tests):
        content.update(name.encode() + b"\0" + (TOP / name).read_bytes())
    return content.hexdigest()
