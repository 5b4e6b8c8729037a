# SPDX-License-Identifier: GPL-2.0-only
"""The packaged armvm with Debian's libraries: its sandbox allows what they call.

The tests' own armvm is static, with the C library of the cross compiler, which calls less.
"""

from __future__ import annotations

import json
import signal

from lib import Context, case, libraries, network
from lib.image import SWITCHES_OFF
from lib.registry import TOP
from lib.session import DEVICES

from harness.apt import Archive
from harness.paths import BUILD, outside_make, run

SOCKET = "/run/libc/control"
PACKAGES = ("libc6", "libfdt1", "libjansson4", "libseccomp2", "libxxhash0")


def runs(t: Context, suite: str) -> None:
    """A guest with two CPUs and each kind of device, until it is told to switch off."""
    directory = f"/opt/{suite}"
    run([TOP / "tools/deb"], cwd=TOP, env=outside_make())
    run(["dpkg-deb", "-x", *(BUILD / "deb").glob("armvm_*.deb"), t.dir / "armvm"])
    libraries.put(t.board, directory, {"armvm": t.dir / "armvm/usr/bin/armvm"},
                  Archive("armhf", suite).get(*PACKAGES, closure=True))
    network.prepare(t.board)
    t.board.sh("truncate -s 16M /tmp/libc.img; mkdir -p /run/libc; chown _armvm /run/libc").check()
    guest = t.guest(cpus=2, extra=("--disk", "/tmp/libc.img", "--net", "user,tcp=8022:22", "--rng",
                                   "--control", SOCKET, "--stop-timeout", "0"), fresh=True,
                    prefix=(*network.ENTER, "env", f"PATH={directory}:/usr/bin:/bin"))
    status = json.loads(t.board.run(["armvm", "ctl", SOCKET, "status"]).check().text)
    t.equal((status["state"], status["vcpus"]), ("running", 2), "a guest runs; status")
    t.equal(t.board.sh(f"grep -l {directory}/libc.so.6 /proc/[0-9]*/maps | wc -l").text, "1\n",
            f"with the C library of {suite}")
    guest.sh("dd if=/dev/zero of=/dev/vda bs=64k count=16 conv=fsync").check()
    guest.sh("head -c 64 /dev/hwrng").check()
    network.connect(guest, "eth0")
    network.fetches(t, guest, t.board, f"{network.GATEWAY}:8080", 8080)
    guest.sh(SWITCHES_OFF).check()
    guest.armvm.kill(signal.SIGTERM)
    t.equal(guest.armvm.wait(120), 0, "SIGTERM: the guest powers itself off, armvm ends with 0")
    t.equal(t.board.sh(f"test -e {SOCKET}").status, 1, "and has deleted its socket")


@case("linux/libc-bookworm", needs=DEVICES, tier="long", timeout=600)
def bookworm(t: Context) -> None:
    runs(t, "bookworm")


@case("linux/libc-trixie", needs=DEVICES, tier="long", timeout=600)
def trixie(t: Context) -> None:
    runs(t, "trixie")
