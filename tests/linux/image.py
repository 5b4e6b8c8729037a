# SPDX-License-Identifier: GPL-2.0-only
"""Guests that boot from a disk image, by Debian's U-Boot."""

from __future__ import annotations

import re
import signal

from lib import Context, case, network
from lib.session import DEVICES

from harness import disk
from harness.initramfs import Contents
from harness.machine import AGENT_APPEND, GUEST_APPEND, Guest

IMAGE = "/srv/disk.img"
U_BOOT = "/usr/lib/u-boot/qemu_arm/u-boot.bin"
MARK = "mark=from-the-disk"


def start(t: Context) -> Guest:
    network.prepare(t.board)
    if t.board.sh(f"[ -e {IMAGE} ]").status:
        contents = Contents(guest_modules=DEVICES.guest_modules)
        image = disk.write_small(t.dir / "disk.img", contents, DEVICES.flavour,
                                 f"{GUEST_APPEND} {AGENT_APPEND} {MARK}")
        t.board.sh(f"mkdir -p /srv {U_BOOT.rpartition('/')[0]}").check()
        refused = t.board.run(["armvm", "run", "--image", IMAGE])
        t.equal((refused.status, refused.errors.count("\n")), (1, 1), "without U-Boot: refused")
        t.contains(refused.errors, "install the package u-boot-qemu", "armvm names the package")
        t.board.put(disk.u_boot(), U_BOOT, 0o644)
        t.board.put(image, IMAGE, 0o644)
    return t.guest(cpus=2, prefix=network.ENTER, reboots=True, boot=("--image", IMAGE),
                   extra=("--stop-timeout", "0"))


def booted(guest: Guest) -> list[str]:
    """What U-Boot says on the console, each time that it boots the disk."""
    return re.findall(r"^(?:U-Boot 20|Retrieving file: .*|Starting kernel)",
                      guest.log.read_text(errors="replace"), re.M)


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
