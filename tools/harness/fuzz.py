# SPDX-License-Identifier: GPL-2.0-only
"""guests/fuzz.c on the bare board and in a guest: which seeds differ, and in which steps."""

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
# Words of the command line in, all that the program printed out.
Side = Callable[[str], str]


class Broken(Exception):
    """A run did not come to its end, or was none; the message has what it printed."""


@dataclass
class Reduced:
    seed: int
    steps: int  # a mask: without any one of them both sides agree
    board: str
    guest: str

    def __str__(self) -> str:
        numbers = [n for n in range(32) if self.steps >> n & 1]
        ours, theirs = (text.replace("\r", "").splitlines()[1:] for text in (self.board, self.guest))
        shown = "\n".join(f"  {SIDES[line[0]]}{line[2:]}" for line in difflib.ndiff(ours, theirs)
                          if line[0] in SIDES and not DULL.search(line))
        return (f"seed {self.seed} differs; these {len(numbers)} steps of it are enough: "
                f"{', '.join(map(str, numbers))} (log=1 from={self.seed} seeds=1 steps={self.steps})\n{shown}")


def bare_board(cpu: str, seconds: float) -> Side:
    """The bare board: each run is a boot of its own, which takes no second."""
    def side(words: str) -> str:
        try:
            return bare.run(ELF, "fuzz", cpu, seconds, words)
        except bare.Broken as what:
            raise Broken(f"{words}: {what}\n{what.text[-2000:]}") from what
    return side


def guest(board: Board, seconds: float) -> Side:
    """A guest on a board that runs already."""
    board.put(ELF, ON_BOARD)

    def side(words: str) -> str:
        result = board.run(["armvm", "run", "--kernel", ON_BOARD, "--cpus", "1", "--memory", "128M",
                            "--append", words], timeout=seconds)
        text = result.stdout.decode("latin-1")
        if result.status != 0:
            raise Broken(f"in a guest fuzz {words} ended armvm with {result.status}\n{text[-2000:]}\n"
                         + result.stderr.decode("latin-1")[-2000:])
        return text
    return side


def facts(text: str, pattern: str) -> dict[int, str]:
    """Numbers and values of the lines that PATTERN matches; the program has to have ended well."""
    if not re.search(r"^[1-9]\d* passed, 0 failed\r?$", text, re.M):
        raise Broken(f"fuzz did not end well:\n{text[-2000:]}")
    return {int(n): value for n, value in re.findall(pattern, text, re.M)}


def hashes(side: Side, first: int, count: int, group: int) -> tuple[dict[int, str], str]:
    text = side(f"from={first} seeds={count} group={group}")
    found = facts(text, r"^seed (\d+) = (0x[0-9a-f]{8})\r?$")
    if len(found) != -(-count // group):
        raise Broken(f"{len(found)} lines for {count} seeds in groups of {group}\n{text[-2000:]}")
    return found, text


def different(board: Side, guest_side: Side, first: int, count: int, limit: int = 1000) -> list[int]:
    """The seeds from FIRST on that differ; looks into no more groups once it has LIMIT of them."""
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
        # A group that differs of which no seed does: what a seed does depends on those before.
        bad += found or [start]
    return bad


def alone(board: Side, guest_side: Side, seed: int, steps: int = ALL_STEPS) -> bool:
    """Does it differ as the first and only program of a boot?"""
    words = f"from={seed} seeds=1 steps={steps}"
    pattern = r"^seed (\d+) = (0x[0-9a-f]{8})\r?$"
    ours, theirs = facts(board(words), pattern), facts(guest_side(words), pattern)
    if set(ours) != {seed} or set(theirs) != {seed}:
        raise Broken(f"{words}: not one line for seed {seed}")
    return ours != theirs


def reduce(board: Side, guest_side: Side, seed: int) -> Reduced | None:
    """Leave out steps for as long as the two sides still differ; None where the seed alone does not."""
    if not alone(board, guest_side, seed):
        return None
    steps = shorten(board, guest_side, seed, False)
    # The runs of one boot follow each other: what they said has to hold for one alone.
    if not alone(board, guest_side, seed, steps):
        steps = shorten(board, guest_side, seed, True)
    words = f"from={seed} seeds=1 steps={steps} log=1"
    return Reduced(seed, steps, board(words), guest_side(words))


def shorten(board: Side, guest_side: Side, seed: int, careful: bool) -> int:
    """The steps that are left; CAREFUL: each shorter program is held against boots of its own too."""
    steps = ALL_STEPS
    pattern = r"^seed \d+ without step (\d+) = (0x[0-9a-f]{8})\r?$"
    while True:
        words = f"from={seed} steps={steps} drop=1"
        ours, theirs = facts(board(words), pattern), facts(guest_side(words), pattern)
        if not ours or set(ours) != set(theirs):
            raise Broken(f"{words}: not the same steps on both sides")
        # Only what the program has; the mask of all steps is cut down to these.
        steps = sum(1 << n for n in ours)
        # From the end: what follows the step that went wrong goes first.
        without = next((n for n in sorted(ours, reverse=True) if ours[n] != theirs[n] and
                        (not careful or alone(board, guest_side, seed, steps & ~(1 << n)))), None)
        if without is None or len(ours) == 1:
            return steps
        steps &= ~(1 << without)


def check(board: Side, guest_side: Side, first: int, count: int, reductions: int = 1) -> tuple[list[int], str]:
    """Run them; which seeds differ, and a text that says how."""
    bad = different(board, guest_side, first, count)
    if not bad:
        return bad, f"{count} seeds from {first} on are equal on both sides"
    text = f"{len(bad)} of {count} seeds from {first} on differ: {', '.join(map(str, bad[:50]))}"
    for seed in bad[:reductions]:
        reduced = reduce(board, guest_side, seed)
        text += f"\n{reduced}" if reduced else \
            f"\nseed {seed} does not differ alone: it needs one before it, from={first} seeds={seed - first + 1}"
    return bad, text
