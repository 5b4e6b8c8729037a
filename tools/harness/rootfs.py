# SPDX-License-Identifier: GPL-2.0-only
"""The root file system of the board and of the guest: Debian armhf packages, unpacked and merged."""

from __future__ import annotations

import shutil
from pathlib import Path

from .apt import Archive, Package

BASE = ("busybox-static",)
# What the demo and the tests put on the board, fetched by `tools/fetch all`.
TEST_PACKAGES = (("gdb-minimal", "strace"), ("strace",), ("linux-perf",))
# Packages that only carry maintainer scripts' tools or data nobody reads on the board: their
# programs are never started there, and each costs boot time.
LEFT_OUT = frozenset({
    "dpkg", "debconf", "ucf", "sensible-utils", "tar", "perl-base", "media-types",
})
# perf links the interpreters' libraries for `perf script`; nothing here runs a script of it.
ONLY_LINKED = {"linux-perf": frozenset({
    "libgdbm-compat4", "libgdbm6", "libpython3-stdlib", "libpython3.11-stdlib", "libsqlite3-0",
    "perl", "perl-modules-5.36", "python3", "python3-minimal", "python3.11", "python3.11-minimal",
})}


def closure(names: list[str]) -> list[Package]:
    """The packages NAMES and everything they need, without what only installing them needs."""
    found = Archive("armhf").get(*sorted(set(names)), closure=True)
    left_out = LEFT_OUT.union(*(ONLY_LINKED[n] for n in names if n in ONLY_LINKED))
    return [p for p in found if p.name not in left_out or p.name in names]


def unpack(names: list[str], directory: Path) -> None:
    """Unpack packages with their closure into one directory, as they would lie when installed."""
    for link in ("bin", "sbin", "lib"):
        (directory / "usr" / link).mkdir(parents=True, exist_ok=True)
        if not (directory / link).exists():
            (directory / link).symlink_to(f"usr/{link}")
    for package in closure([*BASE, *names]):
        for top in sorted(package.unpacked().iterdir()):
            base = directory / "usr" if top.name in ("bin", "sbin", "lib") else directory
            if top.is_dir():
                shutil.copytree(top, base / top.name, symlinks=True, dirs_exist_ok=True)


def fetch_all() -> None:
    for names in TEST_PACKAGES:
        for package in closure([*BASE, *names]):
            package.unpacked()
