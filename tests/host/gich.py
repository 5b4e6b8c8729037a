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


# What is left for each vCPU of a GIC whose interrupts are saved half-way: tests/host/gic-state.c.
LEFT = {
    # 40 was active and pending; then 44, 41, the lines of 42 and PPI 20, SGI 3 of both vCPUs.
    "cpu0": "28 2c 29 2a 14 3 403 3ff",
    # The line of 45 was high while it was active; SGI 6 waits for the end of SGI 5.
    "cpu1": "2d 3ff 6 3ff",
    "enabled": "2b 3ff",
    "left": "0 0 0 0 0 0",
}


@case("host/gic-state", timeout=90, **host.HOST)
def gic_state(t: Context) -> None:
    """A GIC with interrupts in every state is saved, restored in another VM, and goes on."""
    t.end_guests()
    result = t.board.run(["gic-state"], timeout=60)
    t.log(result.text + result.errors)
    rows = dict(line.split(" ", 1) for line in result.text.splitlines())
    t.equal(result.status, 0, f"the program came to its end\n{result.errors}")
    t.equal(rows.get("typer"), "22", "GICD_TYPER: 96 interrupts, two CPUs")
    t.equal(rows.get("active"), "28 5 2d", "an SPI, an SGI and a level-sensitive SPI are taken")
    t.equal(rows.get("saved-cpu"), "1 1f 2 4 10",
            "GICC_CTLR, GICC_PMR (its upper five bits), BPR, ABPR and APR0 are read")
    t.equal(rows.get("restored"), "equal", "what is restored reads as what was saved")
    for vm, text in (("old", "the VM that was saved"), ("new", "the VM that was restored")):
        for what, words in LEFT.items():
            t.equal(rows.get(f"{vm}-{what}"), words, f"{text} takes each interrupt once: {what}")
    t.equal(rows.get("timer"), "8000000 3ff 1b 3ff 3ff 1b",
            "the timer's interrupt: pending by its line only, restored as active, comes again")
    t.equal(rows.get("moved"), "200 29 3ff 3ff",
            "a new target takes what waits in a list register of a vCPU in user space")
    t.equal(rows.get("lowered"), "3ff 2d", "a line that falls takes its interrupt back")
    t.equal(rows.get("edges"), "28 28 3ff", "a line that is raised twice is two edges")
    t.equal(rows.get("reserved"), "fffffff", "INTIDs 1020 to 1023 cannot be enabled")
    t.equal(rows.get("beside-a-reader"), "0", "no access fails while a vCPU's debugfs is read")
    t.equal(rows.get("group1"), "200 3ff 29", "group 1 is forwarded once GICD_CTLR enables it")
    t.equal(rows.get("groups"), "0 200", "user space sets groups only after writing GICD_IIDR")
    t.equal(rows.get("nested"), "30 31 32 33 34 35 3f0000 1f0000 f0000 70000 30000 10000 0",
            "more interrupts are active than there are list registers, and each ends")
    t.equal(rows.get("busy"), "16 16 0", "EBUSY, while a vCPU runs")
