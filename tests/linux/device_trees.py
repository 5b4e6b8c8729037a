# SPDX-License-Identifier: GPL-2.0-only
"""docs/results/device-trees.md: what the module does on the boards that Debian knows."""

from __future__ import annotations

import subprocess

from lib import Context, case
from lib.registry import TOP

from harness import kernel
from harness.paths import FLAVOURS


def generate(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOP / "docs" / "device-trees.py", *words], capture_output=True,
                          text=True, check=False)


@case("linux/device-trees", tier="check")
def page(t: Context) -> None:
    """The page is what the trees of the kernel in use say, and the module has its messages."""
    trees = kernel.device_trees(FLAVOURS[0])
    done = generate("--check", str(trees))
    t.equal((done.stdout, done.stderr, done.returncode), ("", "", 0), "the page is up to date")


@case("linux/device-trees-can-fail", tier="check")
def can_fail(t: Context) -> None:
    """A tree that a board needs is missing: the page no longer matches."""
    done = generate("--check", str(t.dir))
    t.check(done.returncode == 1 and "out of date" in done.stdout, f"{done}")
