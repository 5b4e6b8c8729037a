# SPDX-License-Identifier: GPL-2.0-only
"""The virtual GIC interface of each CPU when the module is loaded."""

from __future__ import annotations

from host import _modules as host
from lib import Context, case

# GICH_LR0 and GICH_LR3 of QEMU's `virt` board: each pending, with different interrupt numbers.
LIST = {0x08030100: 0x90000ABC, 0x0803010C: 0x10000ABD}


def read(t: Context) -> list[int]:
    """Both registers of CPU 0 and CPU 1, which bank them."""
    text = t.board.sh("".join(f"taskset {mask} devmem {address:#x}\n"
                              for mask in (1, 2) for address in LIST)).check().text
    return [int(line, 16) for line in text.split()]


@case("host/gich-left-over", timeout=60, **host.HOST)
def left_over(t: Context) -> None:
    """What an earlier owner left in list registers must not become a guest's interrupt."""
    t.end_guests()
    t.board.sh("rmmod kvm_armv7").check()
    try:
        t.board.sh("".join(f"taskset {mask} devmem {address:#x} 32 {value:#x}\n"
                           for mask in (1, 2) for address, value in LIST.items())).check()
        t.equal(read(t), [*LIST.values()] * 2, "list registers of both CPUs hold something")
    finally:
        t.board.sh("insmod /lib/kvm_armv7.ko").check()
    t.equal(read(t), [0] * 4, "the module has emptied them")


@case("host/gic-late", timeout=60, **host.HOST)
def gic_late(t: Context) -> None:
    """A GIC that is made while a vCPU is in the guest shows nothing of another VM's."""
    t.end_guests()
    result = t.board.run(["gic-late"], timeout=30)
    t.log(result.text + result.errors)
    rows = dict(line.split(" ", 1) for line in result.text.splitlines())
    t.equal(result.status, 0, f"the program came to its end\n{result.errors}")
    t.equal(rows.get("writer"), "a8 5", "one VM sets GICV_PMR and GICV_BPR")
    t.check(rows.get("early") and rows["early"] != rows["writer"],
            f"a VM with a new GIC has other values: {rows.get('early')}")
    t.equal(rows.get("late"), rows.get("early"), "so has one whose GIC appears while it runs")
    t.equal(rows.get("later"), rows.get("early"), "and after its next exit")
