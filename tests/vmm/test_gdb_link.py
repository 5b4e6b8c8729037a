#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm --gdb: clients connect and leave, and may send anything."""

import contextlib
import os
import random
import re
import signal
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gdb_armvm import AFTER, Armvm, LOOP, OFF, PC, stopped, STORE, SYMBOL_WORDS, WORDS  # noqa: E402
from harness import run_cases  # noqa: E402
from rsp import Client, connect, deadline, escape, frame  # noqa: E402

# ---- connecting and leaving ----

def test_where_it_listens():
    with Armvm() as armvm:
        assert armvm.host == "127.0.0.1"
    for where in ("localhost:0", "127.0.0.2:0", "[::1]:0"):
        with Armvm(gdb=where) as armvm:
            assert where == "localhost:0" or armvm.host == where[:-2], armvm.first
    with Armvm(gdb="0.0.0.0:0") as armvm:
        assert b"anyone who can connect" in armvm.process.stderr.readline()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for where, words in ((str(port), "Address already in use"), ("", "give [HOST:]PORT"),
                             ("65536", "give [HOST:]PORT"), ("-1", "give [HOST:]PORT"),
                             ("12x", "give [HOST:]PORT"), (":1", "give [HOST:]PORT"),
                             ("1:", "give [HOST:]PORT"), ("a" * 100 + ":1", "give [HOST:]PORT"),
                             ("example.com:1", "must be an IP address"),
                             ("[::1:1", "must be an IP address"),
                             ("[::x]:1", "must be an IP address"),
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
        for _ in deadline():
            time.sleep(0.5)
            client = connect(armvm.port)
            assert client.ask("?") == "T05thread:1;"
            count = client.word(WORDS)
            if count:
                break
            client.ask("D")
        assert count > 0
        # And stays stopped while the client is connected.
        time.sleep(0.2)
        assert client.word(WORDS) == count


def gets_on(client: Client, port: int, leave: str, before: int) -> Client:
    """The guest makes progress without a client.  Returns the next client."""
    for _ in deadline():
        assert client.ask(leave) == "OK"
        time.sleep(0.3)
        client = connect(port)
        if client.word(WORDS) > before:
            break
    assert client.word(WORDS) > before
    return client


def test_detach_and_come_again():
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        assert client.ask(f"Z0,{STORE:x},4") == "OK" and client.ask(f"Z1,{AFTER:x},4") == "OK"
        assert client.ask(f"Z2,{WORDS:x},4") == "OK"
        assert client.ask("D") == "OK" and client.closed()
        client = connect(armvm.port)
        before = client.word(WORDS)
        assert client.word(STORE) == SYMBOL_WORDS[STORE]
        assert client.ask("vCont;t") == "T05thread:1;"  # nothing stopped on its own
        client.close()  # counts as detaching
        client = connect(armvm.port)
        gets_on(client, armvm.port, "D;1", before)


def test_points_do_not_outlive_a_lost_client():
    """Lost while the guest is stopped, and while it runs."""
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
            client = gets_on(client, armvm.port, "D", first)
            # The hidden instruction is back, not a BKPT that the stub forgot.
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


def at_once(armvm: Armvm):
    """armvm sees everything that happens in this context at once."""
    @contextlib.contextmanager
    def paused():
        armvm.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, armvm.process.pid, os.WSTOPPED)
        yield
        armvm.process.send_signal(signal.SIGCONT)
    return paused()


def test_the_one_that_comes_back_is_not_refused():
    """However the previous connection ended, and however late armvm notices."""
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        for last, runs in ((b"", False), (b"", True), (b"\x03", True), (frame(b"qC"), False),
                           (frame(b"qC") * 500, False), (frame(b"D"), False), (frame(b"c"), False),
                           (frame(b"c") + b"\x03", False)):
            if runs:
                client.send(b"c")
                assert client.silent(0.1)
            with at_once(armvm):
                client.socket.sendall(last)
                client.close()
                client = Client(armvm.port)
            assert client.ask("?") == "T05thread:1;", (last, runs)
            assert client.ask(f"Z0,{OFF:x},4") == "OK"
        # None of them has left a point behind.
        assert client.ask("D") == "OK"
        client = connect(armvm.port)
        assert client.word(OFF) == SYMBOL_WORDS[OFF]


def test_a_second_one_is_refused_however_it_comes():
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        assert client.ask("qC") == "QC1"
        with at_once(armvm):
            client.socket.sendall(frame(b"qC"))
            other = Client(armvm.port)
        assert other.closed()
        assert client.receive() == b"QC1"
        with at_once(armvm):
            first, second = Client(armvm.port), Client(armvm.port)
        assert first.closed() and second.closed()
        assert client.ask("qC") == "QC1"


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


def test_memory_that_the_guest_may_not_see():
    """The host does not take the page away: the guest ends, and no vCPU runs again."""
    for change, calls, answer in ((f"Z0,{STORE:x},4", 3, "E0c"),
                                  (f"M{STORE:x},4:00000000", 2, "OK")):
        with Armvm("--gdb-wait", no_madvise=calls) as armvm:
            client = Client(armvm.port)
            assert client.ask(change) == answer
            assert client.resume() == "W03"
            assert armvm.wait() == 3
            said = armvm.process.stderr.read().decode()
            assert said.startswith("armvm: cannot make a change of guest memory visible"), said
            assert "r0 00000000" in said.splitlines()[2], said


def test_memory_that_cannot_be_read():
    """The host does not take the page away before the access: only that fails."""
    for access in (f"m{STORE:x},4", f"M{STORE:x},4:00000000", f"Z0,{STORE:x},4"):
        with Armvm("--gdb-wait", no_madvise=1) as armvm:
            client = Client(armvm.port)
            assert client.ask(access) == "E0e"
            client.set_register(PC, OFF)
            assert client.resume() == "W00"


def test_ends_while_stopped():
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        client.ask("?")
        armvm.process.terminate()
        assert armvm.wait() == -signal.SIGTERM
        assert client.closed()
    with Armvm("--gdb-wait") as armvm:  # without any client
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
        client.socket.sendall(b"-")  # again
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
        # The longest packet.
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
        for packet in ("vMustReplyEmpty", "", "!", "qRcmd", "qRcmdx", "R", "s", "S05", "vAttach;1",
                       "qTStatus", "Z5,0,4", "Z9,0,4", "qfThreadInfox", "gg", "vCont", "vContx"):
            assert client.ask(packet) == "", packet
        for packet in ("m", "m,", "m4", "m4,", "mg,4", "m100000000,4", "m0,100000000", "M0,4:00",
                       "M40010000,4:0000000", "M40010000,4:000000000", "M40010000,4",
                       "X40010000,4:abc", "p", "p6b", "pffffffffffffffff", "px", "P1", "P1=",
                       "P1=000000", "P1=0000000000", "P6b=00000000", "G", "G00", "H", "Hg", "Hx1",
                       "Hg3", "Hg1x", "T3", "T", "T0", "Z0", "Z0,", "Z0,0", "Z0,40010000,9",
                       "Z0,40010002,4", "Z1,40010000,1", "Z0,40010000,4;X1,00", "z0,0", "vCont;",
                       "vCont;s", "vCont;x", "vCont;c:9", "vCont;c:1x", "vCont;C", "cx", "c1x",
                       "qThreadExtraInfo,", "qThreadExtraInfo,9", "qThreadExtraInfo,0",
                       "qXfer:features:read:target.xml:", "qXfer:features:read:target.xml:0",
                       "qXfer:features:read:target.xml:0,x"):
            assert re.fullmatch("E[0-9a-f]{2}", client.ask(packet)), packet
        assert client.ask("qXfer:features:read:other.xml:0,ff") == "E00"
        assert client.register(PC) == LOOP  # still at the same place


def test_random_packets():
    """Nothing that ends the client or the guest; the sanitizers watch."""
    rng = random.Random(5)
    alphabet = b"gGpPmMXZzHTqcC?DvContRk0123456789abcdef,:;=-\x00\xff#$}*"
    with Armvm("--gdb-wait") as armvm:
        client = Client(armvm.port)
        client.ask("QStartNoAckMode")
        client.acks = False
        for _ in range(3000):
            data = bytes(rng.choice(alphabet) for _ in range(rng.randrange(1, 40)))
            if data[:1] in (b"c", b"C", b"D", b"k") or data[:5] in (b"vCont", b"vKill"):
                continue  # they resume, detach or kill, and have tests of their own
            client.socket.sendall(frame(escape(data)))
            client.receive()
        assert client.ask("qC").startswith("QC")
        assert armvm.process.poll() is None


if __name__ == "__main__":
    sys.exit(run_cases("gdb_link", globals()))
