# SPDX-License-Identifier: GPL-2.0-only
"""What debugfs shows of a vCPU's debug registers, compared with what its guest has just done."""

from __future__ import annotations

from host import _modules as host
from host._steps import ROOT, Steps, symbol
from lib import Context, board, case

WATCHED = 0x41000000  # This and ROUNDS are from guests/steps.c.
ROUNDS = 20
ENABLED = 0x1e7  # E, PL0 and PL1, BAS 0b1111
KEYS = ["owner", "cpu", "moe", "moe_cpu", "tde", "active", "held", "user", "mdbgen", "oslock",
        "vcr", "brp 0"]
STATS = ["traps", "undefs", "activations", "loads", "reflections", "parkings", "rejected",
         "not_monitor"]


def numbers(rows: dict[str, str]) -> dict[str, int]:
    return {name: int(rows[name]) for name in STATS}


def more(before: dict[str, str], after: dict[str, str]) -> dict[str, int]:
    old, new = numbers(before), numbers(after)
    return {name: new[name] - old[name] for name in STATS if new[name] != old[name]}


def reset_state(t: Context, steps: Steps) -> None:
    rows = steps.read()
    t.equal(list(rows)[:12] + list(rows)[-8:], KEYS + STATS, "the lines are in order")
    # Reading may preempt the vCPU; running_cpu() checks this line.
    t.check(rows.pop("cpu") in ("0", "-"), "it is on the CPU that it is bound to, or on none")
    t.equal([rows[k] for k in KEYS[:11] if k != "cpu"],
            ["host", "0", "-", "1", "0", "0", "0", "0", "1", "0x00000000 effective 0x00000000"],
            "a guest that does not debug: HOST, TDE set, the CPU's MOE not read, the OS lock set")
    slots = {k: v for k, v in rows.items() if k.startswith(("brp", "wrp"))}
    t.equal(slots, {f"{kind} {n}": f"value 0x00000000 control 0x00000000 effective 0 physical {n}"
                    for kind, count in (("brp", 6), ("wrp", 4)) for n in range(count)},
            "6 break- and 4 watchpoints, all 0")
    other = steps.read(1)
    t.equal((other["owner"], other["cpu"], other["traps"]), ("host", "-", "0"),
            "a vCPU that never ran")
    places = {row.split()[-1] for key, row in other.items() if key.startswith(("brp", "wrp"))}
    t.equal(places, {"-"}, "its slots are on no CPU")


def loaded_points(t: Context, steps: Steps) -> None:
    code, elsewhere = symbol("break_arm_at"), symbol("break_elsewhere")
    before = steps.read()
    steps.did("a")
    rows = steps.read()
    t.equal([rows[key] for key in ("owner", "active", "mdbgen", "oslock", "held", "user")],
            ["guest", "1", "1", "0", "0", "0"], "its points are loaded")
    t.equal(rows["vcr"], "0x80000000 effective 0x80000000", "DBGVCR")
    t.equal([rows[k] for k in ("brp 0", "brp 1", "brp 2", "wrp 0", "wrp 1")],
            [f"value {code:#010x} control {ENABLED:#010x} effective 1 physical 0",
             "value 0x00000000 control 0x00000000 effective 0 physical 1",
             f"value {elsewhere:#010x} control {ENABLED | 8 << 20:#010x} effective 0 physical 2",
             "value 0x00000000 control 0x00000000 effective 0 physical 0",
             f"value {WATCHED:#010x} control 0x000001f3 effective 1 physical 1"],
            "each slot is as the guest wrote it; one that the filter stops is not effective")
    grown = more(before, rows)
    t.check(grown["activations"] == 1 and grown["loads"] > 0 and "parkings" not in grown,
            f"the counters show it: {grown}")

    steps.did("h")
    rows = steps.read()
    t.equal((rows["owner"], rows["moe"], rows["moe_cpu"], rows["tde"]), ("guest", "1", "1", "0"),
            "after its hits M is the breakpoint's, P equals M, and TDE is clear")
    t.check(int(rows["reflections"]) <= 1 and rows["rejected"] == "0",
            f"HYP reflected at most the first hit: {numbers(rows)}")

    before = steps.read()
    steps.did("t")
    t.equal({k: v for k, v in more(before, steps.read()).items() if k in ("traps", "undefs")},
            {"traps": 19, "undefs": 1}, "accesses are counted exactly")

    steps.did("l")
    rows = steps.read()
    t.equal((rows["oslock"], rows["active"], rows["owner"], rows["tde"], rows["brp 0"].split()[-3]),
            ("1", "0", "host", "1", "0"), "with the OS lock set it is inactive")
    steps.did("k")
    t.equal(steps.read()["owner"], "guest", "with the lock clear it is active again")
    steps.did("d")
    t.equal((steps.read()["owner"], steps.read()["active"]), ("host", "0"),
            "with all points off the host owns the registers again")


def running_cpu(t: Context, steps: Steps, pid: str) -> None:
    seen = steps.seen(("cpu",), ("0",))
    t.check(("0",) in seen and ("1",) not in seen,
            f"while it runs, it is on the CPU that it is bound to: {seen}")
    t.board.sh(f"kill -STOP {pid}").check()
    try:
        # The threads do not all stop at once.
        t.board.sh("for n in $(seq 1000); do "
                   f"grep -L '^State:.T' /proc/{pid}/task/*/status | grep -q . || exit 0; "
                   "usleep 10000; done; exit 1").check()
        t.equal({rows["cpu"] for rows in steps.some(5)}, {"-"}, "when stopped, it is on none")
    finally:
        t.board.sh(f"kill -CONT {pid}").check()


def parking(t: Context, steps: Steps) -> None:
    with host.loaded(t, "wide_point", f"code={symbol('break_arm_at'):#x} any=1"):
        before = steps.read()
        t.equal(before["owner"], "host", "the host has a point, the guest has none")
        # An interrupt between the host's event and the instruction adds one event to a touch.  On
        # a slow machine that may happen to many touches, but not to that many in all five turns.
        for _ in range(5):
            before = steps.read()
            steps.did("n")
            grown = more(before, steps.read())
            t.check(grown.get("parkings", 0) >= ROUNDS,
                    f"each touch, in a run of its own, parks: {grown}")
            t.check(not {"reflections", "rejected", "loads"} & set(grown),
                    f"and does nothing else: {grown}")
            if grown.get("parkings", 0) <= ROUNDS * 3 // 2:
                break
        t.check(grown.get("parkings", 0) <= ROUNDS * 3 // 2, f"it parks once: {grown}")
        steps.did("p")
        seen = steps.seen(("owner", "tde"), ("parked", "1"))
        t.check(("parked", "1") in seen and seen <= {("parked", "1"), ("host", "1")},
                f"the file shows PARKED: {seen}")
        steps.did("P")
    before = steps.read()
    steps.did("n")
    t.check("parkings" not in more(before, steps.read()), "without the host's point nothing parks")


def held_points(t: Context, steps: Steps) -> None:
    steps.did("a")
    with host.loaded(t, "monitor_off", "cpus=1"):
        before = steps.read()
        steps.did("n")
        rows = steps.read()
        t.equal([rows[key] for key in ("owner", "active", "held", "mdbgen")],
                ["host", "1", "1", "1"],
                "on a CPU that is no longer in monitor mode its points are held back")
        t.equal([rows[k].split()[-3:] for k in ("brp 0", "wrp 1")], [["1", "physical", "-"]] * 2,
                "they are effective, but not on the CPU")
        grown = more(before, rows)
        t.check(grown.get("not_monitor", 0) >= ROUNDS and set(grown) == {"not_monitor"},
                f"each entry is counted, and nothing else: {grown}")
    steps.did("k")
    rows = steps.read()
    t.equal((rows["owner"], rows["held"]), ("guest", "0"), "once it is again, they are loaded")
    steps.did("d")


@case("host/debugfs", timeout=180, **host.HOST)
def debugfs(t: Context) -> None:
    t.end_guests()
    t.board.sh("grep -q debugfs /proc/mounts || mount -t debugfs none /sys/kernel/debug").check()
    t.equal(t.board.sh(f"ls {ROOT}").check().text, "cpus\n", "no VM, no directory")
    steps = Steps(t, cpus=2)
    pid, fd = steps.directory().split("-")
    proc = f"/proc/{pid}"
    text = t.board.sh(f"tr '\\0' ' ' <{proc}/cmdline; readlink {proc}/fd/{fd}").check().text
    t.contains(text, "anon_inode:kvm-vm", "the directory is named after process and descriptor")
    t.equal(t.board.sh(f"stat -c %a {ROOT}/*/vcpu*/debug").text.split(), ["400", "400"],
            "only root can read the files")
    t.check(t.board.sh(f"echo >{ROOT}/{pid}-{fd}/vcpu0/debug").status != 0, "nobody can write them")
    reset_state(t, steps)
    loaded_points(t, steps)
    running_cpu(t, steps, pid)
    parking(t, steps)
    held_points(t, steps)
    # A reader that keeps the file open must not keep the VM.
    t.board.sh(f"sleep 1000 <{ROOT}/{pid}-{fd}/vcpu0/debug >/dev/null 2>&1 & "
               "echo $! >/tmp/sleeper").check()
    steps.did("q")
    t.equal(steps.command.result(30).status, 0, "the guest's claims hold")
    t.equal(t.board.sh(f"ls {ROOT}").text, "cpus\n",
            "the directory disappears with the VM, although a file is open")
    t.board.sh("kill $(cat /tmp/sleeper)").check()

    # Read as fast as possible while VMs come and go; the harness fails on any kernel warning.
    reader = t.board.agent.start(["sh", "-c", "rm -f /tmp/enough; while [ ! -e /tmp/enough ]; do "
                                  f"cat {ROOT}/*/vcpu*/debug; done >/dev/null 2>&1; true"])
    for _ in range(2):
        result = host.bare(t, "watchpair", "seed=5 rounds=30")
        host.all_pass(t, result, "watchpair while its file is read")
    t.board.sh("touch /tmp/enough").check()
    t.equal(reader.result(60).status, 0, "the reader ends")
    t.check(t.board.sh("rmmod kvm_armv7").status == 0 and t.board.sh(f"ls {ROOT}").status != 0,
            "the directory disappears with the module")
    t.board.sh("insmod /lib/kvm_armv7.ko").check()


@case("host/debugfs-off", timeout=120)
def debugfs_off(t: Context) -> None:
    """On a host without debugfs everything else works."""
    machine = t.boot(board(guest=False, append="debugfs=off"))
    t.check("debugfs" not in machine.sh("cat /proc/filesystems").text
            or machine.sh("mount -t debugfs none /mnt || mount -t debugfs none /tmp").status != 0,
            "there is no debugfs")
    machine.put(host.GUESTS / "watchpair.elf", "/tmp/watchpair.elf")
    result = machine.run(["armvm", "run", "--kernel", "/tmp/watchpair.elf", "--memory", "64M",
                          "--append", "seed=5 rounds=50"], timeout=60)
    host.all_pass(t, result, "watchpair")
    t.equal(machine.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status, 0,
            "the module can be unloaded and loaded")
