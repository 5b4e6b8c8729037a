# SPDX-License-Identifier: GPL-2.0-only
"""What a memory cgroup is charged for, before and after a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from lib import Context

CGROUP = "/run/charged"
GROUP = f"{CGROUP}/load"
# What of the kernel's own memory memory.stat names; the rest are single pages.
NAMED = ("kernel_stack", "pagetables", "sec_pagetables", "percpu", "vmalloc", "slab")
# What may be left, in kB: of all pages, of which each of two CPUs charges up to 64 in advance; of
# the kernel's own memory, whose slabs have some room; and of its single pages, of which each CPU
# keeps one for the next objects.
SLACK = {"all": 128 + 2 * 64 * 4, "kernel": 256, "pages": 64}


def charge(t: Context) -> dict[str, int]:
    """What the group holds, in kB, but for files."""
    script = f"cd {GROUP} && echo all $(cat memory.current) && cat memory.stat"
    text = t.board.sh(script).check().text
    found = {name: int(value) for name, value in re.findall(r"^(\w+) (\d+)$", text, re.M)}
    return {"all": (found["all"] - found["file"]) // 1024, "kernel": found["kernel"] // 1024,
            "pages": (found["kernel"] - sum(found[name] for name in NAMED)) // 1024}


@contextmanager
def given_back(t: Context) -> Iterator[None]:
    """What the block's commands are charged for is given back.

    That sees what no other counter does: pages that the kernel has allocated for itself, and pages
    of a process that has ended which somebody still refers to.
    """
    # The shell's parent, which also starts all other commands.
    t.board.sh(f"mkdir -p {CGROUP} && mount -t cgroup2 none {CGROUP} && "
               f"echo +memory >{CGROUP}/cgroup.subtree_control && mkdir {GROUP} && "
               f"echo $PPID >{GROUP}/cgroup.procs").check()
    before = charge(t)
    kept: dict[str, int] = {}

    def returned() -> bool:
        kept.update({name: kb - before[name] for name, kb in charge(t).items()})
        return all(kept[name] <= SLACK[name] for name in SLACK)

    yield
    t.until(returned, 30)
    t.equal([f"{kept[name]} kB of {name}" for name in SLACK if kept[name] > SLACK[name]], [],
            f"what was charged to its cgroup is given back, give or take {SLACK} kB: {kept}")
    t.board.sh(f"for one in $PPID $$; do echo $one >{CGROUP}/cgroup.procs || exit 1; done; "
               f"rmdir {GROUP} && umount {CGROUP}").check()
