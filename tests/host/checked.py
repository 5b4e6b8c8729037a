# SPDX-License-Identifier: GPL-2.0-only
"""A module built with KVM_ARMV7_CHECKS=y, which checks itself, and faults on request."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from host import _modules as host
from host._fuzz import fuzz_ioctl
from lib import Context, case
from lib.registry import TOP

MODULES = TOP / "build" / "module"
# Every program with the vCPUs that it wants: PSCI, SGIs and SPIs between vCPUs, debug registers.
GUESTS = {"psci": 2, "smp": 2, "gic": 2, "timer": 1, "watchpoints": 1}
# Reads debugfs, which may look at any vCPU at any time, until the guests have ended.
READER = ("while [ ! -e /tmp/ended ]; do cat /sys/kernel/debug/kvm/*/vcpu*/debug; done "
          ">/dev/null 2>&1")


@contextlib.contextmanager
def checked(t: Context) -> Iterator[None]:
    """That module is loaded while the block runs."""
    t.end_guests()
    flavour = t.board.config.flavour
    folder = "checked" if flavour == "armmp-lpae" else f"checked-{flavour}"
    module = host.put_once(t, MODULES / folder / "kvm_armv7.ko", "/tmp/kvm_armv7-checked.ko")
    t.board.sh(f"dmesg -c >/dev/null; rmmod kvm_armv7; insmod {module}").check()
    try:
        yield
    finally:
        if t.board.running:
            t.board.sh("touch /tmp/ended; sleep 1; rmmod kvm_armv7; "
                       "insmod /lib/kvm_armv7.ko").check()


@case("host/checked-page", timeout=240, **host.HOST)
def checked_page(t: Context) -> None:
    """Nothing in the kernel touches the page of a vCPU that runs: it would be an oops.

    And after each run the timer's PPI is active in the GIC where the kernel says so.
    """
    with checked(t):
        t.board.sh("rm -f /tmp/ended")
        t.board.sh(f"({READER}) &")
        for name, cpus in GUESTS.items():
            result = t.board.run(["armvm", "run", "--kernel", host.elf(t, name), "--memory", "64M",
                                  "--cpus", str(cpus)], timeout=60)
            host.all_pass(t, result, name)
        result = t.board.run(["ioctls", "illegal-state"], timeout=30)
        t.equal((result.text.splitlines()[-1:], result.status), (["7 passed, 0 failed"], 0),
                f"no state reaches HYP to which an ERET is UNPREDICTABLE\n{result.text}")
        result = t.board.run(["gic-late"], timeout=30)
        t.equal(result.status, 0, f"a GIC that is made while a vCPU runs\n{result.errors}")
        guest = t.guest(cpus=2, fresh=True)
        t.equal(guest.run(["true"]).status, 0, "a stock kernel boots on two vCPUs")
        t.end_guests()
        log = t.board.sh("touch /tmp/ended; dmesg").check().text
        t.check(not re.search(r"Internal error|Unable to handle|WARNING:|BUG:", log),
                f"the kernel did not complain\n{log[-2000:]}")


# Programs whose threads make calls while a vCPU runs.
CALLS = (("ioctls",), ("eventfds", "3"), ("clients",), ("gic-state",),
         ("memory", "slots", "blocked"))


@case("host/checked-calls", timeout=300, **host.HOST)
def checked_calls(t: Context) -> None:
    """.. nor does any call of another thread, of those that other cases make of the module."""
    with checked(t):
        for argv in (*CALLS, fuzz_ioctl(t, 1, 10_000)):
            result = t.board.run(argv, timeout=150)
            t.log(f"-- {' '.join(argv)}\n{result.text}{result.errors}")
            t.equal((result.status, result.errors), (0, ""), f"{' '.join(argv)} comes to its end")
        log = t.board.sh("dmesg").check().text
        t.check(not re.search(r"Internal error|Unable to handle|WARNING:|BUG:", log),
                f"the kernel did not complain\n{log[-2000:]}")


# The vectors of faults in Hyp mode (B1.8.1), each with the HSR that it leaves: EC, and for aborts
# the status, a permission fault at level 3.
FAULTS = {1: ("undefined instruction", 0x00, None), 2: ("HVC", 0x12, None),
          3: ("prefetch abort", 0x21, 0x0f), 4: ("data abort", 0x25, 0x0f)}


@case("host/hyp-faults", timeout=120, **host.HOST)
def hyp_faults(t: Context) -> None:
    """A fault of HYP is HYP's, wherever its SP is: the vCPU is lost, and nothing else."""
    with checked(t):
        for vector, (name, ec, status) in FAULTS.items():
            for words in (0, 1):
                what = f"{name}, {words} words on the stack"
                run = t.board.run(["armvm", "run", "--kernel", host.elf(t, "hypfault"),
                                   "--memory", "64M", "--append",
                                   f"vector={vector} words={words}"], timeout=30)
                t.log(f"-- {what}\n{run.text}{run.errors}")
                t.contains(run.errors, "KVM internal error", f"{what}: KVM_RUN returns that")
                log = t.board.sh("dmesg -c").check().text
                found = re.findall(r"HYP faulted at \w+ \(HSR (\w+),", log)
                hsr = [int(word, 16) for word in found]
                t.check(len(hsr) == 1 and hsr[0] >> 26 == ec
                        and status in (None, hsr[0] & 0x3f),
                        f"{what}: the kernel logs one fault of that class: {log[-500:]}")
        host.all_pass(t, host.bare(t, "watchpoints"), "watchpoints")
