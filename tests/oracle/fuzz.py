# SPDX-License-Identifier: GPL-2.0-only
"""Random programs from seeds (guests/fuzz.c), on the bare board and in a guest."""

from __future__ import annotations

import re

from lib import Context, board, case
from oracle import _compare as compare  # noqa: F401  (the lib extends the path)

from harness import fuzz  # noqa: E402

SAMPLE = 200
MANY = 10000
SECONDS = 300


def compare_seeds(t: Context, cpu: str, first: int, count: int, seconds: float) -> None:
    board_side, guest_side = fuzz.bare_board(cpu, seconds), fuzz.guest(t.board, seconds)
    try:
        bad, text = fuzz.check(board_side, guest_side, first, count)
    except fuzz.Broken as what:
        t.fail(str(what))
    t.log(text)
    t.check(not bad, text)


def counts(text: str) -> dict[str, int]:
    rows = re.findall(r"^(breakpoints|watchpoints) = (\d+)\r?$", text, re.M)
    return {key: int(n) for key, n in rows}


@case("oracle/fuzz", needs=board(), timeout=SECONDS)
def sample(t: Context) -> None:
    compare_seeds(t, "cortex-a15", 1, SAMPLE, SECONDS / 4)
    side = fuzz.bare_board("cortex-a15", SECONDS / 4)
    hits = counts(side(f"from=1 seeds={SAMPLE} group={SAMPLE}"))
    t.log(f"{hits}")
    t.check(hits["breakpoints"] > SAMPLE and hits["watchpoints"] > SAMPLE / 4,
            f"the programs have debug events: {hits}")


@case("oracle/fuzz-many", needs=board(), tier="long", timeout=6 * SECONDS)
def many(t: Context) -> None:
    compare_seeds(t, "cortex-a15", 1, MANY, 2 * SECONDS)


@case("oracle/fuzz-many-a7", needs=board(cpu="cortex-a7"), tier="long", timeout=6 * SECONDS)
def many_a7(t: Context) -> None:
    compare_seeds(t, "cortex-a7", MANY + 1, MANY, 2 * SECONDS)


# ---- the comparison and the reduction themselves, on made-up sides ----

STEPS = 20
ALL = (1 << STEPS) - 1


def made_up(differs=lambda seed, steps, before: False, cut: int = 0) -> fuzz.Side:
    """A side that prints what guests/fuzz.c prints.

    DIFFERS gets a seed, its steps and the earlier runs of this boot, and says whether that run goes
    wrong.  The last CUT lines are lost.
    """
    def side(words: str) -> str:
        word = dict(w.split("=") for w in words.split())
        first, seeds = int(word["from"]), int(word.get("seeds", 20))
        group = int(word.get("group", 1))
        steps, before, lines, value = int(word.get("steps", fuzz.ALL_STEPS)) & ALL, [], [], 0

        def run(seed: int, mask: int) -> int:
            wrong = differs(seed, mask, tuple(before))
            before.append(seed)
            return (seed * 2654435761 ^ mask ^ (0xbad if wrong else 0)) & 0xffffffff

        if "drop" in word:
            lines = [f"seed {first} without step {n} = 0x{run(first, steps & ~(1 << n)):08x}"
                     for n in range(STEPS) if steps >> n & 1]
        else:
            for seed in range(first, first + seeds):
                value = ((value << 5 | value >> 27) & 0xffffffff) ^ run(seed, steps)
                if (seed - first) % group == group - 1 or seed == first + seeds - 1:
                    lines.append(f"seed {seed} = 0x{value:08x}")
                    value = 0
        lines = ["PASS fuzz: monitor mode can be turned on", *lines, "1 passed, 0 failed"]
        return "".join(f"{line}\r\n" for line in lines[:len(lines) - cut])
    return side


@case("oracle/fuzz-can-fail", tier="check")
def can_fail(t: Context) -> None:
    """Differences are found and reduced; one that cannot be reduced is reported as such."""
    right = made_up()
    t.equal(fuzz.check(right, made_up(), 1, 230)[0], [], "equal sides are equal")
    for seed in (1, 37, 50, 51, 230):
        wrong = made_up(lambda s, steps, before, seed=seed:
                        s == seed and steps >> 3 & 1 and steps >> 7 & 1)
        t.equal(fuzz.check(right, wrong, 1, 230)[0], [seed], f"seed {seed} of 230 is found")
        reduced = fuzz.reduce(right, wrong, seed)
        t.check(reduced and reduced.steps == 1 << 3 | 1 << 7,
                f"seed {seed} is reduced to steps 3 and 7")
    one = made_up(lambda s, steps, before: s == 9 and steps >> 19)
    t.equal(fuzz.reduce(right, one, 9).steps, 1 << 19,
            "a difference that needs only the last step is reduced to it")
    none = made_up(lambda s, steps, before: s == 9)
    t.equal(bin(fuzz.reduce(right, none, 9).steps).count("1"), 1,
            "a difference that needs no step is reduced to one")
    several = made_up(lambda s, steps, before: s in (5, 60, 61))
    t.equal(fuzz.check(right, several, 1, 100)[0], [5, 60, 61], "several seeds are all found")

    later = made_up(lambda s, steps, before: s == 45 and 44 in before)
    bad, text = fuzz.check(right, later, 1, 100)
    t.equal(bad, [45], "a seed that differs only after another one is found")
    t.equal(fuzz.reduce(right, later, 45), None, "it is not reduced: alone it does not differ")
    t.check("does not differ alone" in text and "from=1 seeds=45" in text,
            "the text says so and names the run that shows it")
    far = made_up(lambda s, steps, before: s == 80 and 2 in before)
    t.equal(fuzz.check(right, far, 1, 100)[0], [51],
            "if a group differs but none of its seeds does, its first seed is named")
    # Steps that leave something behind for the next run of the same boot.
    leaks = made_up(lambda s, steps, before: s == 7 and (steps >> 4 & 1 or len(before) > 2))
    t.equal(fuzz.reduce(right, leaks, 7).steps, 1 << 4,
            "earlier runs of a boot do not mislead the reduction")

    def broken(board_side: fuzz.Side, guest_side: fuzz.Side) -> bool:
        try:
            fuzz.check(board_side, guest_side, 1, 100)
        except fuzz.Broken:
            return True
        return False

    for cut in (1, 2, 3, 4):
        t.check(broken(right, made_up(cut=cut)) and broken(made_up(cut=cut), right),
                f"output that lacks its last {cut} lines")
    t.check(broken(right, lambda words: right(words).replace("0 failed", "1 failed")),
            "a FAIL of the program")
    t.check(broken(right, lambda words: right(words).replace("seed 50 = 0x", "seed 50 = ")),
            "a malformed line")
    t.check(broken(right, lambda words: "1 passed, 0 failed\n"), "a run without any seed")
