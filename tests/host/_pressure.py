# SPDX-License-Identifier: GPL-2.0-only
"""The small board of the cases about memory pressure, and how its memory gets short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from host import _modules as host
from lib import Context, board
from lib.session import OVERLAY

MODULES = ("brd", "crc32c_generic", "ext4")
RAM_DISKS = ("/dev/ram0", "/dev/ram1", "/dev/ram2")
# A small board, so that memory runs out soon.
SMALL = {"memory": 384, "modules": MODULES, "overlays": (OVERLAY, host.PROGRAMS)}
PRESSURE = {"needs": board(**SMALL), "shard": "pressure", "tier": "long"}
ARMMP = {"needs": board(flavour="armmp", **SMALL), "shard": "pressure", "tier": "long"}

# CPU 1 goes and comes back.
HOTPLUG = """
echo 0 >/sys/devices/system/cpu/cpu1/online && usleep 300000 &&
echo 1 >/sys/devices/system/cpu/cpu1/online
"""
# Suspend to idle. If the alarm comes before that, wakeup_count makes the kernel give up.
SUSPEND = """
rtc=/sys/class/rtc/rtc0/wakealarm
for seconds in 2 4 8 16; do
    count=$(cat /sys/power/wakeup_count) && echo $count >/sys/power/wakeup_count &&
        echo 0 >$rtc && echo +$seconds >$rtc && echo freeze >/sys/power/state && exit 0
done 2>/dev/null
exit 1
"""


def subject(t: Context, *argv: str, timeout: float = 300) -> None:
    """The program in tests/host/pressure makes the claims and prints them."""
    result = t.board.run(["pressure", *argv], timeout=timeout)
    t.log(result.text + result.errors)
    verdict(t, " ".join(argv), result.text, result.errors, result.status)


def subject_and_power(t: Context, *argv: str) -> None:
    """As subject(), while CPU 1 goes and comes back, and the machine is suspended."""
    said = bytearray()
    command = t.board.agent.start(["pressure", *argv], out=said.extend, err=said.extend)
    before, cycles = suspends(t), 0
    while not command.ended:
        t.equal((t.board.sh(HOTPLUG).status, t.board.sh(SUSPEND).status), (0, 0),
                f"CPU 1 goes and comes back, and the board is suspended and wakes, {cycles}")
        cycles += 1
    status = command.wait(60)
    t.log(said.decode())
    verdict(t, " ".join(argv), said.decode(), "", status)
    slept = suspends(t) - before
    t.check(slept == cycles >= 2, f"the board was suspended {slept} times of {cycles}")


def suspends(t: Context) -> int:
    return int(t.board.sh("cat /sys/power/suspend_stats/success").check().text)


def verdict(t: Context, what: str, text: str, errors: str, status: int) -> None:
    for claim in re.findall(r"^FAIL pressure: (.*)", text, re.M):
        t.check(False, f"{what}: {claim}")
    made = text.count("PASS pressure: ")
    t.equal((text.splitlines()[-1:], errors, status), ([f"{made} passed, 0 failed"], "", 0),
            f"{what}: all {made} claims hold")
    t.check(made >= 4, f"{what}: there are {made} claims")


@contextmanager
def swap(t: Context, *disks: str) -> Iterator[None]:
    """Swap space on disks, or on three RAM disks of 16 MiB each."""
    before = vmstat(t, "pswpout")
    for disk in disks or RAM_DISKS:
        t.board.sh(f"mkswap {disk} >/dev/null && swapon {disk}").check()
    yield
    out = vmstat(t, "pswpout") - before
    t.check(out > 0, f"{out} pages were swapped out")
    for disk in disks or RAM_DISKS:
        t.board.sh(f"swapoff {disk}").check()


def meminfo(t: Context, name: str) -> int:
    """A number of /proc/meminfo, in kB, once the counters of all CPUs are folded."""
    text = t.board.sh("echo 1 >/proc/sys/vm/stat_refresh; cat /proc/meminfo").check().text
    return int(re.findall(rf"^{name}: +(\d+)", text, re.M)[0])


def vmstat(t: Context, name: str) -> int:
    return int(t.board.sh(f"sed -n 's/^{name} //p' /proc/vmstat").check().text)


@contextmanager
def set_to(t: Context, values: dict[str, str]) -> Iterator[None]:
    """Write to files of sysfs and procfs, and write the old values back."""
    old = {}
    for file, value in values.items():
        said = t.board.sh(f"cat {file}").check().text.strip()
        chosen = re.search(r"\[(\w+)\]", said)
        old[file] = chosen[1] if chosen else said
        t.board.sh(f"echo {value} >{file}").check()
    yield
    for file, value in old.items():
        t.board.sh(f"echo {value} >{file}").check()
