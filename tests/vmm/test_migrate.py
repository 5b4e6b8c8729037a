#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm migrate, between two armvm or to a test that takes what it sends."""

import array
import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, at_rest, environment, one_line, until  # noqa: E402
from gdb_armvm import KERNEL, WORDS  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402
from rsp import Client, connect  # noqa: E402
from save_armvm import (FILE, MACHINE_WORDS, OTHER, R7, RAM, SOCKET, VHOST, ask,  # noqa: E402
                        counter, is_full, ram_blocks, running, save, saved, state)
from saved import END, LINE, PAGE, Saved  # noqa: E402


def migrate(*words) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "migrate", *words, SOCKET, OTHER], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, env=environment(), check=False)


def awaits_a_guest() -> bool:
    """Without a connection, as only one is taken: the flag is that of a listening socket."""
    return any(line.split()[3] == "00010000" for line in
               Path("/proc/net/unix").read_text(encoding="ascii").splitlines()
               if line.endswith(" " + OTHER))


@contextlib.contextmanager
def waiting(*words, machine=MACHINE_WORDS, **fake):
    """An armvm that waits for a guest; its control socket is another one."""
    control = str(DIRECTORY / "control2")
    other = [*machine[:-1], machine[-1].replace("port", "port2")] if machine else []
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *other, "--control", control,
                           "--restore", "listen:" + OTHER, *words], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(**{"guest": "cpu", **fake})) as p:
        try:
            until(lambda: awaits_a_guest() or p.poll() is not None)
            yield p, control
        finally:
            p.kill()
    for path in (OTHER, control):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def test_a_guest_moves_while_it_runs():
    for uncached in ({}, {"uncached": 1}):
        with running("--migratable", **uncached) as p, waiting() as (other, control):
            until(lambda: counter() > 50)
            before = counter()
            done = migrate()
            assert done.returncode == 0 and not done.stderr, done
            told = json.loads(done.stdout)
            assert told["rounds"] >= 1 and told["pages"] >= 2, told
            # None, if the guest has not written since the last round.
            assert told["pages while stopped"] <= 256, told
            assert p.wait(20) == 130
            until(lambda: os.path.exists(control))
            until(lambda: int(ask("registers", control)["result"]["vcpus"][0]["r7"], 16)
                  > before + 20)
            assert not os.path.exists(OTHER) and other.poll() is None
            # Its memory is that of the moment when it stopped: the loop counts there, too.
            here = subprocess.run([ARMVM, "save", control, FILE], env=environment(), timeout=HANG,
                                  check=False)
            assert here.returncode == 0
            machine = Saved(FILE)
            for n, vcpu in enumerate(machine.state["vcpus"]):
                assert machine.word(WORDS + 16 * n) - vcpu["registers"][R7] in (0, 1), n


@contextlib.contextmanager
def received(says=b"did not take"):
    """Take what armvm migrate sends, all of it, and do not say so; the client still waits."""
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(OTHER)
        end.listen()
        with subprocess.Popen([ARMVM, "migrate", SOCKET, OTHER], stderr=subprocess.PIPE,
                              env=environment()) as client:
            sender = end.accept()[0]
            time.sleep(0.3)  # The guest runs on meanwhile, if it has more than the socket takes.
            data = bytearray()
            while len(data) < 24 or struct.unpack("<II", data[-24:-16]) != (END, 0):
                piece = sender.recv(1 << 16)
                assert piece, client.stderr.read()
                data += piece
            Path(FILE).write_bytes(data)
            try:
                yield client
            finally:
                sender.close()
            assert client.wait(20) == 1 and says in client.stderr.read()
    os.unlink(OTHER)


def test_a_disk_moves_with_its_guest():
    """The other armvm opens it at once, and has it alone once the guest is there."""
    image = DIRECTORY / "moves.img"
    image.write_bytes(bytes(1 << 20))
    machine = ("--memory", "16M", "--disk", str(image), "--port",
               "one=listen:" + str(DIRECTORY / "port"))

    def second() -> subprocess.CompletedProcess:
        return subprocess.run([ARMVM, "run", "--kernel", KERNEL, "--disk", str(image)],
                              env=environment(), capture_output=True, timeout=HANG, check=False)
    with running("--migratable", machine=machine) as p, waiting(machine=machine) as (_, control):
        one_line(second(), 1, "another program uses it")
        assert migrate().returncode == 0 and p.wait(20) == 130
        until(lambda: os.path.exists(control) and ask("status", control)["ok"])
        one_line(second(), 1, "another program uses it")


def test_a_device_s_writes_move_too():
    """KVM's log does not have them, nor has the fake's what the fake guest's driver writes."""
    image = DIRECTORY / "written.img"
    image.write_bytes(bytes(1 << 20))
    large = DIRECTORY / "initrd"
    large.write_bytes(b"x" * (2 << 20))
    with running("--migratable", guest="disk", count=1000000,
                 machine=("--memory", "16M", "--disk", str(image), "--initrd", str(large))) as p:
        assert p.stdout.readline().startswith(b"id 2 status f")
        with received():
            machine = Saved(FILE)
            queue = machine.state["virtio"][0]["queues"][0]
            assert queue["ready"] and machine.word(RAM + 0x200) >> 16 == queue["next_used"], queue


def test_a_migration_takes_no_memory():
    """Pages that the guest wrote once and gave back are holes here, and in the other armvm."""
    with running("--migratable", dirty_before=4096) as p:
        before = ram_blocks(p.pid)
        with received():
            pages = Saved(FILE).pages
            assert WORDS & ~(PAGE - 1) in pages and len(pages) < 1000, len(pages)
        assert ram_blocks(p.pid) - before < 1000, (before, ram_blocks(p.pid))


def test_a_vsock_does_not_move():
    with running("--migratable", machine=("--memory", "16M", "--vsock", "3"), vhost=VHOST):
        with waiting(machine=()):
            one_line(migrate(), 1, "the guest's vsock cannot be migrated")
        assert state() == "running"


def waits_in(pipe) -> int:
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def test_a_migration_that_fails_leaves_the_guest_here():
    with running():
        with waiting():
            one_line(migrate(), 1, "--migratable")
        one_line(migrate(), 1, OTHER)
    with running("--migratable", "--gdb", "7185") as p:
        with waiting("--memory", "32M") as (other, _):
            one_line(migrate(), 1, "did not take the guest")
            assert other.wait(20) == 1 and other.stderr.read().count(b"\n") == 1
        with received() as client:
            assert Client(7185).closed(), "gdb's breakpoints would have moved, too"
            assert state() == "saving" and client.poll() is None
            # The guest that has been sent has no more input than that.
            p.stdin.write(b"late")
            p.stdin.flush()
            time.sleep(0.3)
            assert waits_in(p.stdin) == 4
        until(lambda: not waits_in(p.stdin))
        connect(7185).close()
        until(lambda: state() == "running")
        ask("pause")
        with received():
            pass
        assert state() == "paused" and ask("resume")["ok"]
        before = counter()
        until(lambda: counter() > before)


def runs_on() -> None:
    assert state() == "running"
    before = counter()
    until(lambda: counter() > before)


def test_a_guest_that_writes_faster_than_it_is_sent_stays_here():
    """8 MiB in each round: no machine sends them in a millisecond."""
    with running("--migratable", dirty=2048) as p:
        with waiting() as (other, _):
            one_line(migrate("--downtime", "1"), 1, "writes faster than it is sent",
                     "--downtime allows 1:")
            assert other.wait(20) == 1 and b"cut off" in other.stderr.read()
        runs_on()
        with waiting():
            done = migrate("--downtime", "3600000")
            told = json.loads(done.stdout)
            assert (done.returncode, told["rounds"], p.wait(20)) == (0, 16, 130), told
            assert 2048 <= told["pages while stopped"] < 4096 and told["pages"] > 16 * 2048, told
            assert told["pages per second"] > 0 and told["milliseconds while stopped"] >= 0, told


def test_a_guest_that_has_written_much_until_it_stood_still_goes_on_for_a_round():
    with running("--migratable", dirty_stopped=4096) as p, waiting():
        done = migrate("--downtime", "5")
        told = json.loads(done.stdout)
        assert (done.returncode, p.wait(20)) == (0, 130), done
        assert told["rounds"] >= 2 and told["pages"] >= 4096, told
        assert told["pages while stopped"] <= 256, told


def test_a_guest_does_not_stand_still_for_an_answer_that_never_comes():
    with running("--migratable"):
        with received(b"10 s longer than --downtime allows"):
            until(lambda: state() == "running")
        runs_on()


def test_a_guest_does_not_stand_still_for_a_console_that_nobody_reads():
    """What it has sent has to be written before it moves."""
    with running("--migratable", machine=("--memory", "16M"), guest="flood", count=8000, stays=1,
                 pipe=4096) as p, waiting(machine=()):
        until(lambda: is_full(p) and at_rest(p.pid))
        one_line(migrate(), 1, "10 s longer", "nobody reads the guest's console")
        assert state() == "running" and len(p.stdout.read(8000)) == 8000


def test_a_downtime_is_a_number_of_milliseconds():
    for wrong in ("0", "-1", "1s", "", "99999999999999999999"):
        for words in (("--downtime", wrong), (f"--downtime={wrong}",)):
            one_line(migrate(*words), 1, f"--downtime {wrong}:", "milliseconds")
    with running("--migratable"):
        with waiting():
            one_line(migrate("--downtime=3600001"), 1, "1 to 3600000 milliseconds")
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(SOCKET)
            end.sendall(b'{"command":"status","downtime":5}\n{"command":"migrate","downtime":0}\n')
            lines = end.makefile("rb")
            assert b"takes no downtime" in lines.readline()
            assert b"1 to 3600000" in lines.readline()
        runs_on()


def test_a_guest_that_is_not_given_away_does_not_run_there():
    saved()
    with waiting() as (other, _), socket.socket(socket.AF_UNIX) as end:
        end.connect(OTHER)
        end.sendall(Path(FILE).read_bytes())
        assert end.recv(1), "it has the guest"
        end.close()
        assert other.wait(20) == 1 and b"has kept its guest" in other.stderr.read()


@contextlib.contextmanager
def stalled():
    """An armvm to which a guest began to come, and nothing follows."""
    with waiting() as (other, control), socket.socket(socket.AF_UNIX) as end:
        end.connect(OTHER)
        end.sendall(LINE)
        until(lambda: "Seccomp:\t2" in
              Path(f"/proc/{other.pid}/status").read_text(encoding="ascii"))
        yield other, control, end


def test_a_waiting_armvm_can_be_ended():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGRTMIN):
        with stalled() as (other, control, _):
            other.send_signal(number)
            assert other.wait(20) == -number, (other.returncode, number)
            lines = other.stderr.read()
            assert b"ended by a signal" in lines and lines.count(b"\n") == 1, lines
            assert not os.path.exists(control)


def test_a_waiting_armvm_can_be_stopped_and_continued():
    data = (saved(), Path(FILE).read_bytes())[1]
    with stalled() as (other, _, end):
        other.send_signal(signal.SIGTSTP)
        os.waitid(os.P_PID, other.pid, os.WSTOPPED)
        other.send_signal(signal.SIGCONT)
        end.sendall(data[len(LINE):])
        assert end.recv(1), "it has the guest"


if __name__ == "__main__":
    sys.exit(run_cases("migrate", globals()))
