# SPDX-License-Identifier: GPL-2.0-only
"""tests/modules/wide-point.c: points of the host on every CPU, and touch-point.c, which hits them."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator

from host import _modules as host
from lib import Context

# As guests/events.c has them; it also stores to WATCHED + APART.
WATCHED, APART = 0x41000000, 0x1000


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


def settled(t: Context) -> Points:
    """After a touch: a timer switches the point on again, in its own time; a lost one stays off."""
    end = time.monotonic() + 20
    points = Points(t)
    while not points.on() and time.monotonic() < end:
        time.sleep(0.1)
        points = Points(t)
    return points


def touches(t: Context, argv: list[str], count: int) -> None:
    result = t.board.run(["touch-point", *argv, str(count)], timeout=60)
    t.equal((result.status, result.text), (0, f"{count} touches, 0 wrong\n"),
            f"the host touches it: {argv} {result.errors}")


# Both kinds on each CPU in turn, at least once, until told that it is enough.
TOUCHER = """
rm -f /tmp/enough
n=0
while :; do
    touch-point code {code:x} 2 >/dev/null && touch-point data {data:x} 2 >/dev/null || exit 1
    n=$((n + 2))
    [ ! -e /tmp/enough ] || break
    usleep {pause}
done
echo $n"""


@contextlib.contextmanager
def touching(t: Context, code: int, data: int, what: str, pause: int = 100_000) -> Iterator[None]:
    """The host touches its points while the block lasts: each touch is one hit, and nothing else is."""
    before = settled(t)
    command = t.board.agent.start(["sh", "-c", TOUCHER.format(code=code, data=data, pause=pause)])
    try:
        yield
    finally:
        t.board.sh("touch /tmp/enough").check()
        ended = command.result(90)
    after = settled(t)
    touched = int(ended.text) if ended.status == 0 else 0
    hits = tuple(after.hits(kind) - before.hits(kind) for kind in ("code", "data"))
    t.check(touched > 0 and hits == (touched, touched),
            f"{what}: the host touched each {touched} times and got {hits} {ended.text}{ended.errors}")
    t.equal(after.registers(), before.registers(), f"{what}: the host's registers are as they were")
