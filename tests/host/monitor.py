# SPDX-License-Identifier: GPL-2.0-only
"""A host that is not in monitor mode (S3): guests see it, and nothing else breaks."""

from __future__ import annotations

from host import _modules as host
from lib import Context, case
from lib.session import hwpoints

BKPT_NEEDS = ("monitor mode can be turned on", "a breakpoint on a BKPT, PL0: MOE tells one, then the other",
              "a breakpoint on a BKPT, PL1: MOE tells one, then the other")


@case("host/monitor-off", timeout=240, **host.HOST)
def monitor_off(t: Context) -> None:
    t.end_guests()
    t.board.sh("rmmod kvm_armv7").check()
    with host.loaded(t, "monitor_off"):
        said = host.reload(t)
        t.contains(said, "monitor mode off: guests cannot use them", "the module says what it found")

        # In a bare guest: the bit does not stick, no point fires, BKPT is still taken.
        result = host.bare(t, "bkpt")
        claims = host.verdicts(t, result, "bkpt")
        t.equal(sorted(claims["FAIL"]), sorted(BKPT_NEEDS), "MDBGen does not stick, all else of bkpt holds")
        t.check(sum("PL" in c and c.endswith("taken") for c in claims["PASS"]) >= 20, "BKPT is taken")
        result = host.bare(t, "watchpair", "seed=3 rounds=300")
        host.verdicts(t, result, "watchpair")
        t.equal(host.hits(result.text), (0, 0, 0), "points that a guest sets do not fire")

        guest = t.guest(cpus=1, fresh=True)
        log = guest.sh("dmesg | grep hw-breakpoint").check().text
        t.contains(log, "Failed to enable monitor mode on CPU 0", "a stock kernel says so")
        t.equal(guest.run(["true"]).status, 0, "and works")
        points = guest.run(["hwpoints"])
        t.check(points.status == 1 and points.text.count("No such device") >= 13
                and not any(line.startswith("PASS") and line.endswith("once")
                            for line in points.text.splitlines()),
                f"its ptrace refuses every point with ENODEV:\n{points.text}")
        t.end_guests()
        t.board.sh("rmmod kvm_armv7").check()

    said = host.reload(t)
    t.contains(said, "monitor mode on", "loaded again with monitor mode on")
    host.all_pass(t, host.bare(t, "bkpt"), "bkpt")
    result = host.bare(t, "watchpair", "seed=3 rounds=300")
    host.all_pass(t, result, "watchpair")
    t.check(min(host.hits(result.text)[:2]) > 100, f"points fire again: {host.hits(result.text)}")
    hwpoints(t.board, t.check, "board")
