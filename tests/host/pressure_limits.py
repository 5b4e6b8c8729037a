# SPDX-License-Identifier: GPL-2.0-only
"""Guests with more memory than there is: swap, memory cgroups, the OOM killer, and suspend."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from host._counters import nothing_left
from host._pressure import (HOTPLUG, PRESSURE, SMALL, SUSPEND, meminfo, set_to, suspends, swap,
                            verdict, vmstat)
from lib import Context, board, case
from lib.registry import TOP

from harness.channel import Command
from harness.debian import drive

PAGE = 4096
PER_BLOCK = 512
CGROUP = "/run/cgroup"
GROUP = f"{CGROUP}/guest"
AVAILABLE = 32 << 10  # kB


class Walk:
    """`pressure walk`; its process first executes a line of shell."""

    def __init__(self, t: Context, *args: int, before: str = ":") -> None:
        self.t, self.said = t, bytearray()
        words = " ".join(map(str, args))
        self.command: Command = t.board.agent.start(
            ["sh", "-c", f"{before} && exec pressure walk {words}"],
            out=self.said.extend, err=self.said.extend)

    def rounds(self) -> int:
        """The sum of the rounds of all its vCPUs, as it said last."""
        return int((re.findall(rb"^at (\d+)$", bytes(self.said), re.M) or [b"0"])[-1])

    def goes_on(self, what: str, seconds: float = 120) -> bool:
        before = self.rounds()
        self.t.until(lambda: self.rounds() > before or self.command.ended, seconds)
        return self.t.check(self.rounds() > before, f"{what}: the guest goes on")

    def end(self, what: str, timeout: float = 120) -> None:
        """Wait for its end. All its claims must hold."""
        status = self.command.wait(timeout)
        text = bytes(self.said).decode()
        self.t.log(text)
        verdict(self.t, what, text, "", status)

    def stop(self, what: str) -> None:
        self.command.kill(signal.SIGTERM)
        self.end(what)


@contextmanager
def scarce(t: Context) -> Iterator[None]:
    """Huge pages take what is available, but 32 MiB: the less there is, the sooner it is full."""
    taken = (meminfo(t, "MemAvailable") - AVAILABLE) // 2048
    with set_to(t, {"/proc/sys/vm/nr_hugepages": str(taken)}):
        yield


@contextmanager
def cgroup(t: Context, **limits: str) -> Iterator[None]:
    """A memory cgroup with these limits, GROUP, that is empty and can be removed at the end."""
    t.board.sh(f"mkdir -p {CGROUP} && mount -t cgroup2 none {CGROUP} && "
               f"echo +memory >{CGROUP}/cgroup.subtree_control && mkdir {GROUP}").check()
    for name, value in limits.items():
        t.board.sh(f"echo {value} >{GROUP}/memory.{name.replace('_', '.')}").check()
    yield
    t.equal(t.board.sh(f"cat {GROUP}/cgroup.procs").text, "", "no process is left in the cgroup")
    t.board.sh(f"rmdir {GROUP} && umount {CGROUP}").check()


JOIN = f"echo $$ >{GROUP}/cgroup.procs"


def group_number(t: Context, file: str, word: str = "") -> int:
    """A number of the cgroup: a file's, or that after a word."""
    text = t.board.sh(f"cat {GROUP}/memory.{file}").check().text
    return int(re.search(rf"^{word} (\d+)$" if word else r"^(\d+)$", text, re.M)[1])


def tables_are_charged(t: Context) -> None:
    """A guest with one page in each of 300 blocks has more tables than memory."""
    before = meminfo(t, "SecPageTables")
    tables = 300 + 1 + 1 + 2  # level 3, its code's, level 2 and the root, which is two pages
    with cgroup(t):
        walk = Walk(t, 300, PER_BLOCK, 1, 0, before=JOIN)
        walk.goes_on("in a cgroup")
        charged = 0

        def all_charged() -> bool:
            nonlocal charged
            charged = group_number(t, "stat", "sec_pagetables")
            return charged >= (tables - 2) * PAGE

        t.until(all_charged, 20)
        now = meminfo(t, "SecPageTables")
        t.equal(now - before, charged // 1024, "all tables of stage 2 are the cgroup's, kB")
        t.check((tables - 2) * PAGE <= charged <= (tables + 4) * PAGE,
                f"there are {charged // PAGE} pages of them, {tables} expected")
        kernel = group_number(t, "stat", "kernel")
        t.check(kernel >= charged, f"they are charged: {kernel} bytes of the kernel's memory")
        walk.stop("a guest in a cgroup")
        t.until(lambda: group_number(t, "stat", "sec_pagetables") == 0, 20)
        t.equal(group_number(t, "stat", "sec_pagetables"), 0, "no table is left")


def limit_is_kept(t: Context) -> None:
    """A guest of half as much again: the host swaps its pages, and the guest has them all."""
    limit = 6 << 20
    with cgroup(t, max=str(limit)):
        out = vmstat(t, "pswpout")
        walk = Walk(t, limit * 3 // 4 // PAGE, 1, 2, 2, before=JOIN)
        walk.end("a guest above the limit", 400)
        peak = group_number(t, "peak")
        t.check(limit // 2 < peak <= limit, f"{peak} bytes at most, of {limit}")
        t.check(group_number(t, "events", "max") > 0, "the limit was reached")
        t.equal(group_number(t, "events", "oom_kill"), 0, "nobody was killed")
        t.check(vmstat(t, "pswpout") - out > limit // PAGE // 2, "the rest was swapped out")


def killed_in_its_group(t: Context) -> None:
    t.board.sh("dmesg -c >/dev/null").check()
    with cgroup(t, max=str(16 << 20), swap_max="0"):
        walk = Walk(t, 8192, 1, 2, 0, before=JOIN)
        t.equal(walk.command.wait(300), 128 + signal.SIGKILL, "above the limit and without swap "
                                                              "the process is killed")
        t.equal(group_number(t, "events", "oom_kill"), 1, "by the limit of its cgroup")
    t.contains(t.board.sh("dmesg").text, "Memory cgroup out of memory: Killed process",
               "the kernel's log says so")


@case("host/pressure-memcg", timeout=900, **PRESSURE)
def pressure_memcg(t: Context) -> None:
    """Memory of guests and their stage 2 tables belong to the cgroup of their process."""
    with nothing_left(t):
        tables_are_charged(t)
        with swap(t):
            limit_is_kept(t)
        killed_in_its_group(t)


@case("host/pressure-oom", timeout=900, **PRESSURE)
def pressure_oom(t: Context) -> None:
    """The machine has no memory left: one VMM is killed, another one's guest notices nothing."""
    t.board.sh("dmesg -c >/dev/null").check()
    with nothing_left(t), scarce(t):
        spared = Walk(t, 512, 1, 1, 0, before="echo -1000 >/proc/$$/oom_score_adj")
        spared.goes_on("before")
        greedy = Walk(t, AVAILABLE // 4, 1, 2, 0, before="echo 1000 >/proc/$$/oom_score_adj")
        t.equal(greedy.command.wait(600), 128 + signal.SIGKILL, "it is killed")
        spared.goes_on("after")
        spared.stop("the other guest")
    log = t.board.sh("dmesg").text
    t.equal(re.findall(r"Out of memory: Killed process \d+ \((\w+)\)", log), ["pressure"],
            "by the kernel, and nobody else")


DISK, SLOW = TOP / "build" / "swap.img", TOP / "build" / "slow-swap.img"
DELAY = 500  # ms for each request to the slow disk
SWAP = {"needs": board(memory=256, modules=("virtio_blk",), overlays=SMALL["overlays"],
                       qemu_args=(*drive(DISK, "swap"),
                                  *drive(SLOW, "slow", "throttling.iops-total=2"))),
        "tier": "long"}


def disk_of(t: Context, name: str) -> str:
    """The disk that QEMU calls NAME.  Before the board boots, both disks have to be there."""
    for disk in (DISK, SLOW):
        if not disk.exists():
            with disk.open("wb") as file:
                file.truncate(128 << 20)
    return t.board.sh(f"echo /dev/$(dirname $(cd /sys/block && grep -lx {name} vd*/serial))"
                      ).check().text.strip()


@case("host/pressure-swap-slow", timeout=600, **SWAP)
def pressure_swap_slow(t: Context) -> None:
    """khugepaged once waited for mmap_lock for 40 s: a guest's fault must not hold it."""
    disk = disk_of(t, "slow")
    with nothing_left(t), swap(t, disk), cgroup(t):
        result = t.board.sh(f"{JOIN} && exec pressure lock {GROUP}/memory.reclaim {DELAY}",
                            timeout=300)
        verdict(t, "a slow disk", result.text, result.errors, result.status)
        t.log(result.text)


@case("host/pressure-swap", timeout=1500, **SWAP)
def pressure_swap(t: Context) -> None:
    """A guest larger than memory, with swap space on a disk."""
    disk = disk_of(t, "swap")
    with nothing_left(t), swap(t, disk), scarce(t):
        into = vmstat(t, "pswpin")
        # Of a guest of half this size few pages are swapped out: others are used less.
        pages = AVAILABLE // 4 * 3
        walk = Walk(t, pages // 2, 1, 2, 3)
        walk.end("a guest larger than memory", 1000)
        into = vmstat(t, "pswpin") - into
        t.check(into > pages // 4, f"{into} pages came back from the disk")


CYCLES = 3


@case("host/pressure-power", timeout=900, **PRESSURE)
def pressure_power(t: Context) -> None:
    """CPUs go and come back, and the machine is suspended, while pages are swapped out and in."""
    with nothing_left(t), swap(t), cgroup(t, max=str(6 << 20)):
        before = suspends(t)
        walk = Walk(t, 960, 1, 2, 0, before=JOIN)
        walk.goes_on("under pressure")
        for n in range(CYCLES):
            out = vmstat(t, "pswpout")
            t.equal(t.board.sh(HOTPLUG).status, 0, f"CPU 1 goes and comes back, {n}")
            walk.goes_on("with both CPUs")
            t.equal(t.board.sh(SUSPEND).status, 0, f"the board is suspended and wakes, {n}")
            walk.goes_on("after suspend")
            t.check(vmstat(t, "pswpout") > out, "pages were swapped out meanwhile")
        t.equal(suspends(t) - before, CYCLES, "it was suspended each time")
        walk.stop("a guest under pressure")
