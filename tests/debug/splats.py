# SPDX-License-Identifier: GPL-2.0-only
"""The debug kernel finds what it is there to find, and so do these cases."""

from __future__ import annotations

from debug import _kernel as kernel
from host import _modules as host
from lib import Context, board, case

from harness import logs
from harness.machine import Board

# What tests/modules/splat.c does, and the first line of what the kernel says. Lockdep ends with its
# first complaint and with those of KASAN, so it comes before those.
SPLATS = {
    "without-rcu": "WARNING: suspicious RCU usage",
    "sleep-in-atomic": "BUG: sleeping function called from invalid context",
    "preemptible": "BUG: using smp_processor_id() in preemptible",
    "shift": "UBSAN: shift-out-of-bounds",
    "list": "lib/list_debug.c",
    "free-active": "ODEBUG: free active",
    "lock-order": "WARNING: possible circular locking dependency detected",
    "bound": "UBSAN: array-index-out-of-bounds",
    "slab-out-of-bounds": "BUG: KASAN: slab-out-of-bounds",
    "use-after-free": "BUG: KASAN: use-after-free",
    "vmalloc-out-of-bounds": "BUG: KASAN: vmalloc-out-of-bounds",
}


def one(t: Context, machine: Board, path: str, name: str, wanted: str) -> None:
    before = len(logs.trouble(machine.log))
    machine.sh(f"insmod {path} kind={name}; rmmod splat").check()
    new: list[str] = []

    def seen() -> bool:
        new[:] = logs.trouble(machine.log)[before:]
        return any(wanted in line for line in new)

    t.check(t.until(seen, 10), f"{name}: the harness sees {wanted!r} on the console: {new}")


@case("debug/splats-are-seen", tier="long", timeout=2400)
def splats(t: Context) -> None:
    kernel.build(t)
    # Without the option KASAN reports once.
    machine = t.boot(board(flavour=kernel.FLAVOUR, append="kasan_multi_shot"))
    path = "/tmp/splat.ko"
    machine.put(host.TEST_MODULES / kernel.FLAVOUR / "splat.ko", path)
    t.equal((logs.trouble(machine.log), kernel.complaints(machine)), ([], []),
            "after its boot the kernel has not complained")
    kernel.forget_leaks(machine)
    t.equal(kernel.leaks(machine), [], "nothing has leaked")
    machine.sh(f"insmod {path} kind=leak; rmmod splat").check()
    found = kernel.leaks(machine)
    t.check(len(found) == 1 and 'comm "insmod"' in found[0],
            f"leak: kmemleak finds it after its module has gone: {found}")
    for name, wanted in SPLATS.items():
        one(t, machine, path, name, wanted)
    said = kernel.complaints(machine)
    t.check(len(said) == 2 and "lockdep is off" in said,
            f"afterwards the kernel is tainted, and lockdep off: {said}")
    t.allow_log(".")
