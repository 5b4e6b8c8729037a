# SPDX-License-Identifier: GPL-2.0-only
"""DBGDSCR.MOE: each CPU has one, but each guest must see its own."""

from __future__ import annotations

import re

from host import _modules as host
from host._points import WATCHED, symbol, touching
from lib import Context, case

# An instruction and a word that tests/host/touch-point.c touches and the guests do not.
CODE, DATA = 0x4c000000, 0x4d000000


def numbers(text: str, pattern: str) -> list[int]:
    return [int(n) for n in re.findall(pattern, text, re.M)]


def both(t: Context, seed: int, events: int, timeout: float, mixed: bool = False) -> None:
    """Two guests on one CPU, while the host keeps hitting its own points on both CPUs."""
    t.end_guests()
    program = host.elf(t, "events")
    code, data = (symbol("events", "events_0"), WATCHED) if mixed else (CODE, DATA)
    what = "guests of all kinds" if mixed else "one of breakpoints, one of watchpoints"
    with host.loaded(t, "wide_point", f"code={code:#x} data={data:#x} any=1"):
        with touching(t, what, pause=50_000, code=code, data=data):
            result = t.board.run(["events", "moe", program, str(seed), str(events), "2",
                                  "mixed" if mixed else "apart"], timeout=timeout)
    t.log(result.text + result.errors)
    t.equal(result.status, 0, f"{what}: both run to their end {result.errors}")
    kinds = [[int(n) for n in row.split()]
             for row in re.findall(r"^kinds = (.*)", result.text, re.M)]
    each = events // 2
    if mixed:
        t.check(len(kinds) == 2 and all(sum(row) == each and min(row) > each // 8 for row in kinds),
                f"{what}: {kinds}")
    else:
        t.equal(kinds, [[each, 0, 0, 0], [0, each, 0, 0]], what)
    came = numbers(result.text, r"^events = (\d+)")
    t.equal(came, [sum(row[:3]) for row in kinds], f"{what}: {sum(came)} events came")
    t.equal(re.findall(r"^lost = (.*)", result.text, re.M), ["0, spurious 0, misread 0"] * 2,
            f"{what}: no event is lost, spurious or misread")
    t.equal(re.findall(r"^(\d+ passed, \d+ failed)", result.text, re.M), ["5 passed, 0 failed"] * 2,
            f"{what}: all their claims hold")
    match = re.search(r"^crossed = (\d+), switches (\d+), moves (\d+)", result.text, re.M)
    crossed, switches, moves = map(int, match.groups()) if match else (0, 0, 0)
    t.check(crossed > sum(came) // 2,
            f"{what}: {crossed} times the other took an event between the exception and the read")
    t.check(switches > sum(came) // 2 and moves > sum(came) // 50,
            f"{what}: {switches} switches, {moves} moves to another CPU")
    # A debug exception comes in two ways: HYP reflects it, or TDE is clear and the guest takes it.
    reflected = numbers(result.text, r"^counters: .* reflections (\d+)")
    direct = [a - b for a, b in zip(came, reflected)]
    t.check(len(reflected) == 2 and min(reflected) > each // 20 and min(direct) > each // 100,
            f"{what}: HYP reflected {reflected}, the guests took {direct} directly")
    parked = numbers(result.text, r"^counters: .* parkings (\d+)")
    t.check(len(parked) == 2 and (min(parked) > each // 50 if mixed else parked == [0, 0]),
            f"{what}: points of the host were parked {parked} times")


@case("host/moe-two-guests", timeout=300, **host.HOST)
def two_guests(t: Context) -> None:
    both(t, 1, 20_000, 240)


@case("host/moe-mixed", timeout=300, **host.HOST)
def mixed(t: Context) -> None:
    """Guests whose M changes with each event, and host points at the guests' own addresses."""
    both(t, 3, 6_000, 240, mixed=True)


@case("host/moe-two-guests-million", tier="long", timeout=7200, **host.HOST)
def million(t: Context) -> None:
    both(t, 2, 1_000_000, 7000)
    both(t, 4, 100_000, 7000, mixed=True)
