# SPDX-License-Identifier: GPL-2.0-only
"""Noise in every register that a reset leaves UNKNOWN, each time a CPU is switched on.

The emulator's registers are 0 then, so what nobody initialises looks initialised. Here firmware
(tests/firmware) fills them before the kernel starts.
"""

from __future__ import annotations

from lib import Context, board, case
from lib.registry import TOP
from lib.hwpoints import HW_LINES, hw_lines, hwpoints
from lib.session import OVERLAY, READY

from harness.firmware import Firmware
from harness.machine import Board

SEEDS = (1, 0x5eed, 0xfee1dead)
# Programs that print what they find in registers, interrupts, timers and points.
PROGRAMS = ("regs", "banked", "trapped", "gic", "timer", "vfp", "watchpoints")


def programs(t: Context, machine: Board, when: str, prefix: str = "") -> None:
    for name in PROGRAMS:
        result = machine.sh(f"{prefix} armvm run --kernel /tmp/{name}.elf --memory 64M --cpus 2")
        good = result.status == 0 and ", 0 failed" in result.text
        t.check(good, f"{when}, a guest finds nothing of it: {name} {'' if good else result.text}")


def noise(t: Context, seed: int) -> None:
    machine = t.boot(board(guest=True, overlays=(OVERLAY,), firmware=Firmware(seed=seed)))
    t.check(READY.search(machine.sh("dmesg").text), "the module finds what it needs")
    for name in PROGRAMS:
        machine.put(TOP / "build" / "guests" / f"{name}.elf", f"/tmp/{name}.elf")
    programs(t, machine, "after power-up")
    hwpoints(machine, t.check, "board")
    guest = machine.start_guest(cpus=2).wait()
    t.equal(hw_lines(guest), HW_LINES, "a Linux guest finds its debug registers")
    hwpoints(guest, t.check, "guest")
    t.equal(guest.poweroff(), 0, "it switches off")
    machine.sh("cd /sys/devices/system/cpu/cpu1 && echo 0 >online && echo 1 >online").check()
    t.equal(machine.sh("nproc").text, "2\n", "CPU 1 goes off, and comes back with other noise")
    programs(t, machine, "on CPU 1 after that", "taskset 2")


for _seed in SEEDS:
    case(f"silicon/noise-{_seed:x}", timeout=400, shard=f"noise-{_seed:x}", tier="silicon")(
        lambda t, seed=_seed: noise(t, seed))
