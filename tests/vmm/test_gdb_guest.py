#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm --gdb, packet by packet: registers, memory, points, and which vCPUs run."""

import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gdb_armvm import (AFTER, Armvm, CPSR, END, LOOP, OFF, OWN, PC, RAM, stopped,  # noqa: E402
                       STORE, SYMBOL_WORDS, SYMBOLS, WORDS)
from harness import run_cases  # noqa: E402
from rsp import Client, deadline, escape, frame  # noqa: E402

# The registers that follow those that gdb knows; the fake vCPU has few of cp15's.
BANKED = [*(f"r{n}_usr" for n in range(8, 13)), "sp_usr", "lr_usr",
          *(f"{reg}_{mode}" for mode in ("svc", "abt", "und", "irq")
            for reg in ("sp", "lr", "spsr")),
          *(f"r{n}_fiq" for n in range(8, 13)), "sp_fiq", "lr_fiq", "spsr_fiq"]
CP15 = ["sctlr", "ttbr0", "ttbr1", "ttbcr", "midr", "cntv_ctl", "cntv_cval"]

# ---- registers ----

def test_registers():
    with stopped() as client:
        everything = client.ask("g")
        assert len(everything) == 2 * (17 * 4 + 32 * 8 + 4)
        for n in (*range(16), 49):
            assert client.set_register(n, 0x11111111 * (n % 15) + n) == "OK"
        for n in range(32):
            assert client.ask(f"P{17 + n:x}=" + f"{n:02x}" * 8) == "OK"
        assert client.register(3) == 0x33333336
        assert client.ask("p12") == "01" * 8
        raw = bytes.fromhex(client.ask("g"))
        assert raw[4 * 7:4 * 8] == (0x77777777 + 7).to_bytes(4, "little")
        assert raw[68 + 8 * 31:68 + 8 * 32] == b"\x1f" * 8
        assert raw[-4:] == (0x11111111 * 4 + 49).to_bytes(4, "little")
        assert client.ask("G" + everything) == "OK"
        assert client.ask("g") == everything


def test_banked_registers():
    """r8 to r14 are those of the mode in CPSR (figure B1-2)."""
    modes = {"usr": 0x10, "fiq": 0x11, "irq": 0x12, "svc": 0x13, "abt": 0x17, "und": 0x1B}
    own = {name: 8 if name == "fiq" else 13 for name in modes}
    with stopped() as client:
        for i, mode in enumerate(modes.values()):
            assert client.set_register(CPSR, 0x1C0 | mode) == "OK"
            for n in range(8, 15):
                client.set_register(n, i << 8 | n)
        last_with_common = 5
        for i, (name, mode) in enumerate(modes.items()):
            client.set_register(CPSR, 0x1C0 | mode)
            for n in range(8, 15):
                owner = i if n >= own[name] or name == "usr" and n >= 13 else last_with_common
                assert client.register(n) == owner << 8 | n, (name, n, hex(client.register(n)))
        client.set_register(CPSR, 0x1DF)  # System shares User's bank
        assert client.register(13) == 13 and client.register(14) == 14
        # G uses the mode that it writes, not the previous one.
        raw = bytearray.fromhex(client.ask("g"))
        raw[4 * 13:4 * 14] = b"\x78\x56\x34\x12"
        raw[4 * 16:4 * 17] = (0x1D2).to_bytes(4, "little")
        assert client.ask("G" + raw.hex()) == "OK"
        assert client.register(13) == 0x12345678
        client.set_register(CPSR, 0x1DF)
        assert client.register(13) == 13


def test_registers_of_all_modes():
    """Those of the vCPU's mode are the same ones under another number."""
    modes = {"usr": 0x10, "fiq": 0x11, "irq": 0x12, "svc": 0x13, "abt": 0x17, "und": 0x1B}
    with stopped() as client:
        for i, name in enumerate(BANKED):
            assert client.set_register(50 + i, 0x5000 + i) == "OK"
        for i, name in enumerate(BANKED):
            assert client.register(50 + i) == 0x5000 + i, name
            reg, mode = name.split("_")
            client.set_register(CPSR, 0x1C0 | modes[mode])
            if reg != "spsr":
                n = {"sp": 13, "lr": 14}.get(reg) or int(reg[1:])
                assert client.register(n) == 0x5000 + i, name
        first = 50 + len(BANKED)
        for i, size in enumerate((4, 8, 8, 4)):
            assert client.ask(f"P{first + i:x}={'12' * size}") == "OK"
            assert client.ask(f"p{first + i:x}") == "12" * size
        assert client.ask(f"P{first + 1:x}=12121212")[0] == "E"
        assert client.ask(f"p{first + len(CP15):x}")[0] == "E"


def say(client: Client, command: str) -> str:
    return bytes.fromhex(client.ask("qRcmd," + command.encode().hex())).decode()


def test_monitor():
    with stopped() as client:
        assert [line.split()[1] for line in say(client, "help").splitlines()] == \
            ["cp15", "reset", "quit", "help"]
        client.ask(f"P{50 + len(BANKED):x}=7856c500")
        assert say(client, "cp15").splitlines() == [
            "sctlr      0x00c55678", "ttbr0      0x0000000000000000",
            "ttbr1      0x0000000000000000", "ttbcr      0x00000000",
            "midr       0x410fc0f0", "cntv_ctl   0x00000000", "cntv_cval  0x0000000000000000"]
        assert "no such command" in say(client, "explode") and "help" in say(client, "")
        for packet in ("qRcmd,", "qRcmd,6", "qRcmd,6x", "qRcmd," + "61" * 65):
            assert re.fullmatch("E..|(..)+", client.ask(packet)), packet
        assert client.ask("qRcmd," + "61" * 65) == "E16"
        assert client.register(PC) == LOOP


def test_monitor_reset_and_quit():
    """Stopped by the client, it starts again stopped, also with --no-reboot."""
    with Armvm("--gdb-wait", "--no-reboot") as armvm:
        client = Client(armvm.port)
        client.ask("QStartNoAckMode")
        client.acks = False
        assert client.set_register(PC, 0x40010008) == "OK"
        assert client.ask("qRcmd," + b"reset".hex()) == "OK"
        for _ in deadline():
            if client.register(PC) == LOOP:
                break
        assert client.register(PC) == LOOP
        assert client.ask("qRcmd," + b"quit".hex()) == "OK"
        assert armvm.wait() == 130


def test_description():
    with stopped() as client:
        whole = ""
        while True:
            piece = client.ask(f"qXfer:features:read:target.xml:{len(whole):x},123")
            whole += piece[1:]
            assert len(piece) <= 0x124
            if piece[0] == "l":
                break
            assert piece[0] == "m" and len(piece) == 0x124
        assert whole == client.ask("qXfer:features:read:target.xml:0,3fff")[1:]
        names = re.findall(r'<reg name="(\w+)" bitsize="(\d+)"', whole)
        assert [n for n, _ in names] == \
            [f"r{n}" for n in range(13)] + ["sp", "lr", "pc", "cpsr"] + \
            [f"d{n}" for n in range(32)] + ["fpscr"] + BANKED + CP15
        # What gdb does not know of Arm is read one by one.
        assert sum(int(size) for _, size in names[:50]) // 4 == len(client.ask("g"))
        own = re.findall(r'<reg name="(\w+)" bitsize="\d+" group="(\w+)" save-restore="no"/>',
                         whole)
        assert own == [(n, "banked") for n in BANKED] + [(n, "cp15") for n in CP15], own
        assert client.ask("qXfer:features:read:target.xml:ffffff,10") == "l"


# ---- memory ----

def test_memory():
    with stopped() as client:
        assert client.ask("M40020ffe,4:11223344") == "OK"
        assert client.ask("m40020ffd,6") == "001122334400"
        data = bytes(range(256))
        assert client.ask(b"X40021f80,100:" + escape(data)) == "OK"
        assert client.ask("m40021f80,100") == data.hex()
        assert client.ask("m40020ffe,0") == "" and client.ask("X40020ffe,0:") == "OK"
        # Across the end of RAM and past it; devices and holes.
        assert client.ask(f"m{END - 4:x},10") == "00000000"
        for packet in (f"m{END:x},4", f"m{RAM - 4:x},4", "m9000000,4", "mb000000,4", "m8000000,4",
                       "m0,4", "mffffffff,4", "M9000000,4:00000000", f"M{END - 2:x},4:01020304"):
            assert client.ask(packet) == "E0e", packet
        assert len(client.ask("m40010000,100000")) == 0x4000  # as much as a reply holds


# ---- a guest that writes past the caches ----

def test_read_past_caches():
    with stopped(cpus=1, uncached=1) as client:
        assert client.word(WORDS) == 0  # armvm's caches have the line now
        client.ask(f"Z1,{AFTER:x},4")
        for n in range(1, 4):
            client.resume(f"c{LOOP:x}")
            assert client.word(WORDS) == n


def test_write_past_caches():
    """A store of the debugger's must not write the guest's neighbouring words back as they were."""
    with stopped(cpus=1, uncached=1) as client:
        assert client.word(WORDS) == 0
        client.ask(f"Z1,{AFTER:x},4")
        for n in range(1, 4):
            client.resume(f"c{LOOP:x}")
            assert client.ask(f"M{WORDS + 32:x},4:{n:02x}000000") == "OK"
            assert (client.word(WORDS), client.word(WORDS + 32)) == (n, n)


def test_breakpoint_past_caches():
    """The same for a BKPT, in the line in which the guest counts."""
    count = LOOP + 0x30
    with stopped(cpus=1, uncached=1) as client:
        first = client.word(count)
        assert client.set_register(0, count) == "OK"
        client.ask(f"Z1,{AFTER:x},4")
        for n in range(1, 4):
            assert client.ask(f"Z0,{OFF:x},4") == "OK"
            client.resume(f"c{LOOP:x}")
            assert client.ask(f"z0,{OFF:x},4") == "OK"
            assert client.word(count) == first + n


# ---- running ----

def test_software_breakpoint():
    with stopped(cpus=1) as client:
        client.ask("qSupported:swbreak+;hwbreak+")
        assert client.ask(f"Z0,{STORE:x},4") == "OK"
        assert client.word(STORE) == SYMBOL_WORDS[STORE]  # gdb sees the program
        for _ in range(3):
            assert client.resume() == "T05thread:1;swbreak:;"
            assert client.register(PC) == STORE
        assert client.word(WORDS) == 0
        assert client.ask(f"z0,{STORE:x},4") == "OK"
        client.ask(f"Z0,{AFTER:x},4")
        assert client.resume() == "T05thread:1;swbreak:;"
        assert client.register(PC) == AFTER and client.word(WORDS) == 1


def test_hardware_breakpoint():
    with stopped(cpus=1) as client:
        assert client.ask(f"Z1,{AFTER:x},4") == "OK"
        assert client.resume("c") == "T05thread:1;"  # no reason unless the client understands it
        assert client.register(PC) == AFTER and client.word(WORDS) == 1
        client.ask("qSupported:hwbreak+;swbreak+")
        assert client.resume("C05") == "T05thread:1;hwbreak:;"
        assert client.word(WORDS) == 1
        client.ask(f"z1,{AFTER:x},4")
        client.ask(f"Z1,{STORE:x},4")
        client.resume()
        assert client.register(PC) == STORE
        # There are six slots: the seventh point is refused until one is free.
        for n in range(5):
            assert client.ask(f"Z1,{OFF + 4 * n:x},4") == "OK"
        assert client.ask("Z1,40010800,4") == "E1c"
        assert client.ask(f"z1,{OFF:x},4") == "OK" and client.ask("Z1,40010800,4") == "OK"
        client.set_register(PC, LOOP)
        client.resume(f"c{LOOP:x}")
        assert client.register(PC) == STORE


def test_watchpoints():
    with stopped(cpus=1) as client:
        beside, copy = WORDS + 4, WORDS + 8
        assert client.ask(f"Z2,{WORDS + 1:x},1") == "OK"
        assert client.resume() == f"T05thread:1;watch:{WORDS + 1:x};"
        assert client.register(PC) == STORE and client.word(WORDS) == 0  # before the store
        client.ask(f"z2,{WORDS + 1:x},1")
        assert client.ask(f"Z3,{beside:x},4") == "OK"
        assert client.resume() == f"T05thread:1;rwatch:{beside:x};"
        assert client.register(PC) == AFTER
        client.ask(f"z3,{beside:x},4")
        assert client.ask(f"Z4,{copy:x},4") == "OK"
        assert client.resume() == f"T05thread:1;awatch:{copy:x};"
        assert client.register(PC) == AFTER + 4
        client.ask(f"z4,{copy:x},4")
        # A load does not hit a write watchpoint, nor a store a read watchpoint.
        client.ask(f"Z2,{beside:x},4")
        client.ask(f"Z3,{copy:x},4")
        client.send(b"c")
        assert client.silent()
        assert client.stop() == "T02thread:1;"
        # 32 bytes take one slot, 12 take two, and none is left for 16 unaligned bytes.
        for packet in (f"z2,{beside:x},4", f"z3,{copy:x},4", f"Z4,{WORDS + 0x20:x},20",
                       f"Z4,{WORDS + 0x40:x},c"):
            assert client.ask(packet) == "OK", packet
        assert client.ask(f"Z4,{WORDS + 0x84:x},10") == "E1c"


def all_are_told(client: Client, cpus: int) -> None:
    """All hit the same point again and again; the stop of each is reported."""
    wanted, seen = {f"T05thread:{n};" for n in range(1, cpus + 1)}, set()
    for _ in deadline():
        seen.add(client.resume())
        if seen == wanted:
            break
    assert seen == wanted, seen


def test_own_breakpoints_reach_the_guest():
    """loop.S executes a BKPT of its own in each round; r7 counts those that the guest took."""
    with stopped(cpus=1) as client:
        client.ask(f"Z0,{OFF:x},4")  # so that BKPTs exit
        rounds = 0
        for _ in deadline():
            client.send(b"c")
            time.sleep(0.3)
            assert client.stop().startswith("T02")
            taken, rounds = client.register(7), client.word(WORDS)
            if rounds > 3:
                break
        assert rounds > 3 and abs(taken - rounds) <= 1, (taken, rounds)
        # A breakpoint at the same place comes first; without it the guest takes its BKPT.
        client.ask(f"Z0,{OWN:x},4")
        assert client.resume() == "T05thread:1;"
        assert client.register(PC) == OWN
        taken = client.register(7)
        assert client.resume() == "T05thread:1;" and client.register(7) == taken
        client.ask(f"z0,{OWN:x},4")
        client.ask(f"Z0,{LOOP:x},4")
        client.resume()
        assert client.register(PC) == LOOP and client.register(7) == taken + 1


def test_bkpt_given_back_is_not_taken_elsewhere():
    """vCPU 1 pauses for vCPU 0's breakpoint before it takes the BKPT that was injected."""
    for jump in (False, True):
        with stopped(slow_inject=2000) as client:
            client.ask(f"Z0,{AFTER:x},4")
            client.ask("Hg2")
            client.set_register(PC, OWN)
            assert client.resume() == "T05thread:1;"
            client.ask("Hg2")
            assert (client.register(PC), client.register(7)) == (OWN, 0)
            if jump:
                client.set_register(PC, SYMBOLS["spin"])
            client.send(b"vCont;c:2")
            if jump:
                assert client.silent() and client.stop() == "T02thread:1;"
                client.ask("Hg2")
                assert (client.register(PC), client.register(7)) == (SYMBOLS["spin"], 0)
            else:
                assert client.receive() == b"T05thread:2;" and client.register(7) == 1


def test_point_that_fails_is_nowhere():
    """KVM accepts the point for vCPU 0 but not for vCPU 1: it is refused, and vCPU 0 loses it."""
    for point in (f"Z1,{STORE:x},4", f"Z0,{STORE:x},4"):
        with stopped(fail="KVM_ARMV7_SET_GUEST_DEBUG:16:2") as client:
            assert client.ask(point) == "E10"
            for _ in deadline():
                client.send(b"c")
                assert client.silent(), point
                assert client.stop().startswith("T02")
                if client.register(7):
                    break
            assert client.register(7) > 0, "the guest's own BKPT does not exit"
            assert client.ask(point) == "OK"
            all_are_told(client, 2)


# ---- steps ----

def both(check):
    """A test of KVM_GUESTDBG_SINGLESTEP, and of steps by breakpoints where KVM lacks it."""
    def run():
        for step in (1, 0):
            check(step)
    return run


@both
def test_steps(step):
    with stopped(step=step) as client:
        client.ask("qSupported:swbreak+;hwbreak+")
        assert client.ask("vCont?") == "vCont;c;C;s;S;t"
        for turn in range(2):
            for at in (*range(LOOP + 4, OWN + 8, 4), LOOP):
                assert client.resume("vCont;s:1") == "T05thread:1;"
                assert client.register(PC) == at
            # Each step has its effect once, the guest's own BKPT too; vCPU 1 stays stopped.
            assert (client.word(WORDS), client.register(7)) == (turn + 1, turn + 1)
        assert client.word(WORDS + 16) == 0
        # A signal makes no difference; without s no vCPU steps any more.
        assert client.resume("vCont;S05:1;t") == "T05thread:1;"
        for _ in deadline():
            client.send(b"c")
            assert client.silent() and client.stop().startswith("T02")
            if client.word(WORDS + 16):
                break
        assert client.word(WORDS + 16) > 0
        # An access to a device is one step.
        client.set_register(8, 0x09000018)
        client.set_register(PC, SYMBOLS["device"])
        assert client.resume("vCont;s:1") == "T05thread:1;"
        assert client.register(PC) == SYMBOLS["device"] + 4


@both
def test_steps_while_others_run(step):
    with stopped(step=step) as client:
        client.ask("Hg2")
        client.set_register(PC, LOOP)
        # vCPU 0 makes progress each time its thread is scheduled.
        for n, _ in enumerate(deadline()):
            assert client.resume("vCont;s:2;c") == "T05thread:2;"
            client.ask("Hg2")
            assert client.register(PC) == LOOP + 4 * ((n + 1) % 7)
            if n >= 20 and client.word(WORDS):
                break
        assert client.word(WORDS) > 0


@both
def test_step_broken_off(step):
    """Stopped after the instruction but before the stop: the next step begins after it."""
    with stopped(step=step, cpus=1, slow_mmio=1000) as client:
        client.set_register(8, 0x09000018)
        client.set_register(PC, SYMBOLS["device"])
        for _ in deadline():
            client.send(b"vCont;s:1")
            time.sleep(0.1)
            client.interrupt()
            # On a slow machine the step is reported; the rest holds either way.
            assert client.receive() in (b"T02thread:1;", b"T05thread:1;")
            if client.register(PC) != SYMBOLS["device"]:  # else the step had not begun
                break
        assert client.register(PC) == SYMBOLS["device"] + 4
        assert client.resume("vCont;s:1") == "T05thread:1;"
        assert client.register(PC) == SYMBOLS["device"]


@both
def test_steps_and_points(step):
    with stopped(step=step, cpus=1) as client:
        client.ask("qSupported:swbreak+;hwbreak+")
        # A step may end at a breakpoint but not leave one: the client removes it first.
        client.ask(f"Z1,{STORE:x},4")
        assert client.resume("vCont;s:1") == "T05thread:1;"
        assert client.resume("vCont;s:1") == "T05thread:1;hwbreak:;"
        assert client.register(PC) == STORE
        assert client.resume("vCont;s:1") == "T05thread:1;hwbreak:;"
        assert client.register(PC) == STORE and client.word(WORDS) == 0
        client.ask(f"z1,{STORE:x},4")
        client.ask(f"Z2,{WORDS:x},4")
        assert client.resume("vCont;s:1") == f"T05thread:1;watch:{WORDS:x};"
        client.ask(f"z2,{WORDS:x},4")
        client.ask(f"Z0,{AFTER:x},4")
        assert client.resume("vCont;s:1") == "T05thread:1;"
        assert client.register(PC) == AFTER and client.word(WORDS) == 1
        assert client.resume("vCont;s:1") == "T05thread:1;swbreak:;"
        client.ask(f"z0,{AFTER:x},4")
        # A step needs a free slot; without one nothing runs.
        for n in range(6):
            client.ask(f"Z1,{OFF + 4 * n:x},4")
        said = client.ask("vCont;s:1")
        assert said == ("E16" if step else "E1c"), (step, said)
        assert client.register(PC) == AFTER
        client.ask(f"z1,{OFF:x},4")
        assert client.resume("vCont;s:1") == "T05thread:1;"
        assert client.register(PC) == AFTER + 4


def test_interrupt():
    with stopped() as client:
        client.interrupt()  # already stopped
        assert client.silent()
        for _ in range(20):
            client.send(b"c")
            assert re.fullmatch("T02thread:[12];", client.stop())
        assert client.ask("?").startswith("T02thread:")
        client.send(b"c")
        client.socket.sendall(frame(b"qC"))  # out of turn: accepted, not answered
        assert client.byte() == b"+" and client.silent()
        assert client.stop().startswith("T02")


def test_stops_where_registers_are_complete():
    """A pause must not come between a device load and its result, which would overwrite r3."""
    with stopped(cpus=1) as client:
        client.set_register(8, 0x09000018)
        for _ in range(40):
            client.set_register(3, 0)
            client.set_register(PC, SYMBOLS["device"])
            client.send(b"c")
            time.sleep(random.random() / 100)
            client.stop()
            assert client.register(PC) in (SYMBOLS["device"], SYMBOLS["device"] + 4)
            client.set_register(3, 0xDEAD)
            client.set_register(PC, SYMBOLS["spin"])
            client.send(b"c")
            client.stop()
            assert client.register(PC) == SYMBOLS["spin"]
            assert client.register(3) == 0xDEAD


def test_threads():
    with stopped(cpus=3) as client:
        assert client.ask("qfThreadInfo") == "m1,2,3" and client.ask("qsThreadInfo") == "l"
        assert client.ask("qC") == "QC1" and client.ask("T3") == "OK"
        assert bytes.fromhex(client.ask("qThreadExtraInfo,2")) == b"vCPU 1"
        assert bytes.fromhex(client.ask("qThreadExtraInfo,3")) == b"vCPU 2, off"
        # Registers are those of the selected thread.
        client.ask("Hg2")
        client.set_register(4, 0x22)
        client.ask("Hg1")
        assert client.register(4) == 0
        client.ask("Hg2")
        assert client.register(4) == 0x22 and client.ask("qC") == "QC2"
        for packet in ("Hg0", "Hg-1", "Hc-1", "Hc0"):
            assert client.ask(packet) == "OK"
        assert client.ask("qC") == "QC2"


def words_of(client: Client, cpus: int) -> list[int]:
    return [client.word(WORDS + 16 * n) for n in range(cpus)]


def test_only_some_run():
    with stopped(cpus=3) as client:
        for how, running in (("vCont;c:2", {1}), ("vCont;c:1;c:3", {0, 2}), ("vCont;t:2;c", {0, 2}),
                             ("vCont;C02:3;t:-1", {2}), ("vCont;c:-1", {0, 1, 2}),
                             ("vCont;c", {0, 1, 2}), ("Hc2", {1}), ("Hc0", {0, 1, 2})):
            before = after = words_of(client, 3)
            if how.startswith("H"):
                client.ask(how)
                how = "c"
            for _ in deadline():
                client.send(how.encode())
                time.sleep(0.3)
                client.stop()
                after = words_of(client, 3)
                if all(after[n] > before[n] for n in running):
                    break
            assert {n for n in range(3) if after[n] > before[n]} == running, (how, before, after)


def test_each_stop_is_told():
    """All three hit the same breakpoint again and again: none is passed over forever."""
    with stopped(cpus=3) as client:
        client.ask(f"Z0,{STORE:x},4")
        all_are_told(client, 3)
        # One vCPU runs alone while the breakpoint is removed.
        client.ask(f"z0,{STORE:x},4")
        client.ask("Hg2")
        client.ask(f"Z0,{AFTER:x},4")
        assert client.resume("vCont;c:2") == "T05thread:2;"
        assert words_of(client, 3) == [0, 1, 0] and client.register(PC) == AFTER


if __name__ == "__main__":
    sys.exit(run_cases("gdb_guest", globals()))
