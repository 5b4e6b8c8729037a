# SPDX-License-Identifier: GPL-2.0-only
"""Deliberate breaks, tests/mutants/NAME.patch: how to read such a patch."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .registry import TESTS, TOP

FOLDER = TESTS / "mutants"
NEEDED = ("Test", "Requirement", "Why")


@dataclass(frozen=True)
class Mutant:
    """A patch and its header.

    The header has the lines `Test: CASE ..`, `Requirement: ID` and `Why: one sentence`. With
    `Expect: WORDS` one of the failures must contain these words. A line that begins with a blank
    continues the one above.
    """

    name: str
    patch: Path
    tests: tuple[str, ...]
    requirement: str
    why: str
    expect: str = ""

    def problem(self, tree: Path = TOP) -> str:
        """Say why the patch does not apply to TREE, or nothing if it does."""
        done = subprocess.run(["git", "apply", "--check", str(self.patch)], cwd=tree, check=False,
                              capture_output=True, text=True)
        return done.stderr.strip() if done.returncode else ""


def header(text: str) -> str:
    """Return the part above the diff."""
    return re.split(r"^(?:diff --git|---) ", text, maxsplit=1, flags=re.M)[0]


def read(path: Path) -> Mutant:
    """Read a mutant. Raise ValueError if its header lacks a line."""
    lines = re.sub(r"\n[ \t]+", " ", header(path.read_text(encoding="utf-8"))).splitlines()
    words = dict(line.split(": ", 1) for line in lines if re.match(r"[A-Z]\w+: \S", line))
    for word in NEEDED:
        if word not in words:
            raise ValueError(f"{path.name}: its header has no line `{word}: ..`")
    return Mutant(path.stem, path.resolve(), tuple(words["Test"].split()),
                  words["Requirement"].strip(), words["Why"].strip(),
                  words.get("Expect", "").strip())


def every() -> list[Mutant]:
    return [read(path) for path in sorted(FOLDER.iterdir())]
