# SPDX-License-Identifier: GPL-2.0-only
"""Points in a guest, on its vCPU thread, on another process and on a whole CPU: all 16 combinations."""

from __future__ import annotations

import contextlib
import itertools
import re
from dataclasses import dataclass

from host import _modules as host
from host._points import APART, BY_STORE, DOORS, WATCHED, Points, symbol
from lib import Context, case

ALL_KINDS, NO_POINTS = 15, 8
KERNEL_BRPS, KERNEL_WRPS = 5, 4  # What Debian's kernel gives of this CPU's 6 and 4.


def numbers(text: str, pattern: str) -> list[int]:
    match = re.search(pattern, text, re.M)
    return [int(n) for n in match.groups()] if match else []


def counters(text: str) -> dict[str, int]:
    words = re.search(r"^counters: (.*)", text, re.M)
    pairs = words[1].split() if words else []
    return {k: int(v) for k, v in zip(pairs[::2], pairs[1::2])}


@dataclass(frozen=True)
class Where:
    """Who has points; full: the guest has them in all of its slots, all the time."""

    guest: bool
    own: bool
    other: bool
    wide: bool
    full: bool = False

    def __str__(self) -> str:
        names = (("guest", self.guest), ("its thread", self.own), ("another process", self.other),
                 ("every CPU", self.wide), ("all of the guest's slots", self.full))
        return "points in " + (", ".join(name for name, here in names if here) or "nothing")


def one(t: Context, seed: int, events: int, where: Where) -> int:
    """One combination; how often a point of the host was parked."""
    kinds = ALL_KINDS if where.guest else NO_POINTS
    bootargs = f"seed={seed} events={events} kinds={kinds} doors={DOORS} ways={BY_STORE} full={int(where.full)}"
    before = Points(t) if where.wide else None
    toucher = t.board.agent.start(["sh", "-c", f"""
        n=0
        while [ ! -e /tmp/enough ]; do
            touch-point code {symbol('events', 'events_0'):x} 2 >/dev/null &&
                touch-point data {WATCHED:x} 2 >/dev/null || exit 1
            n=$((n + 2))
            usleep 100000
        done
        echo $n"""]) if where.wide else None
    result = t.board.run(["events", "mix", host.elf(t, "events"), bootargs,
                          f"{symbol('events', 'events_1'):x}", f"{WATCHED + APART:x}",
                          "self" if where.own else "-", "other" if where.other else "-"], timeout=120 + events)
    text = result.text
    t.log(f"-- {where}\n{text}{result.errors}")
    if not t.check(result.status == 0 and "\n5 passed, 0 failed\n" in text,
                   f"{where}: the guest got all of its own events, and no other {result.errors}"):
        t.log(text)
    for who, traced in (("self", where.own), ("other", where.other)):
        got = numbers(text, rf"^{who} = (\d+) touches, (\d+) wrong, hits (\d+) (\d+), (\d+) at .*, (\d+) slots")
        slots = KERNEL_BRPS + KERNEL_WRPS - (2 if where.wide else 0)
        wanted = [got[0], 0, got[0], got[0], 0, slots] if traced else [*got[:1], 0, 0, 0, 0, 0]
        t.check(got == wanted and got[0] > 2,
                f"{where}: {who}: touches, wrong, breakpoints, watchpoints, elsewhere, slots: {got}")
    if toucher and before:
        t.board.sh("touch /tmp/enough").check()
        ended = toucher.result(60)
        t.board.sh("rm /tmp/enough").check()
        after = Points(t)
        touched = int(ended.text or 0)
        hits = tuple(after.hits(kind) - before.hits(kind) for kind in ("code", "data"))
        t.check(ended.status == 0 and touched > 0 and hits == (touched, touched),
                f"{where}: the host touched {touched} times and got {hits} {ended.errors}")
        t.equal(after.registers(), before.registers(), f"{where}: its registers are as they were")
    count = counters(text)
    t.check((count["activations"] > (0 if where.full else events // 3)) == where.guest,
            f"{where}: {count['activations']} activations")
    t.equal((count["rejected"], count["not_monitor"]), (0, 0), f"{where}: nothing rejected")
    return count["parkings"]


def every(t: Context, seed: int, events: int) -> None:
    t.end_guests()
    parkings: dict[Where, int] = {}
    code = symbol("events", "events_0")
    with host.loaded(t, "cpu_state"):
        for wide in (False, True):
            with host.loaded(t, "wide_point", f"code={code:#x} data={WATCHED:#x} any=1") if wide \
                    else contextlib.nullcontext():
                for own, other, guest in itertools.product((False, True), repeat=3):
                    where = Where(guest, own, other, wide)
                    t.board.sh("echo fill >/proc/cpu_state/debug").check()
                    debug = t.board.sh("cat /proc/cpu_state/debug").check().text
                    parkings[where] = one(t, seed, events, where)
                    now = t.board.sh("cat /proc/cpu_state/debug").check().text
                    # The kernel leaves the values of ptrace's points behind.
                    if not own and not other:
                        t.equal(host.differences(debug, now), [],
                                f"{where}: every debug register is bit-exactly as before")
                where = Where(True, True, True, wide, full=True)
                parkings[where] = one(t, seed, events, where)
    for where, count in parkings.items():
        if (where.own or where.wide) and not where.full:
            # Without points of its own a guest meets the host's in nearly every event.
            t.check(count > (events // 10 if where.guest else events // 3), f"{where}: parked {count} times")
        else:
            t.equal(count, 0, f"{where}: nothing is parked")


@case("host/combinations", timeout=600, **host.HOST)
def combinations(t: Context) -> None:
    every(t, 1, 150)


@case("host/combinations-long", tier="long", timeout=7200, **host.HOST)
def combinations_long(t: Context) -> None:
    every(t, 2, 5000)
