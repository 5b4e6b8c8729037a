# SPDX-License-Identifier: GPL-2.0-only
"""The CPUs after the module has come and gone: as they were."""

from __future__ import annotations

import re

from host import _modules as host
from lib import Context, case

TURNS = 20
# Guests on each CPU in turn; the tenth also uses every slot.
SCRIPT = """
    one() { armvm run --kernel /tmp/$1.elf --memory 64M --append "seed=$2 rounds=60" | tail -n 1; }
    for n in $(seq 1 %d); do
        insmod /lib/kvm_armv7.ko || exit 1
        taskset -p $((1 + n %% 2)) $$ >/dev/null
        one watchpair $n
        [ $n != 10 ] || one watchpoints
        rmmod kvm_armv7 || exit 1
    done""" % TURNS


@case("host/hyp-state", timeout=900, **host.HOST)
def state(t: Context) -> None:
    """20 times loaded and unloaded, guests in between that use every slot; host points armed."""
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
            t.equal(len(re.findall(r"cpu[01] (?:HDCR|HVBAR) ", hyp)), 4, "HDCR and HVBAR of both CPUs")
            t.equal(len(re.findall(r" DBG[BW][CV]R\d ", debug)), 40, "all 20 slot registers of both CPUs")
            values = re.findall(r"DBG[BW]VR\d ([0-9a-f]+)", debug)
            t.check(len(set(values)) >= 18, f"filled with values of their own: {values}")
            t.equal(len(re.findall(r"DBG[BW]CR\d [0-9a-f]{7}[13579bdf]\b", debug)), 4,
                    "a break- and a watchpoint of the host are on, on both CPUs")

            result = t.board.sh(SCRIPT, timeout=800)
            ends = re.findall(r"^(\d+) passed, 0 failed", result.text, re.M)
            t.equal((result.status, len(ends)), (0, TURNS + 1),
                    f"{TURNS} loads, {TURNS + 1} guests that pass {result.text[-300:]}{result.errors}")

            now = t.board.sh("cat /proc/cpu_state/hyp").check().text
            if not t.equal(host.differences(hyp, now), [], "HDCR, HVBAR and the others are bit-exactly as before"):
                # With HDCR's traps on, the next cp14 access would hang this board.
                machine.kill()
                return
            now = t.board.sh("cat /proc/cpu_state/debug").check().text
            t.equal(host.differences(debug, now), [], "every debug register is bit-exactly as before")
            # The comparison is worth something only if it can see a difference.
            t.board.sh("echo fill >/proc/cpu_state/debug; rmmod wide_point; insmod /tmp/wide_point.ko "
                       "code=0x4c000004").check()
            other = t.board.sh("cat /proc/cpu_state/debug").check().text
            t.check(host.differences(debug, other), "another host point would be seen")
    finally:
        if machine.running:
            machine.sh("insmod /lib/kvm_armv7.ko").check()
