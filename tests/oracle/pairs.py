# SPDX-License-Identifier: GPL-2.0-only
"""Two guests at once, debugging at the same addresses: each sees its own hits, all of them."""

from __future__ import annotations

from lib import Context, board, case
from oracle import _compare as compare

ROUNDS = 3000
SECONDS = 120


def start(t: Context, program: str, words: str, prefix: tuple[str, ...] = ()):
    # A file of its own: another armvm may be reading one of the same name.
    elf = f"/tmp/{program}-{words.replace(' ', '-')}.elf"
    t.board.put(compare.ELVES / f"{program}.elf", elf)
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
    runs = {seed: start(t, "watchpair", f"seed={seed} rounds={ROUNDS}", prefix) for seed in (3, 8)}
    t.check(not any(command.ended for command in runs.values()), "both run at the same time")
    facts = {}
    for seed, command in runs.items():
        out = finished(t, "watchpair", command)
        facts[seed] = {line.key: line.value for line in out.lines}
        t.equal(facts[seed]["seed"], str(seed), f"the guest had seed {seed}")
    t.check(facts[3]["hits"] != facts[8]["hits"], "the two counts differ, so a mix-up would show")


@case("oracle/two-guests", needs=board(), timeout=SECONDS + 60)
def two_cpus(t: Context) -> None:
    pair(t, ())


@case("oracle/two-guests-one-cpu", needs=board(), timeout=2 * SECONDS + 60)
def one_cpu(t: Context) -> None:
    """Preempted by each other: what one leaves in the registers the other must not meet."""
    pair(t, ("taskset", "-c", "1"))


@case("oracle/moe-beside-watchpoints", needs=board(), timeout=2 * SECONDS + 60)
def moe(t: Context) -> None:
    """MOE of one guest, while another on the same CPU takes debug exceptions of its own."""
    prefix = ("taskset", "-c", "0")
    other = start(t, "watchpair", f"seed=5 rounds={2 * ROUNDS}", prefix)
    mine = start(t, "moe", "", prefix)
    finished(t, "moe", mine)
    t.check(not other.ended, "the other one ran all the time")
    finished(t, "watchpair", other)
