# SPDX-License-Identifier: GPL-2.0-only
"""Points of the host and of guests on the same addresses: each keeps and sees its own."""

from __future__ import annotations

from host import _modules as host
from host._points import Points, symbol, touches
from lib import Context, case

WATCHED = 0x41000000  # As guests/watchpair.c has it.
ROUNDS = 1000


@case("host/wide-point", timeout=180, **host.HOST)
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

        for cpu in (1, 2):
            argv = ["taskset", str(cpu), "armvm", "run", "--kernel", host.elf(t, "watchpair"), "--memory",
                    "64M", "--append", f"seed={cpu} rounds={ROUNDS}"]
            command = t.board.agent.start(argv)
            # The host's own hits meanwhile, on both CPUs.
            touches(t, ["data", f"{WATCHED:x}"], 10)
            touches(t, ["code", f"{code:x}"], 10)
            result = command.result(60)
            host.all_pass(t, result, f"watchpair on CPU {cpu - 1}")
            t.check(min(host.hits(result.text)[:2]) > ROUNDS // 3,
                    f"it had points of its own: {host.hits(result.text)}")
            after = Points(t)
            t.equal((after.hits("code"), after.hits("data")), (10 + 10 * cpu, 10 + 10 * cpu),
                    "the host got its own, none of the guest's")
        if not t.equal(after.registers(), before.registers(), "the host's registers are as they were"):
            return
        touches(t, ["code", f"{code:x}"], 4)
        touches(t, ["data", f"{WATCHED:x}"], 4)
        last = Points(t)
        t.equal((last.hits("code"), last.hits("data")), (34, 34), "and still fire, one for each touch")


@case("host/wide-point-in-kernel", timeout=180, **host.HOST)
def kernel_point(t: Context) -> None:
    """On a function of the kernel that a stock guest, the same kernel, calls all the time."""
    guest = t.guest(cpus=1)
    line = t.board.sh("grep -w sys_getpriority /proc/kallsyms").check().text
    with host.loaded(t, "wide_point", f"code=0x{line.split()[0]}"):
        before = Points(t)
        t.check(len(before.rows) == 2 and before.on(), f"a point of the host on both CPUs: {before.rows}")
        touches(t, ["call", "-"], 10)
        t.equal(Points(t).hits("code"), 10, "the host gets its own")
        command = guest.agent.start(["touch-point", "call", "free", "20000"])
        touches(t, ["call", "-"], 10)
        result = command.result(60)
        t.equal((result.status, result.text), (0, "20000 touches, 0 wrong\n"), "the guest sees nothing of it")
        points = guest.run(["hwpoints"])
        t.check(points.status == 0 and points.text.endswith("19 verdicts\n"),
                f"while the host has it, the guest's own points work:\n{points.text}")
        after = Points(t)
        t.equal(after.hits("code"), 20, "the host got its own, none of the guest's")
        if not t.equal(after.registers(), before.registers(), "its registers are as they were"):
            return
        touches(t, ["call", "-"], 4)
        t.equal(Points(t).hits("code"), 24, "and it still fires")


@case("host/two-guests", timeout=180, **host.HOST)
def two_guests(t: Context) -> None:
    """Two bare guests at once with points on the same addresses, each exactly its own hits."""
    t.end_guests()
    program = host.elf(t, "watchpair")
    for where in (("1", "2"), ("1", "1")):
        commands = [t.board.agent.start(
            ["taskset", cpu, "armvm", "run", "--kernel", program, "--memory", "64M", "--append",
             f"seed={seed} rounds={ROUNDS}"]) for seed, cpu in enumerate(where, 1)]
        seen = []
        for seed, command in enumerate(commands, 1):
            result = command.result(90)
            host.all_pass(t, result, f"seed {seed} on CPU {where[seed - 1]} of {where}")
            t.contains(result.text, f"seed = {seed}", "this is that guest")
            seen.append(host.hits(result.text))
        t.check(seen[0] != seen[1] and min(seen[0] + seen[1]) == 0 and min(seen[0][:2]) > ROUNDS // 3,
                f"different counts, each its own: {seen}")
