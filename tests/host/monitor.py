# SPDX-License-Identifier: GPL-2.0-only
"""A host that is not in monitor mode (S3): guests can tell, and nothing else breaks."""

from __future__ import annotations

import re

from host import _modules as host
from lib import Context, case
from lib.hwpoints import hwpoints

# The claims of guests/bkpt.c that fail without monitor mode.
BKPT_NEEDS = ("monitor mode can be turned on",
              "a breakpoint on a BKPT, PL0: MOE tells one, then the other",
              "a breakpoint on a BKPT, PL1: MOE tells one, then the other")


@case("host/monitor-off", timeout=240, **host.HOST)
def monitor_off(t: Context) -> None:
    t.end_guests()
    t.board.sh("rmmod kvm_armv7").check()
    with host.loaded(t, "monitor_off"):
        said = host.reload(t)
        t.contains(said, "monitor mode off: guests cannot use them", "the module logs it")

        # In a bare guest MDBGen does not stick and no point fires, but BKPT is still taken.
        result = host.bare(t, "bkpt")
        claims = host.verdicts(t, result, "bkpt")
        t.equal(sorted(claims["FAIL"]), sorted(BKPT_NEEDS),
                "MDBGen does not stick; all other claims of bkpt hold")
        taken = [c for c in claims["PASS"] if "PL" in c and c.endswith("taken")]
        t.equal(len(taken), 7 * 4,
                "BKPT is taken: in 7 states of the registers, ARM and Thumb, PL0 and PL1")
        result = host.bare(t, "watchpair", "seed=3 rounds=300")
        host.verdicts(t, result, "watchpair")
        t.equal(host.hits(result.text), (0, 0, 0), "points that a guest sets do not fire")

        guest = t.guest(cpus=1, fresh=True)
        log = guest.sh("dmesg | grep hw-breakpoint").check().text
        t.contains(log, "Failed to enable monitor mode on CPU 0", "a stock kernel logs it")
        t.equal(guest.run(["true"]).status, 0, "it works otherwise")
        points = guest.run(["hwpoints"])
        t.check(points.status == 1 and points.text.count("No such device") == 4 * 2 + 5
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


@case("host/monitor-off-one-cpu", timeout=240, **host.HOST)
def one_cpu(t: Context) -> None:
    """Off on CPU 1 when the module is loaded: guests are not offered what they might lose."""
    t.end_guests()
    t.board.sh("rmmod kvm_armv7").check()
    with host.loaded(t, "monitor_off", "cpus=2"):
        said = host.reload(t)
        t.contains(said, "monitor mode off: guests cannot use them", "the module logs it")
        program = host.elf(t, "watchpair")
        for cpu in (1, 2):
            result = t.board.run(["taskset", str(cpu), "armvm", "run", "--kernel", program,
                                  "--memory", "64M", "--append", "rounds=200"], timeout=60)
            claims = host.verdicts(t, result, f"watchpair on CPU {cpu - 1}")
            t.check("monitor mode can be turned on" in claims["FAIL"]
                    and host.hits(result.text) == (0, 0, 0),
                    f"on CPU {cpu - 1} it can tell, and its points do not fire {claims['FAIL']}")
        t.board.sh("rmmod kvm_armv7").check()
    t.contains(host.reload(t), "monitor mode on", "loaded again with monitor mode on")
    host.all_pass(t, host.bare(t, "watchpair", "rounds=200"), "watchpair")


@case("host/monitor-off-new-cpu", timeout=240, **host.HOST)
def new_cpu(t: Context) -> None:
    """A new CPU lacks what guests were offered: none runs there, and one bound to it fails."""
    t.end_guests()
    online = "/sys/devices/system/cpu/cpu1/online"
    t.board.sh(f"rmmod kvm_armv7 && echo 0 >{online}").check()
    with host.loaded(t, "monitor_off", "cpus=2"):
        t.contains(host.reload(t), "monitor mode on", "CPU 0, the only one, is in monitor mode")
        t.board.sh(f"echo 1 >{online}").check()
        t.contains(t.board.sh("dmesg").text,
                   "CPU1 has fewer debug registers than the others, is not in monitor mode, or "
                   "lacks their mismatch breakpoints; it will not run guests",
                   "the module logs it")
        argv = ["armvm", "run", "--kernel", host.elf(t, "watchpair"), "--memory", "64M", "--append"]
        for who, cpus in (("bound to CPU 0", "1"), ("bound to none", "3")):
            for _ in range(3):
                result = t.board.run(["taskset", cpus, *argv, "rounds=200"], timeout=60)
                host.all_pass(t, result, who)
        bound = t.board.run(["taskset", "2", *argv, "rounds=200"], timeout=60)
        t.check(bound.status not in (0, None)
                and "vCPU 0: CPU 1 runs no guests, and it may use no other" in bound.errors,
                f"bound to CPU 1: {bound.status} {bound.errors}")
        moved = t.board.agent.start(["taskset", "1", *argv, "rounds=100000000"])
        t.until(lambda: moved.ended or b"monitor mode" in moved.stdout)
        t.board.sh("for task in /proc/$(pidof armvm)/task/*; do "
                   "taskset -p 2 ${task##*/}; done").check()
        result = moved.result(30)
        t.check(result.status not in (0, None) and "it may use no other" in result.errors,
                f"bound to CPU 1 later: {result.status} {result.errors}")
        t.board.sh("rmmod kvm_armv7").check()
    host.reload(t)
    host.all_pass(t, t.board.run(["taskset", "2", *argv, "rounds=200"], timeout=60),
                  "CPU 1, in monitor mode again")


def steps(t: Context, kinds: int, off: list[str], wanted: list[int]) -> None:
    """How many of 60 events a guest gets on each CPU before, under and after each mask in OFF.

    KINDS selects break- and watchpoints (3) or BKPTs (4).
    """
    program, module = host.elf(t, "events"), host.test_module(t, "monitor_off")
    argv = ["events", "steps", program, f"events=1000000 kinds={kinds} doors=8 ways=1"]
    for args in ["", *off]:
        argv += [f"do insmod {module} cpus={args}"] if args else []
        argv += ["cpu 0", "run 60", "cpu 1", "run 60"]
        argv += ["do rmmod monitor_off"] if args else []
    argv += ["cpu 0", "run 60", "cpu 1", "run 60", "counters"]
    result = t.board.run(argv, timeout=60)
    t.log(result.text + result.errors)
    came = [int(n) for n in re.findall(r"^came = (\d+)", result.text, re.M)]
    t.equal((result.status, came), (0, wanted),
            f"kinds {kinds}, off on no CPU, {off}, no CPU: how many events come {result.errors}")
    held = int(re.findall(r" not_monitor (\d+)", result.text)[0])
    t.check((held > 0) == (kinds == 3) and " rejected 0 " in result.text,
            f"{held} entries hold its points back, nothing is rejected")


@case("host/monitor-off-under-guests", timeout=900, **host.HOST)
def under(t: Context) -> None:
    """Turned off and on again while guests have points armed."""
    t.end_guests()
    steps(t, 3, ["1", "2", "3"], [60, 60, 0, 60, 60, 0, 0, 0, 60, 60])
    steps(t, 4, ["3"], [60, 60, 60, 60, 60, 60])
    module = host.test_module(t, "monitor_off")
    script = f"""
        for n in 1 2; do
            taskset $n armvm run --kernel /tmp/events.elf --memory 64M \\
                --append "seed=$n events=20000 kinds=15 doors=15 ways=14 full=1" \\
                >/tmp/guest$n 2>&1 &
            eval guest$n=$!
        done
        times=0
        while grep -sq '^State:.[^Z]' /proc/$guest1/status &&
                grep -sq '^State:.[^Z]' /proc/$guest2/status; do
            insmod {module} cpus=$((times % 3 + 1)) && usleep 50000 || exit 1
            rmmod monitor_off && usleep 50000 || exit 1
            times=$((times + 1))
        done
        wait; echo $times"""
    result = t.board.sh(script, timeout=800)
    t.check(result.status == 0 and int(result.text) > 2,
            f"turned off and on {result.text.strip()} times while they ran {result.errors}")
    lost = 0
    for n in (1, 2):
        text = t.board.sh(f"cat /tmp/guest{n}").check().text.replace("\r", "")
        t.log(text)
        match = re.search(r"^lost = (\d+), spurious 0, misread 0$", text, re.M)
        t.check(match and re.search(r"^\d passed, [01] failed$", text, re.M),
                f"guest {n}: what comes is its own and is not misread, {match and match[0]}")
        lost += int(match[1]) if match else 0
    t.check(lost > 0, f"their points did stop working: {lost} events did not come")
    hwpoints(t.board, t.check, "board")
