# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of saving, restoring and migrating have in common: armvm with a control socket."""

import contextlib
import json
import os
import select
import socket
import subprocess
from pathlib import Path

from fake_armvm import ARMVM, DIRECTORY, environment, until
from gdb_armvm import KERNEL
from limits import HANG
from saved import Saved

SOCKET, FILE = str(DIRECTORY / "control"), str(DIRECTORY / "machine")
VHOST, OTHER = DIRECTORY / "vhost.log", str(DIRECTORY / "other")
RAM = 0x40000000
MACHINE_WORDS = ("--memory", "16M", "--cpus", "2", "--rng", "--balloon", "--testdev",
                 "--port", "one=listen:" + str(DIRECTORY / "port"))
DBGWCR0, MIDR = "0x40200000000e0007", "0x40200000000f0000"
CTL, CVAL, CNT = "0x40200000000f7181", "0x40300000000f0718", "0x40300000000f0708"
R7, PC = "0x4020000000100007", "0x402000000010000f"


def ask(command: str, path: str = SOCKET) -> dict:
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(HANG)
        end.connect(path)
        end.sendall(json.dumps({"command": command}).encode() + b"\n")
        return json.loads(end.makefile("rb").readline())


def state() -> str:
    return ask("status")["result"]["state"]


def listens() -> bool:
    with socket.socket(socket.AF_UNIX) as end:
        return not end.connect_ex(SOCKET)


@contextlib.contextmanager
def running(*words, machine=MACHINE_WORDS, start=("--kernel", KERNEL), pipe=-1, **fake):
    with subprocess.Popen([ARMVM, "run", *start, *machine, "--control", SOCKET, *words],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          pipesize=pipe, env=environment(**{"guest": "cpu", **fake})) as p:
        try:
            until(lambda: listens() or p.poll() is not None)
            assert p.poll() is None, p.stderr.read()
            yield p
        finally:
            p.kill()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(SOCKET)


def save(*words, path=FILE) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "save", *words, SOCKET, path], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, env=environment(), check=False)


def saved(*words, **kwargs) -> Saved:
    """A machine that has run for a while."""
    with running(*words, **kwargs):
        until(lambda: counter() > 10)
        done = save()
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done
    return Saved(FILE)


def counter(vcpu: int = 0) -> int:
    return int(ask("registers")["result"]["vcpus"][vcpu]["r7"], 16)


def ram_blocks(pid: int) -> int:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        if "guest-ram" in os.readlink(link):
            return os.stat(link).st_blocks
    raise AssertionError("no memory")


def is_full(process) -> bool:
    """Can the process write no more? A pipe is full by pages, which may hold less than 4 KiB."""
    pipe = os.open(f"/proc/{process.pid}/fd/1", os.O_WRONLY | os.O_NONBLOCK)
    try:
        return not select.select([], [pipe], [], 0)[1]
    finally:
        os.close(pipe)


def leftovers() -> list:
    return [p.name for p in DIRECTORY.iterdir() if p.name.startswith("machine.")]
