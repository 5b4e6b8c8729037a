# SPDX-License-Identifier: GPL-2.0-only
"""Points of the host and of guests on the same addresses: each keeps and sees its own."""

from __future__ import annotations

from host import _modules as host
from host._points import Points, Watch, symbol, touches, touching
from lib import Context, case
from lib.hwpoints import VERDICTS

WATCHED = 0x41000000  # From guests/watchpair.c.
ROUNDS = 1000
TURNS = 20  # On a fast machine one turn may end before the host has touched anything.


def rounds_of(t: Context) -> int:
    """How long a turn is: on the debug kernel a look at the counters alone takes seconds."""
    return ROUNDS * (4 if t.case.needs.flavour == "debug" else 1)


def start_watchpair(t: Context, seed: int, cpu: str):
    elf = host.elf(t, "watchpair")
    return t.board.agent.start(["taskset", cpu, "armvm", "run", "--kernel", elf, "--memory", "64M",
                                "--append", f"seed={seed} rounds={rounds_of(t)}"])


def guests_at_once(t: Context, what: str, *cpus: str) -> None:
    """One guest on each of these CPUs, while the host touches its points at their addresses."""
    touched, parked, rounds = 0, [0] * len(cpus), rounds_of(t)
    with touching(t, what, pause=10_000, code=symbol("watchpair", "break_arm_at"), data=WATCHED):
        for turn in range(TURNS):
            commands = [start_watchpair(t, 10 * turn + n, cpu) for n, cpu in enumerate(cpus, 1)]
            watch = Watch(t, *commands)
            seen = []
            for n, command in enumerate(commands, 1):
                result = command.result(300)
                host.all_pass(t, result, f"{what}, seed {10 * turn + n}")
                t.contains(result.text, f"seed = {10 * turn + n}", "the guest had that seed")
                seen.append(host.hits(result.text))
            t.check(len(set(seen)) == len(seen)
                    and all(row[2] == 0 and min(row[:2]) > rounds // 3 for row in seen),
                    f"{what}: each has its own count: {seen}")
            touched += watch.touched
            # Sorted by process number, which is the order in which they started.
            order = sorted(watch.parkings, key=lambda vm: int(vm.split("-")[0]))
            counts = [watch.parkings[vm] for vm in order]
            parked = [a + b for a, b in zip(parked, counts, strict=True)] if counts else parked
            if touched >= 4 and min(parked) >= rounds // 20:
                break
    t.check(touched >= 4, f"{what}: the host touched its points {touched} times while they ran")
    t.check(min(parked) >= rounds // 20,
            f"{what}: the host's points fired in them and were parked {parked} times")


@case("host/wide-point", timeout=600, **host.HOST)
def wide_point(t: Context) -> None:
    """Host points where a bare guest runs or stores, at both levels, with and without its own."""
    t.end_guests()
    code = symbol("watchpair", "break_arm_at")
    with host.loaded(t, "wide_point", f"code={code:#x} data={WATCHED:#x} any=1"):
        before = Points(t)
        t.check(len(before.rows) == 4 and before.on(),
                f"points of the host on both CPUs: {before.rows}")
        touches(t, ["code", f"{code:x}"], 10)
        touches(t, ["data", f"{WATCHED:x}"], 10)
        first = Points(t)
        t.equal((first.hits("code"), first.hits("data")), (10, 10),
                "the host gets one hit per touch")
        for cpu in ("1", "2"):
            guests_at_once(t, f"a guest on CPU {int(cpu) - 1}", cpu)


@case("host/wide-point-in-kernel", timeout=400, **host.HOST)
def kernel_point(t: Context) -> None:
    """A host point on a function of the kernel that a stock guest with the same kernel calls."""
    guest = t.guest(cpus=1)
    line = t.board.sh("grep -w sys_getpriority /proc/kallsyms").check().text
    with host.loaded(t, "wide_point", f"code=0x{line.split()[0]}"):
        before = Points(t)
        t.check(len(before.rows) == 2 and before.on(),
                f"a point of the host on both CPUs: {before.rows}")
        touched = parked = 0
        with touching(t, "a stock guest", pause=10_000, call="-"):
            for _ in range(TURNS):
                command = guest.agent.start(["touch-point", "call", "free", "20000"])
                first = Watch(t, command)
                result = command.result(60)
                t.equal((result.status, result.text), (0, "20000 touches, 0 wrong\n"),
                        "the guest does not see it")
                touched += first.touched
                parked = sum(first.parkings.values())
                if touched >= 4 and parked >= 20:
                    break
            t.check(touched >= 4 and parked >= 20,
                    f"the host touched its point {touched} times meanwhile, and it was parked "
                    f"{parked} times")
            points = guest.run(["hwpoints"])
            t.check(points.status == 0 and points.text.endswith(f"{VERDICTS} verdicts\n"),
                    f"the guest's own points work while the host has its point:\n{points.text}")


@case("host/two-guests", timeout=600, **host.HOST)
def two_guests(t: Context) -> None:
    """Two bare guests and the host have points on the same addresses; each gets its own hits."""
    t.end_guests()
    code = symbol("watchpair", "break_arm_at")
    with host.loaded(t, "wide_point", f"code={code:#x} data={WATCHED:#x} any=1"):
        guests_at_once(t, "two guests on two CPUs", "1", "2")
        guests_at_once(t, "two guests on one CPU", "1", "1")
