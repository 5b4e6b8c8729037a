# SPDX-License-Identifier: GPL-2.0-only
"""What one process can make the kernel hold, and that it gets it back."""

from __future__ import annotations

from host import _modules as host
from host._counters import nothing_left
from lib import Context, case


def many(t: Context, *argv: str) -> str:
    result = t.board.run(["many", *argv], timeout=90)
    t.equal((result.status, result.errors), (0, ""), f"many {' '.join(argv)} comes to its end")
    return result.text.strip()


@case("host/page-tables-freed", timeout=120, **host.HOST)
def page_tables(t: Context) -> None:
    """A page that moves through the address space does not leave its tables behind."""
    t.end_guests()
    text = many(t, "tables", "4", "1000")
    t.log(text)
    before, during, after = (int(word) for word in text.split(": ")[1].split())
    # For each VM: the root is 8 KiB, RAM needs two tables, and so does the page that moves.
    t.check(before + 4 * 8 <= during <= before + 4 * 24,
            f"{during - before} kB of tables while 4 VMs exist")
    t.equal(after, before, "nothing is left of them afterwards")


@case("host/many-vms", timeout=180, **host.HOST)
def many_vms(t: Context) -> None:
    """There may be more VMs than VMIDs, and more vCPUs than one region of HYP's window holds."""
    with nothing_left(t):
        t.equal(many(t, "vms", "300", "2"), "600 runs", "300 VMs run in turn")
        t.equal(many(t, "vcpus", "140"), "1120 runs", "1120 vCPUs run")
    t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko vmids=2").check()
    try:
        t.equal(many(t, "vms", "5", "200"), "1000 runs", "five VMs share two VMIDs")
    finally:
        t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").check()
