# SPDX-License-Identifier: GPL-2.0-only
"""Guests that boot from a disk image, by Debian's U-Boot."""

from __future__ import annotations

import re
import signal

from lib import Context, case, network
from lib.image import EFI_IMAGE, IMAGE, put_image, put_u_boot
from lib.session import DEVICES

from harness import efi
from harness.machine import Guest

MARK = "mark=from-the-disk"


def start(t: Context) -> Guest:
    network.prepare(t.board)
    if t.board.sh(f"[ -e {IMAGE} ]").status:
        put_image(t.board, MARK)
        refused = t.board.run(["armvm", "run", "--image", IMAGE])
        t.equal((refused.status, refused.errors.count("\n")), (1, 1), "without U-Boot: refused")
        t.contains(refused.errors, "install the package u-boot-qemu", "armvm names the package")
        put_u_boot(t.board)
    return t.guest(cpus=2, prefix=network.ENTER, reboots=True, boot=("--image", IMAGE),
                   extra=("--stop-timeout", "0"))


def console(guest: Guest) -> str:
    """What this guest has printed: the log has a header for each guest of its board."""
    return guest.log.read_text(errors="replace").rpartition("# kernel:")[2]


def booted(guest: Guest) -> list[str]:
    """What U-Boot says on the console, each time that it boots the disk."""
    return re.findall(r"^(?:U-Boot 20|Retrieving file: .*|Starting kernel)", console(guest), re.M)


@case("linux/image", needs=DEVICES, timeout=240)
def image(t: Context) -> None:
    guest = start(t)
    t.contains(guest.sh("cat /proc/cmdline").text, MARK, "the command line is the disk's")
    t.equal(guest.sh("cat /proc/device-tree/model").text, "armvm\0", "the device tree is armvm's")
    t.equal(guest.sh("nproc").text, "2\n", "with two CPUs")
    t.equal(guest.sh("mkdir /mnt && mount -t ext4 /dev/vda1 /mnt && ls /mnt/boot && "
                     "echo 'the guest was here' >/mnt/mark && umount /mnt").check().text.split(),
            ["extlinux", "initrd.img", "vmlinuz"], "the guest has the disk")
    t.equal(guest.sh("ls /sys/class/net").text, "eth0\nlo\n", "and a network")
    t.check(t.board.sh("pidof passt").text.strip(), "which is passt's")

    once = booted(guest)
    t.equal(once, ["U-Boot 20", *(f"Retrieving file: /boot/{name}" for name in (
        "extlinux/extlinux.conf", "initrd.img", "vmlinuz")), "Starting kernel"],
            "U-Boot has loaded it all from the disk")
    guest.agent.start(["reboot", "-f"])
    t.until(lambda: len(booted(guest)) == 2 * len(once), 60)
    t.equal(booted(guest), 2 * once, "and does so again after a reset")
    guest.armvm.kill(signal.SIGTERM)
    t.equal(guest.armvm.wait(60), 128 + signal.SIGTERM,
            "SIGTERM ends a guest whose kernel has no driver for the power key yet")
    t.equal(t.board.run(["grep", "-c", "the guest was here", IMAGE]).text, "1\n",
            "the disk keeps what the guest wrote")


def boots_by_efi(t: Context, suite: str) -> None:
    """GRUB and U-Boot of Debian SUITE; the kernel, whose EFI stub takes over, is the board's."""
    network.prepare(t.board)
    put_image(t.board, MARK, lambda *words: efi.write_small(*words, suite=suite), EFI_IMAGE)
    put_u_boot(t.board, suite)
    # With 512 MiB or less the kernel finds no initial RAM disk, on the bare board, too.
    guest = t.guest(cpus=2, memory=1024, prefix=network.ENTER, reboots=True, fresh=True,
                    boot=("--image", EFI_IMAGE), extra=("--stop-timeout", "0"))

    def starts() -> int:
        return console(guest).count("GRUB boots the disk")

    t.equal(starts(), 1, "U-Boot has started EFI/BOOT/BOOTARM.EFI, which is GRUB")
    t.contains(guest.sh("cat /proc/cmdline").text, MARK, "the command line is GRUB's")
    t.contains(guest.sh("dmesg").text, "by Das U-Boot", "the kernel was started by EFI")
    t.equal(guest.sh("cat /proc/device-tree/model").text, "armvm\0", "with armvm's device tree")
    t.equal(guest.sh("nproc").text, "2\n", "and two CPUs")
    t.equal(guest.sh("mkdir /mnt && mount -t ext4 /dev/vda2 /mnt && ls /mnt/boot && "
                     "umount /mnt").check().text.split(), ["grub", "initrd.img", "vmlinuz"],
            "the guest has the disk")
    guest.agent.start(["reboot", "-f"])
    t.check(t.until(lambda: starts() == 2, 60), "and boots again after a reset")
    guest.armvm.kill(signal.SIGTERM)
    t.equal(guest.armvm.wait(60), 128 + signal.SIGTERM, "SIGTERM ends it")


@case("linux/image-efi", needs=DEVICES, tier="long", timeout=600)
def image_efi(t: Context) -> None:
    boots_by_efi(t, "bookworm")


@case("linux/image-efi-trixie", needs=DEVICES, tier="long", timeout=600)
def image_efi_trixie(t: Context) -> None:
    boots_by_efi(t, "trixie")
