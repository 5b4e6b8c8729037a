# SPDX-License-Identifier: GPL-2.0-only
"""The newer stock kernel from Debian's backports: module, host and guest."""

from __future__ import annotations

import subprocess

from harness.paths import NEWER, TOP
from lib import Context, board, case
from lib.session import HW_LINES, OVERLAY, hw_lines, hwpoints


@case("linux/newer-kernel", timeout=900)
def newer(t: Context) -> None:
    flavour = NEWER[0]
    for argv in (["tools/fetch", "headers", flavour],
                 ["make", "-C", "module", f"FLAVOUR={flavour}"]):
        done = subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=False)
        if not t.check(done.returncode == 0, f"{' '.join(argv)} {done.stderr[-2000:]}"):
            return
    machine = t.boot(board(guest=True, overlays=(OVERLAY,), flavour=flavour))
    release = machine.run(["uname", "-r"]).check().text
    t.check(tuple(map(int, release.split(".")[:2])) >= (6, 12), f"the board runs {release}")
    guest = machine.start_guest(cpus=2).wait()
    t.equal(guest.run(["uname", "-r"]).check().text, release, "the guest runs it too")
    t.equal(hw_lines(guest), HW_LINES, "the guest's kernel finds its debug registers")
    t.equal(hwpoints(guest, t.check, "guest"), hwpoints(machine, t.check, "board"),
            "the guest prints the same lines as the board")
