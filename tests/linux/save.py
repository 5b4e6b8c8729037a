# SPDX-License-Identifier: GPL-2.0-only
"""A Linux guest is saved while a watchpoint is armed, and goes on in another armvm."""

from __future__ import annotations

import json

from lib import Context, case
from lib.session import DEVICES

from harness.channel import PING
from harness.machine import BOARD_PORT, Guest

SOCKET, SAVED, OTHER = "/run/save.ctl", "/tmp/guest.saved", "/run/other.sock"
WORDS = ("--rng", "--disk", "/tmp/save.img", "--balloon", "--control", SOCKET)


def start(t: Context, *more: str) -> Guest:
    return t.board.start_guest(cpus=2, memory=192, extra=(*WORDS, *more))


def restored(t: Context) -> Guest:
    guest = start(t, "--restore", SAVED)
    # The agent in it has said hello long ago.
    guest.agent.send(PING)
    return guest.wait()


def prepare(guest: Guest) -> str:
    """Return a sum of what the guest has written to its disk."""
    guest.sh("""
        set -e
        echo before >/run/mark
        head -c 1 /dev/zero >/tmp/go
        taskset 2 armed /tmp/go >/tmp/armed 2>&1 </dev/null &
        until grep -q armed /tmp/armed; do usleep 100000; done
        head -c 2000000 /dev/urandom >/tmp/random
        dd if=/tmp/random of=/dev/vda bs=4096 2>/dev/null""").check()
    return guest.sh("sha1sum </tmp/random; cat /proc/uptime").check().text


def goes_on(t: Context, guest: Guest, before: str, where: str) -> None:
    total, uptime = before.split("\n")[0], float(before.split("\n")[1].split()[0])
    t.equal(guest.sh("cat /run/mark; nproc").text, "before\n2\n", f"{where}: it is the same guest")
    t.equal(guest.sh("sha1sum </tmp/random; dd if=/dev/vda bs=4096 count=488 2>/dev/null | "
                     "head -c 1998848 | cmp -n 1998848 - /tmp/random && echo same").text,
            f"{total}\nsame\n", f"{where}: with its memory, and what it wrote to its disk")
    t.check(float(guest.sh("cat /proc/uptime").text.split()[0]) >= uptime,
            f"{where}: its clock has not gone back")
    t.equal(guest.sh("for cpu in 1 2; do taskset $cpu usleep 300000 && echo slept; done").text,
            "slept\nslept\n", f"{where}: the timers of both CPUs interrupt")
    t.equal(guest.sh("head -c 16 /dev/hwrng | wc -c; "
                     "dd if=/dev/zero of=/dev/vda bs=64k count=1 seek=100 conv=fsync 2>/dev/null "
                     "&& echo written").text, "16\nwritten\n", f"{where}: its devices work")


def hits(t: Context, guest: Guest, where: str) -> None:
    guest.sh("printf x | dd of=/tmp/go conv=notrunc 2>/dev/null").check()
    t.check(t.until(lambda: "exit" in guest.sh("cat /tmp/armed").text, 60),
            f"{where}: the program goes on")
    t.equal(guest.sh("cat /tmp/armed").text,
            "armed\nstopped 1 by 5 code 4 at 1\nexit 7\n", f"{where}: its watchpoint is hit")


@case("linux/migrate", needs=DEVICES, tier="long", timeout=400)
def migrate(t: Context) -> None:
    """From one armvm to another on this board, while the guest writes to memory and to its disk.

    The first one's memory is of huge pages, which the dirty log splits.
    """
    t.end_guests()
    t.board.sh("truncate -s 16M /tmp/save.img && echo 96 >/proc/sys/vm/nr_hugepages").check()
    guest = start(t, "--migratable", "--hugepages").wait()
    before = prepare(guest)
    guest.sh("(while [ ! -e /tmp/enough ]; do dd if=/dev/vda of=/tmp/copy bs=64k count=64; "
             "echo >>/tmp/copies; done) >/dev/null 2>&1 </dev/null &").check()
    words = (*WORDS[:-1], f"{SOCKET}2", "--restore", f"listen:{OTHER}")
    other = t.board.start_guest(1, cpus=2, memory=192, extra=words)
    t.check(t.until(lambda: t.board.sh(f"grep -q {OTHER} /proc/net/unix").status == 0, 30),
            "the other armvm waits for a guest")
    done = t.board.run(["armvm", "migrate", SOCKET, OTHER], timeout=200)
    t.log(done.text + done.errors)
    t.equal(done.status, 0, f"armvm migrate ends with 0 {done.errors}")
    t.equal(guest.armvm.wait(60), 130, "the guest is not here any more")
    t.board.sh("echo 0 >/proc/sys/vm/nr_hugepages").check()
    told = json.loads(done.text)
    t.check(told["rounds"] >= 2 and told["pages"] > 5000 and
            told["pages while stopped"] < told["pages"] / 8,
            f"most of its memory was sent while it ran: {told}")
    other.agent.send(PING)
    other.wait()
    copies = int(other.sh("wc -l </tmp/copies").text)
    t.check(t.until(lambda: int(other.sh("wc -l </tmp/copies").text) > copies + 1, 60),
            "what it did goes on")
    other.sh("touch /tmp/enough").check()
    goes_on(t, other, before, "the guest")
    hits(t, other, "the guest")
    t.equal(other.poweroff(), 0, "it powers itself off")
    t.board.sh("rm /tmp/save.img").check()


@case("linux/save-restore", needs=DEVICES, timeout=400)
def save(t: Context) -> None:
    t.end_guests()
    t.board.sh("truncate -s 16M /tmp/save.img").check()
    guest = start(t).wait()
    before = prepare(guest)
    t.board.run(["armvm", "save", SOCKET, SAVED]).check()
    t.equal(t.board.sh(f"stat -c %a {SAVED}; ls /tmp/guest.saved*").text, f"600\n{SAVED}\n",
            "armvm save makes a private file, and leaves nothing else")
    goes_on(t, guest, before, "the saved guest")
    t.board.run(["armvm", "save", "--quit", SOCKET, SAVED]).check()
    t.equal(guest.armvm.wait(60), 130, "armvm save --quit ends armvm")
    size = int(t.board.sh(f"stat -c %s {SAVED}").text)
    t.check(size < 160 << 20, f"free memory is not in the file ({size} bytes)")

    guest = restored(t)
    goes_on(t, guest, before, "the restored guest")
    hits(t, guest, "the restored guest")
    guest.sh("echo 'heard again' >/dev/console").check()
    t.check(t.until(lambda: "heard again" in guest.log.read_text(errors="replace"), 20),
            "its console goes on")
    t.equal(guest.poweroff(), 0, "it powers itself off")

    t.board.sh(f"printf x | dd of={SAVED} bs=1 seek=1000000 conv=notrunc 2>/dev/null").check()
    damaged = t.board.sh("armvm run --kernel /guest/zImage --initrd /guest/initrd.cpio --cpus 2 "
                         f"--memory 192M --port {BOARD_PORT}=/dev/null {' '.join(WORDS)} "
                         f"--restore {SAVED}")
    t.equal((damaged.status, damaged.errors.count("\n")), (1, 1), "a damaged file is refused")
    t.contains(damaged.errors, "is damaged", "armvm says so")
    t.board.sh(f"rm {SAVED} /tmp/save.img").check()
