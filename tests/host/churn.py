# SPDX-License-Identifier: GPL-2.0-only
"""CPUs change under guests and under a host debugger whose points are on: each hit comes once."""

from __future__ import annotations

import re
import shlex

from host import _modules as host
from host._counters import nothing_left
from host._mix import BY_STORE, DOORS, arguments, side
from host._steps import ROOT
from lib import Context, case
from lib.hwpoints import hwpoints

# A process that has ended but was not waited for is a zombie, which is not running.
SCRIPT = """
: >/tmp/mix
running() { grep -q '^State:.[^Z]' /proc/$1/status 2>/dev/null; }
for n in 1 2; do
    armvm run --kernel %(elf)s --memory 64M \\
        --append "seed=$n events=%(events)d kinds=15 doors=15 ways=14 full=1" >/tmp/guest$n 2>&1 &
    eval guest$n=$!
done
events %(mix)s >/tmp/mix 2>&1 &
mix=$!
%(start)s
times=0
%(disturb)s
%(end)s
wait $guest1 && wait $guest2 && wait $mix && wait && echo "$times times"
"""
# A guest that keeps time, one that eventfds interrupt, and their ends.
IRQS = """
(while [ -e /tmp/ticking ]; do echo t; sleep 1; done; echo q) | \\
    armvm run --kernel %s --memory 64M >/tmp/ticks 2>&1 &
eventfds steady >/tmp/steady 2>&1 &
steady=$!
trap 'rm -f /tmp/ticking; kill $steady 2>/dev/null' EXIT
"""
IRQS_END = "rm /tmp/ticking; kill $steady && wait $steady || exit 1"
CHURN = """
churn $guest1 $guest2 +$mix >/tmp/moves &
"""
HOTPLUG = """
online=/sys/devices/system/cpu/cpu1/online
while running $guest1 && running $guest2 && running $mix && [ $times -lt %d ]; do
    echo 0 >$online || exit 1
    usleep 200000
    echo 1 >$online || exit 1
    usleep 200000
    times=$((times + 1))
done
"""
# The kernel's own test of hibernation: CPU 1 off, CPU_PM notifiers on CPU 0, and back.
PM = """
# Debug accesses of each guest, and hits of the host's debugger in each of its processes.
progress() {
    for pid in $guest1 $guest2; do
        sed -n 's/^traps //p' %(root)s/$pid-*/vcpu0/debug 2>/dev/null || echo 0
    done
    grep -c '^# self' /tmp/mix
    grep -c '^# other' /tmp/mix
}
# Wait until all four have grown by at least 3.
makes_progress() {
    before=$(progress)
    for n in $(seq 1200); do
        running $guest1 && running $guest2 && running $mix || return 1
        usleep 50000
        set -- $(progress)
        for old in $before; do
            [ "${1:-0}" -ge $((old + 3)) ] || continue 2
            shift
        done
        return 0
    done
    return 1
}
makes_progress || exit 1
while [ $times -lt %(cycles)d ]; do
    echo core >/sys/power/pm_test && echo disk >/sys/power/state || exit 1
    echo none >/sys/power/pm_test
    makes_progress || exit 1
    times=$((times + 1))
done
"""
CYCLES = 3


def under(t: Context, events: int, rounds: int, disturb: str, timeout: float, start: str = "",
          end: str = "") -> int:
    """Run two guests and two processes with points under the disturbance; return its rounds.

    START and END are more that runs meanwhile.
    """
    t.end_guests()
    elf = host.elf(t, "events")
    bootargs = f"seed=3 events={rounds} kinds=15 doors={DOORS} ways={BY_STORE}"
    mix = arguments(elf, bootargs, True, True)
    script = SCRIPT % {"elf": elf, "events": events, "disturb": disturb, "mix": shlex.join(mix),
                       "start": start, "end": end}
    result = t.board.sh(script, timeout=timeout)
    t.equal((result.status, result.errors), (0, ""), "everything ends with status 0")
    for n in (1, 2):
        text = t.board.sh(f"cat /tmp/guest{n}").check().text.replace("\r", "")
        t.log(text)
        t.check("\n5 passed, 0 failed\n" in text and "\nlost = 0, spurious 0, misread 0\n" in text,
                f"guest {n}: every event comes once and none is misread")
        came = re.search(r"^events = (\d+)$", text, re.M)
        t.check(came and int(came[1]) > events // 2, f"guest {n}: {came and came[1]} events")
    text = t.board.sh("cat /tmp/mix").check().text
    t.log(text)
    t.contains(text, "\n5 passed, 0 failed\n", "so it is in the third guest")
    for who in ("self", "other"):
        touched = side(t, text, who, True, "the host's debugger")
        t.check(touched > rounds // 15, f"{who}: {touched} rounds")
    return int(re.findall(r"^(\d+) times", result.text, re.M)[0]) if result.status == 0 else 0


def migrated(t: Context, least: int) -> None:
    """Check by the kernel's own count that each thread changed its CPU often enough."""
    text = t.board.sh("cat /tmp/moves").check().text
    t.log(text)
    times = [(name, int(n)) for name, n in re.findall(r"^(.*) = (\d+) migrations$", text, re.M)]
    vcpus = [n for name, n in times if name.startswith("vcpu")]
    t.check(len(vcpus) == 2 and min(vcpus) >= least,
            f"both guests' vCPU threads were moved {vcpus} times")
    mixed = [n for name, n in times if name == "events"]
    t.check(len(mixed) == 2 and min(mixed) >= least,
            f"so were the vCPU thread that has points of the host, and the other process: {mixed}")


@case("host/churn", timeout=600, **host.HOST)
def churn(t: Context) -> None:
    under(t, 5000, 200, CHURN, 400)
    # Each move takes the debug kernel three times as long.
    migrated(t, 10 if t.case.needs.flavour == "debug" else 30)


def with_interrupts(t: Context, events: int, rounds: int, disturb: str, timeout: float) -> int:
    """The same, beside a guest that takes timer ticks, and one that eventfds interrupt."""
    t.board.sh(": >/tmp/ticking").check()
    times = under(t, events, rounds, disturb, timeout, IRQS % host.elf(t, "ticks"), IRQS_END)
    text = t.board.sh("cat /tmp/ticks").check().text.replace("\r", "")
    t.log(text)
    taken = re.search(r"^ticks = (\d+)$", text, re.M)
    t.check("\n2 passed, 0 failed\n" in text and taken and int(taken[1]) >= 200,
            f"the guest that keeps time took {taken and taken[1]} ticks, each when it was due")
    text = t.board.sh("cat /tmp/steady").check().text
    t.log(text)
    sent = re.search(r": (\d+) events$", text, re.M)
    t.check(sent and text.endswith("\n6 passed, 0 failed\n"),
            f"each of {sent and sent[1]} events was one interrupt")
    return times


@case("host/cpu-hotplug", timeout=900, **host.HOST)
def hotplug(t: Context) -> None:
    with nothing_left(t):
        times = with_interrupts(t, 12000, 800, CHURN + HOTPLUG % 6, 700)
        t.check(times >= 3, f"CPU 1 went offline and came back {times} times meanwhile")
        migrated(t, 3)


@case("host/cpu-pm", timeout=900, **host.HOST)
def power(t: Context) -> None:
    t.board.sh("dmesg -c >/dev/null").check()
    # The debug kernel took 75 s a cycle, and the guests were done before the third.
    more = 3 if t.case.needs.flavour == "debug" else 1
    times = under(t, 12000 * more, 900 * more, PM % {"root": ROOT, "cycles": CYCLES}, 700)
    log = t.board.sh("dmesg").check().text
    t.equal(log.count("hibernation: debug: Waiting for 5 seconds"), CYCLES,
            "the kernel went all the way down each time")
    t.equal(times, CYCLES, "both guests and both processes made progress before and after each")
    hwpoints(t.board, t.check, "board")


@case("host/churn-long", tier="long", timeout=7200, **host.HOST)
def churn_long(t: Context) -> None:
    with nothing_left(t):
        times = with_interrupts(t, 400_000, 8000, CHURN + HOTPLUG % 100000, 7000)
        # Each time takes seconds while everything else runs on an emulated CPU.
        t.check(times > 20, f"CPU 1 went offline and came back {times} times")
        migrated(t, 1000)
