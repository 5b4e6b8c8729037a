# SPDX-License-Identifier: GPL-2.0-only
"""A module that takes a vCPU's page away from the kernel while HYP has it (core/hyp-page.h)."""

from __future__ import annotations

import re

from host import _modules as host
from lib import Context, case
from lib.registry import TOP

CHECKED = TOP / "build" / "module" / "checked" / "kvm_armv7.ko"
# Every program with the vCPUs that it wants: PSCI, SGIs and SPIs between vCPUs, debug registers.
GUESTS = {"psci": 2, "smp": 2, "gic": 2, "timer": 1, "watchpoints": 1}
# Reads debugfs, which may look at any vCPU at any time, until the guests have ended.
READER = ("while [ ! -e /tmp/ended ]; do cat /sys/kernel/debug/kvm/*/vcpu*/debug; done "
          ">/dev/null 2>&1")


@case("host/checked-page", timeout=240, **host.HOST)
def checked_page(t: Context) -> None:
    """Nothing in the kernel touches the page of a vCPU that runs: it would be an oops."""
    t.end_guests()
    module = host.put_once(t, CHECKED, "/tmp/kvm_armv7-checked.ko")
    t.board.sh("rm -f /tmp/ended; dmesg -c >/dev/null; rmmod kvm_armv7").check()
    t.board.sh(f"insmod {module}").check()
    try:
        t.board.sh(f"({READER}) &")
        for name, cpus in GUESTS.items():
            result = t.board.run(["armvm", "run", "--kernel", host.elf(t, name), "--memory", "64M",
                                  "--cpus", str(cpus)], timeout=60)
            host.all_pass(t, result, name)
        result = t.board.run(["gic-late"], timeout=30)
        t.equal(result.status, 0, f"a GIC that is made while a vCPU runs\n{result.errors}")
        guest = t.guest(cpus=2, fresh=True)
        t.equal(guest.run(["true"]).status, 0, "a stock kernel boots on two vCPUs")
        t.end_guests()
        log = t.board.sh("touch /tmp/ended; dmesg").check().text
        t.check(not re.search(r"Internal error|Unable to handle|WARNING:|BUG:", log),
                f"the kernel did not complain\n{log[-2000:]}")
    finally:
        t.board.sh("touch /tmp/ended; sleep 1; rmmod kvm_armv7; insmod /lib/kvm_armv7.ko").check()
