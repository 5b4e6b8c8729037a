# SPDX-License-Identifier: GPL-2.0-only
"""A whole Debian as a guest: from a disk image, with systemd, ssh and a network."""

from __future__ import annotations

import re
import shlex
import signal
from pathlib import Path

from lib import Context, case, network
from lib.image import put_u_boot
from lib.session import RESIDENT

from harness import debian, disk
from harness.channel import Command
from harness.machine import BOARD_APPEND, Board, Config, Guest

# Of the board: what it needs to look into the image, and to reach the guest.
MODULES = ("virtio_blk", "crc32c_generic", "ext4", "dummy")
SSH = ("ssh", "-p", "8022", "-o", "StrictHostKeyChecking=accept-new", "-o", "LogLevel=ERROR",
       "-o", "ConnectTimeout=60", "root@127.0.0.1")
# A minimal Debian has no client for HTTP, but bash.
FETCH = f"""bash -c 'exec 3<>/dev/tcp/{network.GATEWAY}/80
printf "GET /data HTTP/1.0\\r\\n\\r\\n" >&3
sed "1,/^\\r*$/d" <&3 | sha1sum'"""


class Debian:
    """armvm on the board, with the image that is the board's first disk."""

    def __init__(self, machine: Board, log: Path) -> None:
        self.machine, self.log = machine, log
        self._console = log.open("ab", buffering=0)
        self.armvm: Command = machine.agent.start(
            [*network.ENTER, "armvm", "run", "--image", "/dev/vda", "--cpus", "2", "--memory",
             "512M", "--net", "user,tcp=8022:22", "--stop-timeout", "0"],
            out=self._console.write, err=self._console.write)

    @property
    def console(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def answers(self) -> bool:
        return not self.machine.run(["timeout", "90", *SSH, "true"], timeout=600).status

    def sh(self, script: str, timeout: float = 300):
        return self.machine.run([*SSH, script], timeout=timeout)


def mounted(machine: Board, script: str) -> str:
    """Run a script on the board where the guest's file system is /mnt."""
    return machine.sh(f"mkdir -p /mnt && mount -t ext4 -o ro /dev/vda1 /mnt && {{ {script}\n}} && "
                      "umount /mnt").check().text


def boots(t: Context, flavour: str, suite: str) -> None:
    """Boot Debian SUITE by its own U-Boot; the board's kernel is bookworm's."""
    image = debian.installed(flavour)
    machine = t.boot(Config(packages=("openssh-client",), modules=MODULES, memory=1536,
                            qemu_args=debian.drive(image, "guest", "snapshot=on")))
    network.prepare(machine)
    put_u_boot(machine, suite)
    mounted(machine, "mkdir -p /root/.ssh && cp /mnt/root/.ssh/id_ed25519 /root/.ssh/")

    guest = Debian(machine, t.dir / "guest.log")
    t.check(t.until(lambda: guest.armvm.ended or guest.answers(), 2400, 5),
            "the guest lets root in by ssh")
    if guest.armvm.ended:
        t.fail(f"armvm ended with {guest.armvm.wait()}: see guest.log")
    t.check(re.search(r"^Retrieving file: /boot/.*vmlinuz-6", guest.console, re.M),
            "U-Boot has loaded the kernel that Debian's u-boot-menu names")
    t.equal(guest.sh("systemctl is-system-running --wait", 1200).text, "running\n",
            "systemd has started all, and nothing has failed")
    t.log(guest.sh("systemd-analyze; cat /proc/cmdline; free -m").text)
    t.equal(guest.sh("cat /proc/device-tree/model").text, "armvm\0", "the device tree is armvm's")
    t.equal(guest.sh("nproc").text, "2\n", "there are two CPUs")
    t.contains(guest.sh("ip -4 addr show dev eth0").text, f"inet {network.ADDRESS}/",
               "passt's DHCP server gave it its address")

    machine.sh("mkdir -p /tmp/www; head -c 1000000 /dev/urandom >/tmp/www/data; "
               "httpd -p 80 -h /tmp/www").check()
    t.equal(guest.sh(FETCH).text, machine.sh("sha1sum </tmp/www/data").text,
            "a file arrives from the board over TCP")
    done = machine.sh(f"{shlex.join(SSH)} 'cat >/root/data' </tmp/www/data", timeout=300)
    t.equal(done.status, 0, "and goes through ssh to the guest's disk")

    guest.armvm.kill(signal.SIGTERM)
    t.equal(guest.armvm.wait(1200), 0, "SIGTERM: systemd shuts the guest down, armvm ends with 0")
    t.contains(guest.console, "reboot: Power down", "in order")
    t.equal(mounted(machine, "sha1sum </mnt/root/data"), machine.sh("sha1sum </tmp/www/data").text,
            "the file is on the disk")
    t.equal(machine.sh("dmesg | grep -c 'EXT4-fs.*recover'").text, "0\n",
            "whose file system was unmounted")


@case("linux/debian-bookworm", tier="long", timeout=4 * 3600)
def bookworm(t: Context) -> None:
    boots(t, "armmp-lpae", "bookworm")


@case("linux/debian-trixie", tier="long", timeout=4 * 3600)
def trixie(t: Context) -> None:
    boots(t, "armmp-lpae@trixie", "trixie")


# What the first CPU did not idle, in seconds: while it waits for QEMU's disk, time passes without
# an instruction.
BUSY = """awk 'NR == FNR { up = $1; next } $1 == "cpu" { print up - ($5 + $6) / 100; exit }' \\
/proc/uptime /proc/stat"""


def busy(machine: Board | Guest) -> float:
    return float(machine.sh(BUSY, timeout=600).check().text)


def until_login(t: Context, machine: Board | Guest, what: str) -> None:
    state = machine.sh("systemctl is-system-running --wait", timeout=2400).text
    t.equal(state, "running\n", f"{what}: systemd has started all, and nothing has failed")
    t.equal(machine.sh("systemctl is-active serial-getty@ttyAMA0", timeout=600).text, "active\n",
            f"{what}: there is a login prompt")
    t.log(f"{what}: {machine.sh('systemd-analyze', timeout=600).text}")


@case("linux/debian-boot-costs", tier="long", timeout=4 * 3600)
def boot_costs(t: Context) -> None:
    """The same Debian from the same disk, on the board itself and in a guest: instructions.

    Of the board itself from its kernel's start; of a guest all that the board does from the start
    of armvm. A second is a thousand million.
    """
    flavour = "armmp-lpae@trixie"
    image = debian.installed(flavour)
    drive = debian.drive(image, "system", "snapshot=on")
    system = t.boot(Config(flavour=flavour, module=False, system=image, qemu_args=drive, smp=1,
                           icount=True))
    until_login(t, system, "the board")
    own = busy(system)
    system.kill()

    machine = t.boot(Config(modules=MODULES, memory=2048, qemu_args=drive, smp=1, icount=True))
    mounted(machine, "cp /mnt/boot/vmlinuz-* /tmp/vmlinuz; cp /mnt/boot/initrd.img-* /tmp/initrd")
    kernel = ("--kernel", "/tmp/vmlinuz", "--initrd", "/tmp/initrd", "--append",
              f"root=LABEL={disk.LABEL} ro console=ttyAMA0 {BOARD_APPEND}")
    before = busy(machine)
    guest = machine.start_guest(memory=1024, boot=kernel, extra=("--disk", "/dev/vda"))
    until_login(t, guest.wait(2400), "a guest")
    there = busy(machine) - before
    t.check(own > 1 and 1 < there / own < 1.5,
            f"to the login prompt: {there:.2f} thousand million instructions for a guest, "
            f"{own:.2f} for the board, {there / own:.3f} times as many")
    resident = int(machine.sh(RESIDENT).text)
    t.check(resident < 2048, f"armvm has {resident} KiB beside the guest's RAM")
