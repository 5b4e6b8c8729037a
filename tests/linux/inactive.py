# SPDX-License-Identifier: GPL-2.0-only
"""S6: what a guest that does not debug itself pays, and what operations cost, in instructions."""

from __future__ import annotations

import re

from lib import Context, board, case
from lib.registry import TOP

from harness.machine import Board

# One instruction takes one nanosecond of board time, exactly if the board has one CPU.
COUNTED = board(guest=True, smp=1, icount=True)
RUNS = 6
ROUNDS = 400
TICK = 16  # nanoseconds, and so instructions: QEMU's counter runs at 62.5 MHz
BUDGET = TOP / "bench" / "budget"
POPULATE = TOP / "build" / "tests" / "linux" / "overlay" / "usr" / "local" / "bin" / "populate"
# armvm puts the initial RAM disk at the end of the guest's 64 MiB, in front of the device tree.
PRESENT = 4 << 20
PRESENT_AT = (61 << 20) // 4096  # more than ROUNDS pages from here on are the RAM disk's


def note_best(best: dict[str, float], text: str) -> None:
    for name, ticks in re.findall(r"icount (\S+) rounds=\d+ ticks=(\d+)", text):
        cost = int(ticks) * TICK / ROUNDS
        best[name] = min(best.get(name, cost), cost)


def measure(t: Context, machine: Board, words: str = "", faults: bool = False) -> dict[str, float]:
    """Instructions of each operation of guests/icount.c: the best of RUNS, without host ticks."""
    best: dict[str, float] = {}
    more = ["--initrd", "/tmp/present"] if faults else []
    words = f"rounds={ROUNDS} {f'present={PRESENT_AT} ' if faults else ''}{words}"
    for _ in range(RUNS):
        text = machine.run(["armvm", "run", "--kernel", "/tmp/icount.elf", "--memory", "64M",
                            *more, "--append", words], timeout=120).check().text
        note_best(best, text)
    empty = best.pop("nothing")
    return {name: cost - empty for name, cost in best.items()}


def populate(machine: Board) -> dict[str, float]:
    """What a page costs any process that touches it first, in memory like armvm's."""
    best: dict[str, float] = {}
    machine.put(POPULATE, "/tmp/populate")
    for _ in range(RUNS):
        note_best(best, machine.run(["/tmp/populate", str(ROUNDS)]).check().text)
    return best


def budget() -> dict[str, int]:
    lines = (line.split("#")[0].split() for line in BUDGET.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if words}


@case("linux/inactive-guest-pays-nothing", needs=COUNTED, timeout=400)
def inactive(t: Context) -> None:
    """Entry and exit of a guest without points cost the same with debug registers as without."""
    machine = t.board
    machine.put(TOP / "build" / "guests" / "icount.elf", "/tmp/icount.elf")
    machine.sh(f"head -c {PRESENT} /dev/zero >/tmp/present").check()
    # A huge page of the process would make most absent pages present.
    machine.sh("echo never >/sys/kernel/mm/transparent_hugepage/enabled").check()
    host = populate(machine)
    with_debug = measure(t, machine, faults=True)
    armed = measure(t, machine, "active=1")
    machine.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko debug=0").check()
    without = measure(t, machine)
    machine.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").check()
    for name in with_debug:
        others = (f"; debug=0 {without[name]:.1f}; with a watchpoint {armed[name]:.1f}"
                  if name in armed else "")
        t.log(f"{name}: {with_debug[name]:.1f} instructions{others}")
    for name, cost in host.items():
        t.log(f"{name}: {cost:.1f} instructions")
    for name in ("hvc", "uart-read", "gic-read"):
        t.check(abs(with_debug[name] - without[name]) < 1,
                f"{name}: {with_debug[name]:.1f} with debug=1, {without[name]:.1f} with debug=0")
    t.check(armed["hvc"] > with_debug["hvc"] + 50,
            f"a guest with a watchpoint does pay: {armed['hvc']:.1f} for an hvc")
    for name, limit in budget().items():
        t.check(with_debug[name] <= limit, f"{name}: {with_debug[name]:.1f}, its budget is {limit}")
