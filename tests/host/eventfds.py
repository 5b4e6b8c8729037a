# SPDX-License-Identifier: GPL-2.0-only
"""Eventfds that a guest's writes signal, and that interrupt a guest."""

from __future__ import annotations

import re

from host import _modules as host
from host import _sites as sites
from lib import Context, case

from harness import initramfs

# A new claim in tests/host/eventfds changes this number.
CLAIMS = 121


def eventfds(t: Context, rounds: int, timeout: float) -> None:
    t.end_guests()
    result = t.board.run(["eventfds", str(rounds)], timeout=timeout)
    t.log(result.text + result.errors)
    passed = re.findall(r"^PASS eventfds: ", result.text, re.M)
    for claim in re.findall(r"^FAIL eventfds: (.*)", result.text, re.M):
        t.check(False, claim)
    t.equal(len(passed), CLAIMS, "every claim of the program holds")
    t.equal((result.text.splitlines()[-1:], result.status), ([f"{CLAIMS} passed, 0 failed"], 0),
            "the program ran to its end")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "nothing of it keeps the module loaded")


@case("host/eventfds", timeout=180, **host.HOST)
def short(t: Context) -> None:
    eventfds(t, 15, 150)


@case("host/eventfds-deassign", timeout=60, **host.HOST)
def deassign(t: Context) -> None:
    """Once KVM_IRQFD has deassigned an eventfd, it signals nothing, whoever removes the irqfd."""
    t.end_guests()
    found = sites.calls(initramfs.module_path(t.board.config.flavour))
    # The irqfd is dead, and nobody has taken it yet; the work has it, and has not removed it yet.
    places = [next(f"kvm_armv7:{name} {offset}" for (name, offset), callee in found.items()
                   if callee == called and name in inside)
              for called, inside in (("eventfd_ctx_put", ("irqfd_set", "irqfd_deassign")),
                                     ("eventfd_ctx_remove_wait_queue", ("reap", "irqfds_reap")))]
    at, offsets = zip(*(place.split() for place in places))
    with host.loaded(t, "delay", f"at={','.join(at)} offset={','.join(offsets)} ms=3,1"):
        result = t.board.run(["eventfds", "deassign"], timeout=50)
    t.equal((result.text.splitlines()[-1:], result.status), (["1 passed, 0 failed"], 0),
            f"its claim holds: {result.text}{result.errors}")


@case("host/eventfds-long", tier="long", timeout=3600, **host.HOST)
def races(t: Context) -> None:
    eventfds(t, 3000, 3500)
