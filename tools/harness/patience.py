# SPDX-License-Identifier: GPL-2.0-only
"""Decides when to give up waiting: a hang ends soon, and a busy machine gets the time it needs.

A limit of N seconds expires once the machine has given N seconds to the processes that are waited
for. Time during which they wait for a CPU that other processes use does not count. In each
interval they were given the larger of two times:

  - the CPU time of their busiest thread. A guest that spins uses up its limit with it, more slowly
    on a busy machine.
  - the time by the clock, less the time that their threads waited for a CPU. A guest or a program
    that sleeps uses up its limit with it.

On a quiet machine both are the time by the clock. CAP bounds every wait by the clock, in case the
machine gives next to nothing. A process that for STILL seconds neither runs nor waits for a CPU
stands still, for example because somebody stopped the emulator. That ends a wait at once.

Linux reports how long a thread ran and waited in /proc/PID/task/TID/schedstat. If the kernel was
built without it, limits go by the clock.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .paths import ToolError

CAP = 10  # Seconds by the clock for each second of a limit.
STILL = 20.0
RATE = 0.5  # A sample that is younger than this is used again.
PROC = Path("/proc")
NANO = 1e-9


class Late(ToolError):
    """A limit has expired."""


@dataclass(frozen=True)
class Thread:
    """How long a thread ran and how long it waited for a CPU, in seconds since it began."""

    ran: float
    waited: float
    state: str = "S"


@dataclass(frozen=True)
class Sample:
    wall: float
    threads: Mapping[int, Thread]
    stolen: float = 0.0  # What the hypervisor below this machine took, per CPU.


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""  # The process has ended, or this kernel has no such file.


def _family(root: int) -> list[int]:
    """Return a process and its running descendants."""
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
    """Return for how long a hypervisor kept each CPU of this machine from running, on average."""
    fields = _read(PROC / "stat").split("\n", 1)[0].split()
    ticks = int(fields[8]) if len(fields) > 8 else 0
    return ticks / os.sysconf("SC_CLK_TCK") / (os.cpu_count() or 1)


def sample(*pids: int) -> Sample:
    threads: dict[int, Thread] = {}
    for pid in pids:
        threads.update(_threads(pid))
    return Sample(time.monotonic(), threads, _stolen())


def given(before: Sample, after: Sample) -> float:
    """Return the seconds that the threads were given between two samples."""
    wall = after.wall - before.wall
    busiest = waited = 0.0
    for number, now in after.threads.items():
        old = before.threads.get(number)
        if not old or old.ran > now.ran:  # A new thread, perhaps with a number used before.
            old = Thread(0.0, 0.0)
        busiest = max(busiest, now.ran - old.ran)
        waited += now.waited - old.waited
    return min(wall, max(busiest, wall - waited - (after.stolen - before.stolen)))


class Clock:
    """Counts the seconds that a process and its descendants were given."""

    def __init__(self, root: int | None = None, take: Callable[[], Sample] | None = None,
                 wall: Callable[[], float] = time.monotonic) -> None:
        root = root or os.getpid()
        self._take, self._wall = take or (lambda: sample(*_family(root))), wall
        self._lock = threading.Lock()
        self._last = self._take()
        self._given = 0.0

    def now(self) -> tuple[float, float]:
        """Return the seconds given since this clock was made, and the time by the real clock."""
        with self._lock:
            if self._wall() - self._last.wall >= RATE:
                new = self._take()
                self._given += given(self._last, new)
                self._last = new
            return self._given, self._last.wall


_own: list[Clock] = []


def own_clock() -> Clock:
    """Return the clock of this process and its descendants."""
    if not _own:
        _own.append(Clock())
    return _own[0]


_slowness = [1.0]


def expect_slow(times: float, forget: bool = False) -> None:
    """Multiply each limit that this process sets from now on: its board's kernel is slow."""
    _slowness[0] = times if forget else max(_slowness[0], times)


class Limit:
    """Expires after SECONDS by CLOCK, or never if SECONDS is None.

    Without CLOCK, SECONDS are what boards with Debian's kernels need: see expect_slow().
    """

    def __init__(self, seconds: float | None, clock: Clock | None = None) -> None:
        self.seconds, self._clock = seconds, clock or own_clock()
        if seconds is not None and clock is None:
            self.seconds = seconds * _slowness[0]
        self._given, self._wall = self._clock.now()

    def over(self) -> str:
        """Return nothing while time is left. Afterwards, say how much there was."""
        if self.seconds is None:
            return ""
        ours, wall = self._clock.now()
        ours, wall = ours - self._given, wall - self._wall
        if ours >= self.seconds:
            busy = f", which took {wall:.0f} s on a busy machine" if wall > 1.2 * ours else ""
            return f"not done within {self.seconds:g} s{busy}"
        if wall >= CAP * self.seconds:
            return f"not done in {wall:.0f} s, of which the busy machine gave {ours:.0f} s"
        return ""


def until(done: Callable[[], object], seconds: float, pause: float = 0.05) -> bool:
    """Wait until DONE() is true, for at most SECONDS that the machine gives."""
    limit = Limit(seconds)
    while not done():
        if limit.over():
            return bool(done())
        time.sleep(pause)
    return True


class Pulse:
    """Detects that a process stands still."""

    def __init__(self, pid: int, still: float = STILL,
                 take: Callable[[], Sample] | None = None,
                 wall: Callable[[], float] = time.monotonic) -> None:
        self.still, self._take, self._wall = still, take or (lambda: sample(pid)), wall
        self._lock = threading.Lock()
        self._seen: Mapping[int, Thread] = {}
        self._since = self._looked = float("-inf")
        self._why = ""

    def flat(self) -> str:
        """Return nothing while the process runs or wants to. Otherwise say how long it has not."""
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
                + (" because it was stopped" if states in ("T", "t") else f" (state {states})"))
