#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""CAVEATS.md's table of differences, made from tests/oracle/differences.tsv.

  docs/differences.py           write it
  docs/differences.py --check   exit 1 if it is not up to date
"""

from __future__ import annotations

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
ROWS = TOP / "tests" / "oracle" / "differences.tsv"
PAGE = TOP / "CAVEATS.md"
BEGIN, END = "<!-- differences: made by docs/differences.py -->\n", "<!-- end of differences -->\n"


def table() -> str:
    heads, *rows = [line.split("\t") for line in ROWS.read_text(encoding="utf-8").splitlines()]
    if not rows:
        return "(The table has no rows.)\n"
    if any(len(row) != len(heads) for row in rows):
        raise SystemExit(f"{ROWS.name}: not every row has {len(heads)} cells")
    cells = [heads, ["---"] * len(heads), *sorted(rows)]
    return "".join(f"| {' | '.join(c.replace('|', chr(92) + '|') for c in row)} |\n" for row in cells)


def main() -> int:
    old = PAGE.read_text(encoding="utf-8")
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} has no place for the table")
    new = before + begin + table() + end + after
    if sys.argv[1:] == ["--check"]:
        if new != old:
            print(f"{PAGE.name}: the table of differences is old: run docs/differences.py")
        return new != old
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
