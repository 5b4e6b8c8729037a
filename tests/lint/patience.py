# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tools/harness/patience.py, on made-up processes and on real ones."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from lib import Context, case

from harness import patience  # noqa: E402  (lib extends the path)
from harness.patience import Clock, Limit, Pulse, Sample, Thread

SPIN = "while True: pass"


class Machine:
    """Made-up threads, and a clock that only run() advances."""

    def __init__(self, *numbers: int) -> None:
        self.wall = self.stolen = 0.0
        self.threads = {number: Thread(0.0, 0.0) for number in numbers}

    def take(self) -> Sample:
        return Sample(self.wall, dict(self.threads), self.stolen)

    def now(self) -> float:
        return self.wall

    def run(self, seconds: float, **parts: tuple[float, float]) -> None:
        """Let SECONDS pass. t1=(0.3, 0.5): thread 1 runs for 3/10 of them and waits for 5/10."""
        self.wall += seconds
        for name, (ran, waited) in parts.items():
            number = int(name[1:])
            old = self.threads.get(number, Thread(0.0, 0.0))
            self.threads[number] = Thread(old.ran + ran * seconds, old.waited + waited * seconds)


def gives(*steps: dict[str, tuple[float, float]], stolen: float = 0.0) -> float:
    """Return what the threads are given of steps of 10 seconds."""
    machine = Machine(1, 2)
    clock = Clock(take=machine.take, wall=machine.now)
    for step in steps:
        machine.stolen += stolen
        machine.run(10, **step)
        clock.now()
    return round(clock.now()[0], 3)


@case("lint/patience", tier="check")
def made_up(t: Context) -> None:
    t.equal(gives({"t1": (1, 0)}), 10, "a thread that spins, on a quiet machine")
    t.equal(gives({"t1": (0.01, 0)}), 10, "a thread that sleeps")
    t.equal(gives({}), 10, "a thread that is stopped")
    t.equal(gives({"t1": (0.1, 0.9)}), 1, "a thread that spins and shares its CPU with nine")
    t.equal(gives({"t1": (0.1, 0.9), "t2": (0.2, 0.8)}), 2, "the busier one of two counts")
    t.equal(gives({"t1": (0.5, 0.5), "t2": (0.5, 0.5)}), 5, "two threads that share one CPU")
    t.equal(gives({"t1": (0.1, 0.5), "t2": (0.1, 0.2)}), 3, "two threads that sleep, run and wait")
    t.equal(gives({"t1": (0, 1)}), 0, "a thread that only waits")
    t.equal(gives({"t1": (1, 0)}, {"t1": (0.1, 0.9)}), 11, "the times of two intervals add up")
    t.equal(gives({"t3": (0.4, 0.6)}), 4, "a thread that has just begun counts")
    t.equal(gives({"t1": (0.01, 0)}, stolen=4), 6, "what the hypervisor takes does not count")
    t.equal(gives({"t1": (0.7, 0)}, stolen=9), 7, "except while a thread ran")

    machine = Machine(1)
    machine.threads[1] = Thread(500.0, 500.0)
    clock = Clock(take=machine.take, wall=machine.now)
    machine.threads[1] = Thread(0.0, 0.0)
    machine.run(10, t1=(0.2, 0.8))
    t.equal(round(clock.now()[0], 3), 2, "a new thread under an old number")


@case("lint/patience-limits", tier="check")
def limits(t: Context) -> None:
    """A limit expires when that much was given, or after CAP times as much by the clock."""
    def lasts(seconds: float | None, ran: float, waited: float, most: float = 5000) -> float:
        machine = Machine(1)
        limit = Limit(seconds, Clock(take=machine.take, wall=machine.now))
        while not limit.over() and machine.wall < most:
            machine.run(1, t1=(ran, waited))
        return machine.wall

    t.equal(lasts(60, 1, 0), 60, "a guest that spins, on a quiet machine")
    t.equal(lasts(60, 0.01, 0), 60, "one that sleeps")
    t.equal(lasts(60, 0.25, 0.75), 240, "one that spins, with a quarter of a CPU")
    t.equal(lasts(60, 0.01, 0.99), 60 * patience.CAP, "one that gets next to nothing")
    t.equal(lasts(None, 1, 0), 5000, "no limit")
    try:
        patience.expect_slow(6)
        patience.expect_slow(2)
        t.equal((Limit(10).seconds, Limit(None).seconds), (60, None),
                "what waits for a board whose kernel is slow waits as much longer")
        t.equal(lasts(60, 1, 0), 60, "what waits by a clock of its own does not")
    finally:
        patience.expect_slow(1, forget=True)

    machine = Machine(1)
    clock = Clock(take=machine.take, wall=machine.now)
    machine.run(100, t1=(1, 0))
    limit = Limit(60, clock)
    t.equal(limit.over(), "", "time before the limit began does not count")
    machine.run(60, t1=(1, 0))
    t.equal(limit.over(), "not done within 60 s", "it says how much time there was")
    machine.run(180, t1=(0, 1))
    t.equal(limit.over(), "not done within 60 s, which took 240 s on a busy machine",
            "and by the clock, if that is more")
    limit = Limit(60, clock)
    machine.run(600, t1=(0.01, 0.99))
    t.equal(limit.over(), "not done in 600 s, of which the busy machine gave 6 s",
            "or how little it was")


@case("lint/patience-pulse", tier="check")
def pulse(t: Context) -> None:
    """A process stands still if it neither runs nor wants to."""
    def flat(seconds: float, ran: float = 0.0, waited: float = 0.0, state: str = "S") -> str:
        machine = Machine(1, 2)
        one = Pulse(0, 20, machine.take, machine.now)
        machine.threads[2] = Thread(0.0, 0.0, state)
        while machine.wall < seconds and not one.flat():
            machine.run(1, t1=(ran, waited))
        machine.wall += 1
        return one.flat()

    t.equal(flat(18), "", "not yet")
    t.contains(flat(30), "has executed nothing for 2", "nothing has run for long enough")
    t.equal(flat(300, ran=0.0001), "", "a thread that runs now and then")
    t.equal(flat(300, waited=0.5), "", "a thread that waits for a CPU")
    t.equal(flat(300, state="R"), "", "a thread that would run")
    t.equal(flat(300, state="D"), "", "a thread that waits for a disk")


@contextlib.contextmanager
def processes(count: int, program: str) -> Iterator[list[int]]:
    """Run Python programs on the last CPU that this test may use."""
    cpu = str(max(os.sched_getaffinity(0)))
    runs = [subprocess.Popen(["taskset", "-c", cpu, sys.executable, "-c", program],
                             stdin=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield [run.pid for run in runs]
    finally:
        for run in runs:
            run.kill()
            run.wait()


@case("lint/patience-real", tier="check")
def real(t: Context) -> None:
    """Real processes, with bounds that hold on any machine."""
    def part(pid: int, seconds: float = 2) -> float:
        clock, begin = Clock(pid), time.monotonic()
        time.sleep(seconds)
        return clock.now()[0] / (time.monotonic() - begin)

    with processes(3, SPIN) as pids:
        share = part(pids[0])
        t.check(0 < share < 0.7,
                f"one of three that spin on a CPU is given {share:.2f} of the time")
        one = Pulse(pids[0], still=2)
        t.check(not patience.until(one.flat, 1), "it does not stand still")
        os.kill(pids[0], signal.SIGSTOP)
        t.check(patience.until(one.flat, 30), "it does after SIGSTOP")
        t.contains(one.flat(), "because it was stopped", "and the reason is given")
        os.kill(pids[0], signal.SIGCONT)
        t.check(patience.until(lambda: not one.flat(), 30), "after SIGCONT it no longer does")
    with processes(1, "import time; time.sleep(1000)") as pids:
        time.sleep(1)
        share = part(pids[0])
        t.check(share > 0.5, f"one that sleeps is given {share:.2f} of the time")
        t.check(patience.until(Pulse(pids[0], still=2).flat, 30), "it stands still")
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{SPIN}'])"
    with processes(1, parent) as pids:
        t.check(patience.until(lambda: len(patience._family(pids[0])) == 2, 30), "a child is found")
        for pid in patience._family(pids[0])[1:]:
            os.kill(pid, signal.SIGKILL)
