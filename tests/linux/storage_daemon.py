# SPDX-License-Identifier: GPL-2.0-only
"""A guest's disk that Debian's qemu-storage-daemon serves, on the board: a qcow2 image."""

from __future__ import annotations

from lib import Context, board, case
from lib.session import DEVICES

IMAGE, SOCKET = "/tmp/disk.qcow2", "/tmp/disk.sock"
# As docs/armvm.md has it.
SERVE = ("qemu-storage-daemon", "--blockdev", f"driver=file,node-name=f,filename={IMAGE}",
         "--blockdev", "driver=qcow2,node-name=d,file=f", "--export",
         f"type=vhost-user-blk,id=e,node-name=d,writable=on,addr.type=unix,addr.path={SOCKET}")
MEGABYTES = 8


@case("linux/qemu-storage-daemon", tier="long", timeout=900,
      needs=board(guest=True, memory=1536, packages=("qemu-system-common", "qemu-utils"),
                  guest_modules=DEVICES.guest_modules))
def storage_daemon(t: Context) -> None:
    t.board.sh(f"qemu-img create -q -f qcow2 {IMAGE} 64M").check()
    daemon = t.board.agent.start(SERVE)
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
    t.contains(t.board.sh(f"qemu-img check {IMAGE}").check().text, "No errors were found",
               "the image is in order")
    t.equal(t.board.sh(f"qemu-img convert -O raw {IMAGE} /tmp/raw && "
                       f"head -c {MEGABYTES}M /tmp/raw | sha1sum").check().text, written,
            "and has what the guest wrote")
