#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm, in the foreground of a terminal."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import termios
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, KERNEL, Terminal, assert_idle, environment, until  # noqa: E402
from harness import ENDING, run_cases  # noqa: E402
from limits import HANG  # noqa: E402


def test_escape_quits_with_130():
    t = Terminal(guest="echo")
    t.expect(b"ready")
    assert t.is_raw()
    t.type(b"\x01x")
    t.end(130)


def test_terminal_that_is_not_the_controlling_one():
    """As under setsid or a supervisor: there is no foreground process group."""
    t = Terminal(guest="echo", controlling=False)
    t.expect(b"ready")
    assert t.is_raw()
    t.type(b"\x01x")
    t.end(130)


def test_escape_quits_a_guest_that_is_stuck():
    t = Terminal("--cpus", "3", guest="idle")
    t.expect(b"ready")
    t.type(b"\x01x")
    t.end(130)


def test_escape_quits_a_guest_that_takes_no_input():
    t = Terminal(guest="idle")
    t.expect(b"ready")
    t.type(b"z" * 5000)  # more than fits into the serial port
    t.type(b"\x01x")
    t.end(130)


def test_escape_help_and_literal():
    t = Terminal(guest="echo")
    t.expect(b"ready\r\n")
    t.type(b"\x01h")
    t.expect(b"Ctrl-a x")
    t.output = b""
    t.type(b"\x01ab\x03\x1a\x1c\x11")  # all for the guest: no signal, no flow control
    t.expect(b"\x01b\x03\x1a\x1c\x11")
    t.type(b"q")
    t.end(0)


def test_restored_after_every_end():
    for guest, status in (("poweroff", 0), ("unknown", 3)):
        Terminal(guest=guest).end(status)
    Terminal("--no-reboot", guest="reset").end(2)
    Terminal(fail="KVM_CREATE_VCPU:12").end(1)


def test_restored_after_signals():
    for number in (*ENDING, signal.SIGTRAP, signal.SIGSYS):
        t = Terminal(guest="idle")
        t.expect(b"ready")
        assert t.is_raw()
        t.process.send_signal(number)
        if number == signal.SIGINT:  # the first one asks: test_power_key.py
            t.expect(b"SIGINT again")
            t.process.send_signal(number)
        t.end(-number)


def test_signals_that_do_not_end_it():
    t = Terminal(guest="echo")
    t.expect(b"ready\r\n")
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGUSR1):
        t.process.send_signal(number)
        t.type(b"z")
        t.expect(b"z")
    t.type(b"q")
    t.end(0)


def test_restored_after_crashes_of_our_own():
    t = Terminal(guest="abort")
    t.expect(b"ready")
    assert t.is_raw()
    t.end(-signal.SIGABRT)


def test_stop_and_continue():
    t = Terminal(guest="echo")
    t.expect(b"ready\r\n")
    t.process.send_signal(signal.SIGTSTP)
    deadline = time.monotonic() + HANG
    while not t.is_as_before() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert t.is_as_before()
    t.process.send_signal(signal.SIGCONT)
    while not t.is_raw() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert t.is_raw()
    t.type(b"zq")
    t.expect(b"zq")
    t.end(0)


KEY = "somebody presses return"


def background_by_force() -> None:
    """
    A shell on a pty: its job is stopped by SIGSTOP and continued in the background, and comes back
    to the foreground: as it runs, a shell sends no signal then.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def raw() -> bool:
        return not termios.tcgetattr(terminal)[3] & termios.ICANON

    def own_group() -> None:
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpid())
        for number in (*ENDING, signal.SIGTTOU, signal.SIGTTIN):
            signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a shell may set its terminal at any time
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], env=environment(guest="idle"),
                          preexec_fn=own_group) as job:
        try:
            until(raw)
            job.send_signal(signal.SIGSTOP)
            assert os.WIFSTOPPED(os.waitpid(job.pid, os.WUNTRACED)[1])
            os.tcsetpgrp(terminal, os.getpgrp())
            termios.tcsetattr(terminal, termios.TCSANOW, before)
            job.send_signal(signal.SIGCONT)
            time.sleep(1)
            assert os.waitpid(job.pid, os.WUNTRACED | os.WNOHANG) == (0, 0), "stopped itself"
            assert termios.tcgetattr(terminal) == before
            # What somebody types is the shell's, and armvm goes on.
            print(KEY, flush=True)
            time.sleep(1)
            assert os.waitpid(job.pid, os.WUNTRACED | os.WNOHANG) == (0, 0), "stopped by a key"
            assert os.read(terminal, 10) == b"\n"
            os.tcsetpgrp(terminal, job.pid)
            print(KEY, flush=True)
            until(raw)
            job.terminate()
            assert job.wait(10) == -signal.SIGTERM
            assert termios.tcgetattr(terminal) == before
        finally:
            job.kill()


def test_continued_in_the_background():
    shell, master = pty.fork()
    if not shell:
        status = 1
        try:
            background_by_force()
            status = 0
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()  # to the pty
        finally:
            os._exit(status)
    said, typed = b"", 0
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while piece := os.read(master, 4096):
            said += piece
            if said.count(KEY.encode()) > typed:
                typed += os.write(master, b"\r")
    status = os.waitpid(shell, 0)[1]
    os.close(master)
    assert not status, said.decode()


def test_idle_costs_nothing():
    t = Terminal("--cpus", "2", guest="idle")
    t.expect(b"ready")
    time.sleep(0.2)
    assert_idle(t.process.pid)
    t.type(b"\x01x")
    t.end(130)


if __name__ == "__main__":
    sys.exit(run_cases("terminal", globals()))
