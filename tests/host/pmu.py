# SPDX-License-Identifier: GPL-2.0-only
"""A guest's performance monitors beside the host's."""

from __future__ import annotations

from host import _modules as host
from lib import Context, case
from lib.session import PERF


@case("host/pmu-open-to-user", needs=PERF)
def open_to_user(t: Context) -> None:
    """The guest's PMUSERENR decides, also if the host's lets User mode in.

    The emulator's CPU, like the manual's, makes an access UNDEFINED before it can trap if
    PMUSERENR.EN is 0. So only on such a host does the module have to refuse it.
    """
    with host.loaded(t, "pmu_open"):
        host.all_pass(t, host.bare(t, "pmu", timeout=240), "a guest's PMU")


@case("host/pmu-shared", needs=PERF)
def shared(t: Context) -> None:
    """A guest's counter goes on after the host has had it for itself."""
    host.put_once(t, host.PROGRAMS / "usr/local/bin/pmu-shared", "/usr/local/bin/pmu-shared")
    result = t.board.run(["pmu-shared"], timeout=60)
    t.equal((result.text, result.errors),
            ("before, it counts\nmeanwhile it stands still\nafterwards it counts\n", ""),
            "the guest's PMCCNTR")
