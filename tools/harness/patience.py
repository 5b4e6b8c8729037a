# SPDX-License-Identifier: GPL-2.0-only
"""When to stop waiting: a hang ends soon, and a busy machine gets the time that it needs.

A limit of N seconds is over once the processes concerned have been given N seconds. Time that
they spend waiting for a CPU that other processes have does not count. In each interval they were
given the larger of two times:

  - what the busiest of their threads has executed. A guest that spins uses up its limit, on a
    busy machine more slowly.
  - what went by on the clock, less what their threads waited for a CPU. A guest or a program that
    sleeps uses up its limit by the clock.

On a quiet machine both limits are what the clock says. CAP bounds every wait by the clock, for a
machine that gives next to nothing. A process that neither executes nor waits for a CPU for STILL
seconds stands still, for example an emulator that was stopped: that ends a wait at once.

Linux counts a thread's waits in /proc/PID/task/TID/schedstat. Where the kernel was built without
them, a limit goes by the clock.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .paths import ToolError

CAP = 10  # seconds by the clock for each second of a limit
STILL = 20.0
RATE = 0.5  # A sample is not taken anew before it is this old.
PROC = Path("/proc")
NANO = 1e-9


class Late(ToolError):
    """A limit is over; the message says of what."""


@dataclass(frozen=True)
class Thread:
    """What a thread has executed and has waited for a CPU, in seconds since it began."""

    ran: float
    waited: float
    state: str = "S"


@dataclass(frozen=True)
class Sample:
    wall: float
    threads: Mapping[int, Thread]
    stolen: float = 0.0  # by the hypervisor below, from each of this machine's CPUs


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""  # It has ended, or there is no such file on this kernel.


def _family(root: int) -> list[int]:
    """A process and all that it started, as far as they run."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir(PROC):
        if entry.isdigit() and (stat := _read(PROC / entry / "stat")):
            parent = int(stat.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _threads(pid: int) -> dict[int, Thread]:
    found = {}
    try:
        names = os.listdir(PROC / str(pid) / "task")
    except OSError:
        return {}
    for name in names:
        task = PROC / str(pid) / "task" / name
        numbers, stat = _read(task / "schedstat").split(), _read(task / "stat")
        if len(numbers) == 3 and stat:
            state = stat.rpartition(")")[2].split()[0]
            found[int(name)] = Thread(int(numbers[0]) * NANO, int(numbers[1]) * NANO, state)
    return found


def _stolen() -> float:
    """Seconds that each CPU of a virtual machine was kept from running, on average."""
    fields = _read(PROC / "stat").split("\n", 1)[0].split()
    ticks = int(fields[8]) if len(fields) > 8 else 0
    return ticks / os.sysconf("SC_CLK_TCK") / (os.cpu_count() or 1)


def sample(*pids: int) -> Sample:
    threads: dict[int, Thread] = {}
    for pid in pids:
        threads.update(_threads(pid))
    return Sample(time.monotonic(), threads, _stolen())


def given(before: Sample, after: Sample) -> float:
    """What the threads were given between two samples."""
    wall = after.wall - before.wall
    busiest = waited = 0.0
    for number, now in after.threads.items():
        old = before.threads.get(number)
        if not old or old.ran > now.ran:  # A new thread, perhaps under an old number.
            old = Thread(0.0, 0.0)
        busiest = max(busiest, now.ran - old.ran)
        waited += now.waited - old.waited
    return min(wall, max(busiest, wall - waited - (after.stolen - before.stolen)))


class Clock:
    """The seconds that a process and all that it started have been given."""

    def __init__(self, root: int | None = None, take: Callable[[], Sample] | None = None,
                 wall: Callable[[], float] = time.monotonic) -> None:
        root = root or os.getpid()
        self._take, self._wall = take or (lambda: sample(*_family(root))), wall
        self._lock = threading.Lock()
        self._last = self._take()
        self._given = 0.0

    def now(self) -> tuple[float, float]:
        """Seconds given since this clock was made, and the time by the machine's clock."""
        with self._lock:
            if self._wall() - self._last.wall >= RATE:
                new = self._take()
                self._given += given(self._last, new)
                self._last = new
            return self._given, self._last.wall


_own: list[Clock] = []


def own_clock() -> Clock:
    """Of this process and what it started."""
    if not _own:
        _own.append(Clock())
    return _own[0]


class Limit:
    """So many seconds, given by CLOCK; None: for ever."""

    def __init__(self, seconds: float | None, clock: Clock | None = None) -> None:
        self.seconds, self._clock = seconds, clock or own_clock()
        self._given, self._wall = self._clock.now()

    def over(self) -> str:
        """Nothing while there is time left; then a text that says how much there was."""
        if self.seconds is None:
            return ""
        ours, wall = self._clock.now()
        ours, wall = ours - self._given, wall - self._wall
        if ours < self.seconds and wall < CAP * self.seconds:
            return ""
        busy = f", {wall:.0f} s by the clock: the machine is busy" if wall > 1.2 * ours else ""
        return f"not done after {ours:.0f} s{busy}"


def until(done: Callable[[], object], seconds: float, pause: float = 0.05) -> bool:
    """Wait until DONE, for SECONDS given at most."""
    limit = Limit(seconds)
    while not done():
        if limit.over():
            return bool(done())
        time.sleep(pause)
    return True


class Pulse:
    """Finds out that a process stands still."""

    def __init__(self, pid: int, still: float = STILL,
                 take: Callable[[], Sample] | None = None,
                 wall: Callable[[], float] = time.monotonic) -> None:
        self.still, self._take, self._wall = still, take or (lambda: sample(pid)), wall
        self._lock = threading.Lock()
        self._seen: Mapping[int, Thread] = {}
        self._since = self._looked = float("-inf")
        self._why = ""

    def flat(self) -> str:
        """Nothing while it does something or wants to; else how long it has done nothing."""
        with self._lock:
            if self._wall() - self._looked >= RATE:
                self._why = self._look()
            return self._why

    def _look(self) -> str:
        new = self._take()
        self._looked = new.wall
        # In state R a thread waits for a CPU, in state D for a disk.
        wants = any(thread.state in "RD" for thread in new.threads.values())
        if wants or not new.threads or new.threads != self._seen:
            self._seen, self._since = new.threads, new.wall
        if new.wall - self._since < self.still:
            return ""
        states = "".join(sorted({thread.state for thread in new.threads.values()}))
        return (f"has executed nothing for {new.wall - self._since:.0f} s"
                + (", because it was stopped" if states in ("T", "t") else f" (state {states})"))
