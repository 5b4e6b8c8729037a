# SPDX-License-Identifier: GPL-2.0-only
"""Debian's perf in a guest: break- and watchpoints as on the board, cycles of the guest only."""

from __future__ import annotations

import re
import subprocess

from lib import Context, case
from lib.registry import TOP
from lib.session import OVERLAY, PERF

PROGRAM = OVERLAY / "usr" / "local" / "bin" / "counter"
# For perf, Linux accepts only read-write watchpoints; it cannot tell loads from stores.
EVENTS = {"counter": "rw:u", "tally": "x:u", "elsewhere": "x:u"}


def events() -> dict[str, str]:
    """perf's names of a watchpoint, a breakpoint, and a breakpoint that is never reached."""
    text = subprocess.run(["arm-linux-gnueabihf-nm", str(PROGRAM)], check=True, capture_output=True,
                          text=True).stdout
    at = {name: re.search(rf"^([0-9a-f]+) \w {name}$", text, re.M) for name in ("counter", "tally")}
    places = {name: int(match[1], 16) for name, match in at.items()}
    places["elsewhere"] = 0x10000
    return {name: f"mem:{places[name]:#x}:{how}" for name, how in EVENTS.items()}


def counts(t: Context, machine) -> dict[str, str]:
    names = events()
    result = machine.run(["perf", "stat", "-x,", "-o", "/tmp/stat", "-e", ",".join(names.values()),
                          "counter"], timeout=120)
    t.equal((result.status, result.text), (0, "tally 13\n"),
            f"the program runs under perf {result.errors}")
    rows = [line.split(",") for line in machine.sh("cat /tmp/stat").check().text.splitlines()
            if line.count(",") > 2]
    t.log("\n".join(map(str, rows)))
    return dict(zip(names, (row[0] for row in rows)))


@case("linux/perf-counts", needs=PERF, timeout=300)
def perf_counts(t: Context) -> None:
    here = counts(t, t.board)
    guest = t.guest(cpus=1, memory=512)
    there = counts(t, guest)
    t.equal(there, here, "guest and board count the same")
    t.equal((there["tally"], there["elsewhere"]), ("1", "0"),
            "one breakpoint hits once, the other never")
    # The kernel steps over a point with a mismatch breakpoint.  The emulator has none, so there the
    # point stays off after its first hit; a real CPU counts each hit.
    t.check(int(there["counter"]) >= 1, f"the watchpoint hits: {there}")
    record = ["perf", "record", "-q", "-o", "/tmp/data", "-e", events()["tally"], "counter"]
    t.equal(guest.run(record, timeout=120).status, 0, "perf record takes a breakpoint")
    text = guest.sh("perf script -i /tmp/data -F comm,ip,sym </dev/null", timeout=120).text
    t.check(re.search(r"^ *counter +[0-9a-f]+ tally", text, re.M),
            f"its sample is in tally: {text}")


BUSY = ["sh", "-c", "i=0; while [ $i -lt 8000 ]; do i=$((i + 1)); done"]


def stat(machine, event: str, argv: list[str]) -> int:
    """What perf stat counts; -1 for `<not counted>` and the like."""
    machine.run(["perf", "stat", "-x,", "-o", "/tmp/cycles", "-e", event, *argv],
                timeout=120).check()
    rows = [line.split(",") for line in machine.sh("cat /tmp/cycles").check().text.splitlines()
            if line.count(",") > 2]
    return int(rows[0][0]) if len(rows) == 1 and rows[0][0].isdigit() else -1


@case("linux/perf-cycles", needs=PERF, timeout=300)
def perf_cycles(t: Context) -> None:
    """perf stat and perf record with the guest's own PMU."""
    guest = t.guest(cpus=1, memory=512)
    t.contains(guest.sh("dmesg | grep perfevents").text,
               "enabled with armv7_cortex_a15 PMU driver, 7 counters available",
               "the guest's kernel finds the PMU")
    # One at a time: all three names of cycles want the one cycle counter.  r11 has another.
    busy = {event: stat(guest, event, BUSY) for event in ("cycles:u", "cycles:k", "r11")}
    sleep = stat(guest, "cycles:u", ["sleep", "1"])
    t.check(all(count > 0 for count in busy.values()), f"both levels' cycles are counted: {busy}")
    t.check(0 < sleep < busy["cycles:u"], f"a sleeping program has fewer: {sleep}")
    record = ["perf", "record", "-q", "-o", "/tmp/data", "-e", "cycles:u", "-c", "2000000", *BUSY]
    t.equal(guest.run(record, timeout=120).status, 0, "perf record takes cycles")
    text = guest.sh("perf script -i /tmp/data -F comm,event </dev/null | sort | uniq -c",
                    timeout=120).text
    samples = re.findall(r"^ *(\d+) +sh +cycles:u:", text, re.M)
    t.check(samples and int(samples[0]) >= 5, f"overflows interrupt the program: {text}")
    host = stat(t.board, "cycles:u", BUSY)
    t.check(host > 0, f"the board's own perf counts beside it: {host}")


@case("linux/perf-exits", needs=PERF, tier="long", timeout=300)
def perf_exits(t: Context) -> None:
    """perf records a guest's exits, and tools/kvm-stat makes the table of `perf kvm stat`."""
    t.end_guests()
    t.board.put(TOP / "build" / "guests" / "timer.elf", "/tmp/timer.elf")
    t.board.put(TOP / "tools" / "kvm-stat", "/tmp/kvm-stat")
    argv = ["perf", "record", "-q", "-a", "-o", "/tmp/exits", "-e", "kvm:kvm_entry", "-e",
            "kvm:kvm_exit", "--", "armvm", "run", "--kernel", "/tmp/timer.elf", "--memory", "64M",
            "--cpus", "1"]
    result = t.board.run(argv, timeout=120)
    t.equal(result.status, 0, f"perf records a guest {result.errors}")
    text = t.board.sh("perf script -i /tmp/exits </dev/null >/tmp/text; "
                      "sh /tmp/kvm-stat /tmp/text; grep -c kvm:kvm_exit: /tmp/text",
                      timeout=120).check().text
    t.log(text)
    total = re.search(r"^Total Samples: (\d+), ", text, re.M)
    exits = int(text.splitlines()[-1])
    t.check(total and exits - 1 <= int(total[1]) <= exits,
            "each exit that perf recorded is counted, but for the last one, which no entry follows")
    t.check(re.search(r"^ +WFI +\d", text, re.M) and re.search(r"^ +DABT +\d", text, re.M),
            "by their reasons")
    t.check(t.board.sh("perf kvm stat record true").status != 0,
            "perf itself has no `perf kvm stat` for 32-bit Arm (docs/uapi.md)")


@case("linux/pmu-calls", needs=PERF)
def pmu_calls(t: Context) -> None:
    """The calls about a vCPU's PMU, with wrong and right arguments."""
    result = t.board.run(["pmu-calls"])
    t.log(result.text)
    for line in re.findall(r"^FAIL .*", result.text, re.M):
        t.check(False, line)
    t.equal((result.text.splitlines()[-1:], result.status), (["42 passed, 0 failed"], 0),
            "the program ran to its end")
