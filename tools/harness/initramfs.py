# SPDX-License-Identifier: GPL-2.0-only
"""The board's and the guest's initramfs, put together from packages, modules and overlays."""

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
# virtio is modular in Debian's kernel; the channel needs these before anything else can talk.
BOARD_MODULES = ("virtio_mmio", "virtio_console")
PRUNED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian",
          "usr/share/bug", "usr/share/doc-base", "usr/lib/systemd", "lib/systemd")


@dataclass
class Contents:
    """What both root file systems are made of, beyond the base."""

    packages: Sequence[str] = ()
    overlays: Sequence[Path] = ()
    module: Path | None = None
    module_args: Sequence[str] = ()
    guest: bool = False
    files: dict[str, Path] = field(default_factory=dict)


def module_path(flavour: str) -> Path:
    return BUILD / "module" / flavour / "kvm_armv7.ko"


def _keep(path: str) -> bool:
    if "/gconv/" in path:  # Of glibc's 7 MB of character sets only what gdb asks for.
        return Path(path).name.startswith(("gconv-modules", "UTF-", "UNICODE"))
    return not path.startswith(PRUNED) and "__pycache__" not in path


def _needed(path: Path, how: str) -> Path:
    if not path.exists():
        raise ToolError(f"{path.relative_to(TOP)} is not built: run `{how}` first")
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


def _add_modules(tree: Tree, flavour: str) -> None:
    """The modules in BOARD_MODULES and what they depend on, in the order to load them."""
    modules = kernel.directory(flavour) / "modules"
    release = kernel.abi(flavour)
    paths = {p.name.partition(".")[0]: p for p in modules.rglob("*.ko*")}
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in paths:
            return  # Not there: it is built in.
        for dependency in _dependencies(_module(paths[name])):
            visit(dependency)
        order.append(name)

    for name in BOARD_MODULES:
        visit(name)
    targets = []
    for name in order:
        target = f"lib/modules/{release}/{paths[name].relative_to(modules).with_name(name + '.ko')}"
        tree.data(target, _module(paths[name]))
        targets.append(f"/{target}\n")
    tree.data("etc/modules-to-load", "".join(targets).encode())


def _module(path: Path) -> bytes:
    """A module as the kernel loads it; newer packages have them compressed."""
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def _dependencies(module: bytes) -> list[str]:
    """depmod has not run on an unpacked package: the module itself names what it needs."""
    for part in module.split(b"\0"):
        if part.startswith(b"depends="):
            return [d.replace("-", "_") for d in part[8:].decode().split(",") if d]
    return []


def write_guest(contents: Contents, out: Path) -> None:
    """The guest's initramfs: the same programs, without modules or armvm."""
    tree = _base(contents)
    with out.open("wb") as handle:
        tree.write(handle)


def write_board(contents: Contents, flavour: str, out: Path, guest_initrd: Path | None) -> None:
    """The board's initramfs, with the guest's kernel and initramfs inside where there is one."""
    tree = _base(contents)
    _add_modules(tree, flavour)
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
