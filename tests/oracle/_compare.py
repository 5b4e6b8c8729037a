# SPDX-License-Identifier: GPL-2.0-only
"""What a guest program printed on the two sides, and where that may differ.

guests/lib/report.h describes a program's lines.  This module turns each line into a key and a
value.  A run prints each key once, and both sides print the same keys in the same order.
differences.tsv lists the values that may differ, one row each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ELVES = Path(__file__).resolve().parents[2] / "build" / "guests"
TABLE = Path(__file__).resolve().parent / "differences.tsv"
COLUMNS = ["program", "cpu", "emulator", "case", "board", "guest", "section", "right", "why"]
CPUS = ("cortex-a15", "cortex-a7")
EMULATORS = ("7.2", "10.0")  # of QEMU; a row that both of them show says "all"
RIGHT = ("guest", "board", "both")

VERDICT = re.compile(r"(PASS|FAIL|SKIP) ([a-z0-9]+): (.+)")
LAST = re.compile(r"(\d+) passed, (\d+) failed")
FACT = re.compile(r"(.+?) = (.+)")


class Malformed(Exception):
    """A program's output is not what report.h promises; the message says where."""


@dataclass(frozen=True)
class Line:
    key: str
    value: str


@dataclass
class Output:
    """One run: the lines to compare, and all verdicts, including those that only a guest prints."""

    lines: list[Line]
    verdicts: dict[str, str]
    notes: list[str]
    skipped: int


@dataclass(frozen=True)
class Row:
    number: int  # of the line in differences.tsv
    program: str
    cpu: str
    emulator: str
    case: str
    board: str
    guest: str
    section: str
    right: str
    why: str


def parse(program: str, output: str) -> Output:
    """Everything that a run printed; raises Malformed unless the output is complete."""
    out = Output([], {}, [], 0)
    keys: set[str] = set()
    last: tuple[int, int] | None = None
    for number, line in enumerate(output.replace("\r", "").splitlines(), 1):
        if not line:
            continue
        if last:
            raise Malformed(f"line {number} follows the count: {line!r}")
        if line.startswith("# "):
            out.notes.append(line[2:])
            continue
        if found := LAST.fullmatch(line):
            last = int(found[1]), int(found[2])
            continue
        only_guest = line.startswith("@ ")
        if only_guest:
            line = line[2:]
        if found := VERDICT.fullmatch(line):
            word, who, text = found.groups()
            if who != program:
                raise Malformed(f"line {number} is from program {who!r}: {line!r}")
            if word == "SKIP":
                out.skipped += 1
            else:
                out.verdicts[text] = word
            # A verdict and a fact may be about the same thing.
            key, value = f"verdict: {text}", word
        elif found := FACT.fullmatch(line):
            key, value = found.groups()
        else:
            raise Malformed(f"line {number} is neither a verdict nor a fact: {line!r}")
        if key in keys:
            raise Malformed(f"line {number}: {key!r} is printed twice")
        keys.add(key)
        if not only_guest:
            out.lines.append(Line(key, value))
    if not last:
        raise Malformed("the output does not end with the count")
    words = list(out.verdicts.values())
    if last != (words.count("PASS"), words.count("FAIL")):
        raise Malformed(f"the count is {last}, but the lines say {words.count('PASS')} passed, "
                        f"{words.count('FAIL')} failed")
    return out


def read_table(path: Path = TABLE) -> list[Row]:
    """The rows of differences.tsv; raises ValueError if one is malformed."""
    rows: list[Row] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].split("\t") != COLUMNS:
        raise ValueError(f"{path.name}: the first line must name the columns {COLUMNS}")
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS) or any(not c or c != c.strip() for c in cells):
            raise ValueError(f"{path.name}:{number}: the row needs {len(COLUMNS)} cells with text")
        row = Row(number, *cells)
        if row.cpu not in CPUS:
            raise ValueError(f"{path.name}:{number}: cpu {row.cpu!r} is not one of {CPUS}")
        if row.emulator not in (*EMULATORS, "all"):
            raise ValueError(f"{path.name}:{number}: emulator {row.emulator!r} is not one of "
                             f"{EMULATORS}, or all")
        if row.right not in RIGHT:
            raise ValueError(f"{path.name}:{number}: right {row.right!r} is not one of {RIGHT}")
        if row.board == row.guest:
            raise ValueError(f"{path.name}:{number}: board and guest do not differ")
        if row.guest == "FAIL":
            raise ValueError(f"{path.name}:{number}: a guest's FAIL is never accepted")
        if any((r.program, r.cpu, r.case) == (row.program, row.cpu, row.case)
               and (r.emulator == row.emulator or "all" in (r.emulator, row.emulator))
               for r in rows):
            raise ValueError(f"{path.name}:{number}: this case already has a row")
        rows.append(row)
    return rows


def rows_of(program: str, cpu: str, emulator: str) -> list[Row]:
    """The rows that one program must show on one CPU of one EMULATOR."""
    return [row for row in read_table()
            if (row.program, row.cpu) == (program, cpu) and row.emulator in ("all", emulator)]


def compare(board: Output, guest: Output, rows: list[Row]) -> list[str]:
    """Every complaint about a pair of runs; ROWS are those that the pair must show."""
    bad = []
    wanted = [line.key for line in board.lines]
    got = [line.key for line in guest.lines]
    for key in wanted:
        if key not in got:
            bad.append(f"only the board prints {key!r}")
    for key in got:
        if key not in wanted:
            bad.append(f"only the guest prints {key!r}")
    if not bad and wanted != got:
        bad.append("the two sides print their lines in different orders")

    by_case = {row.case: row for row in rows}
    values = {line.key: line.value for line in guest.lines}
    seen = set()
    for line in board.lines:
        if line.key not in values:
            continue
        row = by_case.get(line.key)
        pair = line.value, values[line.key]
        if row and pair == (row.board, row.guest):
            seen.add(row)
        elif pair[0] != pair[1]:
            bad.append(f"{line.key!r} is {pair[0]!r} on the board, {pair[1]!r} in the guest"
                       + (f", but differences.tsv:{row.number} says otherwise" if row else ""))
    for row in rows:
        if row not in seen:
            bad.append(f"differences.tsv:{row.number} did not occur: {row.case!r}")

    accepted = {row.case for row in seen if row.board == "FAIL"}
    bad += [f"on the board: FAIL {text}" for text, word in board.verdicts.items()
            if word == "FAIL" and f"verdict: {text}" not in accepted]
    bad += [f"in the guest: FAIL {text}" for text, word in guest.verdicts.items() if word == "FAIL"]
    return bad
