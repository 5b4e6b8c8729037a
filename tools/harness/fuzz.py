# SPDX-License-Identifier: GPL-2.0-only
"""Runs guests/fuzz.c on the bare board and in a guest; finds the seeds and steps that differ."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass

from . import bare
from .machine import Board
from .paths import BUILD

ELF = BUILD / "guests" / "fuzz.elf"
ON_BOARD = "/tmp/fuzz.elf"
GROUP = 50
ALL_STEPS = 0xffffffff
SIDES = {" ": "        ", "-": "board | ", "+": "guest | "}
DULL = re.compile(r"^  .*(?:[bw][vc]r 0x|passed|PASS)")
# Takes the words of the command line, returns all that the program printed.
Side = Callable[[str], str]


class Broken(Exception):
    """A run did not end, or its output is not that of the program. The message quotes it."""


@dataclass
class Reduced:
    seed: int
    steps: int  # A mask. Leave out any one of these steps, and both sides agree.
    board: str
    guest: str

    def __str__(self) -> str:
        numbers = [n for n in range(32) if self.steps >> n & 1]
        ours, theirs = (text.replace("\r", "").splitlines()[1:]
                        for text in (self.board, self.guest))
        shown = "\n".join(f"  {SIDES[line[0]]}{line[2:]}" for line in difflib.ndiff(ours, theirs)
                          if line[0] in SIDES and not DULL.search(line))
        return (f"seed {self.seed} differs; {len(numbers)} of its steps are enough: "
                f"{', '.join(map(str, numbers))} "
                f"(log=1 from={self.seed} seeds=1 steps={self.steps})\n{shown}")


def bare_board(cpu: str, seconds: float) -> Side:
    """The bare board. Each run boots it anew, which takes less than a second."""
    def side(words: str) -> str:
        try:
            return bare.run(ELF, "fuzz", cpu, seconds, words)
        except bare.Broken as what:
            raise Broken(f"{words}: {what}\n{what.text[-2000:]}") from what
    return side


def guest(board: Board, seconds: float) -> Side:
    """A guest on BOARD, which is running."""
    board.put(ELF, ON_BOARD)

    def side(words: str) -> str:
        result = board.run(["armvm", "run", "--kernel", ON_BOARD, "--cpus", "1",
                            "--memory", "128M", "--append", words], timeout=seconds)
        text = result.stdout.decode("latin-1")
        if result.status != 0:
            raise Broken(f"fuzz {words} in a guest: armvm exited with {result.status}\n"
                         f"{text[-2000:]}\n{result.stderr.decode('latin-1')[-2000:]}")
        return text
    return side


def facts(text: str, pattern: str) -> dict[int, str]:
    """Map number to value in the lines that PATTERN matches. The program must have ended well."""
    if not re.search(r"^[1-9]\d* passed, 0 failed\r?$", text, re.M):
        raise Broken(f"fuzz did not end well:\n{text[-2000:]}")
    return {int(n): value for n, value in re.findall(pattern, text, re.M)}


def hashes(side: Side, first: int, count: int, group: int) -> tuple[dict[int, str], str]:
    text = side(f"from={first} seeds={count} group={group}")
    found = facts(text, r"^seed (\d+) = (0x[0-9a-f]{8})\r?$")
    if len(found) != -(-count // group):
        raise Broken(f"{len(found)} lines for {count} seeds in groups of {group}\n{text[-2000:]}")
    return found, text


def different(board: Side, guest_side: Side, first: int, count: int,
              limit: int = 1000) -> list[int]:
    """Find the seeds from FIRST on that differ. Stop at the end of a group once LIMIT are found."""
    group = min(GROUP, count)
    ours, _ = hashes(board, first, count, group)
    theirs, _ = hashes(guest_side, first, count, group)
    bad = []
    for last in sorted(ours):
        if ours[last] == theirs.get(last) or len(bad) >= limit:
            continue
        start = first + (last - first) // group * group
        one, _ = hashes(board, start, last - start + 1, 1)
        other, _ = hashes(guest_side, start, last - start + 1, 1)
        found = [seed for seed in sorted(one) if one[seed] != other.get(seed)]
        # The group differs, but no seed of it alone: a seed depends on those before it.
        bad += found or [start]
    return bad


def alone(board: Side, guest_side: Side, seed: int, steps: int = ALL_STEPS) -> bool:
    """Whether SEED differs when it is the only program of a boot."""
    words = f"from={seed} seeds=1 steps={steps}"
    pattern = r"^seed (\d+) = (0x[0-9a-f]{8})\r?$"
    ours, theirs = facts(board(words), pattern), facts(guest_side(words), pattern)
    if set(ours) != {seed} or set(theirs) != {seed}:
        raise Broken(f"{words}: there must be exactly one line, for seed {seed}")
    return ours != theirs


def reduce(board: Side, guest_side: Side, seed: int) -> Reduced | None:
    """Leave out steps while the two sides still differ. None if the seed alone does not differ."""
    if not alone(board, guest_side, seed):
        return None
    steps = shorten(board, guest_side, seed, False)
    # Runs of one boot may influence each other. The result must also hold for a run of its own.
    if not alone(board, guest_side, seed, steps):
        steps = shorten(board, guest_side, seed, True)
    words = f"from={seed} seeds=1 steps={steps} log=1"
    return Reduced(seed, steps, board(words), guest_side(words))


def shorten(board: Side, guest_side: Side, seed: int, careful: bool) -> int:
    """Return the steps that are left. CAREFUL: try each shorter program in its own boot too."""
    steps = ALL_STEPS
    pattern = r"^seed \d+ without step (\d+) = (0x[0-9a-f]{8})\r?$"
    while True:
        words = f"from={seed} steps={steps} drop=1"
        ours, theirs = facts(board(words), pattern), facts(guest_side(words), pattern)
        if not ours or set(ours) != set(theirs):
            raise Broken(f"{words}: the two sides do not have the same steps")
        # Reduce the mask of all steps to those that the program has.
        steps = sum(1 << n for n in ours)
        # From the end: first drop what follows the step that went wrong.
        without = next((n for n in sorted(ours, reverse=True) if ours[n] != theirs[n] and
                        (not careful or alone(board, guest_side, seed, steps & ~(1 << n)))),
                       None)
        if without is None or len(ours) == 1:
            return steps
        steps &= ~(1 << without)


def check(board: Side, guest_side: Side, first: int, count: int,
          reductions: int = 1) -> tuple[list[int], str]:
    """Run COUNT seeds; return those that differ, and a text that says how."""
    bad = different(board, guest_side, first, count)
    if not bad:
        return bad, f"{count} seeds from {first} on are equal on both sides"
    text = f"{len(bad)} of {count} seeds from {first} on differ: {', '.join(map(str, bad[:50]))}"
    for seed in bad[:reductions]:
        reduced = reduce(board, guest_side, seed)
        text += f"\n{reduced}" if reduced else (
            f"\nseed {seed} does not differ alone: it needs one before it, "
            f"from={first} seeds={seed - first + 1}")
    return bad, text
