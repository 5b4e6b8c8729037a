# SPDX-License-Identifier: GPL-2.0-only
"""A guest on the board, under armvm --gdb, for a debugger that runs on this machine."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

from lib import Context, board
from lib.registry import TOP
from lib.session import OVERLAY

from harness.channel import Command
from harness.machine import Board

sys.path.insert(0, str(TOP / "tests" / "vmm"))
from rsp import Client  # noqa: E402

MAIN = board(guest=True, overlays=(OVERLAY,))
DEBUGGEE = TOP / "build" / "guests" / "debuggee.elf"
LISTENING = re.compile(rb"armvm: gdb: listening on 127\.0\.0\.1:(\d+)\n")
PC, CPSR = 15, 16


class Relay:
    """Forwards a port of this machine to one of the board, where `nc` connects to it."""

    def __init__(self, machine: Board, port: int) -> None:
        self.machine, self.target = machine, port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                end, _ = self.listener.accept()
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(end,), daemon=True).start()

    def _serve(self, end: socket.socket) -> None:
        def out(data: bytes) -> None:
            with contextlib.suppress(OSError):
                end.sendall(data)

        def ended(command: Command) -> None:
            with contextlib.suppress(Exception):
                command.wait()
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

        command = self.machine.agent.start(["nc", "127.0.0.1", str(self.target)], out=out)
        threading.Thread(target=ended, args=(command,), daemon=True).start()
        with contextlib.suppress(Exception):
            while data := end.recv(65536):
                command.write(data)
        # End nc at once: by itself it would wait for the other side to close too.
        with contextlib.suppress(Exception):
            if not command.ended:
                command.kill(signal.SIGTERM)
        end.close()

    def close(self) -> None:
        self.listener.close()


def listening(t: Context, command: Command) -> int:
    """The port that armvm prints on standard error."""
    t.until(lambda: command.ended or LISTENING.search(bytes(command.stderr)))
    found = LISTENING.search(bytes(command.stderr))
    if not found:
        t.fail(f"armvm does not listen: {bytes(command.stderr)!r}")
    return int(found[1])


def patient(client: Client) -> Client:
    """Let a client wait for answers as long as the case lasts."""
    client.socket.settimeout(None)
    return client


@contextlib.contextmanager
def debuggee(t: Context, *words: str, append: str = "") -> Iterator[tuple[Command, Relay]]:
    """Run guests/debuggee.c on two vCPUs."""
    machine = t.board
    machine.sh("ip link set lo up").check()
    machine.put(DEBUGGEE, "/tmp/debuggee.elf")
    command = machine.agent.start(["armvm", "run", "--kernel", "/tmp/debuggee.elf",
                                   "--memory", "64M", "--cpus", "2", "--testdev", "--gdb", "0",
                                   "--append", append, *words])
    relay = None
    try:
        relay = Relay(machine, listening(t, command))
        yield command, relay
    finally:
        if relay:
            relay.close()
        if not command.ended:
            command.kill()
            command.wait(30)
        t.log(f"-- armvm\n{bytes(command.stdout).decode()}{bytes(command.stderr).decode()}")


def value(name: str) -> str:
    """An expression for gdb: the guests have no type information."""
    symbols(name)
    return f"*(unsigned *)&{name}"


def symbols(*names: str) -> list[int]:
    """The addresses of the debuggee's symbols.  gdb would take any of two with the same name."""
    table = subprocess.run(["arm-linux-gnueabihf-nm", str(DEBUGGEE)], capture_output=True,
                           text=True, check=True).stdout
    rows = [line.split() for line in table.splitlines()]
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row[2], []).append(int(row[0], 16))
    for name in names:
        if len(found.get(name, [])) != 1:
            raise AssertionError(f"{DEBUGGEE.name} has {len(found.get(name, []))} symbols {name!r}")
    return [found[name][0] for name in names]


def holds(t: Context, text: str, *claims: tuple[str, str]) -> None:
    """The text must have these patterns in this order, each given with what it proves."""
    at = 0
    for claim, pattern in claims:
        found = re.compile(pattern, re.M).search(text, at)
        t.check(found, claim + ("" if found else f": no {pattern!r} in its place in\n{text}"))
        at = found.end() if found else at
