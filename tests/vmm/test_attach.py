#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Disks whose files are attached and detached while armvm runs, on a fake /dev/kvm."""

import array
import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, environment, one_line, until  # noqa: E402
from gdb_armvm import KERNEL  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402
from save_armvm import FILE, OTHER, SOCKET, ask, listens, running, save  # noqa: E402

EMPTY = b"sectors 0 read 1 first 0 write 1 flush 1\n"
MEMORY = ("--memory", "16M")


def disk(name: str, sectors: int = 16, first: bytes = b"a") -> str:
    path = DIRECTORY / name
    path.write_bytes(first * 512 + bytes(512 * (sectors - 1)))
    return str(path)


def sees(sectors: int, first: bytes = b"a") -> bytes:
    return b"sectors %x read 0 first %x write 0 flush 0\n" % (sectors, first[0])


def ctl(*words) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "ctl", SOCKET, *words], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, env=environment(), check=False)


def done(*words) -> None:
    result = ctl(*words)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b""), result


def disks() -> list:
    return ask("status")["result"]["disks"]


def line(p: subprocess.Popen) -> bytes:
    """What the guest says next."""
    hangs = threading.Timer(HANG, p.kill)
    hangs.start()
    try:
        return p.stdout.readline()
    finally:
        hangs.cancel()


def in_use(path: str) -> bool:
    with open(path, "r+b") as file:
        lock = array.array("h", [fcntl.F_WRLCK, 0]).tobytes() + bytes(28)
        try:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
        except OSError:
            return True
    return False


def send(fds: list, **request) -> dict:
    """What a client can do that is not `armvm ctl`."""
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(HANG)
        end.connect(SOCKET)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        end.sendmsg([json.dumps(request).encode() + b"\n"], rights)
        return json.loads(end.makefile("rb").readline())


def test_a_file_comes_and_goes():
    one, two = disk("one", 16, b"1"), disk("two", 32, b"2")
    for words in ((), ("--sandbox=off",)):
        with running("--disk", "none,serial=tray", *words, machine=MEMORY, guest="drive",
                     count=4) as p:
            assert line(p) == EMPTY
            assert disks() == [{"serial": "tray", "file": None, "size": 0, "readonly": False}]
            done("attach", "1", one)
            assert line(p) == sees(16, b"1")
            assert disks() == [{"serial": "tray", "file": one, "size": 8192, "readonly": False}]
            assert in_use(one)
            one_line(ctl("attach", "tray", two), 1, "the disk has a file: detach that first")
            assert not in_use(two)
            done("detach", "tray")
            assert line(p) == EMPTY
            assert not in_use(one) and Path(one).read_bytes()[512:1024] == b"w" * 512
            done("attach", "tray", two)
            assert line(p) == sees(32, b"2")
            done("detach", "1")
            assert line(p) == EMPTY
            assert p.wait(20) == 0 and p.stderr.read() == b""


def test_the_file_of_the_start_can_be_another_one():
    one, two = disk("one"), disk("two", 32)
    with running("--disk", one, "--disk", "none,readonly", machine=MEMORY, guest="drive",
                 count=3) as p:
        assert line(p) == sees(16)
        done("detach", "1")
        assert line(p) == EMPTY and not in_use(one)
        done("attach", "2", one)  # which guest's driver is not there
        done("attach", "1", two)
        assert line(p) == sees(32)
        assert [(d["file"], d["readonly"]) for d in disks()] == [(two, False), (one, True)]


def test_a_reset_keeps_what_is_there():
    one = disk("one")
    with running("--disk", "none", machine=MEMORY, guest="drive", count=1, resets=1) as p:
        assert line(p) == EMPTY
        done("attach", "1", one)
        assert line(p) == sees(16)
        assert line(p) == sees(16) and in_use(one)
        done("detach", "1")
        assert line(p) == EMPTY
        assert p.wait(20) == 0


def test_what_is_refused():
    one = disk("one")
    odd = DIRECTORY / "odd"
    odd.write_bytes(b"x" * 1000)
    with running("--disk", "none,serial=tray", machine=MEMORY, guest="drive", count=1) as p:
        for words, *parts in ((("attach", "2", one), "2: no disk has this number or serial"),
                              (("attach", "0", one), "0: no disk"),
                              (("attach", "tra", one), "tra: no disk"),
                              (("attach", "", one), "no disk"),
                              (("detach", "2"), "2: no disk"),
                              (("detach", "1"), "the disk has no file"),
                              (("attach", "1"), "attach: it takes a disk and a file"),
                              (("attach", "1", one, "x"), "attach: it takes a disk and a file"),
                              (("detach",), "detach: it takes a disk"),
                              (("detach", "1", "x"), "detach: it takes a disk"),
                              (("status", "1", "2"), "status: it takes a size or nothing"),
                              (("attach", "1", str(odd)), "1000 bytes, not a multiple of 512"),
                              (("attach", "1", "/nonexistent"), "attach /nonexistent: No such"),
                              (("attach", "1", "/dev/null"), "neither a regular file")):
            result = ctl(*words)
            assert not result.stdout
            one_line(result, 1, *parts)
        with open(one, "r+b") as writable, open(one, "rb") as readable:
            for fds, request, why in (
                    ([], {"disk": 1, "file": "x"}, "needs the descriptor"),
                    ([writable.fileno()], {"file": "x"}, "needs a disk"),
                    ([writable.fileno()], {"disk": 1}, "needs a file"),
                    ([writable.fileno()], {"disk": 0, "file": "x"}, "no such disk"),
                    ([writable.fileno()], {"disk": 2, "file": "x"}, "no such disk"),
                    ([writable.fileno()], {"disk": 1 << 40, "file": "x"}, "no such disk"),
                    ([writable.fileno()], {"disk": -2, "file": "x"}, "needs a disk"),
                    ([writable.fileno()], {"disk": "1", "file": "x"}, "Expected integer"),
                    ([writable.fileno()], {"disk": 1, "file": "x", "memory": 1}, "no size"),
                    ([readable.fileno()], {"disk": 1, "file": "x"}, "reading and writing")):
                answer = send(fds, command="attach", **request)
                assert not answer["ok"] and why in answer["error"], (request, answer)
            answer = send([], command="detach", disk=1, file="x")
            assert not answer["ok"] and "no file" in answer["error"], answer
            answer = send([], command="pause", disk=1)
            assert not answer["ok"] and "no disk" in answer["error"], answer
            inside = {os.path.realpath(f"/proc/{p.pid}/fd/{n}")
                      for n in os.listdir(f"/proc/{p.pid}/fd")}
            assert one not in inside, inside
        assert not in_use(one)
        done("attach", "1", one)
        assert line(p) == EMPTY and line(p) == sees(16)
        assert p.wait(20) == 0 and p.stderr.read() == b""
    with running(machine=MEMORY, guest="idle"):
        one_line(ctl("attach", "1", one), 1, "1: no disk")


def test_another_program_s_file():
    one = disk("one")
    with running("--disk", one, "--disk", "none", machine=MEMORY, guest="idle"):
        one_line(ctl("attach", "2", one), 1, "another program uses it")
        done("detach", "1")
        done("attach", "2", one)
        one_line(ctl("attach", "1", one), 1, "another program uses it")


def test_the_name_of_a_file_is_any():
    odd = disk("odd\nname,")
    with running("--disk", "none", machine=MEMORY, guest="idle"):
        done("attach", "1", odd)
        assert disks()[0]["file"] == odd
        done("detach", "1")
        one_line(ctl("attach", "1", disk("\udcff")), 1, "not UTF-8")


def test_while_the_guest_uses_it():
    """Each request is answered, whatever is there while it is served."""
    one, count = disk("one", 64), 3000
    with running("--disk", one, machine=MEMORY, guest="disk", count=count) as p:
        assert line(p).startswith(b"id 2 status f sectors 40")
        while p.poll() is None:
            result = ctl("detach", "1")
            if result.returncode == 0 and p.poll() is None:
                ctl("attach", "1", one)
            time.sleep(0.01)
        good, again = p.stdout.read().splitlines()
        assert good.startswith(b"good ") and int(good.split()[1]) < 3 * count, good
        assert again.endswith(b"status f") and p.returncode == 0, (again, p.returncode)


def restored(*words) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "run", "--kernel", KERNEL, *MEMORY, *words, "--control",
                           SOCKET, "--restore", FILE], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, check=False,
                          env=environment(guest="poweroff"))


@contextlib.contextmanager
def restoring(*words):
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *MEMORY, *words, "--control", SOCKET,
                           "--restore", FILE], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env=environment(guest="cpu")) as p:
        try:
            until(lambda: (listens() and ask("status")["ok"]) or p.poll() is not None)
            assert p.poll() is None, p.stderr.read()
            yield p
        finally:
            p.kill()
    os.unlink(SOCKET)


def test_a_saved_guest_has_what_it_had():
    one, two = disk("one"), disk("two", 32)
    with running("--disk", "none", "--disk", two, machine=MEMORY):
        done("attach", "1", one)
        done("detach", "2")
        assert save().returncode == 0
    for words, what in ((("--disk", "none", "--disk", two), "size is 8192 there, and 0 here"),
                        (("--disk", one, "--disk", two), "size is 0 there, and 16384 here"),
                        (("--disk", one, "--disk", "none,readonly"), "virtio device 2's")):
        one_line(restored(*words), 1, "another one", what)
    with restoring("--disk", one, "--disk", "none"):
        assert [d["file"] for d in disks()] == [one, None]
        done("detach", "1")
        done("attach", "2", two)


def test_nothing_changes_while_the_guest_is_saved():
    one = disk("one")
    with running("--disk", "none", "--disk", one, "--migratable", machine=MEMORY):
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(OTHER)
            end.listen()
            with subprocess.Popen([ARMVM, "migrate", SOCKET, OTHER], stderr=subprocess.DEVNULL,
                                  env=environment()) as client:
                until(lambda: ask("status")["result"]["state"] == "saving")
                result = ctl("detach", "2")
                client.terminate()
                one_line(result, 1, "the guest is being saved")
        os.unlink(OTHER)
        until(lambda: ask("status")["result"]["state"] == "running")
        done("detach", "2")


if __name__ == "__main__":
    sys.exit(run_cases("attach", globals()))
