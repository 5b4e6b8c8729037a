# SPDX-License-Identifier: GPL-2.0-only
"""A CPU that has come back from a low-power state without HYP mode."""

from __future__ import annotations

from host import _modules as host
from lib import Context, case
from lib.hwpoints import hwpoints

ONLINE = "/sys/devices/system/cpu/cpu1/online"


def guest_on(t: Context, cpu: int) -> str:
    """What a small guest's run on that CPU alone prints."""
    result = t.board.run(["taskset", str(1 << cpu), "armvm", "run", "--kernel",
                          host.elf(t, "hello"), "--memory", "64M"], timeout=60)
    return result.text + result.errors


@case("host/lost-hyp", timeout=240, **host.HOST)
def lost_hyp(t: Context) -> None:
    """It runs no guests; the module leaves nothing behind when it goes, and works again after."""
    t.end_guests()
    machine = t.board
    path = host.test_module(t, "lost_hyp")
    works = guest_on(t, 1)
    t.contains(works, " passed, 0 failed", "a guest runs on CPU 1")
    for offline in (False, True):
        machine.sh(f"dmesg -c >/dev/null; taskset 2 insmod {path} && rmmod lost_hyp").check()
        t.equal(guest_on(t, 0), works, "a guest on CPU 0 still runs")
        t.check(guest_on(t, 1) != works, "one on CPU 1 does not")
        if offline:
            machine.sh(f"echo 0 >{ONLINE}").check()
        machine.sh("rmmod kvm_armv7").check()
        said = machine.sh("cat /proc/interrupts; dmesg").check().text
        t.check("kvm" not in said and "WARNING" not in said,
                f"nothing of the module is left in the kernel:\n{said}")
        if offline:
            machine.sh(f"echo 1 >{ONLINE}").check()
        t.contains(host.reload(t), "ready: ", "the module can be loaded again")
        t.equal(guest_on(t, 1), works, "then a guest runs on CPU 1 again")
    hwpoints(t.board, t.check, "board")
