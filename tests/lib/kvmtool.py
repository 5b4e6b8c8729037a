# SPDX-License-Identifier: GPL-2.0-only
"""A guest of kvmtool on the board, used by its console; a user has built it (docs/clients.md)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.channel import Command, Result
from harness.cpio import Tree

from .context import Context
from .registry import TESTS, TOP

PROGRAM = TOP / "build" / "clients" / "lkvm"
END = re.compile(rb"^@end (\d+)\r*\n", re.M)
# What comes faster than the guest reads, and does not fit into its UART, is lost.
FIFO = 64
# The KiB that it has in memory beside the guest's RAM, which is its largest mapping.
RESIDENT = ("awk '/^Size:/ { ram = $2 >= 262144 } /^Rss:/ && !ram { kib += $2 } END { print kib }' "
            "/proc/$(pidof lkvm)/smaps")


def exists() -> bool:
    return PROGRAM.exists()


class Guest:
    """The same kernel and root file system as armvm's guests have, with 256 MB and one CPU."""

    def __init__(self, t: Context, words: Sequence[str]) -> None:
        self.t, self.board = t, t.board
        self._seen = 0
        if self.board.sh("test -e /tmp/shell.cpio").status:
            tree = Tree()
            tree.file("foreign-shell", TESTS / "linux" / "foreign-shell", 0o755)
            cpio = t.dir / "shell.cpio"
            with cpio.open("wb") as handle:
                tree.write(handle)
            self.board.put(cpio, "/tmp/extra.cpio")
            self.board.sh("cat /guest/initrd.cpio /tmp/extra.cpio >/tmp/shell.cpio").check()
            self.board.put(PROGRAM, "/tmp/lkvm")
        # Without a terminal kvmtool reads no input.
        self.lkvm: Command = self.board.agent.start(
            ["/tmp/lkvm", "run", "--name", "guest", "-k", "/guest/zImage", "-i", "/tmp/shell.cpio",
             "-m", "256", "-c", "1", "--irqchip", "gicv2", "--virtio-transport", "mmio",
             "--console", "serial", "-p", "console=ttyS0 rdinit=/foreign-shell", *words],
            pty=(25, 200))
        self._answer(300)

    def _answer(self, timeout: float) -> tuple[bytes, int]:
        """Wait for the end of what runs: what it has printed, and its status."""
        def ended() -> re.Match[bytes] | None:
            return END.search(bytes(self.lkvm.stdout), self._seen)

        self.t.until(lambda: ended() or self.lkvm.ended, timeout)
        match = ended()
        if not match:
            raise AssertionError(f"kvmtool's guest does not answer: {self.console()[-3000:]}")
        text = bytes(self.lkvm.stdout[self._seen:match.start()])
        self._seen = match.end()
        return text.replace(b"\r", b""), int(match[1])

    def console(self) -> str:
        return self.lkvm.stdout.decode(errors="replace")

    def sh(self, script: str, timeout: float = 120) -> Result:
        """Run one line. Its output is on one stream, and begins with its echo."""
        if len(script) >= FIFO:
            raise ValueError(f"kvmtool's UART takes no more than {FIFO} characters: {script}")
        self.lkvm.write(script.encode() + b"\n")
        text, status = self._answer(timeout)
        return Result([script], status, text.partition(b"\n")[2], b"")

    def run(self, argv: Sequence[str], timeout: float = 120) -> Result:
        return self.sh(shlex.join(argv), timeout)

    def poweroff(self) -> int:
        self.lkvm.write(b"poweroff -f\n")
        return self.lkvm.wait(120)
