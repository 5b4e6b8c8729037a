#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm: --channel."""

import os
import pty
import socket
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import (  # noqa: E402
    ARMVM, DIRECTORY, KERNEL, armvm, assert_idle, environment, one_line)
from harness import run_cases  # noqa: E402


def pattern(size: int) -> bytes:
    return bytes((i * 197 + (i >> 8)) & 255 for i in range(size))


def exchange(end, size: int) -> None:
    """Send a pattern from one thread, and expect it back."""
    data = pattern(size)
    sender = threading.Thread(target=end.sendall, args=(data,))
    sender.start()
    got = b""
    while len(got) < size:
        piece = end.recv(65536)
        assert piece, len(got)
        got += piece
    sender.join()
    assert got == data


def test_channel_over_an_inherited_socket():
    ours, theirs = socket.socketpair()
    size = 100000
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", f"fd:{theirs.fileno()}"],
                          stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                          env=environment(guest="channel", count=size)) as p:
        theirs.close()
        exchange(ours, size)
        assert p.wait(20) == 0


def test_channel_over_a_unix_socket():
    path = DIRECTORY / "channel"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", str(path)],
                              stdin=subprocess.DEVNULL,
                              env=environment(guest="channel", count=5000)) as p:
            end, _ = listener.accept()
            exchange(end, 5000)
            assert p.wait(20) == 0


def test_channel_over_a_terminal_is_raw():
    master, slave = pty.openpty()
    data = bytes(range(256)) * 8
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", os.ttyname(slave)],
                          stdin=subprocess.DEVNULL,
                          env=environment(guest="channel", count=len(data))) as p:
        while termios.tcgetattr(slave)[3] & termios.ICANON:
            time.sleep(0.02)
        got = b""
        os.write(master, data)
        while len(got) < len(data):
            got += os.read(master, 4096)
        assert got == data
        assert p.wait(20) == 0
    os.close(master)
    os.close(slave)


def test_channel_without_a_peer_costs_nothing():
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", name],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          env=environment(guest="idle")) as p:
        assert p.stdout.read(6) == b"ready\n"
        os.close(slave)
        os.close(master)
        time.sleep(0.2)
        assert_idle(p.pid, 50)  # ten retries a second
        p.terminate()
        p.wait(20)


def test_channel_that_cannot_be():
    one_line(armvm("--channel", str(DIRECTORY / "none")), 1, "--channel", "No such file")
    one_line(armvm("--channel", str(DIRECTORY)), 1, "--channel", "not a character device")
    one_line(armvm("--channel", KERNEL), 1, "--channel", "not a character device")
    for wrong in ("fd:", "fd:x", "fd:-1", "fd:3x", "fd:99999999999", "fd:77", "fd:0"):
        one_line(armvm("--channel", wrong), 1, f"--channel {wrong}")


if __name__ == "__main__":
    sys.exit(run_cases("channel", globals()))
