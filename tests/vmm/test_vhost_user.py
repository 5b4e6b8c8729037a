#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""--vhost-user-blk and --net vhost-user, with Debian's qemu-storage-daemon and with worse ones."""

import array
import errno
import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import (  # noqa: E402
    ARMVM, DIRECTORY, KERNEL, armvm, environment, one_line, until)
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

SECTORS = 2048


class Daemon:
    """qemu-storage-daemon with one disk, which begins with the byte X."""

    def __init__(self, writable: bool = True):
        self.image = DIRECTORY / "vhost-user.img"
        self.socket = DIRECTORY / "vhost-user.sock"
        self.image.write_bytes(b"X" + bytes(512 * SECTORS - 1))
        self.process = subprocess.Popen(
            ["qemu-storage-daemon", "--blockdev", f"driver=file,node-name=disk,"
             f"filename={self.image},read-only={'off' if writable else 'on'}", "--export",
             f"type=vhost-user-blk,id=export,node-name=disk,addr.type=unix,"
             f"addr.path={self.socket},writable={'on' if writable else 'off'}"])
        until(self.listens)

    def listens(self) -> bool:
        return f"{self.socket}\n" in Path("/proc/net/unix").read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


def test_a_guest_uses_the_disk():
    told = (f"id 2 status f sectors {SECTORS:x} features 1 1\ngood 300 first 58\n"
            "again 0 status f\n").encode()
    for fake in ({}, {"no_eventfd": 1}):
        with Daemon() as daemon:
            # Twice: the daemon serves the next armvm, too.
            for _ in range(2):
                result = armvm("--vhost-user-blk", str(daemon.socket), guest="disk", count=100,
                               **fake)
                assert (result.returncode, result.stdout) == (0, told), result
                assert bool(result.stderr) == bool(fake), result
            data = daemon.image.read_bytes()
            # The 99th round wrote from sector 1 on, the last one from sector 2 on.
            assert data == (b"X" + bytes(511) + b"u" * 512 + b"v" * 4096
                            + bytes(512 * (SECTORS - 10))), data[:8192]


def test_after_a_reset_of_the_guest_it_is_there():
    with Daemon() as daemon:
        result = armvm("--vhost-user-blk", str(daemon.socket), guest="disk", count=2, resets=1)
        assert result.returncode == 0 and result.stdout.count(b"good 6 first 58") == 2, result
        assert not result.stderr, result


def test_a_daemon_that_ends_is_said_and_survived():
    with Daemon() as daemon:
        process = subprocess.Popen(
            [ARMVM, "run", "--kernel", KERNEL, "--vhost-user-blk", str(daemon.socket)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment(guest="disk", count=1, asks=1))
        assert process.stdout.readline().startswith(b"id 2 status f")
        daemon.process.kill()
        daemon.process.wait()
        out, errors = process.communicate(b"x", timeout=HANG)
    assert process.returncode == 0, (process.returncode, errors)
    assert b"good 0" in out and b"again 99" in out, out
    lines = errors.decode().splitlines()
    assert len(lines) == 1 and "the back end has ended: the device is dead" in lines[0], lines


def test_nobody_listens():
    path = DIRECTORY / "nobody.sock"
    one_line(armvm("--vhost-user-blk", str(path)), 1, "nobody listens", "qemu-utils")
    one_line(armvm("--net", f"vhost-user={path}"), 1, "nobody listens", "passt")
    one_line(armvm("--vhost-user-blk", "/" + "x" * 200), 1, "File name too long")
    one_line(armvm(*["--vhost-user-blk", "x"] * 4), 1, "3 of them at most")
    one_line(armvm("--net", "vhost-user=x,vhost=on"), 1, "vhost=on", "can follow here")


NEVER = object()


class BackEnd(threading.Thread):
    """Answers from a table: request to reply, or a function of the payload; notes what came."""

    def __init__(self, answers: dict):
        super().__init__(daemon=True)
        self.path = str(DIRECTORY / "backend.sock")
        Path(self.path).unlink(missing_ok=True)
        self.answers, self.seen, self.files = answers, [], {}
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.start()

    def run(self):
        connection, _ = self.listener.accept()
        try:
            self.serve(connection)
        except (BrokenPipeError, ConnectionResetError):
            pass  # armvm has left

    def serve(self, connection):
        with connection:
            while True:
                header, control, _, _ = connection.recvmsg(12, socket.CMSG_SPACE(4))
                if len(header) < 12:
                    return
                request, flags, size = struct.unpack("<III", header)
                payload = connection.recv(size, socket.MSG_WAITALL) if size else b""
                for _, _, data in control:
                    self.files[request] = array.array("i", data)[0]
                self.seen.append((request, flags, payload))
                answer = self.answers.get(request)
                if callable(answer):
                    answer = answer(payload)
                if answer is NEVER:
                    continue
                if answer is None and flags & 8:
                    answer = bytes(8)
                if answer is not None:
                    connection.sendall(struct.pack("<III", request, 5, len(answer)) + answer)


FEATURES = struct.pack("<Q", 1 << 32 | 1 << 30 | 1 << 9 | 0xFF << 40)
CONFIG = struct.pack("<III", 0, 60, 0) + struct.pack("<Q", 77) + bytes(52)
GOOD = {1: FEATURES, 15: struct.pack("<Q", 0xFFFF), 24: CONFIG, 11: struct.pack("<II", 0, 0)}


def is_sealed(fd: int, size: int) -> bool:
    """Whoever has the guest's memory cannot make it smaller, or larger, or undo that."""
    if fcntl.fcntl(fd, fcntl.F_GET_SEALS) != (fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK |
                                              fcntl.F_SEAL_GROW):
        return False
    for attempt in (lambda: os.ftruncate(fd, 0), lambda: os.ftruncate(fd, size - 4096),
                    lambda: os.ftruncate(fd, size + 4096),
                    lambda: fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)):
        try:
            attempt()
        except OSError as error:
            if error.errno == errno.EPERM:
                continue
        return False
    return os.fstat(fd).st_size == size


def test_what_a_back_end_is_told():
    """Whatever it offers, the guest sees only what this device has."""
    back = BackEnd(GOOD)
    result = armvm("--vhost-user-blk", back.path, "--memory", "32M", guest="idle", stdin=None,
                   env={"FAKE_GUEST": "poweroff"})
    assert result.returncode == 0, result
    assert [request for request, _, _ in back.seen] == [1, 15, 16, 3, 24], back.seen
    assert back.seen[2][2] == struct.pack("<Q", 1 << 9 | 1 << 3)
    assert all(flags & 3 == 1 for _, flags, _ in back.seen)

    back = BackEnd(GOOD)
    process = subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--vhost-user-blk", back.path,
                                "--memory", "32M"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment(guest="disk", asks=1))
    assert process.stdout.readline() == b"id 2 status f sectors 4d features 1 1\n"
    process.terminate()
    assert process.wait(20) == -15, process.stderr.read()
    seen = {request: payload for request, _, payload in back.seen}
    assert [request for request, _, _ in back.seen[5:12]] == [2, 5, 8, 10, 9, 13, 12]
    assert seen[2] == struct.pack("<Q", 1 << 32 | 1 << 30), seen
    regions, _, guest, size, host, offset = struct.unpack("<IIQQQQ", seen[5])
    assert (regions, guest, size, offset) == (1, 0x40000000, 32 << 20, 0), seen
    assert is_sealed(back.files[5], size)
    # The rings, as addresses of armvm.
    assert struct.unpack("<IIQQQQ", seen[9]) == (0, 0, host, host + 0x200, host + 0x100, 0), seen
    assert seen[8] == struct.pack("<II", 0, 4) and seen[18] == struct.pack("<II", 0, 1), seen
    assert {5, 12, 13} == set(back.files), back.files
    # armvm's end tells the back end to stop.
    until(lambda: not back.is_alive())


def test_back_ends_that_break_the_protocol():
    for request, answer, words in (
            (1, struct.pack("<Q", 1 << 30), ("no virtio 1",)),
            (1, b"", ("Protocol error",)), (1, bytes(100), ("Protocol error",)),
            (15, struct.pack("<Q", 0), ("properties",)),
            (3, struct.pack("<Q", 1), ("dead",)),
            (24, CONFIG[:11], ("Protocol error",)), (24, bytes(1 << 20), ("Protocol error",))):
        back = BackEnd({**GOOD, request: answer})
        one_line(armvm("--vhost-user-blk", back.path), 1, "vhost-user", *words)
    # One that refuses the memory: the guest runs on without the disk.
    back = BackEnd({**GOOD, 5: struct.pack("<Q", 1)})
    result = armvm("--vhost-user-blk", back.path, guest="disk", count=1)
    assert result.returncode == 0 and result.stdout.startswith(b"id 2 status 4f"), result
    assert result.stderr.count(b"\n") == 1 and b"dead" in result.stderr, result


def test_a_guest_is_not_started_again_while_a_back_end_may_write_to_its_memory():
    """It has the queue, and does not say that it has stopped, or that it has started."""
    control = str(DIRECTORY / "vhost-control")
    for request, status in ((11, b"f"), (12, b"4f"), (18, b"4f")):
        back = BackEnd({**GOOD, request: NEVER})
        process = subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--vhost-user-blk",
                                    back.path, "--control", control], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(guest="disk", asks=1))
        try:
            assert process.stdout.readline().startswith(b"id 2 status %s " % status)
            subprocess.run([ARMVM, "ctl", control, "reset"], check=True, timeout=HANG)
            assert process.wait(60) == 3
        finally:
            process.kill()
        lines = process.stderr.read().decode().splitlines()
        assert "the back end does not answer" in lines[0], lines
        assert "may still write to the guest's memory" in lines[1], lines


def test_a_guest_is_started_again_if_the_back_end_never_had_the_queue():
    """It has stopped to answer before it got the queue's notifications."""
    control = str(DIRECTORY / "vhost-control")
    back = BackEnd({**GOOD, 9: NEVER})
    process = subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--vhost-user-blk", back.path,
                                "--control", control], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env=environment(guest="disk", asks=1))
    try:
        for _ in range(2):
            assert process.stdout.readline().startswith(b"id 2 status 4f ")
            subprocess.run([ARMVM, "ctl", control, "reset"], check=True, timeout=HANG)
    finally:
        process.kill()
        process.wait()


def test_a_network():
    back = BackEnd(GOOD)
    result = armvm("--net", f"vhost-user={back.path},mac=02:00:5e:10:00:01", guest="poweroff")
    assert (result.returncode, result.stderr) == (0, b""), result
    # No configuration is asked for: the address is armvm's.
    assert [request for request, _, _ in back.seen] == [1, 15, 16, 3], back.seen
    # Nor is it told of VIRTIO_NET_F_MAC, which it does not have and the guest takes.
    back = BackEnd(GOOD)
    result = armvm("--net", f"vhost-user={back.path}", guest="ping", count=0)
    assert result.returncode == 0 and result.stdout.startswith(b"id 1 address "), result
    seen = {request: payload for request, _, payload in back.seen}
    assert seen[2] == struct.pack("<Q", 1 << 32 | 1 << 30), seen


if __name__ == "__main__":
    sys.exit(run_cases("vhost_user", globals()))
