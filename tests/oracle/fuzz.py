# SPDX-License-Identifier: GPL-2.0-only
"""Random programs from seeds, guests/fuzz.c, on the bare board and in a guest."""

from __future__ import annotations

import re

from lib import Context, board, case
from oracle import _compare as compare  # noqa: F401  (the lib extends the path)

from harness import fuzz  # noqa: E402

SAMPLE = 200
MANY = 10000
SECONDS = 300


def run(t: Context, cpu: str, first: int, count: int, seconds: float) -> None:
    board_side, guest_side = fuzz.bare_board(cpu, seconds), fuzz.guest(t.board, seconds)
    try:
        bad, text = fuzz.check(board_side, guest_side, first, count)
    except fuzz.Broken as what:
        t.fail(str(what))
    t.log(text)
    t.check(not bad, text)


def counts(text: str) -> dict[str, int]:
    return {key: int(n) for key, n in re.findall(r"^(breakpoints|watchpoints) = (\d+)\r?$", text, re.M)}


@case("oracle/fuzz", needs=board(), timeout=SECONDS)
def sample(t: Context) -> None:
    run(t, "cortex-a15", 1, SAMPLE, SECONDS / 4)
    hits = counts(fuzz.bare_board("cortex-a15", SECONDS / 4)(f"from=1 seeds={SAMPLE} group={SAMPLE}"))
    t.log(f"{hits}")
    t.check(hits["breakpoints"] > SAMPLE and hits["watchpoints"] > SAMPLE / 4,
            f"the programs have debug events: {hits}")


@case("oracle/fuzz-many", needs=board(), tier="long", timeout=6 * SECONDS)
def many(t: Context) -> None:
    run(t, "cortex-a15", 1, MANY, 2 * SECONDS)


@case("oracle/fuzz-many-a7", needs=board(cpu="cortex-a7"), tier="long", timeout=6 * SECONDS)
def many_a7(t: Context) -> None:
    run(t, "cortex-a7", MANY + 1, MANY, 2 * SECONDS)
