# SPDX-License-Identifier: GPL-2.0-only
"""Random calls and random guests: the host survives them, and gets everything back."""

from __future__ import annotations

import re

from host import _modules as host
from host._counters import nothing_left
from host._fuzz import fuzz_ioctl
from lib import Context, case


def run_ioctl(t: Context, seed: int, calls: int, timeout: float) -> None:
    """Each call of tests/host/fuzz-ioctl/calls.def is made, and answered as it should be."""
    result = t.board.run(fuzz_ioctl(t, seed, calls), timeout=timeout)
    t.log(result.text + result.errors)
    t.equal((result.status, result.errors), (0, ""), "fuzz-ioctl comes to its end")
    rows = re.findall(r"^(\w+ KVM_\w+): (\d+) made, (\d+) answered (\d+)$", result.text, re.M)
    t.equal([name for name, made, _, _ in rows if made == "0"], [], "each call is made")
    t.equal([f"{name}: {answer}" for name, _, answered, answer in rows if answered == "0"], [],
            "each call works, or is refused as documented")
    coverage = re.search(r"^coverage: of (\d+) calls, (\d+) made, (\d+) answered as documented$",
                         result.text, re.M)
    if t.check(coverage, "it says how much it covers"):
        t.equal(coverage.groups(), (str(len(rows)),) * 3, "which is all")
    done = re.findall(r"(\d+) (closes|maps|unmaps|forks|execs|descriptors sent|received|calls|"
                      r"worked|guest exits|kills)\b", result.text)
    counts = {name: int(number) for number, name in done}
    if t.equal(len(counts), 11, "it counts what it did"):
        t.check(counts["calls"] >= calls and counts["worked"] > counts["calls"] // 8,
                f"{counts['calls']} calls, {counts['worked']} of them worked")
        t.equal([name for name, number in counts.items() if not number], [],
                f"all that disturbs them happens: {counts}")


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
def fuzz_ioctl_sample(t: Context) -> None:
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
