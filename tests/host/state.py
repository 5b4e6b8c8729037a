# SPDX-License-Identifier: GPL-2.0-only
"""Loading and unloading the module leaves the CPUs' state unchanged."""

from __future__ import annotations

import re

from host import _modules as host
from lib import Context, case

TURNS = 20
# Runs guests on each CPU in turn; the tenth time also one that uses every slot.
SCRIPT = """
    one() {
        armvm run --kernel /tmp/$1.elf --memory 64M --append "seed=$2 rounds=60" | tail -n 1
    }
    for n in $(seq 1 %d); do
        insmod /lib/kvm_armv7.ko || exit 1
        taskset -p $((1 + n %% 2)) $$ >/dev/null
        one watchpair $n
        [ $n != 10 ] || one watchpoints
        rmmod kvm_armv7 || exit 1
    done""" % TURNS


@case("host/hyp-state", timeout=900, **host.HOST)
def state(t: Context) -> None:
    """The module is loaded and unloaded 20 times; guests run in between; host points are armed."""
    t.end_guests()
    for name in ("watchpair", "watchpoints"):
        host.elf(t, name)
    machine = t.board
    machine.sh("rmmod kvm_armv7").check()
    try:
        with host.loaded(t, "cpu_state"), \
                host.loaded(t, "wide_point", "code=0x4c000000 data=0x4d000000 any=1"):
            t.board.sh("echo fill >/proc/cpu_state/debug").check()
            hyp = t.board.sh("cat /proc/cpu_state/hyp").check().text
            debug = t.board.sh("cat /proc/cpu_state/debug").check().text
            t.log(hyp + debug)
            t.equal(len(re.findall(r"cpu[01] (?:HDCR|HVBAR) ", hyp)), 4,
                    "HDCR and HVBAR of both CPUs")
            t.equal(len(re.findall(r" DBG[BW][CV]R\d ", debug)), 40,
                    "all 20 slot registers of both CPUs")
            values = re.findall(r"DBG[BW]VR\d ([0-9a-f]+)", debug)
            t.equal(len(set(values)), 20 - 2,
                    "the slots hold distinct values, except the host's two points, which are the "
                    f"same on both CPUs: {values}")
            t.equal(len(re.findall(r"DBG[BW]CR\d [0-9a-f]{7}[13579bdf]\b", debug)), 4,
                    "a break- and a watchpoint of the host are on, on both CPUs")

            result = t.board.sh(SCRIPT, timeout=800)
            ends = re.findall(r"^(\d+) passed, 0 failed", result.text, re.M)
            t.equal((result.status, len(ends)), (0, TURNS + 1),
                    f"{TURNS} loads, and {TURNS + 1} guests pass "
                    f"{result.text[-300:]}{result.errors}")

            now = t.board.sh("cat /proc/cpu_state/hyp").check().text
            if not t.equal(host.differences(hyp, now), [],
                           "HDCR, HVBAR and the others are unchanged, bit by bit"):
                # With HDCR's traps still on, the next cp14 access would hang this board.
                machine.kill()
                return
            now = t.board.sh("cat /proc/cpu_state/debug").check().text
            t.equal(host.differences(debug, now), [],
                    "every debug register is unchanged, bit by bit")
            # The comparison is worth something only if it can find a difference.
            t.board.sh("echo fill >/proc/cpu_state/debug; rmmod wide_point; "
                       "insmod /tmp/wide_point.ko code=0x4c000004").check()
            other = t.board.sh("cat /proc/cpu_state/debug").check().text
            t.check(host.differences(debug, other), "it finds another host point")
    finally:
        if machine.running:
            machine.sh("insmod /lib/kvm_armv7.ko").check()
