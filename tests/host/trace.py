# SPDX-License-Identifier: GPL-2.0-only
"""The tracepoint for debug register accesses: every access while it is on, none while it is off."""

from __future__ import annotations

import re

from host import _modules as host
from host._steps import Steps, symbol
from lib import Context, case
from lib.registry import TOP

TRACING = "/sys/kernel/tracing"
EVENT = f"{TRACING}/events/kvm_armv7/cp14"
LINE = re.compile(r": cp14: vcpu (\d+) pc 0x([0-9a-f]{8}) (read|write) (\S+) 0x([0-9a-f]{8})"
                  r"( UNDEFINED)?$", re.M)
UDCCDIS = 1 << 12


def taken(t: Context) -> list[tuple[str, ...]]:
    """What was traced since the last call: vCPU, PC, direction, register, value, UNDEFINED."""
    text = t.board.sh(f"cat {TRACING}/trace; echo >{TRACING}/trace").check().text
    t.log(text)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = LINE.findall(text)
    t.check(len(rows) == len(lines), f"every line is an access: {len(rows)} of {len(lines)}")
    return rows


def accesses(rows: list[tuple[str, ...]]) -> list[tuple[str, str, int, bool]]:
    return [(row[2], row[3], int(row[4], 16), bool(row[5])) for row in rows]


def expected(bvr3: int, didr: int, dscr: int) -> list[tuple[str, str, int, bool]]:
    """The accesses of trapped_list() in guests/steps.c."""
    return [*[("read", "DBGBVR3", bvr3, False)] * 10,
            *[("write", "DBGBVR3", n << 12, False) for n in (1, 2, 3)],
            ("read", "DBGDIDR", didr, False), ("read", "DBGDRAR", 0, False),
            ("read", "DBGDSCRext", dscr, False), ("write", "DBGDSCRext", dscr | UDCCDIS, False),
            ("read", "DBGDIDR", 0, True), ("write", "DBGDSCRext", dscr, False)]


@case("host/trace-cp14", timeout=120, **host.HOST)
def trace_cp14(t: Context) -> None:
    t.end_guests()
    t.board.sh(f"[ -d {EVENT} ] || mount -t tracefs none {TRACING}").check()
    t.equal(t.board.sh(f"cat {EVENT}/enable").check().text, "0\n", "the event is off by default")
    steps = Steps(t)
    steps.did("t")
    t.equal(taken(t), [], "while it is off, no access is traced")

    before = int(steps.read()["traps"])
    t.board.sh(f"echo 1 >{EVENT}/enable").check()
    steps.did("t")
    rows = taken(t)
    didr = int(rows[13][4], 16) if len(rows) > 13 else 0
    t.equal(didr >> 20, 0x351, "DBGDIDR: 4 watchpoints, 6 breakpoints, 2 of them context-aware")
    t.equal(accesses(rows), expected(0x3000, didr, 0x00070000),
            "while it is on, every access is traced in order")
    t.equal(int(steps.read()["traps"]) - before, len(rows), "the counter counts as many")
    t.equal({row[0] for row in rows}, {"0"}, "all are of vCPU 0")
    t.equal(int(rows[17][1], 16), symbol("read_didr"), "the PC is the instruction's own")
    t.check(rows[0][1] == rows[1][1] or int(rows[1][1], 16) - int(rows[0][1], 16) == 4,
            "also of an access in a loop")

    # With active points, each of these exits loads and unloads registers.
    steps.did("a")
    taken(t)
    steps.did("h")
    names = {(row[2], row[3]) for row in taken(t)}
    t.check({("write", "DBGWCR1"), ("write", "DBGBCR0"), ("read", "DBGDSCRint")} <= names,
            f"its points hit and are set again while it is traced: {sorted(names)}")

    t.board.sh(f"echo 0 >{EVENT}/enable").check()
    steps.did("t")
    taken(t)  # An access that was already being traced.
    steps.did("t")
    t.equal(taken(t), [], "once it is off again, no access is traced")
    steps.did("q")
    t.equal(steps.command.result(30).status, 0, "the guest's claims hold, traced or not")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "the module can be unloaded")


KVM = f"{TRACING}/events/kvm"
TIMER_STATE = r"   CTL: 0x0000000[0-7] CVAL: +0x *[0-9a-f]+ arch_timer_ctx_index: 0"
# An event's fields and a line of it, as scripts for the old 32-bit Arm KVM expect them.
EVENTS = {
    "kvm_entry": ("vcpu_pc", r"PC: 0x4[0-9a-f]{7}"),
    "kvm_exit": ("ret esr_ec vcpu_pc", r"HVC: HSR_EC: 0x0012 \(HVC\), PC: 0x4[0-9a-f]{7}"),
    "kvm_userspace_exit": ("reason errno", r"reason KVM_EXIT_MMIO \(6\)"),
    "kvm_guest_fault": ("vcpu_pc hsr hxfar ipa",
                        r"ipa 0x9000000, hsr 0x9[0-9a-f]{7}, hxfar 0x90000[0-9a-f]{2}, pc 0x4"),
    "kvm_mmio": ("type len gpa val", r"mmio write len [124] gpa 0x9000000 val 0x[0-9a-f]+"),
    "kvm_wfx": ("vcpu_pc is_wfe", r"guest executed wfi at: 0x4[0-9a-f]{7}"),
    "kvm_hvc": ("vcpu_pc r0 imm", r"HVC at 0x4[0-9a-f]{7} \(r0: 0x84000008, imm: 0x0\)"),
    "kvm_emulate_cp15_imp": ("Op1 Rt1 CRn CRm Op2 is_write",
                             r"Implementation defined CP15: m[rc][rc]\tp15, 0, r"),
    "kvm_irq_line": ("type vcpu_idx irq_num level",
                     r"Inject VGIC SPI interrupt \(1\), vcpu->idx: 0, num: 42, level: 1"),
    "kvm_set_irq": ("gsi level irq_source_id", r"gsi \d+ level 1 source 0"),
    "kvm_ack_irq": ("irqchip pin", r"irqchip 0 pin \d+"),
    "vgic_update_irq_pending": ("vcpu_id irq level", r"VCPU: 0, IRQ 27, level: 1"),
    "kvm_timer_update_irq": ("vcpu_id irq level", r"VCPU: 0, IRQ 27, level 1"),
    "kvm_timer_save_state": ("ctl cval timer_idx", TIMER_STATE),
    "kvm_timer_restore_state": ("ctl cval timer_idx", TIMER_STATE),
    "kvm_timer_emulate": ("timer_idx should_fire", r"arch_timer_ctx_index: 1 \(should_fire: 0\)"),
    "kvm_timer_hrtimer_expire": ("timer_idx", r"arch_timer_ctx_index: 0"),
}
# Of the physical timer, and what a program for the board causes, not a guest of armvm.
PTIMER = (r"kvm_timer_emulate: arch_timer_ctx_index: 1 \(should_fire: 1\)",
          r"kvm_timer_update_irq: VCPU: 0, IRQ 30, level 1",
          r"kvm_timer_hrtimer_expire: arch_timer_ctx_index: 1")
IRQFD = ("kvm_set_irq", "kvm_ack_irq")
PROGRAMS = {"gic-state": ["gic-state"], "eventfds": ["eventfds", "1"]}


@case("host/trace-kvm", timeout=120, **host.HOST)
def trace_kvm(t: Context) -> None:
    """The events of the system kvm: names, fields, and that each comes when it should."""
    t.end_guests()
    t.board.sh(f"[ -d {KVM} ] || mount -t tracefs none {TRACING}").check()

    def traced(guests: tuple[str, ...], *names: str) -> list[str]:
        """Run the guests with only these events on; return the lines."""
        enable = "; ".join(f"echo 1 >{KVM}/{name}/enable" for name in names)
        t.board.sh(f"echo 0 >{KVM}/enable; echo >{TRACING}/trace; {enable or ':'}").check()
        for name in guests:
            if name in PROGRAMS:
                t.equal(t.board.run(PROGRAMS[name], timeout=60).status, 0, name)
            else:
                host.all_pass(t, host.bare(t, name), name)
        text = t.board.sh(f"echo 0 >{KVM}/enable; cat {TRACING}/trace; echo >{TRACING}/trace"
                          ).check().text
        return [line for line in text.splitlines() if not line.startswith("#")]

    t.equal(traced(("trapped",)), [], "while the events are off, nothing is traced")
    for name, (fields, _) in EVENTS.items():
        text = t.board.sh(f"cat {KVM}/{name}/format").check().text
        t.equal(re.findall(r"^\tfield:.* (\w+);", text, re.M)[4:], fields.split(),
                f"{name}: its fields")
    # One by one: "trapped" has so many exits that the trace would lose the timer's lines.
    lines = traced(("timer",), *EVENTS) + traced(("trapped",), *EVENTS)
    few = lines[-10:]
    # The guests have their UART's interrupt off, and armvm has no irqfd that is resampled.
    lines += traced(("gic-state",), "kvm_irq_line") + traced(("eventfds",), *IRQFD)
    for name, (_, pattern) in EVENTS.items():
        line = re.compile(rf": {name}: {pattern}")
        t.check(any(line.search(text) for text in lines + few), f"{name} comes: {pattern}")
    for pattern in PTIMER:
        t.check(any(re.search(f": {pattern}", line) for line in lines), f"there is {pattern}")
    fell = [line for line in lines if re.search(r": kvm_set_irq: gsi \d+ level 0 source 1", line)]
    t.check(fell, "a resampled irqfd lowers the line at the interrupt's end")
    t.log("\n".join(lines[:40] + few[:10]))
    check_kvm_stat(t, traced(("timer",), "kvm_entry", "kvm_exit"))
    # What HYP answers itself reaches the kernel while it is traced.
    lines = traced(("banked",), "kvm_hvc", "kvm_emulate_cp15_imp")
    for what, words in (("PSCI_VERSION", r"kvm_hvc: .*r0: 0x84000000"),
                        ("ACTLR", r"kvm_emulate_cp15_imp: .*mrc\tp15, 0, r\d+, c1, c0, 1$")):
        t.check(any(re.search(words, line) for line in lines), f"{what} is traced")
    # A page that the guest has written is execute-never until it fetches from there, once: its
    # CPU takes a prefetch abort (HSR.EC 0x20) for a permission, and no second one.
    faults = [(int(ipa, 16), int(hsr, 16)) for ipa, hsr in
              re.findall(r"kvm_guest_fault: ipa (\w+), hsr (\w+),",
                         "\n".join(traced(("undef",), "kvm_guest_fault")))]
    fetches = [ipa & ~0xFFF for ipa, hsr in faults if hsr >> 26 == 0x20 and hsr & 0x3C == 0x0C]
    data = {ipa & ~0xFFFF for ipa, hsr in faults if hsr >> 26 == 0x24}  # it maps up to 16 pages
    t.check(fetches and {page & ~0xFFFF for page in fetches} <= data,
            f"the first fetch from some pages of data faults: {fetches}, {data}")
    t.equal(len(set(fetches)), len(fetches), "and only the first")
    t.check(t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").status == 0,
            "the module can be unloaded")


TOOL = TOP / "tools" / "kvm-stat"
EXIT = re.compile(r"-(\d+) +\[\d+\] \S* *(\d+)\.(\d{6}): kvm_(entry|exit): (.*)")
ROW = re.compile(r"^ +(\S+) +(\d+) +([\d.]+)% +([\d.]+)% +([\d.]+) +([\d.]+) +([\d.]+)$", re.M)


def exit_times(lines: list[str]) -> dict[str, list[int]]:
    """By reason, the microseconds from each exit to the same thread's next entry."""
    left: dict[str, tuple[str, int]] = {}
    times: dict[str, list[int]] = {}
    for thread, seconds, micros, what, text in EXIT.findall("\n".join(lines)):
        now = int(seconds) * 1_000_000 + int(micros)
        if what == "exit":
            left[thread] = (text.split(":", 1)[0] if text.startswith("IRQ") else
                            text.split("(", 1)[1].split(")", 1)[0], now)
        elif thread in left:
            reason, then = left.pop(thread)
            times.setdefault(reason, []).append(now - then)
    return times


def check_kvm_stat(t: Context, lines: list[str]) -> None:
    """tools/kvm-stat, run by the board's own awk, makes the table that these events give."""
    times = exit_times(lines)
    t.check({"DABT", "WFI", "IRQ"} <= set(times), f"the guest exits for each: {set(times)}")
    tool = host.put_once(t, TOOL, "/tmp/kvm-stat")
    result = t.board.sh(f"sh {tool}", "\n".join(lines).encode())
    t.log(result.text + result.errors)
    rows = {row[0]: row[1:] for row in ROW.findall(result.text)}
    samples, total = sum(map(len, times.values())), sum(map(sum, times.values()))
    t.equal({why: (int(row[0]), float(row[3]), float(row[4])) for why, row in rows.items()},
            {why: (len(all_), min(all_), max(all_)) for why, all_ in times.items()},
            "kvm-stat: samples, shortest and longest time of each reason")
    near = all(abs(float(row[1]) - 100 * len(times[why]) / samples) < 0.01 and
               abs(float(row[2]) - 100 * sum(times[why]) / total) < 0.01 and
               abs(float(row[5]) - sum(times[why]) / len(times[why])) < 0.01
               for why, row in rows.items() if why in times)
    t.check(near, "and its shares and its average")
    t.contains(result.text, f"Total Samples: {samples}, Total events handled time: {total}.00us.",
               "and the sums")
    counts = [int(row[1]) for row in ROW.findall(result.text)]
    t.equal(counts, sorted(counts, reverse=True), "the most frequent reason is the first")
    t.contains(result.text.splitlines()[0], "VM-EXIT", "the head is above them")
    threads = {event[0] for event in EXIT.findall("\n".join(lines))}
    t.equal(len(threads), 1, "a guest with one vCPU has one thread that enters it")
    for thread, wanted in (*((thread, samples) for thread in threads), ("1", 0)):
        text = t.board.sh(f"sh {tool} --tid {thread}", "\n".join(lines).encode()).text
        t.contains(text, f"Total Samples: {wanted},", f"--tid {thread}")


@case("host/guest-time", timeout=120, **host.HOST)
def guest_time(t: Context) -> None:
    """Ticks that a guest spends are guest time, of its process and of the machine (proc(5))."""
    t.end_guests()
    command = t.board.agent.start(["sh", "-c", "echo $$; exec armvm run --kernel "
                                   f"{host.elf(t, 'debuggee')} --memory 64M --cpus 2"])
    try:
        t.until(lambda: b"ready" in bytes(command.stdout))
        pid = bytes(command.stdout).split(b"\n", 1)[0].decode()

        def ticks() -> tuple[int, int, int]:
            """All CPUs: user time, which includes guest time; system time; guest time."""
            line = t.board.sh("head -n 1 /proc/stat").check().text.split()
            return int(line[1]), int(line[3]), int(line[9])

        # Its second CPU does nothing but count.  The columns of a process are not compared:
        # the kernel scales its user time, but not its guest time.
        begin = ticks()
        t.until(lambda: ticks()[2] - begin[2] >= 50)
        user, system, guest = (now - then for now, then in zip(ticks(), begin, strict=True))
        stat = t.board.sh(f"cat /proc/{pid}/stat").check().text.rsplit(")", 1)[1].split()
    finally:
        command.kill()
        command.wait(30)
    t.check(user >= guest and 2 * guest >= system,
            f"most ticks are guest time: {guest} of {user} user and {system} system ticks")
    t.check(2 * guest >= user, "hardly any is user time that is not")
    t.check(int(stat[40]) >= 40, f"so they are in the process's column: {stat[40]} ticks")
