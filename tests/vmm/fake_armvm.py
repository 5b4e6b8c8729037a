# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm (fake_kvm.c, fake_guest.c): how the scripts here start and watch it."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

from harness import elf, scratch
from limits import HANG

ARMVM = str(Path(sys.argv[1]).resolve() / "tests/vmm/armvm")
DIRECTORY = scratch()
KERNEL = str(elf(DIRECTORY / "guest.elf"))


def environment(**fake) -> dict:
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:handle_abort=0"}
    env.update({f"FAKE_{key.upper()}": str(value) for key, value in fake.items()})
    return env


def armvm(*words, stdin=subprocess.DEVNULL, env=None, **fake) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "run", "--kernel", KERNEL, *words], stdin=stdin,
                          capture_output=True, timeout=HANG, check=False,
                          env={**environment(**fake), **(env or {})})


def one_line(result, status: int, *parts: str) -> None:
    lines = result.stderr.decode().splitlines()
    assert result.returncode == status, result
    assert len(lines) == 1 and lines[0].startswith("armvm: "), lines
    for part in parts:
        assert part in lines[0], lines


def until(condition, seconds: float = HANG) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def cpu_seconds(pid: int, during: float) -> float:
    def used():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    before = used()
    time.sleep(during)
    return used() - before


def at_rest(pid: int) -> bool:
    """
    Does it wait for somebody else? It uses hardly any time, and not because the machine is busy
    with others: then a thread is ready to run.
    """
    def sleeps() -> bool:
        return all(task.read_text().rsplit(")", 1)[1].split()[0] == "S"
                   for task in Path(f"/proc/{pid}/task").glob("*/stat"))
    return sleeps() and cpu_seconds(pid, 0.1) < 0.02 and sleeps()


def assert_idle(pid: int, wakeups: int = 5) -> None:
    """For two seconds armvm uses hardly any time, and its main thread hardly ever wakes up."""
    def switches():
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])
    before = switches()
    assert cpu_seconds(pid, 2.0) < 0.1
    assert switches() - before <= wakeups, switches() - before


class Terminal:
    """armvm in the foreground of a pty of its own, as started by a shell."""

    def __init__(self, *words, controlling=True, stdin=None, **fake):
        self.controlling = controlling
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [ARMVM, "run", "--kernel", KERNEL, *words],
            stdin=self.slave if stdin is None else stdin, stdout=self.slave, stderr=self.slave,
            env=environment(**fake), preexec_fn=self.take_terminal)
        self.output = b""

    def take_terminal(self):
        os.setsid()
        if self.controlling:
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def expect(self, text: bytes, timeout: float = HANG) -> None:
        deadline = time.monotonic() + timeout
        while text not in self.output:
            left = deadline - time.monotonic()
            assert left > 0, self.output
            if select.select([self.master], [], [], left)[0]:
                self.output += os.read(self.master, 4096)
        self.output = self.output.split(text, 1)[1]

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def is_as_before(self) -> bool:
        return termios.tcgetattr(self.slave) == self.before

    def end(self, status: int) -> None:
        assert self.process.wait(20) == status, self.process.returncode
        assert self.is_as_before()
        os.close(self.master)
        os.close(self.slave)
