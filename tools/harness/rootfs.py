# SPDX-License-Identifier: GPL-2.0-only
"""The root file system of board and guest: unpacked and merged Debian armhf packages."""

from __future__ import annotations

import shutil
from pathlib import Path

from .apt import Archive, Package

BASE = ("busybox-static",)
# What the demo and the tests put on the board. `tools/fetch all` fetches these.
TEST_PACKAGES = (("gdb-minimal", "strace"), ("strace",), ("linux-perf",))
# .. and from another suite, because the base's does not work (CAVEATS.md).
TRIXIE_PACKAGES = ("passt",)
# Packages of which nothing runs on the board: tools for maintainer scripts, and data that nobody
# reads. Each would cost boot time.
LEFT_OUT = frozenset({
    "dpkg", "debconf", "ucf", "sensible-utils", "tar", "perl-base", "media-types",
})
# perf is linked with the interpreters' libraries for `perf script`. No test runs such a script.
ONLY_LINKED = {"linux-perf": frozenset({
    "libgdbm-compat4", "libgdbm6", "libpython3-stdlib", "libpython3.11-stdlib", "libsqlite3-0",
    "perl", "perl-modules-5.36", "python3", "python3-minimal", "python3.11", "python3.11-minimal",
})}


def closure(names: list[str]) -> list[Package]:
    """Return the packages NAMES and their dependencies, except what only installing needs."""
    found = Archive("armhf").get(*sorted(set(names)), closure=True)
    left_out = LEFT_OUT.union(*(ONLY_LINKED[n] for n in names if n in ONLY_LINKED))
    return [p for p in found if p.name not in left_out or p.name in names]


def unpack(names: list[str], directory: Path) -> None:
    """Unpack packages and their dependencies into one directory, laid out as if installed."""
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
    for name in TRIXIE_PACKAGES:
        for package in Archive("armhf", "trixie").get(name, closure=True):
            package.unpacked()
