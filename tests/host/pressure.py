# SPDX-License-Identifier: GPL-2.0-only
"""Guests that check their memory while the host takes it away or moves it."""

from __future__ import annotations

from collections.abc import Callable

from host._counters import nothing_left
from host._pressure import ARMMP, PRESSURE, set_to, subject, subject_and_power, swap
from lib import Context, case
from lib.registry import TOP

# Options of the kernel that decide what can happen to a guest's pages, and the file that shows
# whether this kernel has it.
OPTIONS = {
    "KSM": "/sys/kernel/mm/ksm/run",
    "TRANSPARENT_HUGEPAGE": "/sys/kernel/mm/transparent_hugepage/enabled",
    "COMPACTION": "/proc/sys/vm/compact_memory",
    "SWAP": "/proc/swaps",
    "HUGETLB_PAGE": "/proc/sys/vm/nr_hugepages",
    "NUMA": "/sys/devices/system/node",
    "MEMORY_FAILURE": "/proc/sys/vm/memory_failure_recovery",
    "IDLE_PAGE_TRACKING": "/sys/kernel/mm/page_idle/bitmap",
}
# What Debian's kernels lack, so that nobody can test it on them.
LACKING = {"armmp-lpae": {"NUMA", "MEMORY_FAILURE", "IDLE_PAGE_TRACKING"},
           "armmp": {"NUMA", "MEMORY_FAILURE", "IDLE_PAGE_TRACKING", "TRANSPARENT_HUGEPAGE",
                     "HUGETLB_PAGE"},
           "debug": {"NUMA", "MEMORY_FAILURE", "IDLE_PAGE_TRACKING", "TRANSPARENT_HUGEPAGE",
                     "HUGETLB_PAGE"}}


def flavour(t: Context) -> str:
    return t.case.needs.flavour if t.case.needs else "armmp-lpae"


def options(t: Context) -> set[str]:
    """Which OPTIONS the board's kernel has: its configuration and its files must agree."""
    config = (TOP / "build" / "kernel" / flavour(t) / "config").read_text("ascii")
    said = {name for name in OPTIONS if f"\nCONFIG_{name}=y\n" in config}
    found = {name for name, file in OPTIONS.items() if t.board.sh(f"test -e {file}").status == 0}
    t.equal(found, said, "the board has what the kernel's configuration says")
    lacking = set(OPTIONS) - said
    t.equal(lacking, LACKING[flavour(t)], f"{flavour(t)} lacks {', '.join(sorted(lacking))}")
    return said


def files(t: Context) -> None:
    subject(t, "files", "/tmp/pressure-file")
    if flavour(t) == "debug":  # which has no ext4
        return
    t.board.sh("mke2fs /dev/ram8 >/dev/null && mkdir -p /mnt && "
               "mount -t ext4 /dev/ram8 /mnt").check()
    subject(t, "files", "/mnt/file")
    t.board.sh("umount /mnt").check()


def same(t: Context, test: Callable[..., None] = subject) -> None:
    ksm = "/sys/kernel/mm/ksm/"
    with set_to(t, {ksm + "sleep_millisecs": "10", ksm + "pages_to_scan": "1000",
                    ksm + "run": "1"}):
        test(t, "same")


def huge(t: Context) -> None:
    thp = "/sys/kernel/mm/transparent_hugepage/"
    with set_to(t, {thp + "enabled": "madvise", thp + "khugepaged/scan_sleep_millisecs": "10",
                    thp + "khugepaged/alloc_sleep_millisecs": "100",
                    thp + "khugepaged/pages_to_scan": "4096"}):
        subject(t, "huge", timeout=600)


@case("host/pressure-mappings", timeout=400, **PRESSURE)
def pressure_mappings(t: Context) -> None:
    """mremap, munmap, mprotect, MADV_DONTNEED, _FREE, _REMOVE and _PAGEOUT, fork."""
    with nothing_left(t), swap(t):
        subject(t, "mappings", "30")


@case("host/pressure-files", timeout=600, **PRESSURE)
def pressure_files(t: Context) -> None:
    """A guest whose memory is a file that is truncated and punched, of tmpfs and of a disk."""
    with nothing_left(t):
        files(t)


@case("host/pressure-pages", timeout=900, **PRESSURE)
def pressure_pages(t: Context) -> None:
    """KSM, khugepaged where the kernel has huge pages, and compaction."""
    has = options(t)
    t.check({"KSM", "COMPACTION"} <= has, "this kernel has both")
    with nothing_left(t):
        same(t)
        if "TRANSPARENT_HUGEPAGE" in has:
            huge(t)
        subject(t, "moved")


@case("host/pressure-power-pages", timeout=1200, **PRESSURE)
def pressure_power_pages(t: Context) -> None:
    """CPUs go and come back, and the machine is suspended, while pages are taken and moved."""
    with nothing_left(t):
        with swap(t):
            subject_and_power(t, "mappings", "60")
        subject_and_power(t, "files", "/tmp/pressure-file")
        same(t, subject_and_power)
        subject_and_power(t, "moved")


@case("host/pressure-armmp", timeout=1200, **ARMMP)
def pressure_armmp(t: Context) -> None:
    """Without LPAE a page is looked up with mmap_lock held; there are no huge pages."""
    options(t)
    with nothing_left(t):
        with swap(t):
            subject(t, "mappings", "20")
        files(t)
        same(t)
        subject(t, "moved")
