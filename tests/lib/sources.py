# SPDX-License-Identifier: GPL-2.0-only
"""The sources that a result depends on, and a digest of them."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable

from .registry import TOP

# The files named here are all of the module that a unit test looks at.
LIBRARY = ("v7dbg/", "module/hyp/guest-insn.h", "module/hyp/sysreg-bits.h", "module/core/ldst.c",
           "module/core/ldst.h", "module/machine/branch-predictor.h",
           "module/machine/diagnostic.h", "module/machine/erratum-798181.h", "tests/unit/",
           "tests/fuzz/", "tests/spin/")
# Unit tests that are built from vmm/, and so depend on more than LIBRARY.
OF_ARMVM = ("unit/armvm", "unit/fuzz-virtio", "unit/fuzz-restore")


def listed() -> list[str]:
    """List the tree's files, including those not yet added, but not those that git ignores."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=TOP, check=True, capture_output=True).stdout.decode()
    return sorted(p for p in out.split("\0") if p and (TOP / p).is_file())


def behind(tests: Iterable[str]) -> list[str]:
    """List the sources behind TESTS, or behind all tests if there are none.

    Unit tests depend on LIBRARY alone, and only lint reads the patches of the mutants.
    """
    tests = list(tests)
    library = bool(tests) and all(t.startswith("unit/") and not t.startswith(OF_ARMVM)
                                  for t in tests)
    lint = not tests or any(t.startswith("lint/") for t in tests)
    return [p for p in listed() if not p.startswith("docs/") and not p.endswith(".md")
            and (lint or not p.startswith("tests/mutants/"))
            and (p.startswith(LIBRARY) or not library)]


def digest(tests: Iterable[str], more: bytes = b"") -> str:
    """Hash all sources behind TESTS, and MORE."""
    content = hashlib.sha256(more)
    for name in behind(tests):
        content.update(name.encode() + b"\0" + (TOP / name).read_bytes())
    return content.hexdigest()
