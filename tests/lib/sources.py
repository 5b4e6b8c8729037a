# SPDX-License-Identifier: GPL-2.0-only
"""What a result depends on: the sources behind a case, and a digest of them."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable

from .registry import TOP

# The two headers are all of the module that a unit test looks at.
LIBRARY = ("v7dbg/", "module/hyp/guest-insn.h", "module/hyp/sysreg-bits.h", "tests/unit/",
           "tests/fuzz/", "tests/spin/")


def listed() -> list[str]:
    """The tree's files, what is not yet added too; what git ignores is not among them."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=TOP, check=True, capture_output=True).stdout.decode()
    return sorted(p for p in out.split("\0") if p and (TOP / p).is_file())


def behind(tests: Iterable[str]) -> list[str]:
    """Unit tests see nothing but LIBRARY; only lint looks at the mutants' patches.

    Without TESTS it is all of them.
    """
    tests = list(tests)
    library = bool(tests) and all(t.startswith("unit/") and t != "unit/armvm" for t in tests)
    lint = not tests or any(t.startswith("lint/") for t in tests)
    return [p for p in listed() if not p.startswith("docs/") and not p.endswith(".md")
            and (lint or not p.startswith("tests/mutants/")) and (p.startswith(LIBRARY) or not library)]


def digest(tests: Iterable[str], more: bytes = b"") -> str:
    """Changes when anything behind the cases TESTS does, or MORE."""
    content = hashlib.sha256(more)
    for name in behind(tests):
        content.update(name.encode() + b"\0" + (TOP / name).read_bytes())
    return content.hexdigest()
