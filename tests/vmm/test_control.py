#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm --control on a fake /dev/kvm, with clients that behave and clients that do not."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gdb_armvm import KERNEL as LOOP_KERNEL  # noqa: E402
from fake_armvm import ARMVM, DIRECTORY, KERNEL, environment, until  # noqa: E402
from gdb_armvm import LOOP  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402
from rsp import Client as Gdb  # noqa: E402

SOCKET = str(DIRECTORY / "control")
LINE = 65536  # with its end


def listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as end:
        return not end.connect_ex(path)


@contextlib.contextmanager
def running(*words, kernel: str = KERNEL, path: str = SOCKET, **fake):
    """armvm whose guest runs, or waits for gdb."""
    with subprocess.Popen([ARMVM, "run", "--kernel", kernel, "--memory", "16M", "--control", path,
                           *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE,
                          env=environment(**{"guest": "echo", **fake})) as p:
        try:
            if fake.get("guest", "echo") == "cpu":
                until(lambda: listens(path))
            else:
                assert p.stdout.readline() == b"ready\n", p.stderr.read()
            yield p
        finally:
            p.kill()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


class Client:
    """One connection."""

    def __init__(self, path: str = SOCKET) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(HANG)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self) -> dict:
        line = self.stream.readline()
        assert line.endswith(b"\n"), line
        return json.loads(line)

    def ask(self, command: str, **more) -> dict:
        self.send(json.dumps({"command": command, **more}).encode() + b"\n")
        return self.receive()

    def result(self, command: str):
        answer = self.ask(command)
        assert answer["ok"] is True and set(answer) <= {"ok", "result"}, answer
        return answer.get("result")

    def state(self) -> str:
        return self.result("status")["state"]

    def refused(self, line: bytes) -> str:
        self.send(line)
        answer = self.receive()
        assert answer["ok"] is False and set(answer) == {"ok", "error"}, answer
        return answer["error"]

    def closed(self) -> bool:
        """Nothing more comes, whatever was still on its way."""
        with contextlib.suppress(ConnectionResetError):
            while self.socket.recv(65536):
                pass
        return True


def ctl(*words) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "ctl", *words], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=HANG, env=environment(), check=False)


def one_line(result, status: int, *parts: str) -> None:
    lines = result.stderr.decode(errors="replace").splitlines()
    assert result.returncode == status and not result.stdout, result
    assert len(lines) == 1 and lines[0].startswith("armvm: "), lines
    for part in parts:
        assert part in lines[0], lines


# ---- what the commands do ----

def test_status():
    with running("--cpus", "3") as p:
        client = Client()
        status = client.result("status")
        assert 0 <= status.pop("uptime") < 20
        assert status == {"state": "running", "pid": p.pid, "vcpus": 3, "memory": 16 << 20,
                          "version": "test"}, status
        answer = client.ask("status", id={"any": [1, None, "\u00e9"]})
        assert answer["ok"] and answer["id"] == {"any": [1, None, "\u00e9"]}, answer


def test_pause_and_resume():
    with running("--cpus", "2") as p:
        client, other = Client(), Client()
        assert client.result("pause") is None
        assert client.state() == other.state() == "paused"
        assert other.result("pause") is None
        p.stdin.write(b"z")
        p.stdin.flush()
        os.set_blocking(p.stdout.fileno(), False)
        time.sleep(0.5)
        assert p.stdout.read() is None
        assert other.result("resume") is None and client.state() == "running"
        os.set_blocking(p.stdout.fileno(), True)
        assert p.stdout.read(1) == b"z"
        assert client.result("resume") is None
        p.stdin.write(b"q")
        p.stdin.flush()
        assert p.wait(20) == 0


def test_a_paused_guest_stays_so_without_its_client():
    with running():
        client = Client()
        client.result("pause")
        client.socket.close()
        client.stream.close()
        assert Client().state() == "paused"


def test_registers():
    with running("--cpus", "2", kernel=LOOP_KERNEL, guest="cpu") as p:
        clients = [Client() for _ in range(3)]
        for _ in range(20):
            for client in clients:
                client.send(b'{"command":"registers"}\n')
            for client in clients:
                answer = client.receive()
                assert answer["ok"], answer
                first, second = answer["result"]["vcpus"]
                assert (first["vcpu"], second["vcpu"]) == (0, 1)
                assert LOOP <= int(first["pc"], 16) < LOOP + 64, first
                assert set(first) == set(second) and len(first) == 30
                assert all(key == "vcpu" or re.fullmatch("0x[0-9a-f]{8}", value)
                           for key, value in first.items()), first
        assert clients[0].state() == "running"
        clients[0].result("pause")
        pcs = [clients[1].result("registers")["vcpus"][0]["pc"] for _ in range(5)]
        assert len(set(pcs)) == 1 and clients[1].state() == "paused"
        assert p.poll() is None


def test_power_button():
    with running(guest="key") as p:
        assert Client().result("power-button") is None
        assert p.communicate(timeout=HANG) == (b"down\nup\n", b"")
        assert p.returncode == 0
    with running():
        client = Client()
        answer = client.ask("power-button")
        assert not answer["ok"] and "listens" in answer["error"], answer
        assert client.state() == "running"


def test_reset():
    for words in ((), ("--no-reboot",)):
        with running(*words) as p:
            client = Client()
            for _ in range(3):
                assert client.result("reset") is None
                assert p.stdout.readline() == b"ready\n"
                assert client.state() == "running"
            assert p.poll() is None
    with running() as p:  # a paused guest is reset and stays paused
        client = Client()
        client.result("pause")
        client.result("reset")
        assert client.result("pause") is None and client.state() == "paused"
        client.result("resume")
        assert p.stdout.readline() == b"ready\n"


def test_commands_after_the_end():
    """What comes in one piece with `quit` is answered: only status needs no guest."""
    names = ("pause", "resume", "power-button", "reset", "registers", "save", "migrate")
    requests = ['{"command":"quit"}', *(f'{{"command":"{name}"}}' for name in names),
                '{"command":"balloon","memory":16777216}', '{"command":"detach","disk":1}',
                '{"command":"status"}']
    with running() as p:
        client = Client()
        client.send("\n".join(requests).encode() + b"\n")
        assert client.receive()["ok"] is True
        for request in requests[1:-1]:
            answer = client.receive()
            assert answer == {"ok": False, "error": "the guest has ended"}, (request, answer)
        assert client.receive()["result"]["state"] == "ended"
        assert p.wait(20) == 130


def test_quit():
    for paused in (False, True):
        with running("--cpus", "2") as p:
            client = Client()
            if paused:
                client.result("pause")
            assert client.result("quit") is None
            assert client.closed()
            assert p.wait(20) == 130


# ---- beside gdb ----

def test_gdb_and_a_client_pause_by_themselves():
    with running("--gdb", "0", "--gdb-wait", kernel=LOOP_KERNEL, guest="cpu") as p:
        port = int(re.search(rb":(\d+)\n", p.stderr.readline())[1])
        client = Client()
        assert client.state() == "stopped by gdb"
        assert client.result("registers")["vcpus"][0]["pc"] == "0x40010000"
        gdb = Gdb(port)
        assert gdb.ask("?") == "T05thread:1;"
        client.result("pause")
        gdb.send(b"c")
        time.sleep(0.3)
        assert client.state() == "paused"
        assert client.result("registers")["vcpus"][0]["pc"] == "0x40010000"
        # gdb stops a guest that is paused, and its resumption is not the client's.
        gdb.socket.sendall(b"\x03")
        assert gdb.receive().decode().startswith("T02")
        client.result("resume")
        assert client.state() == "stopped by gdb"
        assert client.result("registers")["vcpus"][0]["pc"] == "0x40010000"
        gdb.send(b"c")
        until(lambda: client.result("registers")["vcpus"][0]["pc"] != "0x40010000")
        assert client.state() == "running"
        gdb.close()


# ---- the socket's file ----

def test_the_file_is_private_and_goes():
    for end, status in (("quit", 130), ("q", 0), ("signal", -signal.SIGTERM)):
        with running() as p:
            mode = os.stat(SOCKET).st_mode
            assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, oct(mode)
            client = Client()
            if end == "quit":
                client.ask("quit")
            elif end == "signal":
                p.terminate()
            else:
                p.stdin.write(b"q")
                p.stdin.flush()
            assert p.wait(20) == status
            assert not os.path.exists(SOCKET)


def test_a_file_that_is_left_over_is_replaced():
    with running() as p:
        p.kill()
        p.wait()
        assert os.path.exists(SOCKET)
        one_line(ctl(SOCKET, "status"), 1, "no armvm listens there any more")
        with running():
            assert Client().state() == "running"


def test_a_file_that_is_in_use_is_not():
    with running() as p:
        again = subprocess.run([ARMVM, "run", "--kernel", KERNEL, "--control", SOCKET],
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG,
                               env=environment(), check=False)
        one_line(again, 1, "--control", "another armvm may be using it")
        assert Client().state() == "running"
        # One that has taken its place is not deleted.
        os.unlink(SOCKET)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(SOCKET)
            p.terminate()
            p.wait(20)
            assert os.path.exists(SOCKET)


def test_a_path_that_cannot_be():
    file = DIRECTORY / "file"
    file.write_bytes(b"mine")
    for path, says in ((str(file), "exists"), ("/none/x", "No such file"), ("x" * 200, "longer"),
                       ("", "--control")):
        bad = subprocess.run([ARMVM, "run", "--kernel", KERNEL, "--control", path],
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG,
                             env=environment(), check=False, cwd=DIRECTORY)
        one_line(bad, 1, "--control", says)
    assert file.read_bytes() == b"mine"


# ---- armvm ctl ----

def test_ctl():
    with running() as p:
        done = ctl(SOCKET, "status")
        assert done.returncode == 0 and not done.stderr, done
        assert json.loads(done.stdout)["pid"] == p.pid
        done = ctl(SOCKET, "pause")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done
        assert json.loads(ctl(SOCKET, "registers").stdout)["vcpus"][0]["vcpu"] == 0
        one_line(ctl(SOCKET, "explode"), 1, "unknown command")
        one_line(ctl(SOCKET, "\udcff"), 1, "not UTF-8")
        one_line(ctl(SOCKET, "power-button"), 1, "listens for the power key")
        with open("/dev/full", "wb") as full:
            assert subprocess.run([ARMVM, "ctl", SOCKET, "status"], stdout=full,
                                  stderr=subprocess.DEVNULL, check=False).returncode == 1
        assert ctl(SOCKET, "quit").returncode == 0
        assert p.wait(20) == 130
    one_line(ctl(SOCKET, "status"), 1, "No such file")
    one_line(ctl(SOCKET), 1, "give the path")
    one_line(ctl(SOCKET, "status", "1", "2"), 1, "No such file")
    one_line(ctl("x" * 200, "status"), 1, "too long")
    one_line(ctl(KERNEL, "status"), 1, "ctl")


def test_ctl_with_something_else_at_the_other_end():
    for said, part in ((b"", "without an answer"), (b"SSH-2.0\n", "no answer of armvm"),
                       (b"[1]\n", "no reason"), (b'{"ok":1}\n', "no reason"),
                       (b'{"ok":false,"error":7}\n', "no reason"),
                       (b'{"ok":false,"error":"a\\u001bb"}\n', "a?b")):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(SOCKET)
            listener.listen()
            with subprocess.Popen([ARMVM, "ctl", SOCKET, "status"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=environment()) as p:
                end, _ = listener.accept()
                end.recv(1000)
                end.sendall(said)
                end.close()
                out, err = p.communicate(timeout=HANG)
        os.unlink(SOCKET)
        one_line(subprocess.CompletedProcess([], p.returncode, out, err), 1, part)


# ---- clients that do not behave ----

BAD = (b"", b"{", b"}", b"nonsense", b"[]", b'["status"]', b"1", b"null", b'"status"', b"{}",
       b'{"command":1}', b'{"command":null}', b'{"command":["status"]}', b'{"command":{}}',
       b'{"command":"Status"}', b'{"command":"status "}', b'{"command":""}',
       b'{"Command":"status"}', b'{"command":"status","x":1}', b'{"command":"status"} x',
       b'{"command":"status"}{"command":"status"}', b'{"command":"status","command":"quit"}',
       b'{"command":"sta\0tus"}', b'{"command":"status"}\0', b"\0", b'{"command":"status\\u0000"}',
       b'{"command":"\xff"}', b"\xff\xfe", b'{"command":"\\ud800"}', b"'command'", b'{"command":',
       b'{"id":1e999,"command":"status"}', b'{"id":99999999999999999999,"command":"status"}',
       b"[" * 60000, b'{"a":' * 10000, b'{"id":' + b"[" * 3000 + b"]" * 3000 +
       b',"command":"status"}', b'{"command":"' + b"a" * 60000 + b'"}')


def test_lines_that_are_no_requests():
    with running() as p:
        client = Client()
        for line in BAD:
            assert client.refused(line + b"\n"), line[:60]
        assert client.state() == "running"
        # What is right beside them.
        for line in (b' { "command" : "status" } \r', b'{"id":"\\u00e9","command":"status"}',
                     b'{"command":"st\\u0061tus"}', b'{"command":"status","id":null}',
                     b'{"id":' + b"[" * 500 + b"]" * 500 + b',"command":"status"}'):
            client.send(line + b"\n")
            assert client.receive()["ok"], line[:60]
        assert p.poll() is None


def test_lines_in_pieces_and_together():
    with running():
        client = Client()
        for byte in b'{"command":"status"}\n':
            client.send(bytes([byte]))
            time.sleep(0.002)
        assert client.receive()["ok"]
        for n in range(300):
            client.send(b'{"command":"status","id":%d}\n' % n)
            if n % 50 == 49:
                for m in range(n - 49, n + 1):
                    assert client.receive()["id"] == m
        # The second one waits for the first one's answer.
        client.send(b'{"command":"pause","id":1}\n{"command":"status","id":2}\n{"comma')
        assert client.receive()["id"] == 1
        assert client.receive()["result"]["state"] == "paused"
        client.send(b'nd":"resume"}\n')
        assert client.receive() == {"ok": True}


def test_what_a_client_sent_before_it_left_is_done():
    for end in ("close", "shutdown"):
        with running("--cpus", "2") as p:
            client = Client()
            client.send(b'{"command":"pause"}\n{"command":"resume"}\n{"command":"pause"}\n'
                        b'{"command":"registers"}\n{"command":"quit"}\n')
            if end == "close":
                client.stream.close()
                client.socket.close()
            else:
                client.socket.shutdown(socket.SHUT_WR)
                assert [client.receive()["ok"] for _ in range(5)] == 5 * [True]
            assert p.wait(20) == 130


def test_the_longest_line():
    head, tail = b'{"command":"status","id":"', b'"}\n'
    with running():
        client = Client()
        client.send(head + b"a" * (LINE - len(head) - len(tail)) + tail)
        assert len(client.receive()["id"]) == LINE - len(head) - len(tail)
        client.send(head + b"a" * (LINE - len(head) - len(tail) + 1) + tail)
        answer = client.receive()
        assert not answer["ok"] and "64 KiB" in answer["error"]
        assert client.closed()
        endless = Client()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(1000):
                endless.send(b"x" * 10000)
        assert endless.closed()
        assert Client().state() == "running"


def test_a_client_that_does_not_read_is_dropped():
    with running():
        deaf, other = Client(), Client()
        gone = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for gone in range(20000):
                deaf.send(b'{"command":"registers"}\n')
                if gone % 100 == 0:
                    assert other.state() == "running"
        assert gone < 19999
        assert deaf.closed()
        assert other.state() == "running"


def test_more_clients_than_places():
    with running():
        clients = [Client() for _ in range(8)]
        assert [c.state() for c in clients] == 8 * ["running"]
        late = Client()
        assert "too many clients" in late.receive()["error"] and late.closed()
        one_line(ctl(SOCKET, "status"), 1, "too many clients")
        clients[3].socket.close()
        clients[3].stream.close()
        until(lambda: ctl(SOCKET, "status").returncode == 0)
        assert clients[7].state() == "running"


def test_idle_connections_cost_nothing():
    with running() as p:
        clients = [Client() for _ in range(3)]
        clients[0].result("pause")
        clients[1].send(b'{"comm')
        time.sleep(0.2)

        def used() -> int:
            fields = Path(f"/proc/{p.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        before = used()
        time.sleep(1)
        assert used() - before <= 5


def mutate(rng: random.Random) -> bytes:
    seeds = (b'{"command":"status"}', b'{"command":"pause","id":[1,2]}', b'{"command":"resume"}',
             b'{"command":"registers","id":{"a":"\\u00e9"}}', b'{"command":"power-button"}',
             b'{"command":"attach","disk":1,"file":"x"}')
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(data) + 1)
        what = rng.randrange(4)
        if what == 0:
            data[at:at + 1] = bytes([rng.randrange(256)])
        elif what == 1:
            data[at:at] = rng.choice((b"{", b"[", b'"', b"\\", b"\0", b"\n", b"9" * 30, b"\xc3"))
        elif what == 2:
            del data[at:at + rng.randrange(8)]
        else:
            data[at:at] = data[:rng.randrange(40)]
    return bytes(data) + (b"" if rng.randrange(10) == 0 else b"\n")


def test_random_lines():
    """The sanitizers and the answers judge; each line that ends has one."""
    rng = random.Random(1)
    with running("--cpus", "2") as p:
        for _ in range(60):
            client, lines = Client(), 0
            for _ in range(25):
                data = mutate(rng)
                client.send(data)
                lines += data.count(b"\n")
            answers = [client.receive() for _ in range(lines)]
            assert all(isinstance(a["ok"], bool) for a in answers)
            client.stream.close()
            client.socket.close()
        assert Client().result("resume") is None and p.poll() is None


if __name__ == "__main__":
    sys.exit(run_cases("control", globals()))
