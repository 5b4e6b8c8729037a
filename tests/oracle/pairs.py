# SPDX-License-Identifier: GPL-2.0-only
"""Two guests at once, debugging at the same addresses: each sees exactly its own hits."""

from __future__ import annotations

from lib import Context, board, case
from oracle import _compare as compare

from harness.channel import Command

# The rounds of a run.  If a busy machine starts the second guest too late, try again with more.
LONGER = (3000, 6000, 12000, 24000)
SECONDS = 120


def put_program(t: Context, program: str) -> str:
    elf = f"/tmp/{program}.elf"
    t.board.put(compare.ELVES / f"{program}.elf", elf)
    return elf


def start_guest(t: Context, elf: str, words: str, prefix: tuple[str, ...] = ()) -> Command:
    return t.board.agent.start([*prefix, "armvm", "run", "--kernel", elf, "--cpus", "1",
                                "--memory", "64M", "--append", words])


def finish_guest(t: Context, program: str, command) -> compare.Output:
    result = command.result(SECONDS)
    text = result.stdout.decode("latin-1")
    t.log(f"-- {program}, status {result.status}\n{text}\n{result.stderr.decode('latin-1')}")
    if result.status != 0:
        t.fail(f"armvm ended with {result.status}\n{text[-2000:]}")
    out = compare.parse(program, text)
    others = [key for key, word in out.verdicts.items() if word != "PASS"]
    t.check(out.verdicts and "FAIL" not in out.verdicts.values(),
            f"{program}: every verdict is PASS: {others}")
    return out


def pair(t: Context, prefix: tuple[str, ...]) -> None:
    """`watchpair` compares its hits with what its seed demands; this compares the two guests."""
    elf, facts = put_program(t, "watchpair"), {}
    for rounds in LONGER:
        runs = {seed: start_guest(t, elf, f"seed={seed} rounds={rounds}", prefix)
                for seed in (3, 8)}
        together = not runs[3].ended
        for seed, command in runs.items():
            out = finish_guest(t, "watchpair", command)
            facts[seed] = {line.key: line.value for line in out.lines}
            t.equal(facts[seed]["seed"], str(seed), f"the guest had seed {seed}")
        if together:
            break
    t.check(together, f"both run at the same time, for {rounds} rounds")
    t.check(facts[3]["hits"] != facts[8]["hits"], "the two counts differ, so a mix-up would show")


@case("oracle/two-guests", needs=board(), timeout=900)
def two_cpus(t: Context) -> None:
    pair(t, ())


@case("oracle/two-guests-one-cpu", needs=board(), timeout=900)
def one_cpu(t: Context) -> None:
    """They preempt each other: neither may see what the other leaves in the registers."""
    pair(t, ("taskset", "-c", "1"))


@case("oracle/moe-beside-watchpoints", needs=board(), timeout=900)
def moe(t: Context) -> None:
    """MOE of one guest, while another on the same CPU takes its own debug exceptions."""
    prefix = ("taskset", "-c", "0")
    watchpair, elf = put_program(t, "watchpair"), put_program(t, "moe")
    for rounds in LONGER:
        other = start_guest(t, watchpair, f"seed=5 rounds={2 * rounds}", prefix)
        finish_guest(t, "moe", start_guest(t, elf, "", prefix))
        together = not other.ended
        finish_guest(t, "watchpair", other)
        if together:
            break
    t.check(together, f"the other guest ran all the time, for {2 * rounds} rounds")
