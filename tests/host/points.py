# SPDX-License-Identifier: GPL-2.0-only
"""Points of the host and of guests on the same addresses: each keeps and sees its own."""

from __future__ import annotations

from host import _modules as host
from host._points import Points, Watch, symbol, touches, touching
from lib import Context, case

WATCHED = 0x41000000  # As guests/watchpair.c has it.
ROUNDS = 1000
TURNS = 20  # A quick machine is through before the host has touched anything.


def start(t: Context, seed: int, cpu: str):
    return t.board.agent.start(["taskset", cpu, "armvm", "run", "--kernel", host.elf(t, "watchpair"), "--memory",
                                "64M", "--append", f"seed={seed} rounds={ROUNDS}"])


def pair_at_once(t: Context, what: str, *cpus: str) -> None:
    """Guests, one on each of these CPUs, while the host touches its points at their addresses."""
    touched, parked = 0, [0] * len(cpus)
    with touching(t, what, pause=10_000, code=symbol("watchpair", "break_arm_at"), data=WATCHED):
        for turn in range(TURNS):
            commands = [start(t, 10 * turn + n, cpu) for n, cpu in enumerate(cpus, 1)]
            watch = Watch(t, *commands)
            seen = []
            for n, command in enumerate(commands, 1):
                result = command.result(90)
                host.all_pass(t, result, f"{what}, seed {10 * turn + n}")
                t.contains(result.text, f"seed = {10 * turn + n}", "this is that guest")
                seen.append(host.hits(result.text))
            t.check(len(set(seen)) == len(seen) and all(row[2] == 0 and min(row[:2]) > ROUNDS // 3 for row in seen),
                    f"{what}: each has its own count: {seen}")
            touched += watch.touched
            # In the order of their numbers, which is that of their start.
            counts = [watch.parkings[vm] for vm in sorted(watch.parkings, key=lambda vm: int(vm.split("-")[0]))]
            parked = [a + b for a, b in zip(parked, counts, strict=True)] if counts else parked
            if touched >= 4 and min(parked) >= ROUNDS // 20:
                break
    t.check(touched >= 4, f"{what}: the host touched {touched} times while they ran")
    t.check(min(parked) >= ROUNDS // 20, f"{what}: points of the host fired in them, and were parked {parked} times")


@case("host/wide-point", timeout=600, **host.HOST)
def wide_point(t: Context) -> None:
    """On what a bare guest executes and stores to, at PL1 and PL0, with and without points of its own."""
    t.end_guests()
    code = symbol("watchpair", "break_arm_at")
    with host.loaded(t, "wide_point", f"code={code:#x} data={WATCHED:#x} any=1"):
        before = Points(t)
        t.check(len(before.rows) == 4 and before.on(), f"points of the host on both CPUs: {before.rows}")
        touches(t, ["code", f"{code:x}"], 10)
        touches(t, ["data", f"{WATCHED:x}"], 10)
        first = Points(t)
        t.equal((first.hits("code"), first.hits("data")), (10, 10), "the host gets its own, one for each")
        for cpu in ("1", "2"):
            pair_at_once(t, f"a guest on CPU {int(cpu) - 1}", cpu)


@case("host/wide-point-in-kernel", timeout=400, **host.HOST)
def kernel_point(t: Context) -> None:
    """On a function of the kernel that a stock guest, the same kernel, calls all the time."""
    guest = t.guest(cpus=1)
    line = t.board.sh("grep -w sys_getpriority /proc/kallsyms").check().text
    with host.loaded(t, "wide_point", f"code=0x{line.split()[0]}"):
        before = Points(t)
        t.check(len(before.rows) == 2 and before.on(), f"a point of the host on both CPUs: {before.rows}")
        touched = parked = 0
        with touching(t, "a stock guest", pause=10_000, call="-"):
            for _ in range(TURNS):
                command = guest.agent.start(["touch-point", "call", "free", "20000"])
                first = Watch(t, command)
                result = command.result(60)
                t.equal((result.status, result.text), (0, "20000 touches, 0 wrong\n"), "the guest sees nothing of it")
                touched += first.touched
                parked = sum(first.parkings.values())
                if touched >= 4 and parked >= 20:
                    break
            t.check(touched >= 4 and parked >= 20,
                    f"the host touched {touched} times while it did, and its point was parked {parked} times")
            points = guest.run(["hwpoints"])
            t.check(points.status == 0 and points.text.endswith("19 verdicts\n"),
                    f"while the host has it, the guest's own points work:\n{points.text}")


@case("host/two-guests", timeout=600, **host.HOST)
def two_guests(t: Context) -> None:
    """Two bare guests at once and the host with points on the same addresses, each exactly its own hits."""
    t.end_guests()
    code = symbol("watchpair", "break_arm_at")
    with host.loaded(t, "wide_point", f"code={code:#x} data={WATCHED:#x} any=1"):
        pair_at_once(t, "two guests on two CPUs", "1", "2")
        pair_at_once(t, "two guests on one CPU", "1", "1")
