# SPDX-License-Identifier: GPL-2.0-only
"""Results that outlive a change of the sources: a table in a page of docs/results.

The page is all that is kept. Each result has its commit and the digest of the sources behind it
(sources.py), so another checkout, too, can say whether a result is one of its own sources or of
older ones. An older one stays on the page, with a star, until a newer one takes its place.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import sources
from .registry import TOP

from harness.paths import write_file

# Of a digest this is shown and compared.
DIGITS = 12
NO_DIGEST = "-"  # Nobody knows on which sources: older than all.
STAR = "*"


@dataclass(frozen=True)
class Result:
    """The columns of a row after its name, from left to right."""

    verdict: str
    said: str  # The last line or measurement; of a FAIL what failed.
    minutes: str
    commit: str
    date: str
    sources: str = NO_DIGEST
    release: str = ""  # Of the kernel, where that is part of the result.


def digest(cases: list[str]) -> str:
    return sources.digest(cases)[:DIGITS]


def current(one: Result, cases: list[str]) -> bool:
    """Whether a result of these cases is one of the present sources."""
    return one.sources == digest(cases) or (one.sources != NO_DIGEST
                                            and sources.same_since(one.commit, cases))


def cells(line: str) -> list[str]:
    """Split a row of a table; a bar in a text has a backslash before it."""
    return [part.strip().replace("\\|", "|") for part in re.split(r"(?<!\\)\|", line)[1:-1]]


def read(text: str) -> dict[str, Result]:
    """Read the results from a page. Pages of before digests were kept have one column less."""
    found, within = {}, False
    for line in text.splitlines():
        row = cells(line) if line.startswith("|") else []
        if row[1:2] == ["verdict"]:
            within = True
        elif not row:
            within = False
        elif within and row[1].rstrip(STAR) in ("PASS", "FAIL"):
            found[row[0]] = Result(row[1].rstrip(STAR), *row[2:8])
    return found


def row(name: str, one: Result, star: bool) -> str:
    """Write a result as a row: the inverse of read()."""
    shown = [name, one.verdict + (STAR if star else ""), one.said, one.minutes, one.commit,
             one.date, one.sources, *([one.release] if one.release else [])]
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in shown)} |"


@contextmanager
def alone(page: Path) -> Iterator[None]:
    """Hold the page's lock: several runs may add to it."""
    path = TOP / "build" / "results" / f"{page.stem}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def load(page: Path) -> dict[str, Result]:
    return read(page.read_text(encoding="utf-8")) if page.exists() else {}


def add(page: Path, new: dict[str, Result], write: Callable[[dict[str, Result]], str]) -> None:
    """Add NEW results to the page, which WRITE makes of them and of those that it had."""
    with alone(page):
        write_file(page, write({**load(page), **new}))
