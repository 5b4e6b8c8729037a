# SPDX-License-Identifier: GPL-2.0-only
"""Explore every state of a model with spin."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path


class Broken(Exception):
    """A run that proves nothing about the model."""


def explore(model: Path, defines: Iterable[str], optimise: str = "-O0") -> tuple[int, list[str]]:
    """States found, and what was violated."""
    words = [f"-D{define}" for define in defines]
    with tempfile.TemporaryDirectory(prefix="spin-") as folder:
        for argv in (["spin", "-a", *words, str(model)],
                     ["gcc", optimise, "-w", "-DSAFETY", "-DNOFAIR", "-DCOLLAPSE", "-DMEMLIM=6000",
                      "-o", "pan", "pan.c"]):
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False,
                                  stdin=subprocess.DEVNULL)
            if done.returncode != 0 or "rror" in done.stdout:
                raise Broken(f"{argv[0]}: {done.stdout[-500:]}{done.stderr[-500:]}")
        done = subprocess.run(["./pan", "-m4000000", "-w23"], cwd=folder, capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL)
    out = done.stdout + done.stderr
    errors = re.search(r"errors: (\d+)$", out, re.M)
    states = re.search(r"^\s*(\d+) states, stored", out, re.M)
    violated = re.findall(r"assertion violated (\S+)", out)
    # "pan: reached -DMEMLIM" and "max search depth too small" mean an incomplete search.
    if not errors or not states or re.search(r"too small|MEMLIM bound|out of memory", out) \
            or int(errors[1]) != len(violated):
        raise Broken(f"pan: {out[-800:]}")
    return int(states[1]), violated
