# SPDX-License-Identifier: GPL-2.0-only
"""A running guest is saved by ONE_REG and restored in a new VM of a new process."""

from __future__ import annotations

import random
import re

from host import _modules as host
from lib import Context, case

# The guest stores to a door after a point is armed, and in the handler before MOE is read.
BOOTARGS = "seed={} events={} kinds=15 doors=3 ways=1 full=1"


def migrate(t: Context, seed: int, events: int, hops: int, timeout: float) -> None:
    """Move a guest from process to process; check what it prints at its end."""
    program = host.elf(t, "events")
    chance = random.Random(seed)

    def pick_order(n: int) -> str:
        shuffles = [str(chance.randrange(1, 1 << 30)) for _ in range(2)]
        return ("listed", "reversed", *shuffles)[n % 4]

    # An event has one or two doors; after the last hop the guest runs to its end.
    doors = [chance.randrange(1, 3 * events // 2 // hops) for _ in range(hops)]
    orders = [pick_order(n) for n in range(hops - 1)]
    script = [f"events save {program} '{BOOTARGS.format(seed, events)}' {doors[0]} /tmp/vm.0"]
    script += [f"taskset {1 + n % 2} events resume /tmp/vm.{n} {order} {doors[n + 1]} "
               f"/tmp/vm.{n + 1} && rm /tmp/vm.{n}" for n, order in enumerate(orders)]
    script += [f"events resume /tmp/vm.{len(orders)} 5 1000000000 /dev/null", "rm /tmp/vm.*"]
    t.log("\n".join(script))
    result = t.board.sh(" && ".join(script), timeout=timeout)
    t.log(result.text + result.errors)
    t.check(result.status == 0 and result.text.endswith("ended\n"),
            f"the guest runs to its end {result.errors}")
    restored = re.findall(r"^restored = (\d+) registers, (\d+) of cp14, (\d+) points on",
                          result.text, re.M)
    t.equal(len(restored), hops, "all registers read back as saved, each time")
    t.check(all(int(cp14) == 44 and int(points) == 10 for _, cp14, points in restored),
            f"44 of the registers are cp14's, all points are on: {sorted(set(restored))}")
    t.equal(re.findall(r"^lost = (.*)", result.text, re.M), ["0, spurious 0, misread 0"],
            "no event is lost, spurious or misread")
    t.equal(re.findall(r"^(\d+ passed, \d+ failed)", result.text, re.M), ["5 passed, 0 failed"],
            "all its claims hold")
    kinds = [int(n) for n in re.findall(r"^kinds = (.*)", result.text, re.M)[0].split()]
    came = re.findall(r"^events = (\d+)", result.text, re.M)
    t.check(came == [str(sum(kinds[:3]))] and sum(kinds) == events,
            f"its count is exact: {came} of {kinds}")


@case("host/migrate", timeout=300, **host.HOST)
def one_reg(t: Context) -> None:
    t.end_guests()
    migrate(t, 1, 400, 16, 240)


@case("host/migrate-often", tier="long", timeout=3600, **host.HOST)
def often(t: Context) -> None:
    t.end_guests()
    for seed in range(2, 12):
        migrate(t, seed, 2000, 100, 600)
