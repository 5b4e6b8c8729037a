# SPDX-License-Identifier: GPL-2.0-only
"""tests/modules/wide-point.c: points of the host on every CPU, and touch-point.c, which hits them."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator

from host import _modules as host
from host._steps import ROOT
from lib import Context

from harness.channel import Command

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


# Each on each CPU in turn, at least once, until told that it is enough.
TOUCHER = """
n=0
while :; do
    for what in {what}; do
        touch-point ${{what%,*}} ${{what#*,}} 2 >/dev/null || exit 1
    done
    n=$((n + 2))
    echo $n >/tmp/touched.new
    mv /tmp/touched.new /tmp/touched
    [ ! -e /tmp/enough ] || break
    usleep {pause}
done"""


@contextlib.contextmanager
def touching(t: Context, what: str, pause: int = 100_000, **where: int | str) -> Iterator[None]:
    """The host touches its points while the block lasts: each touch is one hit, and nothing else is.

    where: code=ADDRESS, data=ADDRESS, or call="-" for the system call whose code has the point.
    """
    before = settled(t)
    argvs = " ".join(f"{kind},{at if isinstance(at, str) else format(at, 'x')}" for kind, at in where.items())
    # Who looks at the count may come before the toucher does.
    t.board.sh("rm -f /tmp/enough; echo 0 >/tmp/touched").check()
    command = t.board.agent.start(["sh", "-c", TOUCHER.format(what=argvs, pause=pause)])
    try:
        yield
    finally:
        t.board.sh("touch /tmp/enough").check()
        ended = command.result(90)
    after = settled(t)
    touched = int(t.board.sh("cat /tmp/touched").check().text)
    hits = {kind: after.hits(kind) - before.hits(kind) for kind in ("code", "data")}
    wanted = {kind: touched if kind in where or kind == "code" and "call" in where else 0 for kind in hits}
    t.check(ended.status == 0 and touched > 0 and hits == wanted,
            f"{what}: the host touched each {touched} times and got {hits} {ended.text}{ended.errors}")
    t.equal(after.registers(), before.registers(), f"{what}: the host's registers are as they were")


class Watch:
    """Looks at the VMs and at the toucher for as long as a command runs."""

    def __init__(self, t: Context, *commands: Command) -> None:
        self.parkings: dict[str, int] = {}
        touched = []
        while not any(command.ended for command in commands):
            text = t.board.sh(f"cat /tmp/touched; grep ^parkings {ROOT}/*/vcpu0/debug /dev/null").text
            seen = {vm: int(n) for vm, n in re.findall(r"/([\d-]+)/vcpu0/debug:parkings (\d+)", text)}
            if len(seen) == len(commands):
                self.parkings = seen
                touched.append(int(text.split()[0]))
        # While all of them were there, at the first look and at the last.
        self.touched = touched[-1] - touched[0] if touched else 0
