# SPDX-License-Identifier: GPL-2.0-only
"""What a running case has: its claims, its log, its board and guests."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO, TypeVar

from .registry import TOP, Case, Config

from harness import patience  # noqa: E402  (registry extends the path)
from harness.machine import Board, Guest
from harness.paths import ToolError

TESTS_OUT = TOP / "build" / "results"


SomeBoard = TypeVar("SomeBoard", bound=Board)


class Failure(AssertionError):
    """A claim did not hold."""


class Skipped(Exception):
    """The case cannot run here. The message is the reason."""


class Pool:
    """The board of a group of cases, and the guests that they share."""

    def __init__(self, needs: Config | None, name: str) -> None:
        self.needs, self.name = needs, name
        self.board: Board | None = None
        self.guests: dict[int, tuple[tuple[object, ...], Guest]] = {}
        self.reported = 0
        self.boots = 0

    def get(self) -> Board:
        if self.needs is None:
            raise ToolError("this case has no board: register it with needs=board(..)")
        if self.board and not self.board.running:
            self.drop()
        if not self.board:
            self.boots += 1
            self.board = Board(self.needs, self.name)
            try:
                self.board.start()
            except BaseException:
                self.drop()
                raise
        return self.board

    def guest(self, number: int, words: tuple[object, ...], fresh: bool, **kwargs) -> Guest:
        board = self.get()
        if number in self.guests:
            key, guest = self.guests[number]
            if key == words and not fresh and not guest.armvm.ended:
                return guest
            self.end_guest(number)
        guest = board.start_guest(number, **kwargs).wait()
        self.guests[number] = (words, guest)
        return guest

    def end_guest(self, number: int) -> None:
        _, guest = self.guests.pop(number)
        if not guest.armvm.ended:
            status = guest.poweroff()
            if status != 0:
                raise Failure(f"armvm exited with {status} when its guest switched off")

    def new_trouble(self) -> list[str]:
        """Return the bad console lines since the last call."""
        if not self.board:
            return []
        lines = self.board.trouble()
        new = lines[self.reported:]
        self.reported = len(lines)
        return new

    def drop(self) -> None:
        """Kill the board."""
        if self.board:
            self.board.kill()
        self.board = None
        self.guests.clear()
        self.reported = 0

    def finish(self) -> None:
        """Switch all off from inside. Raise an error if that fails, or if a log shows trouble."""
        if not self.board:
            return
        try:
            self.guests.clear()
            self.board.shutdown()
            trouble = self.new_trouble()
            if trouble:
                raise Failure("a console shows trouble:\n" + "\n".join(trouble))
        finally:
            self.drop()


class Context:
    """The `t` of a case."""

    def __init__(self, case: Case, pool: Pool, log: TextIO) -> None:
        self.case, self._pool, self._log = case, pool, log
        self.claims = 0
        self.failed: list[str] = []
        self.allowed: list[str] = []
        self._boards: list[Board] = []

    @property
    def dir(self) -> Path:
        return TESTS_OUT / self.case.name

    @property
    def board(self) -> Board:
        return self._pool.get()

    def log(self, text: str) -> None:
        self._log.write(text.rstrip("\n") + "\n")
        self._log.flush()

    def check(self, condition: object, text: str) -> bool:
        """Make a claim. If it does not hold the case continues, and FAILs at its end."""
        self.claims += 1
        self.log(f"{'ok' if condition else 'NOT OK'}: {text}")
        if not condition:
            self.failed.append(text)
        return bool(condition)

    def equal(self, got: object, wanted: object, text: str) -> bool:
        if got != wanted:
            shown, missed = got, wanted
            # Of long sets and tables only the rows that differ help.
            if isinstance(got, set) and isinstance(wanted, set):
                shown, missed = got - wanted, wanted - got
            elif isinstance(got, dict) and isinstance(wanted, dict):
                shown = {k: v for k, v in got.items() if k not in wanted or wanted[k] != v}
                missed = {k: v for k, v in wanted.items() if k not in got or got[k] != v}
            text = f"{text}\n    got    {shown!r}\n    wanted {missed!r}"
        return self.check(got == wanted, text)

    def contains(self, whole: str, part: str, text: str) -> bool:
        if part not in whole:
            text = f"{text}\n    no {part!r} in {whole[-2000:]!r}"
        return self.check(part in whole, text)

    def fail(self, text: str) -> None:
        """End the case here."""
        raise Failure(text)

    def skip(self, reason: str) -> None:
        raise Skipped(reason)

    def allow_log(self, pattern: str) -> None:
        self.allowed.append(pattern)

    def guest(self, number: int = 0, *, cpus: int = 1, memory: int = 256, append: str = "",
              prefix: Sequence[str] = (), extra: Sequence[str] = (), fresh: bool = False,
              reboots: bool = False, boot: Sequence[str] = ()) -> Guest:
        """A stock kernel in a guest on the shared board."""
        words = (cpus, memory, append, tuple(prefix), tuple(extra), reboots, tuple(boot))
        return self._pool.guest(number, words, fresh, cpus=cpus, memory=memory, append=append,
                                prefix=prefix, extra=extra, reboots=reboots, boot=boot)

    def end_guest(self, number: int = 0) -> None:
        """Switch a guest off before the case ends. armvm must exit with 0."""
        self._pool.end_guest(number)

    def end_guests(self) -> None:
        for number in list(self._pool.guests):
            self._pool.end_guest(number)

    def boot(self, config: Config, name: str = "", kind: type[SomeBoard] = Board) -> SomeBoard:
        """Boot another board, for this case alone."""
        one = kind(config, name or self.case.name.replace("/", "-"))
        self._boards.append(one)
        one.start()
        return one

    def boards(self) -> list[Board]:
        """The boards that run for this case."""
        return [*self._boards, *([self._pool.board] if self._pool.board else [])]

    @staticmethod
    def until(done: Callable[[], object], seconds: float = 60, pause: float = 0.05) -> bool:
        """Wait until DONE() is true, for at most SECONDS that the machine gives."""
        return patience.until(done, seconds, pause)

    @staticmethod
    def sleep(seconds: float) -> None:
        """Wait until the machine has given SECONDS to the boards and to all else that runs."""
        patience.until(lambda: False, seconds)

    def close(self) -> list[str]:
        """Kill the case's own boards, and return the trouble on their consoles."""
        trouble = []
        for one in self._boards:
            trouble += one.trouble()
            with contextlib.suppress(Exception):
                one.kill()
        return trouble


def fresh_directory(case: Case) -> Path:
    path = TESTS_OUT / case.name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
