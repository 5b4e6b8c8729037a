# SPDX-License-Identifier: GPL-2.0-only
"""A disk image that boots by EFI, as Debian's grub-efi-arm installs it for removable media."""

from __future__ import annotations

import shutil
import struct
import tempfile
from pathlib import Path

from . import initramfs, kernel
from .apt import SUITE, Archive
from .disk import FIRST, LINUX, SECTOR
from .paths import run

ESP = 0xEF
ESP_SIZE = 4 << 20
ROOT_SIZE = 20 << 20
LABEL = "guest"
# As grub-install has it in the program: where the rest of GRUB is.
EARLY = f"search --no-floppy --label {LABEL} --set=root\nset prefix=($root)/boot/grub\n"
MODULES = ("part_msdos", "fat", "ext2", "search", "search_label", "normal", "configfile", "linux",
           "echo")
# Debian's tool that makes the program, with SUITE's libraries.
TOOL = ("grub-common", "libc6", "libdevmapper1.02.1", "liblzma5", "libpcre2-8-0", "libselinux1",
        "libudev1")
GRUB_CFG = """set timeout=0
menuentry Debian {{
	echo 'GRUB boots the disk'
	linux /boot/vmlinuz {append}
	initrd /boot/initrd.img
}}
"""


def grub(out: Path, suite: str = SUITE) -> Path:
    """Make GRUB of SUITE's package for 32-bit Arm, by Debian's tool for this machine."""
    modules = Archive("armhf", suite).get("grub-efi-arm-bin")[0].unpacked()
    tools = [p.unpacked() for p in Archive("amd64", suite).get(*TOOL)]
    libraries = [t / d / "x86_64-linux-gnu" for t in tools for d in ("lib", "usr/lib")]
    loader, = (p for d in libraries if (p := d / "ld-linux-x86-64.so.2").exists())
    program, = (p for t in tools if (p := t / "usr/bin/grub-mkimage").exists())
    early = out.with_suffix(".cfg")
    early.write_text(EARLY, encoding="ascii")
    run([loader, "--library-path", ":".join(map(str, libraries)), program, "-O", "arm-efi", "-d",
         modules / "usr/lib/grub/arm-efi", "-c", early, "-p", "/boot/grub", "-o", out, *MODULES])
    return out


def _entry(kind: int, first: int, sectors: int, active: bool) -> bytes:
    return struct.pack("<B3sB3sII", 0x80 * active, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", first,
                       sectors)


def write_small(out: Path, contents: initramfs.Contents, flavour: str, append: str,
                suite: str = SUITE) -> Path:
    """Write a disk as disk.write_small() does, with GRUB of SUITE on an EFI system partition."""
    mtools = Archive("amd64").get("mtools")[0].unpacked() / "usr/bin"
    esp, root = ESP_SIZE // SECTOR, ROOT_SIZE // SECTOR
    out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        boot = Path(scratch) / "root/boot"
        (boot / "grub").mkdir(parents=True)
        shutil.copy(kernel.directory(flavour) / "vmlinuz", boot)
        initramfs.write_guest(contents, flavour, boot / "initrd.img")
        (boot / "grub/grub.cfg").write_text(GRUB_CFG.format(append=append), encoding="ascii")
        run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", LABEL, "-d", boot.parent,
             "-E", f"offset={(FIRST + esp) * SECTOR},root_owner=0:0", out, f"{root // 2}k"])
        program = grub(Path(scratch) / "bootarm.efi", suite)
        on_esp = f"{out}@@{FIRST * SECTOR}"
        run([mtools / "mformat", "-i", on_esp, "-T", str(esp), "-h", "64", "-s", "32", "::"])
        run([mtools / "mmd", "-i", on_esp, "::EFI", "::EFI/BOOT"])
        run([mtools / "mcopy", "-i", on_esp, program, "::EFI/BOOT/BOOTARM.EFI"])
    table = _entry(ESP, FIRST, esp, True) + _entry(LINUX, FIRST + esp, root, False)
    with out.open("r+b") as image:
        image.truncate((FIRST + esp + root) * SECTOR)
        image.seek(446)
        image.write(table.ljust(64, b"\0") + b"\x55\xaa")
    return out
