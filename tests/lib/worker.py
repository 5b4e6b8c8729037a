# SPDX-License-Identifier: GPL-2.0-only
"""A worker process runs the cases of one group in order, and writes each verdict to a pipe."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace

from . import registry
from .context import Context, Failure, Pool, Skipped, fresh_directory
from .registry import Case

from harness.channel import ChannelError, CommandTimeout  # noqa: E402
from harness.machine import Board, BoardError
from harness.patience import Limit
from harness.paths import ToolError
from harness import logs, patience


class CaseTimeout(BaseException):
    """Not an Exception, so that no handler of a test swallows it."""


class Watch:
    """Interrupts the case in the main thread if its limit expires or one of its boards hangs."""

    def __init__(self, seconds: float, boards: Callable[[], list[Board]]) -> None:
        self._limit, self._boards = Limit(seconds), boards
        self._why = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._done.wait(1):
            self._why = self._limit.over() or "".join(b.flat() for b in self._boards())
            if self._why:
                signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)
                return

    def _raise(self, *_: object) -> None:
        if not self._done.is_set():
            raise CaseTimeout(self._why)

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._raise)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def _explain(error: BaseException) -> str:
    """Describe a failure so that a reader of the test's output finds the cause there."""
    if isinstance(error, BoardError):
        return f"{error}\n--- the last 40 lines of {error.log}\n{logs.tail(error.log)}\n---"
    if isinstance(error, (Failure, ToolError)):
        return str(error)
    return "".join(traceback.format_exception(error))


def _body(case: Case, t: Context) -> tuple[str, str]:
    try:
        with Watch(case.timeout, t.boards):
            case.function(t)
    except Skipped as error:
        return "SKIP", str(error)
    except CaseTimeout as error:
        return "FAIL", "\n".join([str(error), *t.failed])
    except Exception as error:  # noqa: BLE001  Any exception fails the case.
        return "FAIL", _explain(error)
    if t.failed:
        return "FAIL", "\n".join(t.failed)
    if not t.claims:
        return "FAIL", "the case made no claim"
    return "PASS", ""


def run_case(case: Case, pool: Pool) -> tuple[str, str, float]:
    """Run a case; return its verdict, the reason and the seconds it took."""
    directory = fresh_directory(case)
    begin = time.monotonic()
    with (directory / "log").open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log):
        t = Context(case, pool, log)
        verdict, reason = _body(case, t)
        if verdict == "FAIL" and pool.board and pool.board.running:
            pool.board.registers()
        trouble = [line for line in [*t.close(), *pool.new_trouble()]
                   if not any(re.search(p, line) for p in t.allowed)]
        if trouble:
            verdict = "FAIL"
            reason = "\n".join(filter(None, [reason, "a console shows trouble:", *trouble]))
        if pool.board:
            t.log(f"board: {pool.board.run_dir}")
        # After a failure the state of the board is unknown: the next case gets a new one.
        if verdict == "FAIL":
            pool.drop()
        log.write(f"{verdict} {case.name}{': ' + reason if reason else ''}\n")
    return verdict, reason, time.monotonic() - begin


def _finish(group: list[Case], pool: Pool, directory: str) -> tuple[str, str]:
    """End a group with a board: the board must switch off cleanly."""
    try:
        pool.finish()
        return "PASS", ""
    except (Failure, ToolError, ChannelError, CommandTimeout) as error:
        return "FAIL", _explain(error)


def main(group_name: str, names: list[str], verdict_fd: int) -> int:
    """Run the named cases. Write each verdict as a line of JSON, and their number at the end."""
    cases = registry.load()
    group = [cases[name] for name in names]
    pool = Pool(replace(group[0].needs) if group[0].needs else None, group_name)
    slowness = pool.needs.slowness() if pool.needs else 1.0
    patience.expect_slow(slowness)
    count = 0
    with os.fdopen(verdict_fd, "w", encoding="utf-8") as out:

        def tell(name: str, verdict: str, reason: str, seconds: float) -> None:
            out.write(json.dumps({"case": name, "verdict": verdict, "reason": reason,
                                  "seconds": seconds}) + "\n")
            out.flush()

        try:
            for case in group:
                tell(case.name, "START", "", case.timeout * slowness)
                tell(case.name, *run_case(case, pool))
                count += 1
            if pool.needs is not None:
                begin = time.monotonic()
                name = f"shutdown/{group_name}"
                tell(name, "START", "", 120 * slowness)
                tell(name, *_finish(group, pool, group_name), time.monotonic() - begin)
                count += 1
            out.write(json.dumps({"done": count}) + "\n")
        finally:
            pool.drop()
    sys.stdout.flush()
    return 0
