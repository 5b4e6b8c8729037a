# SPDX-License-Identifier: GPL-2.0-only
"""Console logs: the lines that fail a run, the last lines, and the header with the versions."""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .paths import CROSS, TOP

# What a kernel prints when something is wrong that no exit status tells.
TROUBLE = re.compile(
    r"\bBUG\b|\bWARNING: |\bOops\b|Internal error|Unable to handle|Kernel panic|hung task"
    r"|blocked for more than|scheduling while atomic|soft lockup|hard LOCKUP|detected stall"
    r"|sleeping function called|bad page state|possible recursive locking|circular locking"
    r"|inconsistent lock state|suspicious RCU|UBSAN|KASAN|refcount_t|list_(?:add|del) corruption"
    r"|ODEBUG|kmemleak: (?:Cannot|Freeing|Partially)|turning off the locking correctness"
    r"|unexpected exception in HYP|HYP panic|agent: ", re.IGNORECASE)
# In lower case "warning" and "bug" are words of ordinary text, and KASAN says how it began.
ONLY_UPPER = re.compile(r"\bBUG\b|\bWARNING: |\bOops\b|KASAN")


def trouble(log: Path, allowed: Sequence[str] = ()) -> list[str]:
    """Return the lines of a console log that fail the run, except those that ALLOWED match."""
    if not log.exists():
        return []
    found = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        match = TROUBLE.search(line)
        if not match or any(re.search(a, line) for a in allowed):
            continue
        word = match[0]
        if (word.upper().startswith(("BUG", "WARNING", "OOPS", "KASAN"))
                and not ONLY_UPPER.search(line)):
            continue
        found.append(line.rstrip())
    return found


def tail(log: Path, lines: int = 40) -> str:
    if not log.exists():
        return "(no console output)"
    text = log.read_text(encoding="utf-8", errors="replace").replace("\r", "")
    return "\n".join(text.splitlines()[-lines:])


def _first_line_now(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=TOP,
                              stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return f"{argv[0]}: not found"
    return (done.stdout or done.stderr).strip().split("\n")[0]


# The versions of programs do not change while a tool runs.
_first_line = functools.cache(_first_line_now)


def commit() -> str:
    """Return the commit that is checked out. Pages that test runs write do not make it dirty."""
    changed = _first_line_now("git", "status", "--porcelain", "--", ".", ":!docs/results")
    return _first_line_now("git", "rev-parse", "--short", "HEAD") + ("-dirty" if changed else "")


def versions(flavour: str | None) -> str:
    """Return the header of a log: the versions of all that made it."""
    from . import kernel
    rows = [
        f"# QEMU:     {_first_line('qemu-system-arm', '--version')}",
        f"# compiler: {_first_line(CROSS + 'gcc', '--version')}",
        f"# commit:   {commit()}",
    ]
    if flavour:
        package = (kernel.directory(flavour) / "version").read_text(encoding="ascii").strip()
        rows.append(f"# kernel:   {kernel.abi(flavour)} (linux-image {package})")
    return "\n".join(rows) + "\n"
