# SPDX-License-Identifier: GPL-2.0-only
"""Each allocation of each call fails once, and all at once: tests/host/fail-nth."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from debug import _kernel as kernel
from host import _modules as host
from host import _sites as sites
from host._counters import counters
from lib import Context, board, case
from lib.building import build_module
from lib.registry import TOP
from lib.session import OVERLAY

from harness import initramfs, logs
from harness.machine import Board

LOAD = "load"  # It takes longest.
NEEDS = board(flavour=kernel.FLAVOUR, overlays=(OVERLAY, host.PROGRAMS), pmu=True)
# Everything may fail, whatever it could wait for and however small it is. With make-it-fail each
# allocation of the process fails, but no copy: it would be the copy that switches that off.
SETUP = """
cd /sys/kernel/debug
for file in failslab/ignore-gfp-wait fail_page_alloc/ignore-gfp-wait \\
        fail_page_alloc/ignore-gfp-highmem; do
    echo N >$file || exit 1
done
echo 0 >fail_page_alloc/min-order
for attribute in failslab fail_page_alloc fail_usercopy; do
    echo Y >$attribute/task-filter && echo -1 >$attribute/times && echo 2 >$attribute/verbose &&
        echo 32 >$attribute/stacktrace-depth || exit 1
done
for attribute in failslab fail_page_alloc; do
    echo 100 >$attribute/probability || exit 1
done
dmesg -n 4
"""
# With restartable sequences the kernel writes to the program's memory whenever it is scheduled, and
# if that fails, it kills the program with SIGSEGV.
PROGRAM = "GLIBC_TUNABLES=glibc.pthread.rseq=0 exec fail-nth"
FAIL_INIT = TOP / "build" / "tests" / "fail-init" / "fail_init.ko"


@contextlib.contextmanager
def failures_in_init(t: Context) -> Iterator[None]:
    """While the block runs, at a load only kvm_armv7's init function fails."""
    path = host.put_once(t, FAIL_INIT, "/tmp/fail_init.ko")
    t.board.sh(f"insmod {path}").check()
    yield
    t.board.sh("rmmod fail_init").check()


def run(t: Context, machine: Board, name: str, hit: set[sites.Site]) -> None:
    machine.sh("dmesg -c >/dev/null").check()
    result = machine.sh(f"{PROGRAM} {name}", timeout=1800 if name == LOAD else 240)
    log = machine.sh("dmesg -c").check().text
    t.log(result.text + result.errors)
    for claim in re.findall(r"^FAIL fail-nth: (.*)", result.text, re.M):
        t.check(False, claim)
    row = re.search(rf"^PASS fail-nth: ({re.escape(name)}: .*)", result.text, re.M)
    t.check(result.status == 0 and row, row[1] if row else
            f"{name}: the program comes to its end, with {result.status}: "
            f"{result.text[-500:]}{result.errors}")
    kept = t.dir / f"{name}.dmesg"
    kept.write_text(log, encoding="utf-8")
    t.equal(logs.trouble(kept), [], f"{name}: the kernel does not complain")
    hit |= sites.failed(log)


@case("debug/fail-nth", tier="long", needs=NEEDS, shard="fail-nth",
      timeout=3600 + kernel.BUILD_SECONDS)
def fail_nth(t: Context) -> None:
    kernel.build(t)
    if not build_module(t, kernel.FLAVOUR, "tests/debug/fail-init"):
        t.fail("the load cannot fail without this module")
    machine = t.board
    hit: set[sites.Site] = set()
    before = counters(t)
    with kernel.watched(t):
        machine.sh(SETUP).check()
        names = machine.run(["fail-nth", "list"]).check().text.split()
        for name in names:
            if name != LOAD:
                run(t, machine, name, hit)
        with failures_in_init(t):
            run(t, machine, LOAD, hit)
        machine.sh("dmesg -n 7").check()
        t.check(len(names) >= 70, f"{len(names)} calls")
    now = counters(t)
    for name in ("SecPageTables", "Refs", "Areas", "Names", "Descriptors"):
        t.equal(now[name], before[name], f"afterwards as before: {name}")
    every = {at: name for at, name in sites.of_module(initramfs.module_path(kernel.FLAVOUR)).items()
             if sites.ALLOCATES.fullmatch(name)}
    t.log("\n".join(f"{'' if at in hit else 'not '}hit: {sites.show(at, name)}"
                    for at, name in every.items()))
    # kmemleak and KASAN allocate, too, for what the module allocates, at some times and not at
    # others: the n-th failure may skip a call that it would have come to. host/fail-sites has each.
    t.check(len(hit & every.keys()) >= len(every) // 2,
            f"{len(hit & every.keys())} of {len(every)} calls of an allocator in the module failed")
