# SPDX-License-Identifier: GPL-2.0-only
"""What a running case holds: its claims, its log, its board and guests."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from .registry import TOP, Case, Config

from harness import patience  # noqa: E402  (registry extends the path)
from harness.machine import Board, Guest
from harness.paths import ToolError

TESTS_OUT = TOP / "build" / "results"


class Failure(AssertionError):
    """A claim did not hold."""


class Skipped(Exception):
    """The case cannot be run here; the message is the reason."""


class Pool:
    """The group's board and its shared guests."""

    def __init__(self, needs: Config | None, name: str) -> None:
        self.needs, self.name = needs, name
        self.board: Board | None = None
        self.guests: dict[int, tuple[tuple[object, ...], Guest]] = {}
        self.reported = 0
        self.boots = 0

    def get(self) -> Board:
        if self.needs is None:
            raise ToolError("this case did not say needs=board(..)")
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
                raise Failure(f"armvm ended with {status} when its guest switched off")

    def new_trouble(self) -> list[str]:
        """Bad console lines since the last call."""
        if not self.board:
            return []
        lines = self.board.trouble()
        new = lines[self.reported:]
        self.reported = len(lines)
        return new

    def drop(self) -> None:
        """End the board at once."""
        if self.board:
            self.board.kill()
        self.board = None
        self.guests.clear()
        self.reported = 0

    def finish(self) -> None:
        """Switch everything off from inside; raise if that fails or the logs show trouble."""
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
        """One claim. A claim that fails is noted and the case goes on; it FAILs at its end."""
        self.claims += 1
        self.log(f"{'ok' if condition else 'NOT OK'}: {text}")
        if not condition:
            self.failed.append(text)
        return bool(condition)

    def equal(self, got: object, wanted: object, text: str) -> bool:
        if got != wanted:
            text = f"{text}\n    got    {got!r}\n    wanted {wanted!r}"
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
              prefix: Sequence[str] = (), extra: Sequence[str] = (), fresh: bool = False) -> Guest:
        """A stock guest on the shared board."""
        words = (cpus, memory, append, tuple(prefix), tuple(extra))
        return self._pool.guest(number, words, fresh, cpus=cpus, memory=memory, append=append,
                                prefix=prefix, extra=extra)

    def end_guest(self, number: int = 0) -> None:
        """Switch a guest off before the case ends; armvm must end with 0."""
        self._pool.end_guest(number)

    def end_guests(self) -> None:
        for number in list(self._pool.guests):
            self._pool.end_guest(number)

    def boot(self, config: Config, name: str = "") -> Board:
        """A board of this case's own."""
        one = Board(config, name or self.case.name.replace("/", "-"))
        self._boards.append(one)
        return one.start()

    def boards(self) -> list[Board]:
        """Those that run for this case."""
        return [*self._boards, *([self._pool.board] if self._pool.board else [])]

    @staticmethod
    def until(done: Callable[[], object], seconds: float = 60, pause: float = 0.05) -> bool:
        """Wait until DONE, for so many seconds that the machine gives (tools/harness/patience.py)."""
        return patience.until(done, seconds, pause)

    @staticmethod
    def sleep(seconds: float) -> None:
        """Let the machine give so many seconds to the boards and to all else that runs here."""
        patience.until(lambda: False, seconds)

    def close(self) -> list[str]:
        """End the case's own boards; what their consoles complain about."""
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
