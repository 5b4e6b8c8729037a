# SPDX-License-Identifier: GPL-2.0-only
"""Debian's perf counts break- and watchpoints in a guest as it does on the board."""

from __future__ import annotations

import re
import subprocess

from lib import Context, board, case
from lib.session import OVERLAY

MAIN = board(guest=True, overlays=(OVERLAY,), memory=2048, packages=("linux-perf",))
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


@case("linux/perf-counts", needs=MAIN, timeout=300)
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
