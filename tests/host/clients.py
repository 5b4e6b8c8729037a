# SPDX-License-Identifier: GPL-2.0-only
"""VMMs that exist, replayed call by call."""

from __future__ import annotations

import re

from host import _modules as host
from lib import Context, case

# The rows of the tables in tests/host/clients.
ROWS = 720


@case("host/clients", timeout=120, **host.HOST)
def clients(t: Context) -> None:
    """The program in tests/host/clients makes each call of its tables and compares the result."""
    t.end_guests()
    result = t.board.run(["clients"], timeout=90)
    t.log(result.text + result.errors)
    for row in re.findall(r"^FAIL clients: (.*)", result.text, re.M):
        t.check(False, row)
    t.equal((result.text.splitlines()[-1:], result.status), ([f"{ROWS} passed, 0 failed"], 0),
            "every call gives what Linux 4.19 gave")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "no descriptor is left open: the module can be unloaded")
