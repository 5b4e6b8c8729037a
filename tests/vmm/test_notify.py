#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a service manager learns of armvm by NOTIFY_SOCKET."""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, KERNEL, environment, until  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

CONTROL = str(DIRECTORY / "control")


@contextlib.contextmanager
def started(notify: str, *words: str):
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--memory", "16M", *words],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE,
                          env={**environment(guest="cpu"), "NOTIFY_SOCKET": notify}) as p:
        try:
            yield p
        finally:
            p.kill()


@contextlib.contextmanager
def manager(notify: str):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.settimeout(HANG)
        end.bind("\0" + notify[1:] if notify.startswith("@") else notify)
        yield end
    if not notify.startswith("@"):
        os.unlink(notify)


def test_it_is_ready_when_its_control_socket_is_there():
    for notify in (str(DIRECTORY / "notify"), f"@armvm-test-{os.getpid()}"):
        with manager(notify) as end, started(notify, "--control", CONTROL):
            assert end.recv(100) == b"READY=1"
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(CONTROL)
                client.sendall(b'{"command":"status"}\n')
                assert b'"running"' in client.makefile("rb").readline()
            os.unlink(CONTROL)
            end.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                assert not end.recv(100), "it says so once"


def test_one_that_cannot_start_is_never_ready():
    notify = str(DIRECTORY / "notify")
    with manager(notify) as end, started(notify, "--disk", "/nonexistent") as p:
        assert p.wait(HANG) == 1
        end.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            assert not end.recv(100)


def test_a_manager_that_is_not_there_does_not_matter():
    for notify in (str(DIRECTORY / "nobody"), "@", "x" * 200):
        with started(notify, "--control", CONTROL) as p:
            until(lambda: os.path.exists(CONTROL) or p.poll() is not None)
            assert p.poll() is None, p.stderr.read()
            os.unlink(CONTROL)


if __name__ == "__main__":
    sys.exit(run_cases("notify", globals()))
