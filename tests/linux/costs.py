# SPDX-License-Identifier: GPL-2.0-only
"""More of what guests cost than the instructions of an operation.

What a chip pays for, how costs grow, and Linux in a guest beside the same kernel on the board.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace

from lib import Context, board, case
from lib.registry import TOP
from lib.session import seconds_to_init

from harness.instruments import emulator
from harness.machine import Board, Config
from harness.paths import ToolError

sys.path.insert(0, str(TOP / "bench"))
import costly  # noqa: E402
import tracing  # noqa: E402

LIMITS = TOP / "bench" / "costly-budget"
PROGRAMS = TOP / "build" / "tests"
TOO_SHORT = ("nothing", "watch-hit")  # no exit: none of all these
GROWTH = PROGRAMS / "host" / "overlay" / "usr" / "local" / "bin" / "growth"
WORK = PROGRAMS / "linux" / "overlay" / "usr" / "local" / "bin" / "work"
COUNTED = board(guest=True, smp=1, icount=True)
# Without high memory, which a kernel has to map for each access: guests have none.
LOW = board(guest=True, smp=1, icount=True, memory=704)
BARE = Config(module=False, smp=1, icount=True, memory=256)
WORK_ROUNDS = 200
VM_BYTES = {"1": 56_000, "4": 96_000}  # by MemFree, which the kernel counts in batches
# What Linux may take in a guest, beside the board. The loop's are the rounds without an interrupt;
# a tick of the guest needs the host's tick, too.
WORK_LIMITS = {"fork": 1.02, "pipe": 1.01, "cpu-least": 1.001, "cpu": 1.0015, "touch": 1.01,
               "boot": 1.2}


def limits() -> dict[str, dict[str, int]]:
    """bench/costly-budget: a table like costly.table()'s, with its zeroes."""
    rows = [line.split() for line in LIMITS.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    return {row[0]: dict(zip(rows[0][1:], map(int, row[1:]))) for row in rows[1:]}


@case("linux/costly-instructions", timeout=400)
def costly_instructions(t: Context) -> None:
    """Barriers, maintenance, coprocessors and the GIC: no operation has more than it may."""
    rounds = tracing.trace([name for name in tracing.loops() if name not in TOO_SHORT])
    t.log(costly.table(rounds))
    allowed = limits()
    t.equal(set(allowed), set(rounds), "bench/costly-budget has a row for each operation")
    for name, one in rounds.items():
        t.check(len(one.instructions) >= tracing.SHORTEST, f"{name} was traced")
        kinds = costly.count(one)
        over = {kind: (kinds[kind], limit) for kind, limit in allowed.get(name, {}).items()
                if kinds[kind] > limit}
        t.check(not over, f"{name} is within its limits {over or ''}")


def grow(machine: Board, *words: str) -> dict[str, int]:
    text = machine.run(["/tmp/growth", *words], timeout=300).check().text
    return {name: int(value) for name, value in re.findall(r"^growth (\S+) (\d+)$", text, re.M)}


def axis(t: Context, machine: Board, name: str, points: tuple[int, ...],
         more: tuple[str, ...] = ()) -> dict[int, dict[str, int]]:
    """Measure at each point; the lines in the log are what bench/chart draws."""
    found = {}
    for point in points:
        found[point] = grow(machine, name, str(point), *more)
        for what, value in found[point].items():
            t.log(f"growth {name}{'x'.join(('', *more))} {point} {what} {value}")
    return found


@case("linux/costs-grow", needs=COUNTED, tier="long", timeout=900)
def costs_grow(t: Context) -> None:
    """What more vCPUs, slots, VMs and RAM do to the costs of one."""
    machine = t.board
    machine.put(GROWTH, "/tmp/growth")
    machine.sh("echo never >/sys/kernel/mm/transparent_hugepage/enabled").check()
    vcpus = axis(t, machine, "vcpus", (1, 2, 4, 8))
    t.check(vcpus[8]["exit"] <= vcpus[1]["exit"] * 1.02, "more vCPUs do not make an exit dearer")
    slots = axis(t, machine, "slots", (1, 8, 64, 508))
    t.check(slots[508]["exit"] <= slots[1]["exit"] + 160,
            "508 slots add no more to an exit than a search by halves")
    for cpus in ("1", "4"):
        many = axis(t, machine, "vms", (20, 100, 200), (cpus,))
        t.check(many[200]["make-vm"] <= many[20]["make-vm"] * 1.1,
                f"with 200 VMs of {cpus} vCPUs one costs what it costs with 20")
        t.check(0 < many[200]["vm-bytes"] <= VM_BYTES[cpus],
                f"a VM of {cpus} vCPUs takes at most {VM_BYTES[cpus]} bytes")
    ram = axis(t, machine, "ram", (16, 64, 256))
    t.check(ram[256]["page-absent"] <= ram[16]["page-absent"] * 1.1, "a page costs the same in all")
    machine.put(tracing.ICOUNT, "/tmp/icount.elf")
    start = {size: grow(machine, "command", "armvm", "run", "--kernel", "/tmp/icount.elf",
                        "--memory", f"{size}M", "--append", "rounds=8") for size in (64, 256, 512)}
    for size, values in start.items():
        t.log(f"growth memory {size} command {values['command']}")
    t.check(start[512]["command"] <= start[64]["command"] * 1.1,
            "armvm starts a large guest like a small one")


def work(machine) -> dict[str, int]:
    """The best of three runs: in the first a guest gets pages that it has not had."""
    best: dict[str, int] = {}
    for _ in range(3):
        text = machine.run(["/tmp/work", str(WORK_ROUNDS)], timeout=300).check().text
        for name, value in re.findall(r"^work (\S+) (\d+)$", text, re.M):
            best[name] = min(best.get(name, int(value)), int(value))
    return best


@case("linux/costs-of-linux", tier="long", timeout=900)
def costs_of_linux(t: Context) -> None:
    """fork, pipes, a loop, pages and a boot: the same kernel on the board and in a guest.

    Bookworm's emulator does not trap ID_PFR0, so that Linux in a guest takes its CPU for one with
    ThumbEE, whose registers do trap, four times in a round of the pipes (docs/emulator.md).
    """
    try:
        newer = str(emulator())
    except ToolError as error:
        t.skip(str(error).splitlines()[0])
    here: dict[str, float] = {"boot": seconds_to_init(t.boot(replace(BARE, emulator=newer)))}
    machine = t.boot(replace(LOW, emulator=newer))
    machine.put(WORK, "/tmp/work")
    here.update(work(machine))
    guest = machine.start_guest(cpus=1, memory=256).wait()
    there: dict[str, float] = {"boot": seconds_to_init(guest)}
    guest.run(["tee", "/tmp/work"], WORK.read_bytes()).check()
    guest.sh("chmod 755 /tmp/work").check()
    there.update(work(guest))
    for name, limit in WORK_LIMITS.items():
        ratio = there[name] / here[name]
        t.log(f"{name}: {there[name]} in a guest, {here[name]} on the board: {ratio:.4f}")
        t.check(ratio <= limit, f"{name}: {ratio:.4f} of the board's, its limit is {limit}")
