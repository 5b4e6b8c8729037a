# SPDX-License-Identifier: GPL-2.0-only
"""gdb in a stock guest while the host debugs everything around it, at the same addresses."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from host import _modules as host
from host._mix import BY_STORE, DOORS, arguments, side
from host._points import touching
from host._steps import ROOT
from lib import Context, board, case
from lib.registry import TOP
from lib.session import OVERLAY, gdb_session

NEEDS = board(guest=True, packages=("gdb-minimal",), overlays=(OVERLAY, host.PROGRAMS))


def address(program: Path, name: str) -> int:
    text = subprocess.run(["arm-linux-gnueabihf-nm", str(program)], check=True, capture_output=True,
                          text=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", text, re.M)[1], 16)


@case("host/gdb-in-a-guest", needs=NEEDS, shard="host-gdb", timeout=900)
def all_at_once(t: Context) -> None:
    """gdb's points in the guest; ptrace's in the vCPU thread and in another process; each CPU's."""
    guest = t.guest(cpus=1, memory=320)
    counter = OVERLAY / "usr/local/bin/counter"
    code, data = address(counter, "tally"), address(counter, "counter")
    tid = t.board.sh("grep -lx vcpu0 /proc/$(pidof armvm)/task/*/comm").check().text.split("/")[4]
    directory = f"{ROOT}/$(pidof armvm)-*/vcpu0/debug"
    bootargs = f"seed=7 events=60 kinds=15 doors={DOORS} ways={BY_STORE}"
    mix = arguments(host.elf(t, "events"), bootargs, False, True)
    until = "while [ ! -e /tmp/stop ]; do {} || exit 1; done"
    with host.loaded(t, "wide_point", f"code={code:#x} data={data:#x} any=1"):
        own = address(TOP / "build/vmm/armvm", "ioctl")
        thread = t.board.agent.start(["watch-thread", tid, f"{code:x}", f"{data:x}", f"{own:x}",
                                      "/tmp/stop"])
        # A program in the guest that has no points of its own, but hits the host's.
        runs = guest.agent.start(["sh", "-c", until.format("counter >/dev/null")])
        with touching(t, "the whole CPU", code=code, data=data):
            others = t.board.agent.start(["sh", "-c", until.format("events " + shlex.join(mix))])
            gdb_session(guest, t.check, "guest", timeout=600)
            text = t.board.sh(f"cat {directory}").check().text
            t.board.sh("touch /tmp/stop").check()
            guest.sh("touch /tmp/stop").check()
            ended = [command.result(120) for command in (others, thread, runs)]
        t.board.sh("rm /tmp/stop").check()
        guest.sh("rm /tmp/stop").check()
    t.equal([result.status for result in ended], [0, 0, 0],
            f"all of them end with status 0 {[result.errors for result in ended]}")
    parts = ended[0].text.split("\nother = ")
    t.check(len(parts) > 1, "another guest ran, and a process with points of the host")
    for part in parts[1:]:
        side(t, "other = " + part.split("\n")[0], "other", True, "another process", wide=True)
    t.equal(ended[0].text.count("\n5 passed, 0 failed\n"), len(parts) - 1,
            "that guest got its own events each time")
    match = re.fullmatch(r"armed = (\d+), hits (\d+), elsewhere 0\n", ended[1].text)
    t.check(match and match[1] == match[2] and int(match[1]) >= 5,
            f"the vCPU thread: one hit each time, none at the guest's addresses: {ended[1].text}")
    rows = re.findall(r"^(loads|parkings|rejected) (\d+)$", text, re.M)
    counts = {key: int(n) for key, n in rows}
    t.check(counts["loads"] > 0 and counts["parkings"] > 0 and counts["rejected"] == 0,
            f"the guest's points were loaded, the host's parked: {counts}")
