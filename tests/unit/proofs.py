# SPDX-License-Identifier: GPL-2.0-only
"""v7dbg's rules beside its unit tests: the model that spin explores."""

from __future__ import annotations

import re
import subprocess

from lib import Context, case
from lib.registry import TESTS


def spin(t: Context, *argv: str) -> list[str]:
    """Every line of tests/spin/verify is a claim."""
    done = subprocess.run([TESTS / "spin" / "verify", *argv], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)
    t.log(done.stdout + done.stderr)
    lines = re.findall(r"^(PASS|FAIL) (.*)$", done.stdout, re.M)
    for word, what in lines:
        t.check(word == "PASS", what)
    t.check(done.returncode == 0 and done.stdout.endswith(f"{len(lines)} passed, 0 failed\n"),
            f"tests/spin/verify ended well\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return [what for _, what in lines]


@case("unit/spin", timeout=300, shard="unit-0")
def sample(t: Context) -> None:
    t.check(len(spin(t, "--sample")) == 2, "two sizes of the model")


@case("unit/spin-whole", tier="long", timeout=3000)
def whole(t: Context) -> None:
    lines = spin(t)
    t.check(sum("mutant" in line for line in lines) == 13, "thirteen mutants of the model")
    t.check(len(lines) == 18, "and five sizes")
