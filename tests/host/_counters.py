# SPDX-License-Identifier: GPL-2.0-only
"""What the module and its users hold, before and after a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from host._charged import given_back
from lib import Context
from lib.hwpoints import hwpoints

# What may be left in memory that the kernel has not given back yet, in kB: slabs are shared.
SLACK = 1024


def counters(t: Context) -> dict[str, int]:
    """What the module and its users hold, in kB or in numbers.

    Where kmemleak runs, the kernel's own memory is not among it: KASAN and kmemleak keep for long
    what has been freed, and what they know of it. Such a kernel tells itself what has leaked.
    """
    text = t.board.sh(
        "sync; echo 3 >/proc/sys/vm/drop_caches; echo 1 >/proc/sys/vm/stat_refresh; "
        "if [ -e /sys/kernel/debug/kmemleak ]; then grep -v ^SUnreclaim: /proc/meminfo; "
        "else cat /proc/meminfo; fi; "
        "echo Refs: $(cut -d' ' -f3 /sys/module/kvm_armv7/refcnt); "
        "echo Areas: $(grep -c kvm_armv7 /proc/vmallocinfo); "
        "echo Names: $(ls /sys/kernel/debug/kvm 2>/dev/null | wc -l); "
        "echo Descriptors: $(ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c kvm)").check().text
    return {name: int(value) for name, value in re.findall(r"^(\w+): +(\d+)", text, re.M)
            if name in ("SUnreclaim", "SecPageTables", "Refs", "Areas", "Names", "Descriptors")}


@contextmanager
def nothing_left(t: Context) -> Iterator[None]:
    """What the block does leaves nothing behind, and the module can be unloaded."""
    t.end_guests()
    before = counters(t)
    now: dict[str, int] = {}

    def returned() -> bool:
        now.update(counters(t))
        return all(now[name] == before[name] for name in now if name != "SUnreclaim") and \
            now.get("SUnreclaim", 0) <= before.get("SUnreclaim", 0) + SLACK

    with given_back(t) if "SUnreclaim" in before else nullcontext():
        yield
        t.until(returned, 30)
    t.log(f"before {before}\nafter  {now}")
    t.equal({name: now[name] for name in now if name != "SUnreclaim"},
            {name: before[name] for name in now if name != "SUnreclaim"},
            "the counters are as before: references, mappings, page tables, descriptors, names")
    if "SUnreclaim" in now:
        t.check(now["SUnreclaim"] <= before["SUnreclaim"] + SLACK,
                f"so is the kernel's memory, give or take {SLACK} kB: {before} {now}")
    # A PPI that was left active would not interrupt the guests of the self-test.
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko selftest=1").status == 0,
            "the module can be unloaded, and on each CPU a guest's timer interrupts it")
    hwpoints(t.board, t.check, "board")
