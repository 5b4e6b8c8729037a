# SPDX-License-Identifier: GPL-2.0-only
"""Each call in the module that may fail, fails: the caller learns of it, and nothing else breaks.

The program is tests/host/fail-nth, the failures are those of tests/modules/fail-sites.c.
"""

from __future__ import annotations

import re

from host import _modules as host
from host import _sites as sites
from host._counters import counters
from lib import Context, case
from lib.session import PERF

from harness import initramfs

SITES = "/proc/fail_sites"
LOAD = "load"
# Calls in the module that one failure does not lead to: function, what it calls, and why.
NOT_REACHED = (
    ("user_pages_get", "get_user_pages_fast",
     "the last one: the process would have to lose the page three times in a row"),
)
# The same on a kernel without LPAE, which has no huge pages.
NOT_REACHED_IN_BLOCKS = (
    ("user_pages_are", "get_user_pages_fast", "only a block asks for it"),
)


def reached(t: Context) -> dict[sites.Site, int]:
    """How often each has failed."""
    text = t.board.sh(f"cat {SITES}").check().text
    return {(name, int(offset, 16)): int(times)
            for name, offset, times in re.findall(r"^([\w.]+)\+(\w+) (\d+)$", text, re.M)}


def probe(t: Context, calls: dict[sites.Site, str]) -> None:
    """Load kvm_armv7 with a probe on each of these calls."""
    lines = [f"{name}+{offset:#x}={sites.failure_of(function)}\n"
             for (name, offset), function in calls.items()]
    t.board.sh(f'while read -r line; do echo "$line" >{SITES} || exit 1; done',
               "".join(lines).encode()).check()
    log = t.board.sh("dmesg -c >/dev/null; insmod /lib/kvm_armv7.ko && dmesg").check().text
    t.equal(re.findall(r"fail_sites: .*", log), [], f"there is a probe on each of {len(calls)}")


def run(t: Context, names: list[str], least: int) -> set[sites.Site]:
    """Make these calls; return the calls in the module that have failed."""
    before = counters(t)
    result = t.board.run(["fail-nth", *names], timeout=300)
    t.log(result.text + result.errors)
    for claim in re.findall(r"^FAIL fail-nth: (.*)", result.text, re.M):
        t.check(False, claim)
    rows = [int(n) for n in re.findall(r"^PASS fail-nth: \S+: (\d+) failures", result.text, re.M)]
    t.check(result.status == 0 and sum(rows) >= least,
            f"{len(rows)} calls, with {sum(rows)} failures {result.errors}")
    now = counters(t)
    kept = [name for name in ("SecPageTables", "Refs", "Areas", "Names", "Descriptors")
            if name in before]
    t.equal({name: now[name] for name in kept}, {name: before[name] for name in kept},
            "afterwards the module holds what it held before")
    return {at for at, times in reached(t).items() if times}


@case("host/fail-sites", needs=PERF, timeout=600)
def fail_sites(t: Context) -> None:
    t.end_guests()
    machine = t.board
    every = sites.of_module(initramfs.module_path(machine.config.flavour))
    t.check(len(every) > 80, f"{len(every)} calls that may fail")
    host.put_once(t, host.PROGRAMS / "usr/local/bin/fail-nth", "/usr/local/bin/fail-nth")
    names = machine.run(["fail-nth", "list"]).check().text.split()
    machine.sh("rmmod kvm_armv7; echo 4 >/proc/sys/vm/nr_hugepages || :").check()
    try:
        with host.loaded(t, "fail_sites"):
            probe(t, every)
            hit = run(t, [name for name in names if name != LOAD], 300)
            machine.sh("rmmod kvm_armv7").check()
        # Each probe stops all CPUs when it is made: those that have to be made for each load of
        # the module are only those that are left.
        with host.loaded(t, "fail_sites"):
            probe(t, {at: name for at, name in every.items() if at not in hit})
            hit |= run(t, [LOAD], 10)
            machine.sh("rmmod kvm_armv7").check()
    finally:
        if machine.running:
            machine.sh("echo 0 >/proc/sys/vm/nr_hugepages; insmod /lib/kvm_armv7.ko").check()
    t.log("\n".join(f"{'' if at in hit else 'not '}hit: {sites.show(at, name)}"
                    for at, name in every.items()))
    missed = [(at[0], name) for at, name in every.items() if at not in hit]
    left = NOT_REACHED + (() if "lpae" in machine.config.flavour else NOT_REACHED_IN_BLOCKS)
    t.equal(sorted(missed), sorted(row[:2] for row in left),
            f"all but {len(left)} of the {len(every)} calls in the module have failed")
