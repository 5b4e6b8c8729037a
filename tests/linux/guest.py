# SPDX-License-Identifier: GPL-2.0-only
"""Stock kernels as guests of stock kernels."""

from __future__ import annotations

import re

from lib import Context, board, case
from lib.hwpoints import HW_LINES, VERDICTS, hw_lines, hwpoints
from lib.session import OVERLAY

MAIN = board(guest=True, overlays=(OVERLAY,))
OTHER = board(guest=True, overlays=(OVERLAY,), flavour="armmp", cpu="cortex-a7")
LARGE = board(guest=True, overlays=(OVERLAY,), memory=3072)


def boots(t: Context, cpus: int) -> None:
    guest = t.guest(cpus=cpus)
    release = t.board.run(["uname", "-r"]).check().text
    t.equal(guest.run(["uname", "-r"]).check().text, release, "the guest runs the board's kernel")
    t.equal(int(guest.run(["nproc"]).check().text), cpus, f"with {cpus} CPUs")
    log = guest.sh("dmesg | grep 'CPU: All'").check().text
    t.contains(log, "started in SVC mode", "a guest has no HYP mode")
    t.equal(hw_lines(t.board), HW_LINES, "the board's kernel finds its debug registers")
    t.equal(hw_lines(guest), HW_LINES, "the guest's kernel reports the same for its own")
    t.equal(guest.sh("cat /proc/sys/kernel/tainted").text, "0\n", "nothing taints the guest")


@case("linux/guest-1-cpu", needs=MAIN, timeout=180)
def one(t: Context) -> None:
    boots(t, 1)
    data = bytes(range(256)) * 24
    t.check(t.guest(cpus=1).run(["cat"], data).stdout == data,
            "6 kB of all byte values pass through its UART unchanged")


@case("linux/guest-hwpoints", needs=MAIN, timeout=240)
def points(t: Context) -> None:
    here = hwpoints(t.board, t.check, "board")
    there = hwpoints(t.guest(cpus=1), t.check, "guest")
    t.equal(there, here, "the guest prints the same lines as the board")


@case("linux/guest-switches-off-and-restarts", needs=MAIN, timeout=240)
def ends(t: Context) -> None:
    t.equal(t.guest(cpus=1).poweroff(), 0, "power-off ends armvm with 0")
    guest = t.guest(cpus=1, fresh=True)
    guest.agent.start(["reboot", "-f"])
    t.equal(guest.armvm.wait(60), 2, "a restart ends armvm with 2 under --no-reboot")


@case("linux/guest-reboots", needs=MAIN, timeout=300)
def reboots(t: Context) -> None:
    guest = t.guest(cpus=2, reboots=True)
    guest.sh("echo before >/run/mark").check()
    for number in (1, 2):
        guest.agent.forget_hello()
        guest.agent.start(["reboot", "-f"])
        guest.wait()
        t.equal(guest.sh("nproc; ls /run/mark; echo").text, "2\n\n",
                f"reboot {number}: a new start")
        t.equal(hw_lines(guest), HW_LINES, f"reboot {number}: with its debug registers")
    t.equal(guest.poweroff(), 0, "and power-off ends armvm with 0")


@case("linux/guest-2-cpus", needs=MAIN, timeout=240)
def two(t: Context) -> None:
    boots(t, 2)
    guest = t.guest(cpus=2)
    # Work that makes the CPUs interrupt each other: remote wake-ups and address space changes.
    script = """
        ipi() {
            awk '/^ *IPI[1-6]:/ { for (i = 2; i <= 3; i++) n += $i } END { print n }' \\
                /proc/interrupts
        }
        before=$(ipi)
        for cpu in 0 1; do
            (i=0; while [ $i -lt 150 ]; do taskset $((1 << cpu)) true; i=$((i + 1)); done) &
        done
        wait
        echo $(($(ipi) - before))"""
    count = int(guest.sh(script, timeout=120).check().text)
    t.check(count > 10, f"{count} interrupts between its CPUs")


@case("linux/guest-2-cpus-hwpoints", needs=MAIN, timeout=240)
def two_points(t: Context) -> None:
    guest = t.guest(cpus=2)
    for cpu in (0, 1):
        result = guest.sh(f"taskset {1 << cpu} hwpoints", timeout=120)
        t.check(result.status == 0 and result.text.endswith(f"{VERDICTS} verdicts\n"),
                f"on CPU {cpu} of the guest:\n{result.text}")
    result = guest.sh("hwpoints >/tmp/a & hwpoints >/tmp/b; wait; cat /tmp/a /tmp/b", timeout=180)
    t.equal((result.text.count("PASS "), result.text.count("FAIL ")), (2 * VERDICTS, 0),
            "two processes use the points at once, each in all slots")


@case("linux/two-guests-and-host", needs=MAIN, timeout=400)
def together(t: Context) -> None:
    """The same program at the same virtual addresses in two guests and on the host, all at once."""
    t.end_guests()
    hwpoints(t.board, t.check, "board, before this test starts a guest")
    guests = [t.guest(0, cpus=1), t.guest(1, cpus=1)]
    loop = "for i in 1 2 3 4 5; do hwpoints || exit 1; done"
    running = [g.agent.start(["sh", "-c", loop]) for g in guests]
    rounds = 0
    while not all(r.ended for r in running):
        hwpoints(t.board, t.check, "board, while the guests do the same")
        rounds += 1
    t.check(rounds >= 2, f"{rounds} rounds on the board meanwhile")
    for number, command in enumerate(running):
        result = command.result(200)
        t.equal((result.status, result.text.count("PASS "), result.text.count("FAIL ")),
                (0, 5 * VERDICTS, 0),
                f"guest {number}: it sees exactly its own hits\n{result.text}")
    t.end_guests()
    hwpoints(t.board, t.check, "board, after the guests")


@case("linux/clocks-agree", needs=MAIN, timeout=300)
def clocks(t: Context) -> None:
    """CNTVOFF: vDSO and system call agree on the time, on every CPU, while guests run and after."""
    guest = t.guest(cpus=2)
    busy = guest.agent.start(["sh", "-c", "while :; do hwpoints >/dev/null; done"])
    for where, machine in (("board, guest running", t.board), ("guest", guest)):
        result = machine.run(["clocks", "4"], timeout=60)
        t.check(result.status == 0 and result.text.count("readings agree") == 2,
                f"{where}:\n{result.text}")
    busy.kill()
    busy.wait(30)
    t.end_guests()
    result = t.board.run(["clocks", "2"], timeout=60)
    t.check(result.status == 0 and result.text.count("readings agree") == 2,
            f"board, after the guest:\n{result.text}")


@case("linux/other-flavour-and-cpu", needs=OTHER, timeout=300)
def other(t: Context) -> None:
    """A kernel with short descriptors, on a Cortex-A7."""
    boots(t, 2)
    here = hwpoints(t.board, t.check, "board")
    t.equal(hwpoints(t.guest(cpus=2), t.check, "guest"), here,
            "the guest prints the same lines as the board")


@case("linux/memory-3072", needs=LARGE, timeout=300)
def large(t: Context) -> None:
    """RAM above 0x80000000, where the HYP window must not collide with the identity page."""
    boots(t, 1)
    total = int(re.search(r"MemTotal: +(\d+)", t.board.sh("cat /proc/meminfo").text)[1])
    t.check(total > 2_900_000, f"the board has {total} kB")
    t.equal(hwpoints(t.guest(cpus=1), t.check, "guest"), hwpoints(t.board, t.check, "board"),
            "the guest prints the same lines as the board")
