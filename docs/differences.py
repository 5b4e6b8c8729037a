#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write docs/differences.md from tests/oracle/differences.tsv.

  docs/differences.py           write it
  docs/differences.py --check   exit 1 if it is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
ROWS = TOP / "tests" / "oracle" / "differences.tsv"
PAGE = TOP / "docs" / "differences.md"
HEADS = ["program", "cpu", "emulator", "case", "board", "guest", "section", "right", "why"]
CPUS = ["cortex-a15", "cortex-a7"]

TITLE = """\
# Where guest and bare board differ

Made from `tests/oracle/differences.tsv` by `docs/differences.py`; do not edit.

The programs in `guests/` run on the bare emulated board and in a guest, on both CPUs, and print the
same lines on both sides, except for the lines below. A run of `make test` fails on any other
difference, and on a row here that it does not see. It uses QEMU 7.2; `make silicon` does the same
on QEMU 10.0. *QEMU* says which of the two shows a difference.

*Right* says which side follows the manual: the guest, the board, or both where the manual leaves a
choice. Sections are of the ARMv7-A/R manual, DDI 0406C, unless they name another document. *Why* is
the number of a reason below the table. A dash: that CPU does not show this difference.
"""


def read() -> list[dict[str, str]]:
    heads, *rows = [line.split("\t") for line in ROWS.read_text(encoding="utf-8").splitlines()]
    if heads != HEADS:
        raise SystemExit(f"{ROWS.name}: the columns must be {' '.join(HEADS)}")
    if any(len(row) != len(heads) for row in rows):
        raise SystemExit(f"{ROWS.name}: a row does not have {len(heads)} cells")
    return [dict(zip(heads, row)) for row in rows]


def line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def sentence(why: str) -> str:
    """WHY as a sentence.  A name, such as armvm, keeps its first letter."""
    first = why.split()[0]
    return (why[0].upper() + why[1:] if first in ("a", "the", "under") else why) + "."


def section(program: str, rows: list[dict[str, str]]) -> str:
    """One program: a row for each case, with the values of each CPU, and the reasons."""
    reasons: list[str] = []
    cases: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    for row in rows:
        key = tuple(row[head] for head in ("case", "emulator", "section", "right", "why"))
        cases.setdefault(key, {})[row["cpu"]] = row
    sides = [(cpu, side) for cpu in CPUS for side in ("board", "guest")]
    heads = [f"{cpu.removeprefix('cortex-').upper()} {side}" for cpu, side in sides]
    text = line(["case", "QEMU", *heads, "section", "right", "why"])
    text += line(["---"] * 9)
    for (case, emulator, manual, right, why), by_cpu in sorted(cases.items()):
        if why not in reasons:
            reasons.append(why)
        values = [by_cpu[cpu][side] if cpu in by_cpu else "-" for cpu, side in sides]
        text += line([case, emulator, *values, manual, right, str(reasons.index(why) + 1)])
    numbered = "".join(f"{n}. {sentence(why)}\n" for n, why in enumerate(reasons, 1))
    return f"\n## {program}\n\n{text}\n{numbered}"


def page() -> str:
    rows = read()
    if unknown := {row["cpu"] for row in rows} - set(CPUS):
        raise SystemExit(f"{ROWS.name}: no column for {' '.join(sorted(unknown))}")
    programs = sorted({row["program"] for row in rows})
    return TITLE + "".join(section(name, [row for row in rows if row["program"] == name])
                           for name in programs)


def main() -> int:
    new = page()
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(new, encoding="utf-8")
        return 0
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != new
    if stale:
        print(f"{PAGE.relative_to(TOP)} is out of date: run docs/differences.py")
    return stale


if __name__ == "__main__":
    sys.exit(main())
