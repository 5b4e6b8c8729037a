# SPDX-License-Identifier: GPL-2.0-only
"""tests/modules/wide-point.c: points of the host on every CPU, and touch-point.c, which hits them."""

from __future__ import annotations

import re
import subprocess

from host import _modules as host
from lib import Context

# As guests/events.c has them; it also stores to WATCHED + APART.
WATCHED, APART = 0x41000000, 0x1000
DOORS = 9  # When a point is armed, and after each event.
BY_STORE = 1

def symbol(program: str, name: str) -> int:
    """An address in a program of guests/."""
    text = subprocess.run(["arm-linux-gnueabihf-nm", str(host.GUESTS / f"{program}.elf")], check=True,
                          capture_output=True, text=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", text, re.M)[1], 16)


class Points:
    """What /proc/wide_point says."""

    def __init__(self, t: Context) -> None:
        text = t.board.sh("cat /proc/wide_point").check().text
        self.rows = [line.split() for line in text.splitlines()]
        t.log(text)

    def registers(self) -> list[tuple[str, ...]]:
        return [tuple(row[:5]) for row in self.rows]

    def on(self) -> bool:
        return all(int(row[4], 16) & 1 for row in self.rows)

    def hits(self, kind: str) -> int:
        return sum(int(row[5]) for row in self.rows if row[1] == kind)


def touches(t: Context, argv: list[str], count: int) -> None:
    result = t.board.run(["touch-point", *argv, str(count)], timeout=60)
    t.equal((result.status, result.text), (0, f"{count} touches, 0 wrong\n"),
            f"the host touches it: {argv} {result.errors}")
