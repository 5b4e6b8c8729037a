# SPDX-License-Identifier: GPL-2.0-only
"""Sessions of real programs that several tests and the demo run, and the claims about them."""

from __future__ import annotations

import re
from collections.abc import Callable

from .hwpoints import Machine
from .registry import TOP, board

from harness.channel import Result

OVERLAY = TOP / "build" / "tests" / "linux" / "overlay"
# The board of the cases about perf and the performance monitors.
PERF = board(guest=True, overlays=(OVERLAY,), memory=2048, packages=("linux-perf",), pmu=True)
# The board of the cases about armvm's devices whose drivers are modules.
DEVICES = board(guest=True, overlays=(OVERLAY,),
                modules=("brd", "bridge", "dummy", "tun", "vhost_net", "vhost_vsock"),
                guest_modules=("virtio_mmio", "virtio_rng", "virtio_blk", "virtio_net",
                               "crc32c_generic", "ext4", "evdev", "vmw_vsock_virtio_transport",
                               "virtio_balloon"))
# On a board with one armvm: the KiB that it has in memory beside the guest's RAM, which is a memfd.
RESIDENT = ("awk '/^[0-9a-f]+-/ { ram = /memfd:/ } /^Rss:/ && !ram { kib += $2 } "
            "END { print kib }' /proc/$(pidof armvm)/smaps")
GDB = ["gdb", "-q", "-batch", "-x", "/root/watch.gdb", "/usr/local/bin/counter"]
# What the module logs on this board, loaded as it should be.
READY = re.compile(r"kvm_armv7: ready: 6 break- and 4 watchpoints, monitor mode on, "
                   r"GICv2 with 4 list registers, \d+ VMID bits, 2 CPUs, "
                   r"branch predictions (need no flush|(not )?flushed)")
# A claim, and a pattern that proves it in gdb's output.
GDB_CLAIMS = (
    ("gdb takes a hardware watchpoint", r"^Hardware watchpoint 2: counter$"),
    ("info watchpoints says hw watchpoint", r"^2 +hw watchpoint +keep y +counter$"),
    ("it stops with the old and new value, the first time", r"^Old value = 7\nNew value = 8$"),
    ("the second time", r"^Old value = 8\nNew value = 10$"),
    ("the third time", r"^Old value = 10\nNew value = 13$"),
    ("three times, not once for the variable beside it", r"breakpoint already hit 3 times$"),
    ("gdb takes a hardware breakpoint", r"^Hardware assisted breakpoint 3 at "),
    ("it stops at the function", r"^Breakpoint 3, tally \(n=13\) at counter\.c:\d+$"),
    ("info breakpoints says hw breakpoint", r"^3 +hw breakpoint +keep y +0x[0-9a-f]+ in tally"),
    ("once", r"breakpoint already hit 1 time$"),
    ("and the program ends as if nothing had been", r"^tally 13$"),
    ("with status 0", r"^\[Inferior 1 \(process \d+\) exited normally\]$"),
)


def gdb_session(machine: Machine, check: Callable[[bool, str], object], where: str,
                timeout: float = 240) -> Result:
    """Run the session and check each claim. A claim that fails shows the output."""
    result = machine.run(GDB, timeout=timeout)
    text = result.text
    for claim, pattern in GDB_CLAIMS:
        good = re.search(pattern, text, re.M) is not None
        check(good, f"{where}: {claim}" + ("" if good else f"\n{text}{result.errors}"))
    check(result.status == 0, f"{where}: gdb ends with 0")
    return result


def seconds_to_init(machine: Machine) -> float:
    """How long the kernel ran, by its own clock, until it started init."""
    return float(re.search(r"\[ *([\d.]+)\] Run \S+ as init", machine.sh("dmesg").text)[1])
