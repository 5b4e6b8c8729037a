# SPDX-License-Identifier: GPL-2.0-only
"""Fetches Debian's kernels: image, modules, configuration, and headers for `make modules`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import source
from .apt import SUITE, Archive, Package
from .paths import BUILD, BUILT, CACHE, FLAVOURS, KERNELS, ToolError, lock, new_directory, run

# Raise the number when something else is extracted: existing build folders are then made again.
# They have links into the cache, so they are also made again in a tree that was moved.
FORMAT = f"2 {CACHE}"


def directory(flavour: str) -> Path:
    if flavour not in KERNELS:
        raise ToolError(f"unknown flavour {flavour!r}; there are {', '.join(KERNELS)}")
    return BUILD / "kernel" / flavour


def abi(flavour: str) -> str:
    """Return the extracted kernel's release, as `uname -r` prints it."""
    return (directory(flavour) / "abi").read_text(encoding="ascii").strip()


def _suite(flavour: str) -> str:
    return flavour.partition("@")[2] or SUITE


def _archive(arch: str, flavour: str) -> Archive:
    return Archive(arch, _suite(flavour))


def _depends(package: Package, pattern: str) -> list[str]:
    """The packages that PACKAGE depends on and whose names match PATTERN."""
    text = run(["dpkg-deb", "-f", package.path, "Depends"])
    names = [re.split(r"[ (]", part.strip())[0] for part in re.split("[,|]", text)]
    return [name for name in names if re.fullmatch(pattern, name)]


def _image_of(flavour: str) -> str:
    """Ask the metapackage for the current kernel."""
    name = flavour.partition("@")[0]
    meta = _archive("armhf", flavour).get(f"linux-image-{name}", closure=False)[0]
    found = _depends(meta, r"linux-image-\d.*")
    if not found:
        raise ToolError(f"{meta.path.name} names no kernel image")
    return found[0].removeprefix("linux-image-")


def _find(trees: list[Path], release: str, name: str) -> Path:
    """Find a kernel's file: in /boot up to 6.12, beside the modules later."""
    for tree in trees:
        for path in (tree / "boot" / f"{name}-{release}",
                     tree / "usr/lib/modules" / release / name):
            if path.exists():
                return path
    raise ToolError(f"the packages of Linux {release} have no {name}")


def _modules(trees: list[Path], release: str) -> Path:
    for tree in trees:
        for path in (tree / "lib/modules" / release, tree / "usr/lib/modules" / release):
            if (path / "kernel").is_dir():
                return path
    raise ToolError(f"the packages of Linux {release} have no modules")


def fetch_kernel(flavour: str) -> Path:
    """Make build/kernel/FLAVOUR with vmlinuz, config, abi, version and modules/."""
    target = directory(flavour)
    if flavour in BUILT:
        return _fetch_built(flavour, target)
    with lock(f"kernel-{flavour}-{str(BUILD).replace('/', '_')}"):
        stamp = target / "image-stamp"
        if stamp.exists() and stamp.read_text(encoding="utf-8").strip() == FORMAT:
            return target
        release = _image_of(flavour)
        archive = _archive("armhf", flavour)
        package = archive.get(f"linux-image-{release}")[0]
        # Since 7.2 the image is a metapackage.
        parts = _depends(package, rf"linux-(base|binary|modules)-{re.escape(release)}")
        trees = [p.unpacked() for p in [package, *(archive.get(name)[0] for name in parts)]]
        target.mkdir(parents=True, exist_ok=True)
        for name in ("vmlinuz", "config"):
            shutil.copy2(_find(trees, release, name), target / name)
        _link(target / "modules", _modules(trees, release))
        (target / "abi").write_text(release + "\n", encoding="ascii")
        (target / "version").write_text(package.version + "\n", encoding="ascii")
        stamp.write_text(FORMAT + "\n", encoding="utf-8")
    return target


def _fetch_built(flavour: str, target: Path) -> Path:
    """The same for a kernel that is built here. Its build directory serves as its headers."""
    out, version = source.build(flavour)
    with lock(f"kernel-{flavour}-{str(BUILD).replace('/', '_')}"):
        stamp = target / "image-stamp"
        # Another worker may be reading these files.
        if stamp.exists() and stamp.read_text(encoding="utf-8").strip() == str(out):
            return target
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(out / "arch/arm/boot/zImage", target / "vmlinuz")
        shutil.copy2(out / ".config", target / "config")
        release = (out / "include/config/kernel.release").read_text(encoding="ascii")
        (target / "abi").write_text(release, encoding="ascii")
        (target / "version").write_text(f"{version}, {flavour}\n", encoding="ascii")
        _link(target / "modules", out)
        _link(target / "headers", out)
        stamp.write_text(f"{out}\n", encoding="utf-8")
    return target


def device_trees(flavour: str) -> Path:
    """Return the directory of the device trees that Debian's package has beside the modules."""
    fetch_kernel(flavour)
    name = f"usr/lib/linux-image-{abi(flavour)}"
    for parent in (directory(flavour) / "modules").resolve().parents:
        if (parent / name).is_dir():
            return parent / name
    raise ToolError(f"the packages of Linux {abi(flavour)} have no device trees")


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        link.unlink()
    link.symlink_to(target)


def _build_tools(flavour: str, name: str) -> Path:
    """Unpack linux-kbuild, and make its programs run on this machine's C library.

    Those of a newer suite need that suite's library, which is unpacked beside them.
    """
    package = _archive("amd64", flavour).get(name)[0]
    found = package.unpacked() / "usr/lib" / name
    suite = _suite(flavour)
    if suite.startswith(SUITE):
        return found
    target = CACHE / "unpacked" / f"{package.path.stem}.wrapped"
    with lock(f"wrap-{package.path.stem}"):
        if target.is_dir():
            return target
        # experimental is not a whole suite: it has only what differs from sid.
        base = "sid" if suite == "experimental" else suite.removesuffix("-backports")
        libc = Archive("amd64", base).get("libc6")[0].unpacked()
        lib = libc / "usr/lib/x86_64-linux-gnu"
        with new_directory(target) as scratch:
            shutil.copytree(found, scratch, symlinks=True, dirs_exist_ok=True)
            for path in [p for p in scratch.rglob("*") if p.is_file() and not p.is_symlink()]:
                with path.open("rb") as handle:
                    head = handle.read(18)
                if head[:4] == b"\x7fELF" and path.stat().st_mode & 0o111:
                    real = path.with_name(f".{path.name}.real")
                    path.rename(real)
                    path.write_text(f'#!/bin/sh\nexec {lib}/ld-linux-x86-64.so.2 '
                                    f'--argv0 "$0" --library-path {lib} '
                                    f'"$(dirname "$0")/{real.name}" "$@"\n')
                    path.chmod(0o755)
    return target


def fetch_headers(flavour: str) -> Path:
    """Make build/kernel/FLAVOUR/headers, against which Kbuild builds modules for that kernel."""
    fetch_kernel(flavour)
    target = directory(flavour) / "headers"
    if flavour in BUILT:
        return target
    release = abi(flavour)
    with lock(f"headers-{flavour}-{str(BUILD).replace('/', '_')}"):
        stamp = directory(flavour) / "headers-stamp"
        if target.is_dir() and stamp.exists() and stamp.read_text("utf-8").strip() == FORMAT:
            return target
        armhf = _archive("armhf", flavour)
        package = armhf.get(f"linux-headers-{release}")[0]
        flavoured = package.unpacked()
        names = [_depends(package, pattern)
                 for pattern in (r"linux-headers-.*-common(-rt)?", r"linux-kbuild-.*")]
        if not all(names):
            raise ToolError(f"{package.path.name} names no common headers or no linux-kbuild")
        common, kbuild = names[0][0], _build_tools(flavour, names[1][0])
        shared = armhf.get(common)[0].unpacked() / "usr/src" / common
        with new_directory(target) as scratch:
            sources = flavoured / "usr/src" / f"linux-headers-{release}"
            shutil.copytree(sources, scratch, symlinks=True, dirs_exist_ok=True)
            # These links point to paths of an installed system.
            for name in ("scripts", "tools"):
                path = scratch / name
                if path.is_symlink():
                    path.unlink()
                elif path.exists():
                    shutil.rmtree(path)
                path.symlink_to(kbuild / name)
            makefile = scratch / "Makefile"
            # Since 7.2 it names the directory, too.
            output = (f"KBUILD_OUTPUT = {target}\n" if makefile.exists() and
                      "KBUILD_OUTPUT" in makefile.read_text(encoding="utf-8") else "")
            makefile.unlink(missing_ok=True)
            makefile.write_text(f"{output}include {shared}/Makefile\n", encoding="utf-8")
            _fit_compiler(scratch)
            _fix_common(shared, kbuild)
        _link(directory(flavour) / "headers-common", shared)
        stamp.write_text(FORMAT + "\n", encoding="utf-8")
    return target


def _fit_compiler(headers: Path) -> None:
    """This machine has one compiler, not the one of each suite.

    Attributes that only newer ones know must not be used. None of them changes a layout.
    """
    for name, pattern, text in ((".kernelvariables", r"\)gcc-\d+", ")gcc"),
                                ("include/generated/autoconf.h",
                                 r"#define CONFIG_CC_HAS_COUNTED_BY\w* 1\n", "")):
        path = headers / name
        if path.exists():
            path.write_text(re.sub(pattern, text, path.read_text("utf-8")), encoding="utf-8")


def _fix_common(shared: Path, kbuild: Path) -> None:
    """The common headers also link to where linux-kbuild would be installed."""
    for name in ("scripts", "tools"):
        if (shared / name).is_symlink() and (shared / name).readlink() != kbuild / name:
            _link(shared / name, kbuild / name)


# The shared libraries of armvm, and what a program is built with.
LIBRARIES = {"libfdt1": "libfdt-dev", "libjansson4": "libjansson-dev",
             "libseccomp2": "libseccomp-dev", "libxxhash0": "libxxhash-dev"}


def fetch_libraries() -> Path:
    """Make build/armhf/sysroot with the headers and libraries for armvm.

    Its file `shlibs` says what a package that is linked with the shared ones depends on.
    """
    target = BUILD / "armhf" / "sysroot"
    names = " ".join(LIBRARIES)
    with lock(f"libraries-{str(BUILD).replace('/', '_')}"):
        stamp = target / "libraries"
        if stamp.exists() and stamp.read_text() == names:
            return target
        armhf = Archive("armhf")
        with new_directory(target) as scratch:
            shlibs = ""
            for package in armhf.get(*LIBRARIES, *LIBRARIES.values()):
                shutil.copytree(package.unpacked(), scratch, symlinks=True, dirs_exist_ok=True)
                if package.name in LIBRARIES:
                    shlibs += run(["dpkg-deb", "-I", package.path, "shlibs"])
            (scratch / "shlibs").write_text(shlibs)
            (scratch / "libraries").write_text(names)
    return target
