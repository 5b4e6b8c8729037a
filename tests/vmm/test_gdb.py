#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm --gdb, on a made-up /dev/kvm whose CPUs execute loop.S: the protocol word by word, and Debian's gdb."""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import run_cases, scratch  # noqa: E402
from rsp import Client, connect, escape, frame  # noqa: E402

OUT = Path(sys.argv[1]) / "tests/vmm"
KERNEL = str(OUT / "loop.elf")
SYMBOLS = {line.split()[2]: int(line.split()[0], 16) for line in subprocess.run(
    ["arm-linux-gnueabihf-nm", KERNEL], capture_output=True, check=True).stdout.decode().splitlines()}
LOOP, STORE, AFTER, OWN, OFF, WORDS = (SYMBOLS[n] for n in
                                       ("loop", "store", "after", "own", "off", "words"))
RAM, END = 0x40000000, 0x41000000
PC, CPSR = 15, 16
BKPT = 0xE1200070


class Armvm:
    """A running armvm and the port it listens on."""

    def __init__(self, *words: str, gdb: str = "0", cpus: int = 2, **fake) -> None:
        env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "FAKE_GUEST": "cpu"}
        env.update({f"FAKE_{key.upper()}": str(value) for key, value in fake.items()})
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [str(OUT / "armvm"), "run", "--kernel", KERNEL, "--memory", "16M", "--cpus", str(cpus),
             "--gdb", gdb, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        self.first = self.process.stderr.readline().decode()
        match = re.fullmatch(r"armvm: gdb: listening on (.*):(\d+)\n", self.first)
        self.host, self.port = (match[1], int(match[2])) if match else ("", 0)

    def __enter__(self) -> "Armvm":
        assert self.port, self.first
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()

    def wait(self) -> int:
        return self.process.wait(30)


@contextlib.contextmanager
def stopped(*words: str, **kwargs):
    """A guest that has not run yet, and its client."""
    with Armvm("--gdb-wait", *words, **kwargs) as armvm:
        client = Client(armvm.port)
        assert client.ask("?") == "T05thread:1;"
        yield client
        client.close()


# ---- coming and going ----

def test_where_it_listens():
    with Armvm() as armvm:
        assert armvm.host == "127.0.0.1"
    for where in ("localhost:0", "127.0.0.2:0", "[::1]:0"):
        with Armvm(gdb=where) as armvm:
            assert where == "localhost:0" or armvm.host == where[:-2], armvm.first
    with Armvm(gdb="0.0.0.0:0") as armvm:
        assert b"whoever can connect" in armvm.process.stderr.readline()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for where, words in ((str(port), "Address already in use"), ("", "give [HOST:]PORT"),
                             ("65536", "give [HOST:]PORT"), ("-1", "give [HOST:]PORT"),
                             ("12x", "give [HOST:]PORT"), (":1", "give [HOST:]PORT"),
                             ("1:", "give [HOST:]PORT"), ("a" * 100 + ":1", "give [HOST:]PORT"),
                             ("example.com:1", "must be an address"),
                             ("[::1:1", "must be an address"), ("[::x]:1", "must be an address"),
                             ("192.0.2.1:0", "Cannot assign")):
            armvm = Armvm(gdb=where)
            assert armvm.wait() == 1 and words in armvm.first, (where, armvm.first)
            assert not armvm.process.stderr.read(), where
            armvm.__exit__()
    armvm = Armvm(no_debug=1)
    assert armvm.wait() == 1 and "KVM_CAP_SET_GUEST_DEBUG" in armvm.first, armvm.first
    armvm.__exit__()


def test_waits_only_if_asked_to():
    with stopped() as client:
        assert client.register(PC) == LOOP and client.word(WORDS) == 0
        time.sleep(0.2)
        assert client.word(WORDS) == 0
    with Armvm() as armvm:
        time.sleep(0.5)
        client = Client(armvm.port)
        assert client.ask("?") == "T05thread:1;"
        count = client.word(WORDS)
        assert count > 0
        # And stands still while the client is there.
        time.sleep(0.2)
        assert client.word(WORDS) == count


def test_detach_and_come_again():
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        assert client.ask(f"Z0,{STORE:x},4") == "OK" and client.ask(f"Z1,{AFTER:x},4") == "OK"
        assert client.ask(f"Z2,{WORDS:x},4") == "OK"
        assert client.ask("D") == "OK" and client.closed()
        client = connect(armvm.port)
        before = client.word(WORDS)
        assert client.word(STORE) == SYMBOL_WORDS[STORE]
        assert client.ask("vCont;t") == "T05thread:1;"  # nothing stopped by itself meanwhile
        client.close()  # without a word: as good as detached
        client = connect(armvm.port)
        assert client.ask("D;1") == "OK"
        time.sleep(0.2)
        client = connect(armvm.port)
        assert client.word(WORDS) > before


def test_points_do_not_outlive_a_lost_client():
    """Lost while the guest stands, and while it runs."""
    for runs in (False, True):
        with Armvm("--gdb-wait") as armvm:
            client = Client(armvm.port)
            client.ask(f"Z0,{OFF:x},4")
            client.ask(f"Z1,{OFF:x},4")
            if runs:
                client.send(b"c")
                assert client.silent()
            client.close()
            client = connect(armvm.port)
            first = client.word(WORDS)
            client.ask("D")
            time.sleep(0.3)
            client = connect(armvm.port)
            assert client.word(WORDS) > first
            # What was hidden is there, not a BKPT behind the stub's back.
            assert client.word(OFF) == SYMBOL_WORDS[OFF]
            client.set_register(PC, OFF)
            assert client.resume() == "W00"
            assert armvm.wait() == 0


def test_one_client_at_a_time():
    with stopped() as client:
        port = client.socket.getpeername()[1]
        other = Client(port)
        assert other.closed()
        assert client.ask("qC") == "QC1"
        client.send(b"c")
        other = Client(port)
        assert other.closed()
        assert client.stop().startswith("T02")


def test_ends():
    for how, status, said in (("off", 0, "W00"), ("kill", 130, None), ("vKill", 130, None),
                              ("wild", 3, "W03"), ("term", -signal.SIGTERM, "X0f")):
        with Armvm("--gdb-wait") as armvm:
            client = Client(armvm.port)
            client.ask("?")
            if how == "kill":
                client.send(b"k")
                assert client.closed()
            elif how == "vKill":
                assert client.ask("vKill;1") == "OK"
            elif how == "term":
                client.send(b"c")
                time.sleep(0.2)
                armvm.process.terminate()
                assert client.receive().decode() == said
            else:
                client.set_register(PC, OFF if how == "off" else WORDS)
                assert client.resume() == said
            assert armvm.wait() == status, (how, armvm.process.returncode)


def test_ends_while_stopped():
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        client.ask("?")
        armvm.process.terminate()
        assert armvm.wait() == -signal.SIGTERM
        assert client.closed()
    with Armvm("--gdb-wait") as armvm:  # nobody came
        time.sleep(0.2)
        armvm.process.terminate()
        assert armvm.wait() == -signal.SIGTERM


def test_a_stopped_guest_costs_nothing():
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        client.ask("?")
        fields = Path(f"/proc/{armvm.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        time.sleep(1)
        after = Path(f"/proc/{armvm.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        assert int(after[11]) + int(after[12]) - int(fields[11]) - int(fields[12]) <= 5
        assert client.ask("qC") == "QC1"


# ---- frames ----

def test_acknowledgements():
    with stopped() as client:
        client.socket.sendall(b"$qC#00")
        assert client.byte() == b"-"
        client.socket.sendall(frame(b"qC"))
        assert client.byte() == b"+"
        assert client.receive() == b"QC1"
        client.socket.sendall(b"-")  # once more
        assert client.receive() == b"QC1"
        assert client.ask("QStartNoAckMode") == "OK"
        client.acks = False
        client.socket.sendall(frame(b"qC"))
        assert client.byte() == b"$"
        client.buffer = b"$" + client.buffer
        assert client.receive() == b"QC1"
        client.socket.sendall(b"-")
        assert client.silent()


def test_too_long():
    with stopped() as client:
        assert client.ask("X40010000,0:" + "a" * 0x4000) == "E07"
        assert client.ask(b"m" * 200000) == "E07"
        assert client.ask("qC") == "QC1"
        # The longest there is.
        data = bytes(0x4000 - 32)
        assert client.ask(b"X40020000,%x:" % len(data) + data) == "OK"


def test_pieces():
    """One byte at a time, and all at once."""
    with stopped() as client:
        for byte in frame(b"qC"):
            client.socket.sendall(bytes([byte]))
            time.sleep(0.01)
        assert client.receive() == b"QC1"
        client.socket.sendall(frame(b"qC") * 50)
        for _ in range(50):
            assert client.receive() == b"QC1"


def test_unknown_and_malformed():
    with stopped() as client:
        for packet in ("vMustReplyEmpty", "", "!", "qRcmd,68656c70", "R", "s", "S05", "vAttach;1",
                       "qTStatus", "Z5,0,4", "Z9,0,4", "qfThreadInfox", "gg", "vCont", "vContx"):
            assert client.ask(packet) == "", packet
        for packet in ("m", "m,", "m4", "m4,", "mg,4", "m100000000,4", "m0,100000000", "M0,4:00",
                       "M40010000,4:0000000", "M40010000,4:000000000", "M40010000,4",
                       "X40010000,4:abc", "p", "p33", "pffffffffffffffff", "px", "P1", "P1=",
                       "P1=000000", "P1=0000000000", "P33=00000000", "G", "G00", "H", "Hg", "Hx1",
                       "Hg3", "Hg1x", "T3", "T", "T0", "Z0", "Z0,", "Z0,0", "Z0,40010000,9",
                       "Z0,40010002,4", "Z1,40010000,1", "Z0,40010000,4;X1,00", "z0,0", "vCont;",
                       "vCont;s", "vCont;x", "vCont;c:9", "vCont;c:1x", "vCont;C", "cx", "c1x",
                       "qThreadExtraInfo,", "qThreadExtraInfo,9", "qThreadExtraInfo,0",
                       "qXfer:features:read:target.xml:", "qXfer:features:read:target.xml:0",
                       "qXfer:features:read:target.xml:0,x"):
            assert re.fullmatch("E[0-9a-f]{2}", client.ask(packet)), packet
        assert client.ask("qXfer:features:read:other.xml:0,ff") == "E00"
        assert client.register(PC) == LOOP  # and it still stands where it stood


def test_random_packets():
    """Nothing that stops the client or the guest for good; sanitizers look on."""
    rng = random.Random(5)
    alphabet = b"gGpPmMXZzHTqcC?DvContRk0123456789abcdef,:;=-\x00\xff#$}*"
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        client.ask("QStartNoAckMode")
        client.acks = False
        for _ in range(3000):
            data = bytes(rng.choice(alphabet) for _ in range(rng.randrange(1, 40)))
            if data[:1] in (b"c", b"C", b"D", b"k") or data[:5] in (b"vCont", b"vKill"):
                continue  # run, leave, end: those have tests of their own
            client.socket.sendall(frame(escape(data)))
            client.receive()
        assert client.ask("qC").startswith("QC")
        assert armvm.process.poll() is None


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
        client.set_register(CPSR, 0x1DF)  # System has User's
        assert client.register(13) == 13 and client.register(14) == 14
        # G takes the mode that it brings, not the one before.
        raw = bytearray.fromhex(client.ask("g"))
        raw[4 * 13:4 * 14] = b"\x78\x56\x34\x12"
        raw[4 * 16:4 * 17] = (0x1D2).to_bytes(4, "little")
        assert client.ask("G" + raw.hex()) == "OK"
        assert client.register(13) == 0x12345678
        client.set_register(CPSR, 0x1DF)
        assert client.register(13) == 13


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
        assert [n for n, _ in names] == [f"r{n}" for n in range(13)] + ["sp", "lr", "pc", "cpsr"] + \
            [f"d{n}" for n in range(32)] + ["fpscr"]
        assert sum(int(size) for _, size in names) // 4 == len(client.ask("g"))
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
        # Its end, in part and behind it; devices and holes.
        assert client.ask(f"m{END - 4:x},10") == "00000000"
        for packet in (f"m{END:x},4", f"m{RAM - 4:x},4", "m9000000,4", "mb000000,4", "m8000000,4",
                       "m0,4", "mffffffff,4", "M9000000,4:00000000", f"M{END - 2:x},4:01020304"):
            assert client.ask(packet) == "E0e", packet
        assert len(client.ask("m40010000,100000")) == 0x4000  # as much as an answer holds


# ---- running ----

SYMBOL_WORDS = {}


def read_symbol_words() -> None:
    with stopped() as client:
        for address in range(LOOP, OFF + 4, 4):
            SYMBOL_WORDS[address] = client.word(address)


read_symbol_words()


def test_software_breakpoint():
    with stopped(cpus=1) as client:
        client.ask("qSupported:swbreak+;hwbreak+")
        assert client.ask(f"Z0,{STORE:x},4") == "OK"
        assert client.word(STORE) == SYMBOL_WORDS[STORE]  # gdb is shown the program
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
        assert client.resume("c") == "T05thread:1;"  # the reason only where it is understood
        assert client.register(PC) == AFTER and client.word(WORDS) == 1
        client.ask("qSupported:hwbreak+;swbreak+")
        assert client.resume("C05") == "T05thread:1;hwbreak:;"
        assert client.word(WORDS) == 1
        client.ask(f"z1,{AFTER:x},4")
        client.ask(f"Z1,{STORE:x},4")
        client.resume()
        assert client.register(PC) == STORE
        # Six there are; each stands, the seventh is refused, and a gap can be filled.
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
        assert client.register(PC) == STORE and client.word(WORDS) == 0  # before it is done
        client.ask(f"z2,{WORDS + 1:x},1")
        assert client.ask(f"Z3,{beside:x},4") == "OK"
        assert client.resume() == f"T05thread:1;rwatch:{beside:x};"
        assert client.register(PC) == AFTER
        client.ask(f"z3,{beside:x},4")
        assert client.ask(f"Z4,{copy:x},4") == "OK"
        assert client.resume() == f"T05thread:1;awatch:{copy:x};"
        assert client.register(PC) == AFTER + 4
        client.ask(f"z4,{copy:x},4")
        # What only reads is not reported to a watch for writes, and the other way round.
        client.ask(f"Z2,{beside:x},4")
        client.ask(f"Z3,{copy:x},4")
        client.send(b"c")
        assert client.silent()
        assert client.stop() == "T02thread:1;"
        # Lengths: 32 bytes in one slot, 12 in two, then none is left for 16 across.
        for packet in (f"z2,{beside:x},4", f"z3,{copy:x},4", f"Z4,{WORDS + 0x20:x},20",
                       f"Z4,{WORDS + 0x40:x},c"):
            assert client.ask(packet) == "OK", packet
        assert client.ask(f"Z4,{WORDS + 0x84:x},10") == "E1c"


def test_own_breakpoints_reach_the_guest():
    """loop.S has a BKPT of its own in each round; r7 counts those that the guest took."""
    with stopped(cpus=1) as client:
        client.ask(f"Z0,{OFF:x},4")  # so that BKPT exits at all
        client.send(b"c")
        time.sleep(0.3)
        assert client.stop().startswith("T02")
        taken, rounds = client.register(7), client.word(WORDS)
        assert rounds > 3 and abs(taken - rounds) <= 1, (taken, rounds)
        # Ours at the same place counts first; then the guest's is its own again.
        client.ask(f"Z0,{OWN:x},4")
        assert client.resume() == "T05thread:1;"
        assert client.register(PC) == OWN
        taken = client.register(7)
        assert client.resume() == "T05thread:1;" and client.register(7) == taken
        client.ask(f"z0,{OWN:x},4")
        client.ask(f"Z0,{LOOP:x},4")
        client.resume()
        assert client.register(PC) == LOOP and client.register(7) == taken + 1


def test_interrupt():
    with stopped() as client:
        client.interrupt()  # it stands already
        assert client.silent()
        for _ in range(20):
            client.send(b"c")
            assert re.fullmatch("T02thread:[12];", client.stop())
        assert client.ask("?").startswith("T02thread:")
        client.send(b"c")
        client.socket.sendall(frame(b"qC"))  # out of turn: taken, not answered
        assert client.byte() == b"+" and client.silent()
        assert client.stop().startswith("T02")


def test_stops_where_registers_are_complete():
    """Not between a load from a device and its result, which would come after what the client wrote."""
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
            client.set_register(PC, SYMBOLS["stand"])
            client.send(b"c")
            client.stop()
            assert client.register(PC) == SYMBOLS["stand"]
            assert client.register(3) == 0xDEAD


def test_threads():
    with stopped(cpus=3) as client:
        assert client.ask("qfThreadInfo") == "m1,2,3" and client.ask("qsThreadInfo") == "l"
        assert client.ask("qC") == "QC1" and client.ask("T3") == "OK"
        assert bytes.fromhex(client.ask("qThreadExtraInfo,2")) == b"vCPU 1"
        assert bytes.fromhex(client.ask("qThreadExtraInfo,3")) == b"vCPU 2, off"
        # Registers and memory of the one that was chosen.
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
                             ("vCont;C02:3;t:-1", {2}), ("vCont;c:-1", {0, 1, 2}), ("vCont;c", {0, 1, 2}),
                             ("Hc2", {1}), ("Hc0", {0, 1, 2})):
            before = words_of(client, 3)
            if how.startswith("H"):
                client.ask(how)
                how = "c"
            client.send(how.encode())
            time.sleep(0.3)
            client.stop()
            after = words_of(client, 3)
            assert {n for n in range(3) if after[n] > before[n]} == running, (how, before, after)


def test_each_stop_is_told():
    """All three hit the same breakpoint all the time: none is passed over for ever."""
    with stopped(cpus=3) as client:
        client.ask(f"Z0,{STORE:x},4")
        seen = {client.resume() for _ in range(12)}
        assert seen == {f"T05thread:{n};" for n in (1, 2, 3)}, seen
        # One steps over it: the breakpoint is away, only that one runs.
        client.ask(f"z0,{STORE:x},4")
        client.ask("Hg2")
        client.ask(f"Z0,{AFTER:x},4")
        assert client.resume("vCont;c:2") == "T05thread:2;"
        assert words_of(client, 3) == [0, 1, 0] and client.register(PC) == AFTER


# ---- Debian's gdb ----

def gdb(armvm: Armvm, *commands: str) -> str:
    words = ["gdb-multiarch", "-q", "-nx", "-batch", "-ex", "set pagination off", "-ex",
             "set confirm off", "-ex", "set tcp connect-timeout 30", "-ex",
             f"target remote localhost:{armvm.port}"]
    for command in commands:
        words += ["-ex", command]
    result = subprocess.run([*words, KERNEL], stdin=subprocess.DEVNULL, capture_output=True,
                            timeout=60, check=False)
    return result.stdout.decode() + result.stderr.decode()


def holds(text: str, *patterns: str) -> None:
    """In this order."""
    at = 0
    for pattern in patterns:
        match = re.compile(pattern, re.M).search(text, at)
        assert match, f"{pattern!r} is not in, or not behind the others in:\n{text}"
        at = match.end()


def test_gdb_points():
    with Armvm("--gdb-wait", cpus=1) as armvm:
        text = gdb(armvm, "hbreak store", "continue", "continue", "p *(int *)&words", "delete",
                   "watch *(int *)&words", "continue", "delete", "break after", "continue", "delete",
                   "rwatch *((int *)&words + 1)", "continue", "info registers cpsr fpscr d31",
                   "detach")
        holds(text, r"^Hardware assisted breakpoint 1", r"^Breakpoint 1, loop \(\)",
              # It went on behind it, round the loop, to the same place.
              r"^Breakpoint 1, loop \(\)", r"^\$1 = 1$",
              r"^Hardware watchpoint 2: ", r"^Old value = 1\nNew value = 2$",
              r"^Breakpoint 3, loop", r"^Hardware read watchpoint 4: ", r"^Value = 0$",
              r"^cpsr ", r"^fpscr ", r"^d31 ", r"\[Inferior 1 \(.*\) detached\]")


def test_gdb_steps():
    """The stub offers no step: gdb puts a breakpoint behind the instruction, wherever that is."""
    for abi in ("auto", "GNU/Linux", "none"):
        with Armvm("--gdb-wait") as armvm:
            text = gdb(armvm, f"set osabi {abi}", "stepi", "stepi", "stepi", "p/x $pc",
                       "p *(int *)&words", "stepi 4", "p/x $pc", "info threads")
            if abi == "none":
                # What docs/armvm.md tells about: gdb expects the stub to do it.
                assert "$1 = 0x4001000c" not in text, text
                continue
            holds(text, r"^\$1 = 0x4001000c$", r"^\$2 = 1$", r"^\$3 = 0x40010000$",
                  r"^\* 1 +Thread 1 \(vCPU 0\)", r"^  2 +Thread 2 \(vCPU 1\)")


def test_gdb_threads_and_guest_end():
    with Armvm("--gdb-wait") as armvm:
        text = gdb(armvm, "break store thread 2", "continue", "info threads", "delete",
                   "thread 1", "p $r0 == (int)&words", "thread 2", "p $r0 - (int)&words",
                   "set var $pc = (int)&off", "continue")
        holds(text, r'^Thread 2 "?.*hit Breakpoint 1', r"^\* 2 ", r"^\$1 = 1$", r"^\$2 = 16$",
              r"\[Inferior 1 \(.*\) exited normally\]")
        assert armvm.wait() == 0


if __name__ == "__main__":
    sys.exit(run_cases("gdb", globals()))
