# SPDX-License-Identifier: GPL-2.0-only
"""A guest's memory, seen by the VMM: slots, faults that wait, dirty logs, the pages' age."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from host import _modules as host
from lib import Context, case

from harness import initramfs


def memory(t: Context, claims: int, *subjects: str) -> None:
    """The program in tests/host/memory makes the claims and prints them."""
    t.end_guests()
    result = t.board.run(["memory", *subjects], timeout=100)
    t.log(result.text + result.errors)
    for claim in re.findall(r"^FAIL memory: (.*)", result.text, re.M):
        t.check(False, claim)
    t.equal((result.text.splitlines()[-1:], result.errors, result.status),
            ([f"{claims} passed, 0 failed"], "", 0), f"{' '.join(subjects)}: all claims hold")


@case("host/memory-slots", timeout=120, **host.HOST)
def slots(t: Context) -> None:
    """508 slots, and a fault that waits for user space holds up nobody."""
    memory(t, 26, "slots", "blocked")


@case("host/memory-blocks", timeout=120, **host.HOST)
def blocks(t: Context) -> None:
    """Huge pages are blocks at stage 2, and parts of them can be lost, protected and logged."""
    if t.board.sh("test -e /proc/sys/vm/nr_hugepages").status:
        t.skip("the host's kernel has no huge pages")
    t.board.sh("echo 6 >/proc/sys/vm/nr_hugepages").check()
    try:
        memory(t, 67, "blocks", "block-log")
    finally:
        t.board.sh("echo 0 >/proc/sys/vm/nr_hugepages").check()


@case("host/memory-dirty-log", timeout=120, **host.HOST)
def dirty_log(t: Context) -> None:
    """The dirty log has what the guest writes, all of it and nothing else."""
    memory(t, 47, "dirty")


@case("host/memory-moving", timeout=120, **host.HOST)
def moving(t: Context) -> None:
    """No write of a guest's is lost to the log while its slot moves."""
    with host.loaded(t, "delay", "at=kvm_armv7:stage2_unmap ms=300"):
        memory(t, 2, "moving")


@contextmanager
def swap(t: Context) -> Iterator[None]:
    """4 MiB of swap, in memory."""
    (_, brd), = initramfs.with_dependencies(t.case.needs.flavour, ["brd"])
    t.board.sh("cat >/tmp/brd.ko", initramfs.read_module(brd)).check()
    t.board.sh("insmod /tmp/brd.ko rd_nr=1 rd_size=4096 && mkswap /dev/ram0 >/dev/null && "
               "swapon /dev/ram0").check()
    try:
        yield
    finally:
        t.board.sh("swapoff /dev/ram0 && rmmod brd").check()


@case("host/memory-young", timeout=120, **host.HOST)
def young(t: Context) -> None:
    """The host swaps out what the guest does not use, and only that."""
    with swap(t):
        memory(t, 10, "young")


@case("host/memory-blocks-young", timeout=120, **host.HOST)
def blocks_young(t: Context) -> None:
    """The age of a block is the age of what the guest has used of it."""
    with swap(t):
        memory(t, 6, "block-young")


@case("host/memory-of-drivers", timeout=120, **host.HOST)
def drivers(t: Context) -> None:
    """What a driver has mapped without struct page."""
    t.board.sh("dmesg -c >/dev/null").check()
    with host.loaded(t, "driver_map"):
        memory(t, 9, "driver")
    t.contains(t.board.sh("dmesg").check().text,
               "is a driver's cacheable mapping; a guest can only have uncached ones",
               "the log says why KVM_RUN failed")
