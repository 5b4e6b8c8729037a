# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel has to do for a vCPU thread that stays in KVM_RUN."""

from __future__ import annotations

from host import _modules as host
from lib import Context, case


@case("host/run-does-work", timeout=90, **host.HOST)
def run_does_work(t: Context) -> None:
    """Pending work ends the guest's turn, is done, and KVM_RUN goes on unnoticed."""
    t.end_guests()
    for argv in (["run-work"], ["run-work", "mask"]):
        result = t.board.run(argv, timeout=60)
        t.equal((result.text.splitlines(), result.errors, result.status),
                (["CPU 0: yes", "CPU 1: yes", "CPU 0: yes", "the guest stored 1"], "", 0),
                f"{argv}: rseq knows the vCPU thread's CPU, and the guest ran on")


@case("host/run-is-not-restarted-for-ever", timeout=90, **host.HOST)
def not_for_ever(t: Context) -> None:
    """A kernel that restarts KVM_RUN without doing the work: in the end it is EINTR."""
    t.end_guests()
    with host.loaded(t, "notify_again", "times=18"):
        result = t.board.run(["run-again"], timeout=60)
        left = t.board.sh("cat /sys/module/notify_again/parameters/times").check().text
    t.equal((result.text.splitlines(), result.errors, result.status),
            (["interrupted 2 times, the guest stored 7"], "", 0),
            "each ninth call, after eight restarts, returns EINTR")
    t.equal(left.strip(), "0", "work was pending for all eighteen")


@case("host/run-ends-by-signals", timeout=90, **host.HOST)
def by_signals(t: Context) -> None:
    """A signal that comes while the kernel does the work ends KVM_RUN, too."""
    t.end_guests()
    with host.loaded(t, "notify_again", "times=3 signals=2"):
        result = t.board.run(["run-again"], timeout=60)
    t.equal((result.text.splitlines(), result.errors, result.status),
            (["interrupted 2 times, the guest stored 7"], "", 0), "twice with one, once without")


@case("host/pause-priority", timeout=120, **host.HOST)
def pause_priority(t: Context) -> None:
    """A vCPU's thread of high priority lets the one go on that keeps the others out."""
    t.end_guests()
    result = t.board.run(["pause-priority"], timeout=100)
    t.equal((result.text, result.errors), ("it goes on\n", ""), "beside it")


@case("host/fault-priority", timeout=120, **host.HOST)
def fault_priority(t: Context) -> None:
    """A vCPU's thread of high priority lets the one go on that takes pages away."""
    t.end_guests()
    limit = "/proc/sys/kernel/sched_rt_runtime_us"
    old = t.board.sh(f"cat {limit} && echo -1 >{limit}").check().text.strip()
    try:
        result = t.board.run(["fault-priority"], timeout=100)
    finally:
        t.board.sh(f"echo {old} >{limit}").check()
    t.equal((result.text, result.errors), ("it goes on\n", ""), "beside it")
