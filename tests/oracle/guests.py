# SPDX-License-Identifier: GPL-2.0-only
"""Each program of guests/ prints the same lines on the bare board and in a guest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from lib import Context, board, case
from lib.session import PERF
from oracle import _compare as compare

from harness import bare  # noqa: E402  (lib extends the path)
from harness.instruments import emulator
from harness.machine import Board, Config
from harness.paths import ToolError

HERE = Path(__file__).resolve().parent
BARE_SECONDS = 120
GUEST_SECONDS = 240


@dataclass(frozen=True)
class Program:
    name: str
    on_board: bool = True  # False: it tests nothing there
    armvm: tuple[str, ...] = ()
    pmu: bool = False  # it needs a host whose kernel has a PMU driver


PROGRAMS = [Program(n) for n in (
    "hello", "regs", "undef", "breakpoints", "watchpoints", "bkpt", "moe", "vectors", "cp15",
    "banked", "vfp", "timer", "gic", "psci", "smp", "memory", "watchpair", "icount", "sweep",
    "trapped", "faults")]
PROGRAMS.append(Program("mmio", on_board=False, armvm=("--testdev",)))
PROGRAMS.append(Program("reset", on_board=False, armvm=("--testdev", "--rng")))
PROGRAMS.append(Program("forms", armvm=("--testdev",)))
PROGRAMS.append(Program("pmu", pmu=True))
# Other cases run these: fuzz.py, and cases in tests/linux and tests/host, which need a host.
FOR_HOST = {"debuggee", "events", "fuzz", "hostile", "hypfault", "steps", "ticks"}


def tail(text: str) -> str:
    return "\n".join(text.replace("\r", "").splitlines()[-40:])


def on_board(t: Context, program: Program, config: Config) -> str:
    """Run the program on a bare board; return its console output."""
    try:
        text = bare.run(compare.ELVES / f"{program.name}.elf", f"oracle-{program.name}",
                        config.cpu, BARE_SECONDS, emulator=config.emulator)
    except bare.Broken as what:
        return t.fail(f"{what}\n{tail(what.text)}")
    t.log(f"-- {program.name} on the bare {config.cpu}\n{text}")
    return text


def in_guest(t: Context, program: Program, machine: Board) -> str:
    elf = f"/tmp/{program.name}.elf"
    machine.put(compare.ELVES / f"{program.name}.elf", elf)
    argv = ["armvm", "run", "--kernel", elf, "--cpus", "2", "--memory", "64M", *program.armvm]
    result = machine.run(argv, timeout=GUEST_SECONDS)
    text = result.stdout.decode("latin-1")
    t.log(f"-- {program.name} in a guest, status {result.status}\n{text}\n"
          + result.stderr.decode("latin-1"))
    if result.status != 0:
        t.fail(f"armvm ended with {result.status} in {program.name}\n{tail(text)}\n"
               + result.stderr.decode("latin-1"))
    return text


def parse(t: Context, program: Program, side: str, text: str):
    try:
        return compare.parse(program.name, text)
    except compare.Malformed as what:
        return t.fail(f"{side}: {what}\n{tail(text)}")


def both(t: Context, program: Program, machine: Board, emulator: str) -> None:
    """EMULATOR is the version of MACHINE's."""
    rows = compare.rows_of(program.name, machine.config.cpu, emulator)
    guest = parse(t, program, "guest", in_guest(t, program, machine))
    t.check(guest.verdicts, f"{program.name} gives verdicts in the guest")
    t.check(not guest.skipped, f"{program.name} skips nothing in the guest")
    if program.on_board:
        here = parse(t, program, "board", on_board(t, program, machine.config))
        bad = compare.compare(here, guest, rows)
    else:
        bad = [f"in the guest: FAIL {key}" for key, word in guest.verdicts.items()
               if word == "FAIL"]
    t.log("\n".join(bad))
    t.check(not bad, f"{program.name} is the same on both sides" if not bad else
            f"{program.name}: {len(bad)} complaints\n    " + "\n    ".join(bad[:40]))


def register(program: Program, cpu: str, flavour: str, suffix: str, tier: str) -> None:
    needs = board(cpu=cpu, flavour=flavour)
    if program.pmu:
        # On the board that the cases about perf have anyway.
        needs = replace(PERF, cpu=cpu, flavour=flavour)
        tier = "test" if needs == PERF else "long"

    @case(f"oracle/{program.name}{suffix}", needs=needs, tier=tier,
          timeout=BARE_SECONDS + GUEST_SECONDS + 30)
    def run(t: Context) -> None:
        both(t, program, t.board, "7.2")


for _program in PROGRAMS:
    register(_program, "cortex-a15", "armmp-lpae", "", "test")
    register(_program, "cortex-a7", "armmp-lpae", "-a7", "test")
    # The format of the host's own page tables must not matter to the guest.
    register(_program, "cortex-a15", "armmp", "-short", "long")


# ---- all of them on a second version of the emulator ----

# LDRD and STRD of a Device at an address that is a multiple of 4 but not of 8: QEMU 10.0 takes an
# alignment fault, on the bare board, too.  To the architecture it is aligned (A3.2.1).
BROKEN = {"forms"}


def newer(t: Context, cpu: str) -> None:
    """Where both versions model something they must agree; where one does, it is the oracle."""
    try:
        path = str(emulator())
    except ToolError as error:
        t.skip(str(error).splitlines()[0])
    for needs, pmu in ((Config(cpu=cpu, emulator=path), False),
                       (replace(PERF, cpu=cpu, emulator=path), True)):
        machine = t.boot(needs)
        for program in PROGRAMS:
            if program.pmu == pmu and program.name not in BROKEN:
                both(t, program, machine, "10.0")
        machine.shutdown()


@case("oracle/newer-emulator", tier="silicon", timeout=900, shard="newer-a15")
def a15(t: Context) -> None:
    newer(t, "cortex-a15")


@case("oracle/newer-emulator-a7", tier="silicon", timeout=900, shard="newer-a7")
def a7(t: Context) -> None:
    newer(t, "cortex-a7")


@case("oracle/differences-table", tier="check")
def table(t: Context) -> None:
    """The table is well formed, and each row names a program that is run."""
    try:
        rows = compare.read_table()
    except ValueError as what:
        t.fail(str(what))
    names = {p.name for p in PROGRAMS if p.on_board}
    for row in rows:
        t.check(row.program in names, f"differences.tsv:{row.number}: {row.program} is run")
    sources = {p.stem for p in (HERE.parents[1] / "guests").glob("*.c")}
    t.equal(sources - FOR_HOST, {p.name for p in PROGRAMS},
            "every program of guests/ is run, and no other")


@case("oracle/comparison-can-fail", tier="check")
def can_fail(t: Context) -> None:
    """The comparison itself, on made-up runs: it must find each kind of error."""
    good = ("# x on a bare board\r\nPASS x: one\r\nreg = 1\r\n@ PASS x: two\r\n"
            "2 passed, 0 failed\r\n")
    row = compare.Row(2, "x", "cortex-a15", "all", "reg", "1", "2", "C1", "guest", "made up")

    def bad(board_text: str, guest_text: str, *rows) -> list[str]:
        return compare.compare(compare.parse("x", board_text), compare.parse("x", guest_text),
                               list(rows))

    def malformed(text: str) -> bool:
        try:
            compare.parse("x", text)
        except compare.Malformed:
            return True
        return False

    bare = good.replace("@ PASS x: two\r\n2", "1")
    t.equal(bad(bare, good), [], "equal runs are equal, apart from lines that only a guest prints")
    t.check(bad(bare, good.replace("reg = 1", "reg = 2")), "another value")
    t.equal(bad(bare, good.replace("reg = 1", "reg = 2"), row), [], "another value with its row")
    t.check(bad(bare, good.replace("reg = 1", "reg = 3"), row), "a value that is not in the row")
    t.check(bad(bare, good, row), "a row that does not occur")
    t.check(bad(bare, good.replace("reg = 1\r\n", "")), "a missing line")
    t.check(bad(bare.replace("reg = 1\r\n", ""), good), "a line too many")
    swapped = good.replace("PASS x: one\r\nreg = 1", "reg = 1\r\nPASS x: one")
    t.check(bad(bare, swapped), "another order")
    fail = good.replace("PASS x: two\r\n2 passed, 0", "FAIL x: two\r\n1 passed, 1")
    t.check(bad(bare, fail), "a FAIL in the guest only")
    both_fail = "FAIL x: one\n0 passed, 1 failed\n"
    t.check(bad(both_fail, both_fail), "the same FAIL on both sides")
    t.check(malformed(good.replace("2 passed", "3 passed")), "a wrong count")
    t.check(malformed(good.replace("2 passed, 0 failed\r\n", "")), "a truncated run")
    t.check(malformed(good + "PASS x: three\n"), "a line after the count")
    t.check(malformed("PASS x: one\nPASS x: one\n2 passed, 0 failed\n"), "a verdict given twice")
    t.check(malformed("PASS y: one\n1 passed, 0 failed\n"), "a verdict of another program")
    t.check(malformed("what is this\n0 passed, 0 failed\n"), "a line of unknown form")
    t.check(malformed(""), "an empty run")
