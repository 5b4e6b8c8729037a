# SPDX-License-Identifier: GPL-2.0-only
"""Two guests at once, debugging at the same addresses: each sees its own hits, all of them."""

from __future__ import annotations

from lib import Context, board, case
from oracle import _compare as compare

from harness.channel import Command

# How long one runs beside another; once more and longer where a busy machine was late with the second.
LONGER = (3000, 6000, 12000, 24000)
SECONDS = 120


def put(t: Context, program: str) -> str:
    elf = f"/tmp/{program}.elf"
    t.board.put(compare.ELVES / f"{program}.elf", elf)
    return elf


def start(t: Context, elf: str, words: str, prefix: tuple[str, ...] = ()) -> Command:
    return t.board.agent.start([*prefix, "armvm", "run", "--kernel", elf, "--cpus", "1",
                                "--memory", "64M", "--append", words])


def finished(t: Context, program: str, command) -> compare.Output:
    result = command.result(SECONDS)
    text = result.stdout.decode("latin-1")
    t.log(f"-- {program}, status {result.status}\n{text}\n{result.stderr.decode('latin-1')}")
    if result.status != 0:
        t.fail(f"armvm ended with {result.status}\n{text[-2000:]}")
    out = compare.parse(program, text)
    t.check(out.verdicts and "FAIL" not in out.verdicts.values(),
            f"{program}: every verdict is PASS: {[k for k, v in out.verdicts.items() if v != 'PASS']}")
    return out


def pair(t: Context, prefix: tuple[str, ...]) -> None:
    """`watchpair` counts for itself what its seed says; it compares, and so does this."""
    elf, facts = put(t, "watchpair"), {}
    for rounds in LONGER:
        runs = {seed: start(t, elf, f"seed={seed} rounds={rounds}", prefix) for seed in (3, 8)}
        together = not runs[3].ended
        for seed, command in runs.items():
            out = finished(t, "watchpair", command)
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
    """Preempted by each other: what one leaves in the registers the other must not meet."""
    pair(t, ("taskset", "-c", "1"))


@case("oracle/moe-beside-watchpoints", needs=board(), timeout=900)
def moe(t: Context) -> None:
    """MOE of one guest, while another on the same CPU takes debug exceptions of its own."""
    prefix = ("taskset", "-c", "0")
    watchpair, elf = put(t, "watchpair"), put(t, "moe")
    for rounds in LONGER:
        other = start(t, watchpair, f"seed=5 rounds={2 * rounds}", prefix)
        finished(t, "moe", start(t, elf, "", prefix))
        together = not other.ended
        finished(t, "watchpair", other)
        if together:
            break
    t.check(together, f"the other one ran all the time, for {2 * rounds} rounds")
