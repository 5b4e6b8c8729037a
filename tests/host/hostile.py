# SPDX-License-Identifier: GPL-2.0-only
"""Malicious guests (guests/hostile.c): the host responds, others keep time, armvm can be killed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from host import _modules as host
from host._points import symbol
from host._steps import ROOT, parse
from lib import Context, case
from lib.hwpoints import hwpoints

from harness.patience import Limit

# Mode, description, and whether it takes debug exceptions.
MODES = (
    (0, "floods of accesses by every MRC and MCR of coprocessor 14", False),
    (1, "all slots rewritten by two CPUs with random controls", True),
    (2, "the OS lock and MDBGen toggled while points are on", True),
    (5, "MOE written with values that no event produces", True),
)
FLOOD = 0
UNMAPPED = 0xa0000000  # UNMAPPED_ADDRESS of guests/lib/mmu.h.
# Guests that take one exception after another, endlessly: mode, description, MOE, constant PC.
TRAPPED = (
    (3, "a vector that cannot be fetched", 3, lambda: UNMAPPED + 12),
    (4, "a breakpoint on the vector of breakpoints", 1, lambda: symbol("hostile", "vectors") + 12),
    (6, "BKPT in the handler of BKPT", 3, lambda: symbol("hostile", "hostile_bkpt_vectors") + 12),
)
MISMATCH, VECTOR_CATCH, CONTEXT = 7, 8, 9
# The other guests, one on each CPU: they must get exactly their own events.
OTHER = """
for n in 1 2; do
    taskset $n armvm run --kernel /tmp/events.elf --memory 64M \\
        --append "seed=$n events=%d kinds=15 doors=15 ways=14 full=1" >/tmp/guest$n 2>&1 &
    eval guest$n=$!
done
wait $guest1 && wait $guest2"""


class Attacker:
    """guests/hostile.c on two CPUs, and what it has printed."""

    def __init__(self, t: Context, mode: int, what: str) -> None:
        self.t, self.what, self.lines = t, what, []
        self.command = t.board.agent.start(
            ["sh", "-c", f"echo $$; exec armvm run --kernel {host.elf(t, 'hostile')} --memory 64M "
             f"--cpus 2 --append mode={mode}"], out=self.lines.append, err=self.lines.append)
        t.check(self.until(lambda: f"\nmode = {mode}\n" in self.text()),
                f"{what}: the guest is in that mode {self.text()}")

    def text(self) -> str:
        return b"".join(self.lines).decode(errors="replace").replace("\r", "")

    def until(self, done: Callable[[], bool], patience: float = 120) -> bool:
        limit = Limit(patience)
        while not done():
            if limit.over() or self.command.ended:
                return False
            time.sleep(0.05)
        return True

    def pid(self) -> str:
        return self.text().split("\n", 1)[0]

    def rows(self) -> list[list[int]]:
        """Its lines: rounds and aborts of each CPU, and how often it has tried all encodings."""
        found = re.findall(r"^rounds = (\d+) (\d+), aborts (\d+) (\d+), wraps (\d+)$",
                           self.text(), re.M)
        return [[int(n) for n in row] for row in found]

    def debug(self) -> list[dict[str, str]]:
        files = [f"{ROOT}/{self.pid()}-*/vcpu{n}/debug" for n in (0, 1)]
        return [parse(self.t.board.sh(f"cat {file}").check().text) for file in files]

    def times(self) -> list[int]:
        """CPU time of each vCPU thread, in kernel ticks."""
        text = self.t.board.sh(f"cat /proc/{self.pid()}/task/*/stat").check().text
        rows = re.findall(r"\(vcpu\d+\)(?: \S+){11} (\d+) (\d+)", text)
        return [int(user) + int(system) for user, system in rows]

    def kill(self) -> None:
        self.t.check(not self.command.ended, f"{self.what}: armvm still runs {self.text()[-300:]}")
        self.t.board.sh(f"kill -9 {self.pid()}")
        self.t.equal(self.command.wait(30), 128 + 9, f"{self.what}: it can be killed")
        self.t.log(f"-- {self.what}\n{self.text()}")
        self.t.check("FAIL" not in self.text(), f"{self.what}: the guest reported no failure")


def keeps_time(t: Context, what: str) -> None:
    """A guest's counter and timer against the host's counter: by counts, not by elapsed time."""
    result = t.board.run(["ask-clock", "armvm", "run", "--kernel", host.elf(t, "ticks"),
                          "--memory", "64M", "--cpus", "1"], timeout=200)
    t.log(f"-- the clock: {what}\n{result.text}{result.errors}")
    text = result.text.replace("\r", "")
    keys = (r"CNTFRQ =", r"ticks =", r"offset =", r"offset = -?\d+ to", r"rounds", r"span",
            r"narrowest", r"latest")
    said = [int(n) for key in keys for n in re.findall(rf"{key} (-?\d+)", text)[:1]]
    if not t.check(len(said) == 8, f"{what}: all numbers of its clock are printed {result.errors}"):
        return
    frequency, ticks, low, high, rounds, span, narrowest, latest = said
    t.check(low <= high and span >= 200 * narrowest,
            f"{what}: its counter is the host's at a constant offset, known to {high - low} counts "
            f"over {span}; a question took {narrowest}")
    t.check(result.status == 0 and "\n2 passed, 0 failed\n" in text, f"{what}: no tick is early")
    t.check(ticks == 200 * rounds and latest < 10 * frequency,
            f"{what}: {ticks} ticks, none lost, the latest {latest} counts late")


def others(t: Context, what: str, events: int) -> None:
    result = t.board.sh(OTHER % events, timeout=200)
    t.check(result.status == 0, f"{what}: two other guests run to their end {result.errors}")
    for n in (1, 2):
        text = t.board.sh(f"cat /tmp/guest{n}").check().text.replace("\r", "")
        good = "\n5 passed, 0 failed\n" in text and "\nlost = 0, spurious 0, misread 0\n" in text
        t.check(good, f"{what}: they get each of their own events and no other"
                      + ("" if good else text))
    t.equal(t.board.run(["echo", "here"]).text, "here\n", f"{what}: the host responds")


def makes_progress(t: Context, mode: int, what: str, events: int) -> list[list[int]]:
    """An attacker that prints lines: its counts grow while others run; returns all its lines."""
    attacker = Attacker(t, mode, what)
    t.check(attacker.until(lambda: len(attacker.rows()) >= 2), f"{what}: it has begun")
    before = attacker.rows()[-1:]
    for _ in range(10):  # On a fast machine they finish before the attacker's next line.
        others(t, what, events)
        after = attacker.rows()[-1:]
        if after != before or t.failed:
            break
    t.check(before and after[0][0] > before[0][0] and after[0][1] > before[0][1],
            f"{what}: both of its CPUs make progress while the others run: {before} {after}")
    keeps_time(t, what)
    if mode == FLOOD:
        t.check(attacker.until(lambda: attacker.rows()[-1][4] > 0, patience=600),
                f"{what}: it has tried all encodings: {attacker.rows()[-1:]}")
    attacker.kill()
    return attacker.rows()


def trapped(t: Context, mode: int, what: str, moe: int, events: int) -> None:
    """An attacker that never leaves its exceptions."""
    attacker = Attacker(t, mode, what)

    def is_trapped() -> bool:
        return [(rows["active"], rows["moe"]) for rows in attacker.debug()] == [("1", str(moe))] * 2

    t.check(attacker.until(is_trapped), f"{what}: both of its CPUs have a point on, and MOE {moe}")
    before = attacker.times()
    others(t, what, events)
    keeps_time(t, what)
    after = attacker.times()
    t.check(len(before) == len(after) == 2 and all(b > a for a, b in zip(before, after)),
            f"{what}: both of its CPUs keep running and stay trapped: {before} {after}")
    t.check(is_trapped() and attacker.rows() == [], f"{what}: nothing has changed for them")
    attacker.kill()


@case("host/keeps-time", timeout=240, **host.HOST)
def alone(t: Context) -> None:
    """The clock test of the other cases, without an attacker."""
    t.end_guests()
    keeps_time(t, "nobody attacks")


@case("host/hostile", timeout=1800, **host.HOST)
def hostile(t: Context) -> None:
    t.end_guests()
    host.elf(t, "events")
    for mode, what, aborts in MODES:
        seen = makes_progress(t, mode, what, 200)
        if aborts:
            t.check(seen and min(seen[-1][2:4]) > 100,
                    f"{what}: both CPUs take their exceptions, {seen[-1:]}")
    for mode, what, moe, address in TRAPPED:
        argv = ["events", "look", host.elf(t, "hostile"), f"mode={mode}", "20"]
        result = t.board.run(argv, timeout=120)
        t.check(result.status == 0 and f"\npc = {address():08x}, " in result.text,
                f"{what}: at each look its PC is {address():#x} "
                f"{result.text[-100:]}{result.errors}")
        trapped(t, mode, what, moe, 200)
    hwpoints(t.board, t.check, "board")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "the module can be unloaded: the guests left nothing behind")


def unmodelled(t: Context, mode: int, what: str, units: str) -> None:
    """An attack by points that QEMU's CPU never matches: it runs, and is skipped if none came."""
    t.end_guests()
    host.elf(t, "events")
    seen = makes_progress(t, mode, what, 200)
    # Skip only if the attacker made progress and printed that it took no exception.
    if not t.failed and len(seen) >= 2 and seen[-1][2:4] == [0, 0]:
        t.skip(f"QEMU's CPU has no {what}; {units}")


@case("host/hostile-mismatch", timeout=300, **host.HOST)
def mismatch(t: Context) -> None:
    unmodelled(t, MISMATCH, "mismatch breakpoints",
               "unit/unmodelled has them, unit/filter-bcr every control")


@case("host/hostile-vector-catch", timeout=300, **host.HOST)
def vector_catch(t: Context) -> None:
    unmodelled(t, VECTOR_CATCH, "vector catch",
               "unit/unmodelled has it, unit/dscr and unit/event too")


@case("host/hostile-context", timeout=300, **host.HOST)
def context(t: Context) -> None:
    unmodelled(t, CONTEXT, "unlinked context breakpoints",
               "unit/unmodelled has them, unit/filter-bcr every control")
