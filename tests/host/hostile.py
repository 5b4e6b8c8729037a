# SPDX-License-Identifier: GPL-2.0-only
"""Guests that mean harm (guests/hostile.c): the host answers, others keep time, armvm can be killed."""

from __future__ import annotations

import re

from host import _modules as host
from lib import Context, case
from lib.session import hwpoints

# Mode, what it is, whether it can get on: then it prints lines, and whether it takes debug exceptions.
MODES = (
    (0, "floods of accesses to every coprocessor 14 encoding", True, False),
    (1, "all slots rewritten by two CPUs, every control there is", True, True),
    (2, "the OS lock and MDBGen toggled under points", True, True),
    (3, "a vector that cannot be fetched", False, False),
    (4, "a breakpoint on the vector of breakpoints", False, False),
    (5, "MOE written with values of no event", True, True),
    (6, "BKPT in the handler of BKPT", False, False),
)
MISMATCH, VECTOR_CATCH, CONTEXT = 7, 8, 9
# The other guest, beside it on both CPUs: exactly its own events, and a clock that goes.
OTHER = """
for n in 1 2; do
    taskset $n armvm run --kernel /tmp/events.elf --memory 64M \\
        --append "seed=$n events=%d kinds=15 doors=15 ways=14 full=1" >/tmp/guest$n 2>&1 &
    eval guest$n=$!
done
wait $guest1 && wait $guest2"""
CLOCK = "timer"


def attack(t: Context, mode: int, what: str, events: int) -> list[int]:
    """While one runs; what it printed of aborts."""
    lines: list[bytes] = []
    command = t.board.agent.start(
        ["sh", "-c", f"echo $$; exec armvm run --kernel {host.elf(t, 'hostile')} --memory 64M --cpus 2 "
         f"--append mode={mode}"], out=lines.append, err=lines.append)
    result = t.board.sh(OTHER % events, timeout=200)
    t.check(result.status == 0, f"{what}: two other guests come to their end {result.errors}")
    for n in (1, 2):
        text = t.board.sh(f"cat /tmp/guest{n}").check().text.replace("\r", "")
        good = "\n5 passed, 0 failed\n" in text and "\nlost = 0, spurious 0, misread 0\n" in text
        t.check(good, f"{what}: they have each event of theirs, and no other" + ("" if good else text))
    host.all_pass(t, host.bare(t, CLOCK, timeout=120), f"{what}: beside it, {CLOCK}")
    t.equal(t.board.run(["echo", "here"]).text, "here\n", f"{what}: the host answers")
    t.check(not command.ended, f"{what}: armvm runs on {lines[-5:]}")
    text = b"".join(lines).decode(errors="replace").replace("\r", "")
    pid = text.split("\n", 1)[0]
    t.board.sh(f"kill -9 {pid}")
    t.equal(command.wait(30), 128 + 9, f"{what}: and can be killed")
    t.log(f"-- {what}\n{text}")
    t.check("FAIL" not in text and f"\nmode = {mode}\n" in text, f"{what}: it is that guest, undisturbed")
    return [int(n) for n in re.findall(r"^aborts = (\d+)$", text, re.M)]


@case("host/hostile", timeout=900, **host.HOST)
def hostile(t: Context) -> None:
    t.end_guests()
    host.elf(t, "events")
    for mode, what, gets_on, aborts in MODES:
        seen = attack(t, mode, what, 300)
        if gets_on:
            t.check(len(seen) >= 2, f"{what}: it gets on, {len(seen)} times {seen[-1:]}")
        if aborts:
            t.check(seen and seen[-1] > 100, f"{what}: it takes its exceptions, {seen[-1:]}")
    hwpoints(t.board, t.check, "board")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "the module can be unloaded: nothing is left of them")


def unmodelled(t: Context, mode: int, what: str, units: str) -> None:
    """What QEMU's CPU never matches: the attack is made all the same, and skipped only where nothing came."""
    t.end_guests()
    host.elf(t, "events")
    seen = attack(t, mode, what, 200)
    if not t.failed and not (seen and seen[-1]):
        t.skip(f"QEMU's CPU has no {what}; {units}")


@case("host/hostile-mismatch", timeout=300, **host.HOST)
def mismatch(t: Context) -> None:
    unmodelled(t, MISMATCH, "mismatch breakpoints", "unit/filter-bcr has every control")


@case("host/hostile-vector-catch", timeout=300, **host.HOST)
def vector_catch(t: Context) -> None:
    unmodelled(t, VECTOR_CATCH, "vector catch", "unit/dscr and unit/event have it")


@case("host/hostile-context", timeout=300, **host.HOST)
def context(t: Context) -> None:
    unmodelled(t, CONTEXT, "unlinked context breakpoints", "unit/filter-bcr and unit/links have them")
