# SPDX-License-Identifier: GPL-2.0-only
"""`events mix`: guests/events.c, with ptrace's points on its vCPU thread and on another process."""

from __future__ import annotations

import re

from host import _modules as host
from host._points import APART, WATCHED, symbol
from lib import Context

DOORS = 9  # After a point is armed, and after each event.
BY_STORE = 1
KERNEL_BRPS, KERNEL_WRPS = 5, 4  # Debian's kernel offers these of the CPU's 6 and 4.


def arguments(elf: str, bootargs: str, own: bool, other: bool) -> list[str]:
    return ["mix", elf, bootargs, f"{symbol('events', 'events_1'):x}", f"{WATCHED + APART:x}",
            "self" if own else "-", "other" if other else "-"]


def side(t: Context, text: str, who: str, traced: bool, what: str, wide: bool = False) -> int:
    """Check that the debugger of one process saw a hit a round in every slot; return the rounds."""
    match = re.search(rf"^{who} = (\d+) touches, (\d+) wrong, (\d+) hits elsewhere, "
                      r"code([ \d]*), data([ \d]*)$", text, re.M)
    if not t.check(match, f"{what}: {who}: it prints its counts"):
        return 0
    rounds = int(match[1])
    code, data = ([int(n) for n in match[k].split()] for k in (4, 5))
    slots = (KERNEL_BRPS - wide, KERNEL_WRPS - wide) if traced else (0, 0)
    wanted = [rounds] * slots[0], [rounds] * slots[1]
    t.check(match[2] == match[3] == "0" and (code, data) == wanted,
            f"{what}: {who}: {slots} slots, each hit once a round: {match[0]}")
    return rounds


class Mix:
    """Runs `events mix` once and checks what it prints."""

    def __init__(self, t: Context, bootargs: str, own: bool, other: bool, what: str,
                 wide: bool = False, timeout: float = 300) -> None:
        argv = ["events", *arguments(host.elf(t, "events"), bootargs, own, other)]
        result = t.board.run(argv, timeout=timeout)
        self.text = result.text
        t.log(f"-- {what}\n{result.text}{result.errors}")
        if not t.check(result.status == 0 and "\n5 passed, 0 failed\n" in self.text,
                       f"{what}: the guest gets all its own events, no other {result.errors}"):
            t.log(self.text)
        for who, traced in (("self", own), ("other", other)):
            rounds = side(t, self.text, who, traced, what, wide)
            t.check(rounds > 2, f"{what}: {who}: {rounds} rounds")
        t.equal((self.counter("rejected"), self.counter("not_monitor")), (0, 0),
                f"{what}: nothing is rejected")

    def numbers(self, key: str) -> list[int]:
        match = re.search(rf"^{key} = ([ \d]*)$", self.text, re.M)
        return [int(n) for n in match[1].split()] if match else [-1]

    def counter(self, name: str) -> int:
        match = re.search(rf"^counters: .*\b{name} (\d+)", self.text, re.M)
        return int(match[1]) if match else -1
