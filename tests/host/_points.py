# SPDX-License-Identifier: GPL-2.0-only
"""Points of the host on every CPU (tests/modules/wide-point.c); touch-point.c hits them."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator

from host import _modules as host
from host._steps import ROOT
from lib import Context

from harness.channel import Command

# From guests/events.c, which also stores to WATCHED + APART.
WATCHED, APART = 0x41000000, 0x1000


def symbol(program: str, name: str) -> int:
    """The address of a symbol in a program of guests/."""
    argv = ["arm-linux-gnueabihf-nm", str(host.GUESTS / f"{program}.elf")]
    text = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", text, re.M)[1], 16)


class Points:
    """The content of /proc/wide_point."""

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
    """Wait until a timer has switched every point on again after a hit; a lost point stays off."""
    t.until(lambda: Points(t).on(), 20, pause=0.1)
    return Points(t)


def touches(t: Context, argv: list[str], count: int) -> None:
    result = t.board.run(["touch-point", *argv, str(count)], timeout=60)
    t.equal((result.status, result.text), (0, f"{count} touches, 0 wrong\n"),
            f"the host touches its point: {argv} {result.errors}")


# Touches each point on each CPU in turn, at least once, until /tmp/enough exists.
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
    """Let the host touch its points while the block runs: each touch is one hit, nothing else is.

    where: code=ADDRESS, data=ADDRESS, or call="-" for the system call whose code has the point.
    """
    before = settled(t)
    argvs = " ".join(f"{kind},{at if isinstance(at, str) else format(at, 'x')}"
                     for kind, at in where.items())
    # Watch may read the count before the toucher has written one.
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
    touched_kinds = {"code" if kind == "call" else kind for kind in where}
    wanted = {kind: touched if kind in touched_kinds else 0 for kind in hits}
    t.check(ended.status == 0 and touched > 0 and hits == wanted,
            f"{what}: the host touched each {touched} times and got {hits} "
            f"{ended.text}{ended.errors}")
    t.equal(after.registers(), before.registers(), f"{what}: the host's registers are unchanged")


class Watch:
    """Watches the VMs and the toucher while commands run."""

    def __init__(self, t: Context, *commands: Command) -> None:
        self.parkings: dict[str, int] = {}
        touched = []
        while not any(command.ended for command in commands):
            text = t.board.sh("cat /tmp/touched; "
                              f"grep ^parkings {ROOT}/*/vcpu0/debug /dev/null").text
            rows = re.findall(r"/([\d-]+)/vcpu0/debug:parkings (\d+)", text)
            seen = {vm: int(n) for vm, n in rows}
            if len(seen) == len(commands):
                self.parkings = seen
                touched.append(int(text.split()[0]))
        # How often the host touched its points between the first and last look at all VMs.
        self.touched = touched[-1] - touched[0] if touched else 0
