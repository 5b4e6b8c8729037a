# SPDX-License-Identifier: GPL-2.0-only
"""Points in a guest, on its vCPU thread, on another process, on every CPU: all 16 combinations."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass

from host import _modules as host
from host._mix import BY_STORE, DOORS, Mix
from host._points import WATCHED, symbol, touching
from lib import Context, case

ALL_KINDS, NO_POINTS = 15, 8


@dataclass(frozen=True)
class Where:
    """Who has points.  full: the guest always has points in all of its slots."""

    guest: bool
    own: bool
    other: bool
    wide: bool
    full: bool = False

    def __str__(self) -> str:
        names = (("guest", self.guest), ("its thread", self.own), ("another process", self.other),
                 ("every CPU", self.wide), ("all of the guest's slots", self.full))
        return "points in " + (", ".join(name for name, here in names if here) or "nothing")


def one_combination(t: Context, seed: int, events: int, where: Where) -> None:
    kinds = ALL_KINDS if where.guest else NO_POINTS
    bootargs = (f"seed={seed} events={events} kinds={kinds} doors={DOORS} ways={BY_STORE} "
                f"full={int(where.full)}")
    with touching(t, str(where), code=symbol("events", "events_0"), data=WATCHED) if where.wide \
            else contextlib.nullcontext():
        mix = Mix(t, bootargs, where.own, where.other, str(where), where.wide, timeout=120 + events)
    t.check((mix.counter("activations") > (0 if where.full else events // 3)) == where.guest,
            f"{where}: {mix.counter('activations')} activations")
    parkings = mix.counter("parkings")
    if (where.own or where.wide) and not where.full:
        # Where an event has no point of the guest, the guest hits the host's point, if that is on
        # just then, and ptrace's, if it is at PL0.  host/parkings checks the exact number.
        without = sum(mix.numbers("kinds")[2:])
        t.check(parkings > without // 4,
                f"{where}: {without} events without a point, parked {parkings} times")
    else:
        t.equal(parkings, 0, f"{where}: nothing is parked")


def all_combinations(t: Context, seed: int, events: int) -> None:
    t.end_guests()
    code = symbol("events", "events_0")
    with host.loaded(t, "cpu_state"):
        for wide in (False, True):
            with host.loaded(t, "wide_point", f"code={code:#x} data={WATCHED:#x} any=1") if wide \
                    else contextlib.nullcontext():
                for own, other, guest in itertools.product((False, True), repeat=3):
                    where = Where(guest, own, other, wide)
                    t.board.sh("echo fill >/proc/cpu_state/debug").check()
                    debug = t.board.sh("cat /proc/cpu_state/debug").check().text
                    one_combination(t, seed, events, where)
                    now = t.board.sh("cat /proc/cpu_state/debug").check().text
                    # The kernel leaves the values of ptrace's points in the registers.
                    if not own and not other:
                        t.equal(host.differences(debug, now), [],
                                f"{where}: every debug register is unchanged, bit by bit")
                one_combination(t, seed, events, Where(True, True, True, wide, full=True))


@case("host/combinations", timeout=1200, **host.HOST)
def combinations(t: Context) -> None:
    all_combinations(t, 1, 100)


@case("host/combinations-long", tier="long", timeout=7200, **host.HOST)
def combinations_long(t: Context) -> None:
    all_combinations(t, 2, 5000)
