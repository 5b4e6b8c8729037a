#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm: SIGTERM presses the guest's power key."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import (ARMVM, KERNEL, Terminal, assert_idle, at_rest, environment,  # noqa: E402
                        until)
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402


@contextlib.contextmanager
def listener(*words, **fake):
    """armvm with a guest that listens for the power key."""
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(**{"guest": "key", **fake})) as p:
        try:
            assert p.stdout.read(6) == b"ready\n"
            yield p
        finally:
            p.kill()


PRESSED = b"pressed the guest's power key; another signal ends it at once\n"


def test_sigterm_and_sigint_press_the_power_key():
    for number in (signal.SIGTERM, signal.SIGINT):
        with listener() as p:
            p.send_signal(number)
            out, said = p.communicate(timeout=HANG)
        assert (p.returncode, out) == (0, b"down\nup\n"), (number, p.returncode, out)
        assert said.count(b"\n") == 1 and said.endswith(PRESSED), said


def test_the_key_stays_down_until_the_guest_has_seen_it():
    with listener(count=1500) as p:
        p.terminate()
        assert p.communicate(timeout=HANG)[0] == b"down\nup\n"
    assert p.returncode == 0


def test_a_guest_that_ignores_the_key_is_ended():
    for number in (signal.SIGTERM, signal.SIGINT):
        with listener("--stop-timeout", "1", count=-1) as p:
            p.send_signal(number)
            said = p.communicate(timeout=HANG)[1].decode().splitlines()
        assert p.returncode == -number, p.returncode
        assert len(said) == 2 and said[1].endswith("did not power off within 1 s: ended it"), said


def test_a_second_signal_ends_the_guest_at_once():
    for words in ((), ("--stop-timeout=0",)):
        for second in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with listener(*words, count=-1) as p:
                p.terminate()
                assert p.stderr.readline().endswith(PRESSED)
                time.sleep(0.3)
                assert p.poll() is None
                p.send_signal(second)
                assert p.wait(20) == -second, p.returncode
                assert p.stderr.read() == b""


def test_without_a_limit_the_guest_is_never_ended():
    with listener("--stop-timeout=0", count=-1) as p:
        p.terminate()
        assert p.stderr.readline().endswith(PRESSED)
        time.sleep(2)
        assert_idle(p.pid)
        assert p.poll() is None


def test_a_guest_that_restarts_after_the_key_is_not_started_again():
    with listener(guest="key-reset") as p:
        p.terminate()
        assert p.communicate(timeout=HANG)[0] == b"down\nup\n"
    assert p.returncode == 2


def test_a_guest_that_has_ended_is_not_asked():
    """What it sent waits for a reader."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL,
                          stdout=writer, stderr=subprocess.PIPE,
                          env=environment(guest="key-flood", count=6000)) as p:
        assert os.read(reader, 1)
        # The pipe is full, the rest is armvm's: the guest has nothing left to do.
        until(lambda: at_rest(p.pid))
        p.terminate()
        assert p.wait(20) == -signal.SIGTERM, p.returncode
        assert p.stderr.read() == b""
    os.close(reader)
    os.close(writer)


def test_a_reader_that_left_does_not_keep_the_message():
    """Standard error is a full pipe."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    for count, words, status in ((0, (), 0), (-1, ("--stop-timeout=1",), -signal.SIGTERM)):
        with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *words],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=writer,
                              env=environment(guest="key", count=count)) as p:
            assert p.stdout.read(6) == b"ready\n"
            p.terminate()
            assert p.wait(20) == status, p.returncode
    os.close(reader)
    os.close(writer)


# ---- SIGINT on a terminal asks first ----

CTRL_C = b"\x03"
SHUT_DOWN = b"Interrupt: to shut the guest down, press Ctrl-c again within 5 s\r\n"
END = (b"to end the guest, which does not listen for its power key, "
       b"press Ctrl-c again within 5 s\r\n")


def on_terminal(**fake) -> Terminal:
    """The terminal's keys are not the guest's, because standard input is not the terminal."""
    t = Terminal(stdin=subprocess.DEVNULL, **fake)
    t.expect(b"ready\r\n")
    assert not t.is_raw()
    return t


def insist(t: Terminal, interrupt, question: bytes) -> None:
    """Interrupt armvm, and once more after its question; on a busy machine that comes late."""
    interrupt()
    t.expect(question)
    assert t.process.poll() is None
    interrupt()


def test_the_first_ctrl_c_asks_and_the_second_presses_the_key():
    for _ in range(3):
        t = on_terminal(guest="key")
        insist(t, lambda t=t: t.type(CTRL_C), SHUT_DOWN)
        t.expect(b"m: Interrupt: " + PRESSED[:-1])
        t.expect(b"down\r\nup\r\n")
        t.end(0)


def test_the_third_ctrl_c_ends_the_guest():
    t = on_terminal(guest="key", count=-1)
    insist(t, lambda: t.type(CTRL_C), SHUT_DOWN)
    t.expect(PRESSED[:-1])
    t.type(CTRL_C)
    t.end(-signal.SIGINT)


def test_a_question_without_an_answer_is_forgotten():
    t = on_terminal(guest="key")
    for _ in range(2):
        t.type(CTRL_C)
        t.expect(SHUT_DOWN)
        time.sleep(5.2)
        assert t.process.poll() is None and b"down" not in t.output, t.output
    t.process.terminate()
    t.expect(b"down\r\nup\r\n")
    t.end(0)


def test_the_question_says_that_there_is_no_key():
    t = on_terminal(guest="echo")
    insist(t, lambda: t.type(CTRL_C), END)
    t.end(-signal.SIGINT)


def test_a_raw_terminal_asks_for_another_sigint():
    """Ctrl-c is the guest's there."""
    t = Terminal(guest="key")
    t.expect(b"ready\r\n")
    assert t.is_raw()
    t.type(CTRL_C)
    insist(t, lambda: t.process.send_signal(signal.SIGINT),
           SHUT_DOWN.replace(b"press Ctrl-c", b"send SIGINT"))
    t.expect(b"down\r\nup\r\n")
    t.end(0)


def test_sigterm_does_not_ask_and_sigint_after_it_neither():
    t = on_terminal(guest="key", count=-1)
    t.process.terminate()
    t.expect(b"armvm: Terminated: " + PRESSED[:-1])
    t.type(CTRL_C)
    t.end(-signal.SIGINT)


def test_nobody_is_asked_in_the_background():
    """Another process group has the terminal, or it is not armvm's."""
    t = on_terminal(guest="key", controlling=False)
    t.process.send_signal(signal.SIGINT)
    t.expect(b"armvm: Interrupt: " + PRESSED[:-1])
    t.expect(b"down\r\nup\r\n")
    t.end(0)


if __name__ == "__main__":
    sys.exit(run_cases("power_key", globals()))
