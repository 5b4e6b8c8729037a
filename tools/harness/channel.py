# SPDX-License-Identifier: GPL-2.0-only
"""The host's side of the framed channel to an agent. tools/agent/protocol.h defines the frames."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .patience import Late, Limit
from .paths import ToolError

MAGIC = 0xA7
HEADER = struct.Struct("<BBHII")
FRAME_MAX = 1 << 20
RUN, STDIN, EOF, SIGNAL, WINDOW, PING, POWEROFF = range(1, 8)
HELLO, STDOUT, STDERR, EXIT, CREDIT = range(64, 69)

TIMEOUT_STATUS = 124
FAILURE_STATUS = 125


class ChannelError(ToolError):
    """The machine at the other end is gone, or the channel has lost bytes."""


class CommandTimeout(Late):
    """A command did not end within its limit."""


@dataclass
class Result:
    """A command's exit status and its output, byte for byte."""

    argv: list[str]
    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        return self.stdout.decode(errors="replace")

    @property
    def errors(self) -> str:
        return self.stderr.decode(errors="replace")

    def check(self) -> Result:
        """Return self if the command exited with 0, else raise an error with its output."""
        if self.status != 0:
            raise AssertionError(f"{shlex.join(self.argv)}: status {self.status}\n"
                                 f"{self.text[-3000:]}{self.errors[-3000:]}")
        return self


class Command:
    """A command that is running at the other end."""

    def __init__(self, channel: Channel, number: int, argv: Sequence[str],
                 out: Callable[[bytes], None] | None, err: Callable[[bytes], None] | None) -> None:
        self.channel, self.number, self.argv = channel, number, list(argv)
        self.stdout, self.stderr = bytearray(), bytearray()
        self._sinks = {STDOUT: out or self.stdout.extend, STDERR: err or self.stderr.extend}
        self._credit = 0
        self._status: int | None = None
        self._changed = threading.Condition()

    def _receive(self, kind: int, payload: bytes) -> None:
        if kind in self._sinks:
            self._sinks[kind](payload)
        with self._changed:
            if kind == CREDIT:
                self._credit += struct.unpack("<I", payload)[0]
            elif kind == EXIT:
                self._status = struct.unpack("<I", payload)[0]
            self._changed.notify_all()

    def _abandon(self) -> None:
        with self._changed:
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        return self._status is not None

    def write(self, data: bytes) -> None:
        """Send standard input, no faster than the command reads it."""
        view = memoryview(data)
        while view and not self.ended:
            with self._changed:
                while not self._credit and not self.ended:
                    self.channel.check_alive()
                    self._changed.wait(1)
                size = min(len(view), self._credit)
                self._credit -= size
            if size:
                self.channel.send(STDIN, self.number, bytes(view[:size]))
                view = view[size:]

    def close_stdin(self) -> None:
        self.channel.send(EOF, self.number)

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.channel.send(SIGNAL, self.number, struct.pack("<I", number))

    def resize(self, rows: int, columns: int) -> None:
        self.channel.send(WINDOW, self.number, struct.pack("<HH", rows, columns))

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status, or 128 + N if signal N killed the command, as a shell does."""
        limit = Limit(timeout)
        with self._changed:
            while self._status is None:
                self.channel.check_alive()
                if why := limit.over():
                    raise CommandTimeout(f"{shlex.join(self.argv)[:200]}: {why}; so far: "
                                         f"{bytes(self.stdout[-2000:])!r} "
                                         f"{bytes(self.stderr[-1000:])!r}")
                self._changed.wait(0.5)
        return 128 + (self._status & 127) if self._status & 127 else self._status >> 8 & 255

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the end and return all output. A command that exceeds its limit is killed."""
        try:
            status = self.wait(timeout)
        except CommandTimeout:
            with contextlib.suppress(ToolError):
                self.kill()
            raise
        return Result(self.argv, status, bytes(self.stdout), bytes(self.stderr))


class Channel:
    """The connection to one agent. A thread reads its frames; any thread may run commands."""

    def __init__(self, sock: socket.socket, name: str,
                 check: Callable[[], None] = lambda: None) -> None:
        self.name, self._sock, self._check = name, sock, check
        self._commands: dict[int, Command] = {}
        self._next = 0
        self._lock = threading.Lock()
        self._send_lock = threading.Lock()
        self._hello: str | None = None
        self._hello_event = threading.Event()
        self.problem: str | None = None
        self._thread = threading.Thread(target=self._read, name=f"channel-{name}", daemon=True)
        self._thread.start()

    # -- the reading side

    def _read(self) -> None:
        buffer = bytearray()
        try:
            while data := self._sock.recv(1 << 16):
                buffer += data
                self._frames(buffer)
            self._fail("the machine closed the channel")
        except OSError as error:
            self._fail(f"the channel broke: {error}")
        except ChannelError as error:
            self._fail(str(error))

    def _frames(self, buffer: bytearray) -> None:
        while True:
            if self._hello is None:
                # Until the agent says hello, the port may hold what its predecessor left.
                start = buffer.find(bytes([MAGIC, HELLO, 0, 0]))
                del buffer[:start if start >= 0 else max(0, len(buffer) - 3)]
            if len(buffer) < HEADER.size:
                return
            magic, kind, number, length, total = HEADER.unpack_from(buffer)
            if magic != MAGIC or length > FRAME_MAX:
                raise ChannelError(f"{self.name}: bytes were lost: no frame begins with "
                                   f"{bytes(buffer[:32])!r}")
            if len(buffer) < HEADER.size + length:
                return
            payload = bytes(buffer[HEADER.size:HEADER.size + length])
            if zlib.adler32(payload, zlib.adler32(bytes(buffer[:8]))) != total:
                raise ChannelError(f"{self.name}: bytes were lost: the sum of a frame is wrong")
            del buffer[:HEADER.size + length]
            self._dispatch(kind, number, payload)

    def _dispatch(self, kind: int, number: int, payload: bytes) -> None:
        if kind == HELLO:
            self._hello = payload.decode(errors="replace")
            self._hello_event.set()
            return
        with self._lock:
            command = self._commands.get(number)
            if kind == EXIT:
                self._commands.pop(number, None)
        if command:
            command._receive(kind, payload)

    def _fail(self, why: str) -> None:
        self.problem = f"{self.name}: {why}"
        self._hello_event.set()
        with self._lock:
            commands = list(self._commands.values())
        for command in commands:
            command._abandon()

    def check_alive(self) -> None:
        """Raise an error if the channel is broken, or if CHECK finds that the machine hangs."""
        if self.problem:
            raise ChannelError(self.problem)
        self._check()

    # -- the sending side

    def send(self, kind: int, number: int = 0, payload: bytes = b"") -> None:
        self.check_alive()
        head = struct.pack("<BBHI", MAGIC, kind, number, len(payload))
        total = zlib.adler32(payload, zlib.adler32(head))
        try:
            with self._send_lock:
                self._sock.sendall(head + struct.pack("<I", total) + payload)
        except OSError as error:
            raise ChannelError(f"{self.name}: {error}") from error

    def wait_hello(self, timeout: float) -> dict[str, str] | None:
        """Return the KEY=VALUE lines that init reported, or None if the agent is not up yet."""
        self.check_alive()
        if not self._hello_event.wait(timeout):
            return None
        self.check_alive()
        return dict(line.split("=", 1) for line in (self._hello or "").splitlines() if "=" in line)

    def forget_hello(self) -> None:
        """Expect another agent on this channel: the guest is started again."""
        self._hello = None
        self._hello_event.clear()

    def start(self, argv: Sequence[str], *, pty: tuple[int, int] | None = None,
              out: Callable[[bytes], None] | None = None,
              err: Callable[[bytes], None] | None = None) -> Command:
        """Start a command. PTY gives it a terminal of (rows, columns)."""
        if not argv or any("\0" in a for a in argv):
            raise ToolError("a command needs a name, and its arguments cannot contain NUL")
        rows, columns = pty or (0, 0)
        payload = struct.pack("<HHHH", 1 if pty else 0, rows, columns, len(argv))
        payload += b"".join(os.fsencode(a) + b"\0" for a in argv)
        if len(payload) > FRAME_MAX or len(argv) > 0xFFFF:
            raise ToolError("the command's arguments are longer than 1 MiB, or more than 65535")
        with self._lock:
            self._next = self._next % 0xFFFF + 1
            command = Command(self, self._next, argv, out, err)
            self._commands[self._next] = command
        self.send(RUN, command.number, payload)
        return command

    def run(self, argv: Sequence[str], stdin: bytes = b"", timeout: float | None = 120) -> Result:
        """Run a command and wait for its end."""
        command = self.start(argv)
        if stdin:
            command.write(stdin)
        command.close_stdin()
        return command.result(timeout)

    def sh(self, script: str, stdin: bytes = b"", timeout: float | None = 120) -> Result:
        """Run a shell script and wait for its end."""
        return self.run(["sh", "-c", script], stdin, timeout)

    def poweroff(self) -> None:
        self.send(POWEROFF)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._sock.close()
