# SPDX-License-Identifier: GPL-2.0-only
"""Random calls and random guests: the host survives them, and gets everything back."""

from __future__ import annotations

import re

from host import _modules as host
from host._counters import nothing_left
from lib import Context, case

# The ioctls that must have worked at least once, by number, or the calls are not worth much.
WORKED = {
    0x00: "GET_API_VERSION", 0x01: "CREATE_VM", 0x03: "CHECK_EXTENSION",
    0x04: "GET_VCPU_MMAP_SIZE", 0x41: "CREATE_VCPU", 0x46: "SET_USER_MEMORY_REGION",
    0x60: "CREATE_IRQCHIP", 0x61: "IRQ_LINE", 0x80: "RUN", 0x98: "GET_MP_STATE",
    0x99: "SET_MP_STATE", 0x9b: "SET_GUEST_DEBUG", 0xab: "ARM_SET_DEVICE_ADDR or GET_ONE_REG",
    0xac: "SET_ONE_REG", 0xae: "ARM_VCPU_INIT", 0xaf: "ARM_PREFERRED_TARGET",
    0xb0: "GET_REG_LIST", 0xe0: "CREATE_DEVICE", 0xe1: "SET_DEVICE_ATTR", 0xe2: "GET_DEVICE_ATTR",
    0xe3: "HAS_DEVICE_ATTR",
}


def run_ioctl(t: Context, seed: int, calls: int, timeout: float) -> None:
    result = t.board.run(["fuzz-ioctl", str(seed), str(calls)], timeout=timeout)
    t.log(result.text + result.errors)
    t.equal((result.status, result.errors), (0, ""), "fuzz-ioctl comes to its end")
    last = re.search(r"^(\d+) calls, (\d+) worked, (\d+) guest exits, (\d+) descriptors passed, "
                     r"(\d+) forks, (\d+) kills$", result.text, re.M)
    if not t.check(last, "it counts what it did"):
        return
    made, worked, exits, passed, forks, kills = (int(n) for n in last.groups())
    t.check(made >= calls, f"{made} calls")
    t.check(worked > made // 8 and min(exits, passed, forks, kills) > 0,
            f"{worked} of them worked, {exits} guest exits, {passed} descriptors passed, "
            f"{forks} forks, {kills} kills")
    numbers = {int(n, 16) for n in re.findall(r" (0x[0-9a-f]+|0)=\d+", result.text)}
    t.equal([name for n, name in WORKED.items() if n not in numbers], [],
            "each ioctl that is offered worked")


def run_guest(t: Context, seed: int, programs: int, timeout: float) -> int:
    """Run two at once; return how many steps there were at least."""
    script = " & ".join(f"fuzz-guest {seed + n} {programs} >/tmp/fuzz{n} 2>&1" for n in (0, 1))
    t.board.sh(f"{script} & wait", timeout=timeout)
    steps = 0
    for n in (0, 1):
        text = t.board.sh(f"cat /tmp/fuzz{n}").check().text
        t.log(text)
        last = re.search(r"^(\d+) programs, (\d+) exits, (\d+) exceptions, (\d+) laps, (\d+) hangs,"
                         r" (\d+) ends$", text, re.M)
        if not t.check(last, f"seed {seed + n}: it comes to its end: {text[-200:]}"):
            continue
        made, exits, exceptions, laps, _, _ = (int(word) for word in last.groups())
        t.equal(made, programs, f"seed {seed + n}: programs")
        t.check(exits > programs and exceptions > 10 * programs,
                f"seed {seed + n}: {exits} exits, {exceptions} exceptions, {laps} laps")
        # Each is at least one random instruction; those that do nothing are not counted.
        steps += exits + exceptions
    return steps


@case("host/fuzz-ioctl", timeout=180, **host.HOST)
def fuzz_ioctl(t: Context) -> None:
    with nothing_left(t):
        run_ioctl(t, 1, 40_000, 150)


@case("host/fuzz-guest", timeout=180, **host.HOST)
def fuzz_guest(t: Context) -> None:
    with nothing_left(t):
        steps = run_guest(t, 1, 40, 150)
    t.check(steps > 1000, f"{steps} steps")


@case("host/fuzz-ioctl-long", tier="long", timeout=7200, **host.HOST)
def fuzz_ioctl_long(t: Context) -> None:
    with nothing_left(t):
        run_ioctl(t, 1000, 1_000_000, 7000)


@case("host/fuzz-guest-long", tier="long", timeout=14000, **host.HOST)
def fuzz_guest_long(t: Context) -> None:
    steps, seed = 0, 1000
    with nothing_left(t):
        while steps < 10_000_000:
            made = run_guest(t, seed, 5000, 6000)
            steps, seed = steps + made, seed + 2
            if not made:
                break
    t.check(steps >= 10_000_000, f"{steps} steps")


KILLS = """
for n in $(seq %d); do
    armvm run --kernel %s --memory 64M --cpus 2 \\
        --append "seed=$n events=1000000 kinds=15 doors=15 ways=14 full=1" >/dev/null 2>&1 &
    pid=$!
    usleep $(((n * 7919 %% 997) * 500))
    kill -9 $pid || exit 1
    wait $pid
    [ $? = 137 ] || exit 1
done 2>/dev/null
"""


@case("host/kills", tier="long", timeout=1800, **host.HOST)
def kills(t: Context) -> None:
    """armvm is killed 500 times, while it sets up, runs, or exits."""
    elf = host.elf(t, "events")
    with nothing_left(t):
        t.equal(t.board.sh(KILLS % (500, elf), timeout=1700).status, 0, "500 guests were killed")


@case("host/thousand-vms", tier="long", timeout=1800, **host.HOST)
def thousand(t: Context) -> None:
    with nothing_left(t):
        for argv, said in ((("turns", "1000"), "1000 runs"), (("vms", "200", "20"), "4000 runs")):
            result = t.board.run(["many", *argv], timeout=800)
            t.equal((result.text.strip(), result.errors, result.status), (said, "", 0),
                    f"many {' '.join(argv)}")
