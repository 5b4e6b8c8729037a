# SPDX-License-Identifier: GPL-2.0-only
"""DBGDSCR.MOE, of which each CPU has one and each guest sees its own."""

from __future__ import annotations

import re

from host import _modules as host
from host._points import Points
from lib import Context, case

# One word and one instruction of tests/host/touch-point.c's; the guests do not go there.
CODE, DATA = 0x4c000000, 0x4d000000


def both(t: Context, seed: int, events: int, timeout: float) -> None:
    """Two guests on one CPU, host points hit on both CPUs all the while."""
    t.end_guests()
    program = host.elf(t, "events")
    with host.loaded(t, "wide_point", f"code={CODE:#x} data={DATA:#x} any=1"):
        toucher = t.board.agent.start(["sh", "-c", f"""
            while :; do
                touch-point code {CODE:x} 4 && touch-point data {DATA:x} 4 && usleep 50000 || exit 1
            done >/tmp/touches"""])
        result = t.board.run(["events", "moe", program, str(seed), str(events), "2"], timeout=timeout)
        t.check(not toucher.ended, "somebody touches what the host watches all the time")
        toucher.kill()
        toucher.wait(30)
        hits = Points(t).hits("code") + Points(t).hits("data")
    t.log(result.text + result.errors)
    t.equal(result.status, 0, f"both guests come to their end {result.errors}")
    t.equal(re.findall(r"^kinds = (.*)", result.text, re.M),
            [f"{events // 2} 0 0 0", f"0 {events // 2} 0 0"], "one takes breakpoints, one watchpoints")
    t.equal(re.findall(r"^events = (\d+)", result.text, re.M), [str(events // 2)] * 2,
            f"{events} events came")
    t.equal(re.findall(r"^lost = (.*)", result.text, re.M), ["0, spurious 0, misread 0"] * 2,
            "none lost, none too many, none misread")
    t.equal(re.findall(r"^(\d+ passed, \d+ failed)", result.text, re.M), ["5 passed, 0 failed"] * 2,
            "all their claims hold")
    match = re.search(r"^crossed = (\d+), switches (\d+), moves (\d+)", result.text, re.M)
    crossed, switches, moves = map(int, match.groups()) if match else (0, 0, 0)
    t.check(crossed > events // 2,
            f"{crossed} times the other took its own between the exception and the read")
    t.check(switches > events // 2 and moves > events // 50, f"{switches} switches, {moves} moves to another CPU")
    t.check(hits > events // 500, f"the host took {hits} of its own meanwhile")


@case("host/moe-two-guests", timeout=300, **host.HOST)
def two_guests(t: Context) -> None:
    both(t, 1, 20_000, 240)


@case("host/moe-two-guests-million", tier="long", timeout=7200, **host.HOST)
def million(t: Context) -> None:
    both(t, 2, 1_000_000, 7000)
