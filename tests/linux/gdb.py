# SPDX-License-Identifier: GPL-2.0-only
"""Debian's own gdb and strace, in a guest and on the board."""

from __future__ import annotations

from lib import Context, board, case
from lib.session import OVERLAY, gdb_session

# gdb-minimal is Debian's gdb without Python and other parts that need 60 MB of libraries, which
# the emulated CPU would have to unpack when a guest boots.  Tier long tests the whole package.
GDB = board(guest=True, packages=("gdb-minimal", "strace"), overlays=(OVERLAY,))
WHOLE = board(guest=True, packages=("gdb",), overlays=(OVERLAY,), memory=2048)
WORDS = {"cpus": 2, "memory": 320}


@case("linux/gdb-on-the-board-before", needs=GDB, timeout=240)
def before(t: Context) -> None:
    gdb_session(t.board, t.check, "board")


@case("linux/gdb-watch", needs=GDB, timeout=400)
def watch(t: Context) -> None:
    """What this project is for: a watchpoint and a hardware breakpoint inside a guest."""
    gdb_session(t.guest(**WORDS), t.check, "guest", timeout=300)


@case("linux/gdb-watch-migrating", needs=GDB, timeout=400)
def migrating(t: Context) -> None:
    """The same while the vCPU threads are constantly moved between the board's CPUs."""
    guest = t.guest(**WORDS)
    mover = t.board.agent.start(["sh", "-c", """
        n=0
        while :; do
            for task in /proc/$(pidof armvm)/task/*; do
                taskset -p $((1 + n % 2)) "${task##*/}" >/dev/null && n=$((n + 1))
            done
            echo $n >/tmp/moves
            usleep 20000
        done"""])
    moves = 0
    for _ in range(8):  # On a fast machine one session may end before enough moves.
        gdb_session(guest, t.check, "guest", timeout=300)
        moves = int(t.board.sh("cat /tmp/moves").text or 0)
        if moves > 100:
            break
    mover.kill()
    mover.result(30)
    t.check(moves > 100, f"the guest's threads were moved {moves} times meanwhile")


@case("linux/strace-in-a-guest", needs=GDB, timeout=180)
def strace(t: Context) -> None:
    result = t.guest(**WORDS).run(["strace", "-c", "ls", "/"])
    t.equal(result.status, 0, "strace ends with 0")
    t.check("usr" in result.text.split(), "ls prints its list")
    for call in ("execve", "getdents64", "total"):
        t.contains(result.errors, call, f"its table names {call}")


@case("linux/gdb-on-the-board-after", needs=GDB, timeout=300)
def after(t: Context) -> None:
    """The old KVM/arm left HDCR's traps on, and gdb on the host then hung the machine."""
    t.guest(**WORDS)
    gdb_session(t.board, t.check, "board, while a guest exists")
    t.end_guests()
    gdb_session(t.board, t.check, "board, after the guest")


@case("linux/gdb-whole-package", needs=WHOLE, tier="long", timeout=900)
def whole(t: Context) -> None:
    guest = t.guest(cpus=2, memory=512)
    t.contains(guest.run(["gdb", "--version"]).text, "Debian 13", "this is Debian's gdb")
    gdb_session(guest, t.check, "guest", timeout=600)
