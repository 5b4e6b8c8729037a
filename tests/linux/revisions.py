# SPDX-License-Identifier: GPL-2.0-only
"""CPUs that the emulator does not have by name: the same model with another MIDR.

Nothing else of such a CPU is emulated. But the module chooses vectors and errata by MIDR, and so
does Linux, as board and as guest.
"""

from __future__ import annotations

from lib import Context, board, case
from lib.hwpoints import HW_LINES, hw_lines, hwpoints
from lib.session import OVERLAY, READY

# The first is in every run.
REVISIONS = {
    "a17-r1p1": 0x411fc0e1,
    "a12-r0p1": 0x410fc0d1,
    "a15-r2p1": 0x412fc0f1,
    "a15-r3p2": 0x413fc0f2,
    "a15-r3p3": 0x413fc0f3,
    "a15-r4p0": 0x414fc0f0,
    "a7-r0p5": 0x410fc075,
}


def runs(t: Context, name: str, midr: int) -> None:
    cpu = "cortex-a7" if name.startswith("a7") else "cortex-a15"
    machine = t.boot(board(guest=True, overlays=(OVERLAY,), cpu=cpu, midr=midr))
    t.check(READY.search(machine.sh("dmesg").text), "the module finds what it needs")
    flush = ("need no flush" if name.startswith("a7") else "not flushed, because firmware left "
             "ACTLR[0] clear" if name.startswith("a15") else "flushed at each exit")
    t.contains(machine.sh("dmesg").text, f"2 CPUs, branch predictions {flush}",
               "the module says what it does about branch predictions")
    part = f"0x{midr >> 4 & 0xfff:03x}"
    part_line = f"CPU part\t: {part}"
    t.contains(machine.sh("cat /proc/cpuinfo").text, part_line, "the board is that CPU")
    guest = machine.start_guest(cpus=2).wait()
    t.contains(guest.sh("cat /proc/cpuinfo").text, part_line, "the guest sees it, too")
    t.equal(hw_lines(guest), HW_LINES, "the guest's kernel finds its debug registers")
    t.equal(hwpoints(guest, t.check, "guest"), hwpoints(machine, t.check, "board"),
            "ptrace's points are the same in the guest as on the board")
    t.equal(guest.poweroff(), 0, "the guest switches off")


def register(name: str, midr: int, tier: str) -> None:
    @case(f"linux/cpu-{name}", timeout=300, shard=name, tier=tier)
    def run(t: Context) -> None:
        runs(t, name, midr)


for _number, (_name, _midr) in enumerate(REVISIONS.items()):
    register(_name, _midr, "long" if _number else "test")
