# SPDX-License-Identifier: GPL-2.0-only
"""Every ioctl, with wrong and right arguments."""

from __future__ import annotations

import re
from dataclasses import replace

from host import _modules as host
from lib import Context, case

# A new claim in tests/host/ioctls changes this number.
CLAIMS = 1221


@case("host/ioctls", timeout=180, **host.HOST)
def ioctls(t: Context) -> None:
    """The program in tests/host/ioctls makes the claims and prints them."""
    t.end_guests()
    result = t.board.run(["ioctls"], timeout=150)
    t.log(result.text + result.errors)
    passed = re.findall(r"^PASS ioctls: ", result.text, re.M)
    for claim in re.findall(r"^FAIL ioctls: (.*)", result.text, re.M):
        t.check(False, claim)
    t.equal(len(passed), CLAIMS, "every claim of the program holds")
    t.equal((result.text.splitlines()[-1:], result.status), ([f"{CLAIMS} passed, 0 failed"], 0),
            "the program ran to its end")
    # The emulator has no mismatch breakpoints, which the module's probe must notice.
    t.contains(result.text, "PASS ioctls: SINGLESTEP, which is not offered",
               "this board offers no single step")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "no descriptor is left open: the module can be unloaded")


@case("host/ioctls-above-4g", timeout=90, needs=replace(host.HOST["needs"], guest=False,
                                                        emulator="qemu-system-aarch64"))
def above_4g(t: Context) -> None:
    """A device above 4 GiB. qemu-system-arm keeps 32 bits of the address in HPFAR."""
    result = t.board.run(["ioctls", "above-4g"], timeout=60)
    t.log(result.text + result.errors)
    t.equal((result.text.splitlines()[-1:], result.status), (["2 passed, 0 failed"], 0),
            "the exit to user space has all bits of the address")


@case("host/ioctls-debug-0", timeout=90, **host.HOST)
def without_debug(t: Context) -> None:
    """A module that gives guests no debug registers offers none, but still supports BKPT."""
    t.end_guests()
    t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko debug=0").check()
    try:
        result = t.board.run(["ioctls", "debug=0"], timeout=60)
    finally:
        t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").check()
    t.log(result.text + result.errors)
    for claim in re.findall(r"^FAIL ioctls: (.*)", result.text, re.M):
        t.check(False, claim)
    t.equal((result.text.splitlines()[-1:], result.status), (["10 passed, 0 failed"], 0),
            "the program ran to its end")
