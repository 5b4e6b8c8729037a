# SPDX-License-Identifier: GPL-2.0-only
"""Fetches Debian's kernels: image, modules, configuration, and headers for `make modules`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from .apt import SUITE, Archive
from .paths import BUILD, CACHE, FLAVOURS, NEWER, ToolError, lock, new_directory, run

# Raise the number when something else is extracted: existing build folders are then made again.
# They have links into the cache, so they are also made again in a tree that was moved.
FORMAT = f"2 {CACHE}"


def directory(flavour: str) -> Path:
    if flavour not in FLAVOURS + NEWER:
        raise ToolError(f"unknown flavour {flavour!r}; there are {', '.join(FLAVOURS + NEWER)}")
    return BUILD / "kernel" / flavour


def abi(flavour: str) -> str:
    """Return the extracted kernel's release, as `uname -r` prints it."""
    return (directory(flavour) / "abi").read_text(encoding="ascii").strip()


def _archive(arch: str, flavour: str) -> Archive:
    return Archive(arch, flavour.partition("@")[2] or SUITE)


def _image_of(flavour: str) -> str:
    """Ask the metapackage for the current kernel."""
    name = flavour.partition("@")[0]
    meta = _archive("armhf", flavour).get(f"linux-image-{name}", closure=False)[0]
    depends = run(["dpkg-deb", "-f", meta.path, "Depends"])
    match = re.search(r"linux-image-(\S+)", depends)
    if not match:
        raise ToolError(f"{meta.path.name} names no kernel image: {depends.strip()}")
    return match[1]


def fetch_kernel(flavour: str) -> Path:
    """Make build/kernel/FLAVOUR with vmlinuz, config, abi, version and modules/."""
    target = directory(flavour)
    with lock(f"kernel-{flavour}-{str(BUILD).replace('/', '_')}"):
        stamp = target / "image-stamp"
        if stamp.exists() and stamp.read_text(encoding="utf-8").strip() == FORMAT:
            return target
        release = _image_of(flavour)
        package = _archive("armhf", flavour).get(f"linux-image-{release}")[0]
        tree = package.unpacked()
        target.mkdir(parents=True, exist_ok=True)
        for name in ("vmlinuz", "config"):
            shutil.copy2(tree / "boot" / f"{name}-{release}", target / name)
        _link(target / "modules", tree / "lib" / "modules" / release)
        (target / "abi").write_text(release + "\n", encoding="ascii")
        (target / "version").write_text(package.version + "\n", encoding="ascii")
        stamp.write_text(FORMAT + "\n", encoding="utf-8")
    return target


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)


def fetch_headers(flavour: str) -> Path:
    """Make build/kernel/FLAVOUR/headers, against which Kbuild builds modules for that kernel."""
    fetch_kernel(flavour)
    target = directory(flavour) / "headers"
    release = abi(flavour)
    with lock(f"headers-{flavour}-{str(BUILD).replace('/', '_')}"):
        stamp = directory(flavour) / "headers-stamp"
        if target.is_dir() and stamp.exists() and stamp.read_text("utf-8").strip() == FORMAT:
            return target
        armhf = _archive("armhf", flavour)
        base = release.removesuffix(f"-{flavour.partition('@')[0]}")
        # Up to 6.1 Debian names the tools after the series, later after the release.
        series = base if "+" in base else ".".join(release.split(".")[:2])
        flavoured = armhf.get(f"linux-headers-{release}")[0].unpacked()
        common = armhf.get(f"linux-headers-{base}-common")[0].unpacked()
        kbuild = _archive("amd64", flavour).get(f"linux-kbuild-{series}")[0].unpacked()
        with new_directory(target) as scratch:
            source = flavoured / "usr/src" / f"linux-headers-{release}"
            shutil.copytree(source, scratch, symlinks=True, dirs_exist_ok=True)
            # These links point to paths of an installed system.
            for name in ("scripts", "tools"):
                path = scratch / name
                if path.is_symlink():
                    path.unlink()
                elif path.exists():
                    shutil.rmtree(path)
                path.symlink_to(kbuild / "usr/lib" / f"linux-kbuild-{series}" / name)
            shared = common / "usr/src" / f"linux-headers-{base}-common"
            (scratch / "Makefile").unlink(missing_ok=True)
            (scratch / "Makefile").write_text(f"include {shared}/Makefile\n", encoding="utf-8")
            _fix_common(shared, kbuild / "usr/lib" / f"linux-kbuild-{series}")
        _link(directory(flavour) / "headers-common", shared)
        stamp.write_text(FORMAT + "\n", encoding="utf-8")
    return target


def _fix_common(shared: Path, kbuild: Path) -> None:
    """The common headers also link to where linux-kbuild would be installed."""
    for name in ("scripts", "tools"):
        if (shared / name).is_symlink() and (shared / name).readlink() != kbuild / name:
            _link(shared / name, kbuild / name)


def fetch_libfdt() -> Path:
    """Make build/armhf/sysroot with libfdt's headers and static library for armvm."""
    target = BUILD / "armhf" / "sysroot"
    with lock(f"libfdt-{str(BUILD).replace('/', '_')}"):
        if (target / "usr/lib/arm-linux-gnueabihf/libfdt.a").exists():
            return target
        armhf = Archive("armhf")
        with new_directory(target) as scratch:
            for package in armhf.get("libfdt-dev", "libfdt1"):
                shutil.copytree(package.unpacked(), scratch, symlinks=True, dirs_exist_ok=True)
    return target
