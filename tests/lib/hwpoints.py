# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel says of its debug registers, and the program that uses ptrace's points."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from . import registry  # noqa: F401  It extends the path.

from harness.channel import Result

# What hwpoints claims of 5 breakpoints and 4 watchpoints.
VERDICTS = 19
HW_LINES = ["hw-breakpoint: found 5 (+1 reserved) breakpoint and 4 watchpoint registers.",
            "hw-breakpoint: maximum watchpoint size is 8 bytes."]


class Machine(Protocol):
    """The board or a guest."""

    def run(self, argv: list[str], stdin: bytes = ..., timeout: float | None = ...) -> Result: ...
    def sh(self, script: str, stdin: bytes = ..., timeout: float | None = ...) -> Result: ...


def hw_lines(machine: Machine) -> list[str]:
    """What the machine's kernel logs about its debug registers, without time stamps."""
    # A guest's UART is slow: do not send the whole log.
    text = machine.sh("dmesg | grep hw-breakpoint").check().text
    return re.findall(r"\] (hw-breakpoint: .*)", text)


def hwpoints(machine: Machine, check: Callable[[bool, str], object], where: str,
             timeout: float = 120) -> list[str]:
    """Run hwpoints, which uses ptrace's points in every slot; return its verdicts."""
    result = machine.run(["hwpoints"], timeout=timeout)
    lines = result.text.splitlines()
    print(result.text + result.errors)
    for line in lines:
        if line.startswith("FAIL"):
            check(False, f"{where}: {line}")
    passed = sum(line.startswith("PASS ") for line in lines)
    check((result.status, passed, lines[-1:]) == (0, VERDICTS, [f"{VERDICTS} verdicts"]),
          f"{where}: all {VERDICTS} verdicts of hwpoints are PASS "
          f"({passed} are, status {result.status})")
    return [line for line in lines if not line.startswith("#")]
