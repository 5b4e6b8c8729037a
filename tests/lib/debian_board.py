# SPDX-License-Identifier: GPL-2.0-only
"""A board that runs Debian from its disk: its own apt, dkms and systemd, as a user's board does."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import network
from .context import Context
from .image import SWITCHES_OFF
from .registry import TOP

from harness import debian, disk, initramfs
from harness.channel import Command, Result
from harness.machine import Board, Config
from harness.paths import BUILD, outside_make, run

REPOSITORY = "/srv"
# What the board's apt may install. The board has only a small Debian, without a compiler.
OFFERED = ("linux-headers-armmp-lpae", "linux-image-armmp", "linux-headers-armmp", "dkms",
           "gcc", "libc6-dev", "libfdt1", "libjansson4", "libseccomp2", "libxxhash0", "passt",
           "pkgconf", "u-boot-qemu", "dnsmasq-base")
# At each boot: the packages, and a network for passt.
AT_BOOT = f"""
mount -r -L packages {REPOSITORY}
modprobe dummy
ip link add dummy0 type dummy
ip addr add {network.ADDRESS}/24 dev dummy0
ip link set dummy0 up
ip route add default via {network.GATEWAY}
"""
PREPARE = f"""
# As Debian's installer writes it.
echo 127.0.0.1 localhost >/etc/hosts
echo 'deb [trusted=yes] file:{REPOSITORY}/repo ./' >/etc/apt/sources.list
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/tests
# This board has its packages' documents.
sed -i /path-exclude/d /etc/dpkg/dpkg.cfg.d/tests
apt-get -q update
useradd -m -s /bin/bash user
"""
# trixie's passt with trixie's libc, where Debian's own does not work.
PASST = """#!/bin/sh
lib=/opt/passt/usr/lib/arm-linux-gnueabihf
exec $lib/ld-linux-armhf.so.3 --library-path $lib /opt/passt/usr/bin/passt "$@"
"""
INITRD = "/var/lib/guest.cpio"
# On a tap interface the board is 1, the guest 2.
ON_TAP = "192.168.78."
# Of the whole Debian that is a guest. It is the one that `make image` makes.
GUEST_FLAVOUR = "armmp-lpae@trixie"
GUEST_MODULES = ("virtio_mmio", "virtio_net", "virtio_blk", "evdev")
# The guest's first program: serves who connects, and switches off if its power key is pressed.
GUEST = f"""#!/bin/sh
{SWITCHES_OFF}
if ip link set eth0 up 2>/dev/null; then
	ip addr add {network.ADDRESS}/24 dev eth0
	ip route add default via {network.GATEWAY}
	ip addr add {ON_TAP}2/24 dev eth0
	nc -ll -p 22 -e /bin/echo 'greetings from the guest' &
fi
[ ! -b /dev/vda ] || echo 'the guest was here' | dd of=/dev/vda conv=fsync
echo 'the guest is up' >/dev/console
grep -q once /proc/cmdline && poweroff -f
while :; do
	sleep 1000
done
"""


def commands_of(page: str, word: str) -> list[str]:
    """Return the commands of a page's block of commands that has WORD."""
    text = (TOP / page).read_text(encoding="utf-8")
    blocks = [b for b in re.findall(r"(?:^    .*\n)+", text, re.M) if word in b]
    assert len(blocks) == 1, f"{len(blocks)} blocks in {page} have {word!r}"
    lines = blocks[0].replace("\\\n", "").splitlines()
    return [line.partition(" #")[0].strip() for line in lines]


def to_install() -> list[str]:
    """How the packages are installed."""
    return commands_of("README.md", "./armvm_*.deb")


def to_run_debian() -> list[str]:
    """How a Debian runs in a guest: what root installs, then the guest, ssh, and its end."""
    return commands_of("README.md", "armvm run --image debian.raw")


def to_run_with_tap() -> list[str]:
    """The same where passt does not work: what root does, then the guest, and ssh."""
    return commands_of("docs/armvm.md", "dnsmasq --interface")


def write_packages(out: Path, flavour: str, ours: Sequence[Path]) -> Path:
    """Write a disk with a repository of what the board lacks, and OUR packages beside it."""
    have = {p.path for p in debian.packages_of(flavour)}
    offered = debian.packages_of(flavour, OFFERED)
    root = out.with_suffix(".root")
    archive = debian.write_repository([p for p in offered if p.path not in have],
                                      out.with_suffix(".tar"), ours)
    root.mkdir()
    run(["tar", "-xf", archive, "-C", root])
    archive.unlink()
    disk.write(out, root, 512 << 20, "packages")
    shutil.rmtree(root)
    return out


def write_image(out: Path) -> Path:
    """Write a disk with what `make image` makes."""
    root = out.with_suffix(".root")
    root.mkdir()
    debian.write_image(GUEST_FLAVOUR, root)
    disk.write(out, root, 3 << 30, "image")
    shutil.rmtree(root)
    return out


class DebianBoard:
    """Boots, and boots again with the same disks."""

    def __init__(self, t: Context, flavour: str) -> None:
        self.t, self.flavour = t, flavour
        # That of bookworm does not work on armhf (CAVEATS.md).
        self.has_passt = flavour.endswith("@trixie")
        made = subprocess.run(["tools/deb"], cwd=TOP, capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, env=outside_make())
        t.check(made.returncode == 0, f"tools/deb\n{made.stderr[-2000:]}")
        self.system = t.dir / "system.img"
        run(["cp", "--sparse=always", debian.installed(flavour), self.system])
        self.packages = write_packages(t.dir / "packages.img", flavour,
                                       sorted((BUILD / "deb").glob("*.deb")))
        self.image = write_image(t.dir / "image.img")
        self.machine: Board

    def boot(self) -> Board:
        drives = [*debian.drive(self.system, "system"),
                  *debian.drive(self.packages, "packages", "readonly=on"),
                  *debian.drive(self.image, "image")]
        self.machine = self.t.boot(Config(flavour=self.flavour, module=False, memory=2048,
                                          system=self.system, qemu_args=drives))
        self.sh(AT_BOOT)
        return self.machine

    def sh(self, script: str, timeout: float = 600) -> str:
        """Run a script that must succeed, and log what it said."""
        done = self.machine.run(["bash", "-ec", script], timeout=timeout)
        self.t.log(f"$ {script}\n{done.text}{done.errors}")
        done.check()
        return done.text

    def status(self, script: str, timeout: float = 600) -> int:
        done = self.machine.run(["bash", "-c", script], timeout=timeout)
        self.t.log(f"$ {script}\n{done.text}{done.errors}status {done.status}")
        return done.status

    def user(self, script: str, stdin: bytes = b"", timeout: float = 600) -> Result:
        """Run a script as the user, in the user's session, and log what it said."""
        done = self.machine.run(["runuser", "-l", "user", "-c", script], stdin, timeout=timeout)
        self.t.log(f"user$ {script}\n{done.text}{done.errors}status {done.status}")
        return done

    def start(self, script: str, log: Path) -> Command:
        """Start a script as the user, and let it write to LOG."""
        console = log.open("ab", buffering=0)
        return self.machine.agent.start(
            ["setpriv", "--reuid=user", "--regid=user", "--init-groups", "--reset-env", "sh", "-c",
             script], out=console.write, err=console.write)

    def reboot(self) -> Board:
        self.machine.run(["systemctl", "--no-block", "reboot"])
        self.machine.wait_qemu(300)
        return self.boot()

    def prepare(self) -> None:
        self.sh(PREPARE)
        if not self.has_passt:
            self.machine.run(["tar", "-x", "-C", "/opt", "--one-top-level=passt"],
                             stdin=network.passt()).check()
            self.put(PASST.encode(), "/usr/local/bin/passt", 0o755)
        self.prepare_guest()

    def prepare_guest(self) -> None:
        overlay = self.t.dir / "overlay"
        (overlay / "usr/bin").mkdir(parents=True)
        (overlay / "usr/bin/agent").write_text(GUEST, encoding="ascii")
        (overlay / "usr/bin/agent").chmod(0o755)
        initrd = self.t.dir / "guest.cpio"
        initramfs.write_guest(initramfs.Contents(overlays=(overlay,), guest_modules=GUEST_MODULES),
                              self.flavour, initrd)
        self.put(initrd.read_bytes(), INITRD, 0o644)

    def put(self, data: bytes, path: str, mode: int) -> None:
        self.machine.sh(f"cat >{path} && chmod {mode:o} {path}", stdin=data).check()
