# SPDX-License-Identifier: GPL-2.0-only
"""A client of gdb's remote protocol that sends what a test wants, even what gdb never would."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

from limits import HANG


def frame(data: bytes) -> bytes:
    return b"$" + data + b"#%02x" % (sum(data) & 255)


def escape(data: bytes) -> bytes:
    return b"".join(bytes([0x7D, b ^ 0x20]) if b in b"#$}*" else bytes([b]) for b in data)


class Client:
    """One connection, with acknowledgements until no_ack()."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=HANG)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.acks = True

    def byte(self) -> bytes:
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise EOFError
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def receive(self) -> bytes:
        """The next packet, without escapes."""
        while (byte := self.byte()) != b"$":
            assert byte == b"+", byte
        data = b""
        while (byte := self.byte()) != b"#":
            data += byte
        total = int(self.byte() + self.byte(), 16)
        assert total == sum(data) & 255, (data, total)
        if self.acks:
            self.socket.sendall(b"+")
        plain, i = b"", 0
        while i < len(data):
            if data[i] == 0x7D:
                i += 1
                plain += bytes([data[i] ^ 0x20])
            else:
                assert data[i] != ord("*"), data
                plain += data[i:i + 1]
            i += 1
        return plain

    def send(self, data: bytes) -> None:
        self.socket.sendall(frame(data))
        if self.acks:
            byte = self.byte()
            assert byte == b"+", byte

    def ask(self, text: str | bytes) -> str:
        self.send(text.encode() if isinstance(text, str) else text)
        return self.receive().decode("latin-1")

    def interrupt(self) -> None:
        self.socket.sendall(b"\x03")

    def silent(self, seconds: float = 0.3) -> bool:
        """Does nothing arrive in this time?"""
        self.socket.settimeout(seconds)
        try:
            self.buffer += self.socket.recv(65536)
        except TimeoutError:
            pass
        finally:
            self.socket.settimeout(HANG)
        return not self.buffer

    def closed(self) -> bool:
        """Has the other end closed, with nothing left to read?"""
        try:
            return not self.buffer and not self.socket.recv(1)
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.socket.close()

    # -- frequent requests

    def word(self, address: int) -> int:
        return int.from_bytes(bytes.fromhex(self.ask(f"m{address:x},4")), "little")

    def register(self, number: int) -> int:
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def set_register(self, number: int, value: int) -> str:
        return self.ask(f"P{number:x}=" + value.to_bytes(4, "little").hex())

    def resume(self, how: str = "vCont;c") -> str:
        """Run until something stops it."""
        self.send(how.encode())
        return self.receive().decode()

    def stop(self) -> str:
        self.interrupt()
        return self.receive().decode()


def deadline(seconds: float = HANG) -> Iterator[None]:
    """Bounds a loop that waits for something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def connect(port: int, seconds: float = HANG) -> Client:
    """Connect as soon as the previous client has left; until then armvm refuses."""
    end = time.monotonic() + seconds
    while True:
        client = Client(port)
        try:
            client.ask("?")
            return client
        except (EOFError, ConnectionError):
            assert time.monotonic() < end
            time.sleep(0.02)
