# SPDX-License-Identifier: GPL-2.0-only
"""Runs groups of cases in parallel worker processes, and judges what they report or omit."""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import registry
from .registry import TESTS, TOP, Case

from harness.patience import Clock, Limit  # noqa: E402  (registry extends the path)

GRACE = 180  # On top of a case's limit, for what a worker does around it.


@dataclass
class Job:
    """A worker process, and the cases whose verdict it still owes."""

    name: str
    cases: list[Case]
    process: subprocess.Popen[bytes]
    pipe: int
    owed: list[str] = field(default_factory=list)
    buffer: bytes = b""
    count: int = 0
    done: int | None = None
    clock: Clock = field(init=False)
    limit: Limit = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(self.process.pid)
        self.grant(self.cases[0].timeout)

    def grant(self, seconds: float) -> None:
        self.limit = Limit(seconds + GRACE, self.clock)


def short_name(group: str, cases: Sequence[Case], taken: set[str]) -> str:
    """A readable name for a group, after its board or the subject of its cases."""
    needs = cases[0].needs
    if needs:
        words = [needs.flavour, needs.cpu.removeprefix("cortex-"), f"smp{needs.smp}"]
        words += ["guest"] * needs.guest + ["novirt"] * (not needs.virt) + list(needs.packages)
        words += ["nomodule"] * (not needs.module) + [f"{needs.memory}M"] * (needs.memory != 1024)
        name = "-".join(words)
    else:
        name = re.sub(r"\W+", "-", group)
    number = 1
    while (unique := f"{name}-{number}" if number > 1 else name) in taken:
        number += 1
    taken.add(unique)
    return unique


class Runner:
    def __init__(self, cases: Sequence[Case], jobs: int) -> None:
        self.cases, self.jobs = cases, jobs
        self.allowed = registry.allowed()
        self.counts = {"PASS": 0, "FAIL": 0, "SKIP": 0, "XFAIL": 0}
        self.rows: list[dict[str, object]] = []
        self._selector = selectors.DefaultSelector()
        self._running: list[Job] = []

    # -- verdicts

    def _judge(self, name: str, verdict: str, reason: str, seconds: float) -> None:
        """Count a verdict, after applying tests/skips."""
        rule, why = self.allowed.get(name, ("", ""))
        if verdict == "SKIP" and rule != "SKIP":
            verdict, reason = "FAIL", f"tests/skips does not allow this case to skip: {reason}"
        if rule == "XFAIL":
            if verdict == "FAIL":
                verdict, reason = "XFAIL", why
            elif verdict == "PASS":
                verdict = "FAIL"
                reason = "passed, but tests/skips expects it to fail: remove its row"
        self.counts[verdict] += 1
        self.rows.append({"case": name, "verdict": verdict, "reason": reason, "seconds": seconds})
        line = f"{verdict:5} {name}  ({seconds:.1f} s)"
        if reason:
            first, *rest = reason.splitlines()
            line += f": {first}" + "".join(f"\n      {r}" for r in rest[:60])
        print(line, flush=True)

    # -- workers

    def _start(self, name: str, cases: list[Case]) -> None:
        reading, writing = os.pipe()
        argv = [sys.executable, str(TESTS / "run"), "--worker", name, "--verdict-fd", str(writing),
                *(c.name for c in cases)]
        log = TOP / "build" / "results" / f"worker-{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as handle:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle,
                                       pass_fds=[writing], start_new_session=True)
        os.close(writing)
        job = Job(name, cases, process, reading, [c.name for c in cases])
        self._running.append(job)
        self._selector.register(reading, selectors.EVENT_READ, job)

    def _receive(self, job: Job) -> None:
        data = os.read(job.pipe, 1 << 16)
        if not data:
            self._end(job, "its worker ended without a verdict on it")
            return
        job.buffer += data
        *lines, job.buffer = job.buffer.split(b"\n")
        for line in lines:
            row = json.loads(line)
            if "done" in row:
                job.done = row["done"]
            elif row["verdict"] == "START":
                job.grant(row["seconds"])
            else:
                job.count += 1
                if row["case"] in job.owed:
                    job.owed.remove(row["case"])
                self._judge(row["case"], row["verdict"], row["reason"], row["seconds"])

    def _end(self, job: Job, why: str) -> None:
        self._selector.unregister(job.pipe)
        os.close(job.pipe)
        if job.process.poll() is None:
            try:
                job.process.wait(10)
            except subprocess.TimeoutExpired:
                self._kill(job)
        self._running.remove(job)
        log = TOP / "build" / "results" / f"worker-{job.name}.log"
        tail = log.read_text(errors="replace")[-2000:]
        for name in job.owed:
            self._judge(name, "FAIL", f"{why}\n{tail}".strip(), 0.0)
        if not job.owed and (job.done != job.count or job.process.returncode != 0):
            self._judge(f"worker/{job.name}", "FAIL",
                        f"its worker announced {job.done} verdicts, sent {job.count}, and exited "
                        f"with {job.process.returncode}\n{tail}".strip(), 0.0)

    def _kill(self, job: Job) -> None:
        """Kill the worker and its process group. QEMU dies with it (PR_SET_PDEATHSIG)."""
        try:
            os.killpg(job.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        job.process.wait()

    def run(self) -> int:
        """Run all cases. Return 0 only if at least one passed and none failed."""
        taken: set[str] = set()
        # Workers have sessions of their own: without this they would go on, and their boards too.
        ending: list[int] = []
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda which, _: ending.append(which))
        # Start with the groups that may take longest.
        waiting = sorted(registry.groups(self.cases).items(),
                         key=lambda g: -sum(c.timeout for c in g[1]))
        try:
            while waiting or self._running:
                while waiting and len(self._running) < self.jobs:
                    group, cases = waiting.pop(0)
                    self._start(short_name(group, cases, taken), cases)
                for key, _ in self._selector.select(1):
                    self._receive(key.data)
                if ending:
                    sys.exit(128 + ending[0])
                for job in list(self._running):
                    if why := job.limit.over():
                        self._kill(job)
                        self._end(job, f"its worker was silent and has been killed: {why}")
        finally:
            for job in list(self._running):
                self._kill(job)
        return self._report()

    def _report(self) -> int:
        counts = self.counts
        if counts["PASS"] + counts["FAIL"] == 0:
            print("FAIL  no case ran")
            counts["FAIL"] += 1
        if counts["FAIL"]:
            print("\nFailed:")
            for row in self.rows:
                if row["verdict"] == "FAIL":
                    print(f"  {row['case']}    log: build/results/{row['case']}/log")
        if counts["SKIP"] or counts["XFAIL"]:
            print(f"{counts['SKIP']} skipped, {counts['XFAIL']} failed as expected "
                  "(tests/skips says why)")
        out = TOP / "build" / "results" / "verdict.json"
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps({"rows": self.rows, "counts": counts}, indent=1) + "\n")
        print(f"{counts['PASS']} passed, {counts['FAIL']} failed", flush=True)
        return 1 if counts["FAIL"] else 0
