# SPDX-License-Identifier: GPL-2.0-only
"""A guest's disk that Debian's qemu-storage-daemon serves, on the board: a qcow2 image."""

from __future__ import annotations

from lib import Context, board, case, libraries
from lib.session import DEVICES

from harness.apt import Archive

IMAGE, SOCKET = "/tmp/disk.qcow2", "/tmp/disk.sock"
# As docs/armvm.md has it.
SERVE = ("qemu-storage-daemon", "--blockdev", f"driver=file,node-name=f,filename={IMAGE}",
         "--blockdev", "driver=qcow2,node-name=d,file=f", "--export",
         f"type=vhost-user-blk,id=e,node-name=d,writable=on,addr.type=unix,addr.path={SOCKET}")
MEGABYTES = 8
TRIXIE = "/opt/trixie"


def serves(t: Context, version: str, directory: str = "/usr/bin") -> None:
    """The daemon and qemu-img in a DIRECTORY of the board."""
    image = f"{directory}/qemu-img"
    t.contains(t.board.run([f"{directory}/{SERVE[0]}", "--version"]).check().text,
               f"qemu-storage-daemon version {version}.", "it is this suite's")
    t.board.sh(f"{image} create -q -f qcow2 {IMAGE} 64M").check()
    daemon = t.board.agent.start((f"{directory}/{SERVE[0]}", *SERVE[1:]))
    if not t.until(lambda: daemon.ended or t.board.sh(f"[ -S {SOCKET} ]").status == 0, 60):
        t.fail("qemu-storage-daemon does not listen")
    t.check(not daemon.ended, "Debian's armhf qemu-storage-daemon serves a qcow2 image")
    guest = t.guest(extra=("--vhost-user-blk", SOCKET))
    t.equal(guest.sh("cat /sys/block/vda/size").text, f"{64 << 11}\n", "the guest sees the disk")
    written = guest.sh(f"head -c {MEGABYTES}M /dev/urandom | tee /dev/vda | sha1sum; sync",
                       timeout=300).check().text
    t.equal(guest.sh(f"echo 3 >/proc/sys/vm/drop_caches; head -c {MEGABYTES}M /dev/vda | sha1sum",
                     timeout=300).check().text, written, "reads what it wrote")
    t.end_guest()
    t.check(not daemon.ended, "the guest's end is not the daemon's")
    daemon.kill(15)
    t.equal(daemon.wait(60), 0, "which ends at SIGTERM")
    t.contains(t.board.sh(f"{image} check {IMAGE}").check().text, "No errors were found",
               "the image is in order")
    t.equal(t.board.sh(f"{image} convert -O raw {IMAGE} /tmp/raw && "
                       f"head -c {MEGABYTES}M /tmp/raw | sha1sum").check().text, written,
            "and has what the guest wrote")


@case("linux/qemu-storage-daemon", tier="long", timeout=900,
      needs=board(guest=True, memory=1536, packages=("qemu-system-common", "qemu-utils"),
                  guest_modules=DEVICES.guest_modules))
def storage_daemon(t: Context) -> None:
    serves(t, "7.2")


@case("linux/qemu-storage-daemon-trixie", tier="long", timeout=900,
      needs=board(guest=True, memory=1536, guest_modules=DEVICES.guest_modules))
def storage_daemon_trixie(t: Context) -> None:
    packages = Archive("armhf", "trixie").get("qemu-utils", closure=True)
    unpacked = next(p for p in packages if p.name == "qemu-utils").unpacked()
    programs = {name: unpacked / "usr/bin" / name for name in ("qemu-img", "qemu-storage-daemon")}
    libraries.put(t.board, TRIXIE, programs, packages)
    t.equal(t.board.sh("command -v qemu-img").text, "", "the board has no other")
    serves(t, "10.0", TRIXIE)
