# SPDX-License-Identifier: GPL-2.0-only
"""The debug kernel: what is built for it, and what it has found."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from lib import Context
from lib.building import build_module
from lib.registry import TOP

from harness.machine import Board
from harness.paths import lock, outside_make

FLAVOUR = "debug"
# What a case may take longer for building, as a limit of Debian's kernels: the kernel itself takes
# a quarter of an hour on two CPUs, once.
BUILD_SECONDS = 600
KMEMLEAK = "/sys/kernel/debug/kmemleak"
# After its module has gone, an address in a backtrace has no name.
OF_MODULES = re.compile(r"\[(?:kvm_armv7|splat)\]|\] 0x[0-9a-f]+\s*$", re.M)
# The kernel's own, without the module, at the first hit of a watchpoint of perf's: perf_bp_event()
# claims that interrupts are off, and hw_breakpoint_pending() of arch/arm has switched them on.
KNOWN = r"WARNING: CPU: \d+ PID: \d+ at kernel/events/core\.c:\d+ perf_bp_event\+"
# TAINT_BAD_PAGE (KASAN and SLUB, too), TAINT_DIE, TAINT_WARN.
TAINT_WARN = 1 << 9
TAINTS = 1 << 5 | 1 << 7 | TAINT_WARN


def build(t: Context, with_checks: bool = False) -> None:
    """Build the kernel, the module, the tests' modules, and perhaps the module with its checks."""
    checked = TOP / "build" / "module" / f"checked-{FLAVOUR}"
    with lock(f"debug-{str(TOP).replace('/', '_')}"):
        if not build_module(t, FLAVOUR, "tests/modules"):
            t.fail("nothing can run without the modules")
        if not with_checks:
            return
        done = subprocess.run(["make", "-C", "module", f"FLAVOUR={FLAVOUR}", f"OUT={checked}",
                               "KFLAGS=KVM_ARMV7_CHECKS=y"], cwd=TOP, capture_output=True,
                              text=True, check=False, env=outside_make())
        if done.returncode:
            t.fail(f"the module with checks: {done.stdout[-1000:]}{done.stderr[-2000:]}")


def leaks(machine: Board) -> list[str]:
    """What kmemleak says that nothing refers to, and that a module allocated."""
    # It reports what is older than 5 s and had the same content at two scans.
    text = machine.sh(f"sleep 6; echo scan >{KMEMLEAK} && echo scan >{KMEMLEAK} && cat {KMEMLEAK}",
                      timeout=300).check().text
    found = re.split(r"^(?=unreferenced object )", text, flags=re.M)[1:]
    return [one for one in found if OF_MODULES.search(one)]


def forget_leaks(machine: Board) -> None:
    """From here on kmemleak says nothing of what exists now."""
    machine.sh(f"echo clear >{KMEMLEAK}").check()


def complaints(machine: Board) -> list[str]:
    """What the kernel remembers of its complaints; the harness reads them on its console."""
    found = []
    taint = int(machine.sh("cat /proc/sys/kernel/tainted").check().text)
    # Any other warning is on the console, which the harness reads.
    known = re.search(KNOWN, machine.log.read_text(encoding="utf-8", errors="replace"))
    if taint & TAINTS & ~(TAINT_WARN if known else 0):
        found.append(f"the kernel is tainted: {taint:#x}")
    # The first complaint of lockdep, KASAN or SLUB is lockdep's last.
    text = machine.sh("cat /proc/lockdep_stats").check().text
    if not re.search(r"debug_locks: +1$", text, re.M):
        found.append("lockdep is off")
    return found


@contextmanager
def watched(t: Context) -> Iterator[None]:
    """What runs in the block leaves no leak and no complaint of the kernel behind."""
    machine = t.board
    forget_leaks(machine)
    yield
    t.end_guests()
    t.equal(complaints(machine), [], "the kernel has not complained, and lockdep is still on")
    # What only the module's data refers to has to be freed by the time it has gone.
    machine.sh("rmmod kvm_armv7").check()
    found = leaks(machine)
    t.check(not found, f"kmemleak finds nothing that the module allocated\n{''.join(found)}")
    machine.sh("insmod /lib/kvm_armv7.ko").check()
