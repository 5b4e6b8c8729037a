# SPDX-License-Identifier: GPL-2.0-only
"""Starts a board's kernel through firmware of our own (tests/firmware) instead of QEMU's.

QEMU's `virt` then has Secure state, and nothing is in memory but what is put there: kernel,
initramfs and device tree are, and the firmware is told where.
"""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import models
from .paths import BUILD

IMAGE = BUILD / "tests" / "firmware" / "firmware.bin"
MACHINE = "virt,gic-version=2,virtualization=on,secure=on"
PARAMETERS = 32  # where the firmware has them
# The kernel decompresses itself to the start of RAM, so everything is well above that.
KERNEL, TREE, INITRD = 0x46000000, 0x47e00000, 0x4a000000


@dataclass(frozen=True)
class Firmware:
    """Which SGIs and PPIs stay Secure, a bit each, and the seed of the noise in registers, or 0."""

    group0_boot: int = 0
    group0_others: int = 0
    seed: int = 0


def _tree(cpu: str, smp: int, memory: int, blob: Path) -> None:
    """QEMU's tree of the machine without Secure state: PSCI by SMC, and no Secure devices.

    With firmware and a 32-bit CPU, QEMU has PCI's configuration space below 4 GiB.
    """
    machine = f"{models.MODELS['virt'].hyp_options},highmem=off"
    subprocess.run(["qemu-system-arm", "-M", f"{machine},dumpdtb={blob}", "-cpu", cpu, "-smp",
                    str(smp), "-m", str(memory), "-nodefaults", "-display", "none"], check=True,
                   capture_output=True)


def arguments(firmware: Firmware, files: tuple[Path, Path], append: str,
              shape: tuple[str, int, int], run: Path) -> list[str]:
    """QEMU's arguments for FILES, kernel and initramfs, on a board of SHAPE: CPU, CPUs, MiB."""
    kernel, initrd = files
    blob, image = run / "board.dtb", run / "firmware.bin"
    _tree(*shape, blob)
    end = INITRD + initrd.stat().st_size
    for words in (["-t", "s", blob, "/chosen", "bootargs", append],
                  ["-t", "x", blob, "/chosen", "linux,initrd-start", f"{INITRD:x}"],
                  ["-t", "x", blob, "/chosen", "linux,initrd-end", f"{end:x}"]):
        subprocess.run(["fdtput", *words], check=True)
    code = bytearray(IMAGE.read_bytes())
    struct.pack_into("<5I", code, PARAMETERS, firmware.group0_boot, firmware.group0_others,
                     firmware.seed, KERNEL, TREE)
    image.write_bytes(code)
    argv = ["-bios", str(image)]
    for path, address in ((kernel, KERNEL), (blob, TREE), (initrd, INITRD)):
        argv += ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]
    return argv
