#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm: --port."""

import os
import pty
import signal
import socket
import stat
import subprocess
import sys
import tty
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import (  # noqa: E402
    ARMVM, DIRECTORY, KERNEL, armvm, assert_idle, environment, one_line, until)
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

SIZE = 100000
PATTERN = bytes((i * 197 + (i >> 8)) & 255 for i in range(SIZE))
SOCKET = DIRECTORY / "port.sock"


def start(*words, pass_fds=(), **fake) -> subprocess.Popen:
    return subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *words], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=pass_fds,
                            env=environment(**fake))


def exchange(send, receive, data: bytes = PATTERN) -> None:
    """Whatever is sent comes back, with no more than a socket holds on its way."""
    got = b""
    for at in range(0, len(data), 4000):
        send(data[at:at + 4000])
        while len(got) < min(at + 4000, len(data)):
            piece = receive(65536)
            assert piece, len(got)
            got += piece
    assert got == data


def connect() -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    until(lambda: not client.connect_ex(str(SOCKET)))
    return client


def ends(process: subprocess.Popen, ports: int = 1) -> None:
    out, errors = process.communicate(timeout=HANG)
    assert (process.returncode, out, errors) == (0, b"id 3 ports %x\n" % ports, b""), errors


def test_a_socket_that_armvm_makes():
    for fake in ({}, {"no_eventfd": 1}):
        process = start("--port", f"org.test.port=listen:{SOCKET}", guest="port", count=SIZE,
                        **fake)
        with connect() as first:
            assert stat.S_IMODE(SOCKET.stat().st_mode) == 0o600
            exchange(first.sendall, first.recv, PATTERN[:50000])
        with connect() as second:
            exchange(second.sendall, second.recv, PATTERN[50000:])
            if fake:
                assert process.wait(HANG) == 0
            else:
                ends(process)
        assert not SOCKET.exists()


def test_a_socket_that_another_program_makes():
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(SOCKET))
        listener.listen()
        process = start("--port", f"a={SOCKET}", guest="port", count=SIZE)
        end, _ = listener.accept()
        with end:
            exchange(end.sendall, end.recv)
            ends(process)
    SOCKET.unlink()


def test_an_inherited_socket_and_a_second_port():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = start("--port", f"a=fd:{theirs.fileno()}", "--port", f"b=listen:{SOCKET}",
                        pass_fds=[theirs.fileno()], guest="port", count=SIZE)
        exchange(ours.sendall, ours.recv)
        ends(process, 2)


def test_a_terminal():
    master, slave = pty.openpty()
    tty.setraw(slave)
    process = start("--port", f"a={os.ttyname(slave)}", guest="port", count=SIZE)
    exchange(lambda data: os.write(master, data), lambda size: os.read(master, size))
    ends(process)
    os.close(slave)
    os.close(master)


def test_a_reset_and_a_signal():
    process = start("--port", f"a=listen:{SOCKET}", guest="reset", count=2)
    assert process.wait(HANG) == 0, process.stderr.read()
    process = start("--port", f"a=listen:{SOCKET}", guest="idle")
    with connect():
        assert process.stdout.readline() == b"ready\n"
        assert_idle(process.pid)
        process.terminate()
        assert process.wait(HANG) == -signal.SIGTERM
    assert not SOCKET.exists()


def test_wrong_targets():
    one_line(armvm("--port", f"a={DIRECTORY}/no"), 1, "--port", "No such file")
    one_line(armvm("--port", "a=fd:1"), 1, "--port fd:1")
    one_line(armvm("--port", f"a=listen:{DIRECTORY}/no/socket"), 1, "--port", "No such file")
    one_line(armvm("--port", f"a=listen:{'x' * 200}"), 1, "longer than")
    SOCKET.write_text("no socket")
    one_line(armvm("--port", f"a=listen:{SOCKET}"), 1, "exists")
    SOCKET.unlink()


if __name__ == "__main__":
    sys.exit(run_cases("ports", globals()))
