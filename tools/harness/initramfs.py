# SPDX-License-Identifier: GPL-2.0-only
"""Builds the initramfs of the board and of the guest from packages, modules and overlays."""

from __future__ import annotations

import lzma
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import kernel, rootfs
from .cpio import Tree
from .paths import BUILD, TOP, ToolError

AGENT = BUILD / "tools" / "agent"
ARMVM = BUILD / "vmm" / "armvm"
# virtio is modular in Debian's kernel, and the channel needs it before anything can talk.
CHANNEL_MODULES = ("virtio_mmio", "virtio_console")
PRUNED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info",
          "usr/share/lintian", "usr/share/bug", "usr/share/doc-base", "usr/lib/systemd",
          "lib/systemd")


@dataclass
class Contents:
    """What both root file systems contain beyond the base."""

    packages: Sequence[str] = ()
    overlays: Sequence[Path] = ()
    module: Path | None = None
    module_args: Sequence[str] = ()
    guest: bool = False
    modules: Sequence[str] = ()
    guest_modules: Sequence[str] = ()
    files: dict[str, Path] = field(default_factory=dict)


def module_path(flavour: str) -> Path:
    return BUILD / "module" / flavour / "kvm_armv7.ko"


def _keep(path: str) -> bool:
    if "/gconv/" in path:  # Of glibc's 7 MB of character sets, keep what gdb asks for.
        return Path(path).name.startswith(("gconv-modules", "UTF-", "UNICODE"))
    return not path.startswith(PRUNED) and "__pycache__" not in path


def _needed(path: Path, how: str) -> Path:
    if not path.exists():
        raise ToolError(f"{path.relative_to(TOP)} has not been built: run `{how}` first")
    return path


def _base(contents: Contents) -> Tree:
    tree = Tree()
    for package in rootfs.closure([*rootfs.BASE, *contents.packages]):
        tree.add(package.unpacked(), _keep)
    tree.device("dev/console", 5, 1)
    tree.file("init", TOP / "tools" / "init", 0o755)
    tree.file("usr/bin/agent", _needed(AGENT, "make agent"), 0o755)
    tree.data("etc/modules-to-load", b"")
    for path, source in contents.files.items():
        tree.file(path, source)
    for overlay in contents.overlays:
        if not overlay.is_dir():
            raise ToolError(f"the overlay {overlay} is not a directory")
        tree.add(overlay)
    return tree


def with_dependencies(flavour: str, names: Sequence[str]) -> list[tuple[str, Path]]:
    """Return the kernel's modules NAMES and what they depend on, in the order to load them in."""
    modules = kernel.directory(flavour) / "modules"
    paths = {p.name.partition(".")[0].replace("-", "_"): p for p in modules.rglob("*.ko*")}
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in paths:
            return  # A module without a file is built into the kernel.
        for dependency in _dependencies(read_module(paths[name])):
            visit(dependency)
        order.append(name)

    for name in names:
        visit(name)
    return [(name, paths[name]) for name in order]


def _add_modules(tree: Tree, flavour: str, names: Sequence[str]) -> None:
    """Add the kernel's modules NAMES and what they need, and list them in the order to load in."""
    modules = kernel.directory(flavour) / "modules"
    targets = []
    for name, path in with_dependencies(flavour, names):
        target = (f"lib/modules/{kernel.abi(flavour)}/"
                  f"{path.relative_to(modules).with_name(name + '.ko')}")
        tree.data(target, read_module(path))
        targets.append(f"/{target}\n")
    tree.data("etc/modules-to-load", "".join(targets).encode())


def read_module(path: Path) -> bytes:
    """Read a module as the kernel loads it; newer packages compress theirs."""
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def _dependencies(module: bytes) -> list[str]:
    """Ask the module what it needs: nobody has run depmod on an unpacked package."""
    for part in module.split(b"\0"):
        if part.startswith(b"depends="):
            return [d.replace("-", "_") for d in part[8:].decode().split(",") if d]
    return []


def write_guest(contents: Contents, flavour: str, out: Path) -> None:
    """Write the guest's initramfs: the same programs as the board's, without armvm."""
    tree = _base(contents)
    _add_modules(tree, flavour, [*CHANNEL_MODULES, *contents.guest_modules])
    with out.open("wb") as handle:
        tree.write(handle)


def write_board(contents: Contents, flavour: str, out: Path, guest_initrd: Path | None) -> None:
    """Write the board's initramfs. If there is a guest, its kernel and initramfs are inside."""
    tree = _base(contents)
    _add_modules(tree, flavour, [*CHANNEL_MODULES, *contents.modules])
    tree.data("etc/kvm_armv7.params", " ".join(contents.module_args).encode() + b"\n")
    if contents.module:
        tree.file("lib/kvm_armv7.ko", contents.module)
    if ARMVM.exists():
        tree.file("usr/bin/armvm", ARMVM, 0o755)
    if guest_initrd:
        _needed(ARMVM, "make vmm")
        tree.file("guest/zImage", kernel.directory(flavour) / "vmlinuz")
        tree.file("guest/initrd.cpio", guest_initrd)
    with out.open("wb") as handle:
        tree.write(handle)
