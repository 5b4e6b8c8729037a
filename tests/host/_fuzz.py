# SPDX-License-Identifier: GPL-2.0-only
"""How to call tests/host/fuzz-ioctl."""

from __future__ import annotations

from lib import Context


def fuzz_ioctl(t: Context, seed: int, calls: int) -> list[str]:
    """The command: so many random calls."""
    # On the debug kernel KVM_CREATE_VM takes longer than the 5 ms between two signals.
    tick = ["100"] if t.case.needs.flavour == "debug" else []
    return ["fuzz-ioctl", str(seed), str(calls), *tick]
