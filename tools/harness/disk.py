# SPDX-License-Identifier: GPL-2.0-only
"""A disk image with one partition, whose file system is made from a folder: no root, no loop."""

from __future__ import annotations

import shutil
import struct
import tempfile
from pathlib import Path

from . import initramfs, kernel
from .apt import SUITE, Archive
from .paths import ToolError, run

SECTOR = 512
FIRST = 2048  # sectors before the partition, as Debian's installer leaves them
LINUX = 0x83
LABEL = "debian"  # of the file system of harness/debian.py
# What U-Boot boots without asking.
EXTLINUX = """default linux
timeout 1
label linux
	linux /boot/vmlinuz
	initrd /boot/initrd.img
	append {append}
"""


def u_boot(suite: str = SUITE) -> Path:
    """U-Boot for QEMU's `virt`, from Debian's package."""
    package = Archive("armhf", suite).get("u-boot-qemu")[0]
    return package.unpacked() / "usr/lib/u-boot/qemu_arm/u-boot.bin"


def write(out: Path, root: Path, size: int, label: str = "") -> Path:
    """Write an image of SIZE bytes with an ext4 file system of what is in ROOT, owned by root."""
    out.unlink(missing_ok=True)
    sectors = size // SECTOR - FIRST
    run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", label, "-d", root,
         "-E", f"offset={FIRST * SECTOR},root_owner=0:0", out, f"{sectors // 2}k"])
    # The partition table: a boot signature after four entries, of which one is in use. Nobody
    # reads the old addresses by cylinder, which are at their largest.
    entry = struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", LINUX, b"\xfe\xff\xff", FIRST, sectors)
    with out.open("r+b") as image:
        image.truncate(size)
        image.seek(446)
        image.write(entry.ljust(64, b"\0") + b"\x55\xaa")
    return out


def copy_out(image: Path, name: str, to: Path) -> Path:
    """Copy the file NAME out of an image."""
    run(["debugfs", "-R", f"dump {name} {to}", f"{image}?offset={FIRST * SECTOR}"])
    if not to.exists() or not to.stat().st_size:
        raise ToolError(f"{image} has no {name}")
    return to


def extract_kernel(image: Path, release: str, out: Path) -> list[Path]:
    """Copy the kernel RELEASE and its initramfs out of the image of a Debian."""
    return [copy_out(image, f"/boot/{name}-{release}", out / name)
            for name in ("vmlinuz", "initrd.img")]


def write_small(out: Path, contents: initramfs.Contents, flavour: str, append: str) -> Path:
    """Write a disk with FLAVOUR's kernel and, as its only system, the tests' initramfs."""
    with tempfile.TemporaryDirectory(dir=out.parent) as root:
        boot = Path(root) / "boot"
        (boot / "extlinux").mkdir(parents=True)
        shutil.copy(kernel.directory(flavour) / "vmlinuz", boot)
        initramfs.write_guest(contents, flavour, boot / "initrd.img")
        (boot / "extlinux" / "extlinux.conf").write_text(EXTLINUX.format(append=append),
                                                         encoding="ascii")
        return write(out, Path(root), 20 << 20)
