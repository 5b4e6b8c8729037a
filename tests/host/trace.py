# SPDX-License-Identifier: GPL-2.0-only
"""The tracepoint for debug register accesses: every access while it is on, none while it is off."""

from __future__ import annotations

import re

from host import _modules as host
from host._steps import Steps, symbol
from lib import Context, case

TRACING = "/sys/kernel/tracing"
EVENT = f"{TRACING}/events/kvm_armv7/cp14"
LINE = re.compile(r": cp14: vcpu (\d+) pc 0x([0-9a-f]{8}) (read|write) (\S+) 0x([0-9a-f]{8})"
                  r"( UNDEFINED)?$", re.M)
UDCCDIS = 1 << 12


def taken(t: Context) -> list[tuple[str, ...]]:
    """What was traced since the last call: vCPU, PC, direction, register, value, UNDEFINED."""
    text = t.board.sh(f"cat {TRACING}/trace; echo >{TRACING}/trace").check().text
    t.log(text)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = LINE.findall(text)
    t.check(len(rows) == len(lines), f"every line is an access: {len(rows)} of {len(lines)}")
    return rows


def accesses(rows: list[tuple[str, ...]]) -> list[tuple[str, str, int, bool]]:
    return [(row[2], row[3], int(row[4], 16), bool(row[5])) for row in rows]


def expected(bvr3: int, didr: int, dscr: int) -> list[tuple[str, str, int, bool]]:
    """The accesses of trapped_list() in guests/steps.c."""
    return [*[("read", "DBGBVR3", bvr3, False)] * 10,
            *[("write", "DBGBVR3", n << 12, False) for n in (1, 2, 3)],
            ("read", "DBGDIDR", didr, False), ("read", "DBGDRAR", 0, False),
            ("read", "DBGDSCRext", dscr, False), ("write", "DBGDSCRext", dscr | UDCCDIS, False),
            ("read", "DBGDIDR", 0, True), ("write", "DBGDSCRext", dscr, False)]


@case("host/trace-cp14", timeout=120, **host.HOST)
def trace_cp14(t: Context) -> None:
    t.end_guests()
    t.board.sh(f"[ -d {EVENT} ] || mount -t tracefs none {TRACING}").check()
    t.equal(t.board.sh(f"cat {EVENT}/enable").check().text, "0\n", "the event is off by default")
    steps = Steps(t)
    steps.did("t")
    t.equal(taken(t), [], "while it is off, no access is traced")

    before = int(steps.read()["traps"])
    t.board.sh(f"echo 1 >{EVENT}/enable").check()
    steps.did("t")
    rows = taken(t)
    didr = int(rows[13][4], 16) if len(rows) > 13 else 0
    t.equal(didr >> 20, 0x351, "DBGDIDR: 4 watchpoints, 6 breakpoints, 2 of them context-aware")
    t.equal(accesses(rows), expected(0x3000, didr, 0x00070000),
            "while it is on, every access is traced in order")
    t.equal(int(steps.read()["traps"]) - before, len(rows), "the counter counts as many")
    t.equal({row[0] for row in rows}, {"0"}, "all are of vCPU 0")
    t.equal(int(rows[17][1], 16), symbol("read_didr"), "the PC is the instruction's own")
    t.check(rows[0][1] == rows[1][1] or int(rows[1][1], 16) - int(rows[0][1], 16) == 4,
            "also of an access in a loop")

    # With active points, each of these exits loads and unloads registers.
    steps.did("a")
    taken(t)
    steps.did("h")
    names = {(row[2], row[3]) for row in taken(t)}
    t.check({("write", "DBGWCR1"), ("write", "DBGBCR0"), ("read", "DBGDSCRint")} <= names,
            f"its points hit and are set again while it is traced: {sorted(names)}")

    t.board.sh(f"echo 0 >{EVENT}/enable").check()
    steps.did("t")
    taken(t)  # An access that was already being traced.
    steps.did("t")
    t.equal(taken(t), [], "once it is off again, no access is traced")
    steps.did("q")
    t.equal(steps.command.result(30).status, 0, "the guest's claims hold, traced or not")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "the module can be unloaded")
