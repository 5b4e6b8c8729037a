# SPDX-License-Identifier: GPL-2.0-only
"""One run of tools/board: boot, connect the command to our own descriptors, end everything."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import logs
from .channel import FAILURE_STATUS, TIMEOUT_STATUS, Channel, ChannelError, Command
from .machine import Board, BoardError, Config
from .patience import Late
from .paths import ToolError, say


class Timeout(BaseException):
    """--timeout has expired. Not an Exception, so that no handler on the way swallows it."""


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def _sink(fd: int):
    """Send output where ours goes. If nobody reads that any more, drop it."""
    def write(data: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):
            _write_all(fd, data)
    return write


def _feed(command: Command) -> None:
    """Copy our standard input to the command's, byte for byte."""
    try:
        while data := os.read(0, 1 << 16):
            command.write(data)
        command.close_stdin()
    except (OSError, ToolError):
        with contextlib.suppress(ToolError):
            command.close_stdin()


def _window() -> tuple[int, int]:
    try:
        rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))
        return (rows or 24, columns or 80)
    except OSError:
        return (24, 80)


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    """Put our terminal in raw mode while the shell runs, and restore it on every way out."""
    if not os.isatty(0):
        yield
        return
    before = termios.tcgetattr(0)
    try:
        tty.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def _connect(agent: Channel, argv: Sequence[str]) -> int:
    if not argv:
        with _raw_terminal():
            command = agent.start(["sh", "-l"], pty=_window(), out=_sink(1), err=_sink(2))
            signal.signal(signal.SIGWINCH, lambda *_: command.resize(*_window()))
            threading.Thread(target=_feed, args=(command,), daemon=True).start()
            return command.wait()
    command = agent.start(argv, out=_sink(1), err=_sink(2))
    threading.Thread(target=_feed, args=(command,), daemon=True).start()
    return command.wait()


def _guest_memory(board: Board) -> int:
    """Room for the initramfs, loaded and unpacked, and for what a stock kernel needs."""
    size = int(board.sh("stat -c %s /guest/initrd.cpio").check().text)
    return max(256, 128 + 3 * (size >> 20))


def _linux(board: Board, argv: Sequence[str], guest_smp: int, guest_memory: int | None) -> int:
    board.start()
    agent = board.agent
    if board.config.guest:
        memory = guest_memory or _guest_memory(board)
        guest = board.start_guest(cpus=guest_smp, memory=memory)
        agent = guest.wait().agent
    status = _connect(agent, argv)
    board.shutdown()
    return status


def _bare(board: Board) -> int:
    """Show the console of a bare program as it grows, until the program switches the board off."""
    board.start()
    shown = len(board.versions.encode())
    while True:
        running = board.running
        with board.log.open("rb") as log:
            log.seek(shown)
            data = log.read()
        _sink(1)(data)
        shown += len(data)
        if not running:
            return board.wait_qemu(None)
        board.check()
        time.sleep(0.02)


def _explain(what: str, log: Path, board: Board) -> None:
    say(f"{what}; logs are in {os.path.relpath(board.run_dir)}")
    print(f"--- the last 40 lines of {log.name}\n{logs.tail(log)}\n---", file=sys.stderr,
          flush=True)


def _terminated(*_: object) -> None:
    raise KeyboardInterrupt


def _out_of_time(*_: object) -> None:
    raise Timeout


def run(config: Config, argv: Sequence[str], timeout: float | None, guest_smp: int,
        guest_memory: int | None) -> int:
    """Return the exit status for tools/board."""
    signal.signal(signal.SIGTERM, _terminated)
    signal.signal(signal.SIGHUP, _terminated)
    signal.signal(signal.SIGALRM, _out_of_time)
    try:
        board = Board(config)
    except OSError as error:
        say(str(error))
        return FAILURE_STATUS
    try:
        signal.setitimer(signal.ITIMER_REAL, timeout or 0)
        status = (_bare(board) if config.boot
                  else _linux(board, argv, guest_smp, guest_memory))
        signal.setitimer(signal.ITIMER_REAL, 0)
        found = board.trouble()
        if found:
            say(f"a console log shows trouble; logs are in {os.path.relpath(board.run_dir)}")
            print("\n".join(found), file=sys.stderr)
            return FAILURE_STATUS
        return status
    except (Timeout, Late, BoardError, ChannelError) as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        board.registers()
        guest_log = board.guests[-1].log if board.guests else board.log
        if isinstance(error, Timeout):
            _explain(f"timeout: not done after {timeout:g} s", guest_log, board)
            return TIMEOUT_STATUS
        log = error.log if isinstance(error, BoardError) else guest_log
        _explain(str(error), log, board)
        return FAILURE_STATUS
    except (ToolError, OSError) as error:
        say(str(error))
        return FAILURE_STATUS
    except KeyboardInterrupt:
        return 130
    finally:
        board.kill()
