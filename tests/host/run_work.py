# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel has to do for a vCPU thread that stays in KVM_RUN."""

from __future__ import annotations

from host import _modules as host
from lib import Context, case


@case("host/run-does-work", timeout=90, **host.HOST)
def run_does_work(t: Context) -> None:
    """Pending work ends the guest's turn, is done, and KVM_RUN goes on unnoticed."""
    t.end_guests()
    result = t.board.run(["run-work"], timeout=60)
    t.equal((result.text.splitlines(), result.errors, result.status),
            (["CPU 0: yes", "CPU 1: yes", "CPU 0: yes", "the guest stored 1"], "", 0),
            "rseq knows the vCPU thread's CPU, and the guest ran on")
