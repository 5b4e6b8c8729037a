# SPDX-License-Identifier: GPL-2.0-only
"""A host point that fires in a guest: exactly how often, and a guest that then arms its own."""

from __future__ import annotations

import contextlib
import itertools

from host import _modules as host
from host._mix import BY_STORE, DOORS, Mix
from host._points import WATCHED, symbol, touching
from lib import Context, case

ALL_KINDS, NO_POINTS = 15, 8
ARMED = 1
TOUCHES = {"code": 1, "data": 2}


def exact(t: Context, events: int, whose: str, kind: str, level: int, fires: bool, wide: bool,
          own: bool) -> None:
    """A guest without points touches one place, where the host has a point, between two exits."""
    what = f"{whose}, {kind} at PL{level}"
    bootargs = (f"seed={events + level} events={events} kinds={NO_POINTS} doors={DOORS} "
                f"ways={BY_STORE} touch={TOUCHES[kind]} pl={level}")
    mix = Mix(t, bootargs, own, False, what, wide)
    parkings, loads = mix.counter("parkings"), mix.counter("loads")
    # An interrupt between the host's event and the instruction adds one event.
    t.check(events <= parkings < 2 * events if fires else parkings == 0,
            f"{what}: parked {parkings} times in {events} rounds")
    t.equal(loads, 0, f"{what}: nothing is loaded")


@case("host/parkings", timeout=600, **host.HOST)
def parkings(t: Context) -> None:
    """Break- and watchpoints of the host at both levels: each hits once a round, or not at all."""
    t.end_guests()
    where = f"code={symbol('events', 'events_0'):#x} data={WATCHED:#x}"
    for whose, args, own, levels in (
            ("points of a CPU, at any level", f"{where} any=1", False, {0, 1}),
            ("points of a CPU, at PL0", where, False, {0}),
            ("points of its thread", "", True, {0})):
        with host.loaded(t, "wide_point", args) if args else contextlib.nullcontext():
            for kind, level in itertools.product(TOUCHES, (0, 1)):
                exact(t, 40, whose, kind, level, level in levels, bool(args), own)


@case("host/parked-then-armed", timeout=400, **host.HOST)
def parked_then_armed(t: Context) -> None:
    """HOST, PARKED, GUEST and HOST again in one run of a guest: the host's state is saved once."""
    t.end_guests()
    events, code = 400, symbol("events", "events_0")
    with host.loaded(t, "cpu_state"), \
            host.loaded(t, "wide_point", f"code={code:#x} data={WATCHED:#x} any=1"):
        for touched in (False, True):
            what = "doors only where a point was armed"
            what += ", while the host touches its own" if touched else ""
            t.board.sh("echo fill >/proc/cpu_state/debug").check()
            debug = t.board.sh("cat /proc/cpu_state/debug").check().text
            with touching(t, what, code=code, data=WATCHED) if touched \
                    else contextlib.nullcontext():
                bootargs = f"seed=5 events={events} kinds={ALL_KINDS} doors={ARMED} ways={BY_STORE}"
                mix = Mix(t, bootargs, False, False, what, wide=True)
            both = mix.numbers("parked, then loaded")[0]
            # About a quarter of all events, given their kinds; fewer while the host touches its
            # points, which are off for a while after a touch.
            t.check(both > (events // 40 if touched else events // 8),
                    f"{what}: {both} times in {events} events")
            now = t.board.sh("cat /proc/cpu_state/debug").check().text
            t.equal(host.differences(debug, now), [],
                    f"{what}: every debug register is unchanged, bit by bit")
