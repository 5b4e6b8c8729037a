# SPDX-License-Identifier: GPL-2.0-only
"""A small disk image on a board, for guests that boot by Debian's U-Boot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness import disk
from harness.apt import SUITE
from harness.initramfs import Contents
from harness.machine import AGENT_APPEND, GUEST_APPEND, Board

IMAGE = "/srv/disk.img"
EFI_IMAGE = "/srv/efi.img"
U_BOOT = "/usr/lib/u-boot/qemu_arm/u-boot.bin"
# What busybox's acpid runs, from below /etc/acpi, for a key that was pressed.
SWITCHES_OFF = """
mkdir -p /etc/acpi/PWRF
cat >/etc/acpi/PWRF/00000080 <<'END'
#!/bin/sh
echo 'the power key was pressed' >/dev/console
sync
poweroff -f
END
chmod 755 /etc/acpi/PWRF/00000080
acpid -d >/dev/null 2>&1 &
until ls -l /proc/$!/fd | grep -q event0; do sleep 0.1; done"""


def put_image(board: Board, append: str = "",
              write: Callable[..., Path] = disk.write_small, to: str = IMAGE) -> None:
    """Write a disk with the board's kernel and the tests' initramfs, and copy it to the board."""
    contents = Contents(guest_modules=board.config.guest_modules)
    path = write(board.run_dir / "disk.img", contents, board.config.flavour,
                 f"{GUEST_APPEND} {AGENT_APPEND} {append}".strip())
    board.sh(f"mkdir -p {Path(to).parent}").check()
    board.put(path, to, 0o644)
    path.unlink()


def put_u_boot(board: Board, suite: str = SUITE) -> None:
    """What installing the package u-boot-qemu of SUITE would do."""
    board.sh(f"mkdir -p {Path(U_BOOT).parent}").check()
    board.put(disk.u_boot(suite), U_BOOT, 0o644)
