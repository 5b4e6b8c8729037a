# SPDX-License-Identifier: GPL-2.0-only
"""Merges directory trees into one initramfs, a "newc" archive of root's files. Needs no root."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

# Debian has merged /usr, but packages still ship some files under the old names.
MERGED = ("bin", "sbin", "lib")


class Tree:
    """A tree of files in memory. What is added later replaces what is there."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, bytes | Path, int]] = {}
        for name in MERGED:
            self.link(name, f"usr/{name}")

    @staticmethod
    def _place(path: str) -> str:
        path = path.strip("/")
        first = path.split("/", 1)[0]
        return f"usr/{path}" if first in MERGED and "/" in path else path

    def _put(self, path: str, mode: int, content: bytes | Path, device: int = 0) -> None:
        path = self._place(path)
        parent = os.path.dirname(path)
        if parent and parent not in self._entries:
            self._put(parent, stat.S_IFDIR | 0o755, b"")
        self._entries[path] = (mode, content, device)

    def directory(self, path: str, mode: int = 0o755) -> None:
        self._put(path, stat.S_IFDIR | mode, b"")

    def link(self, path: str, target: str) -> None:
        self._put(path, stat.S_IFLNK | 0o777, target.encode())

    def data(self, path: str, content: bytes, mode: int = 0o644) -> None:
        self._put(path, stat.S_IFREG | mode, content)

    def file(self, path: str, source: Path, mode: int | None = None) -> None:
        if mode is None:
            mode = stat.S_IMODE(source.stat().st_mode)
        self._put(path, stat.S_IFREG | mode, source)

    def device(self, path: str, major: int, minor: int) -> None:
        self._put(path, stat.S_IFCHR | 0o600, b"", major << 8 | minor)

    def add(self, root: Path, keep: Callable[[str], bool] = lambda path: True) -> None:
        """Add everything under ROOT that KEEP accepts."""
        for directory, subdirectories, files in os.walk(root):
            relative = os.path.relpath(directory, root)
            prefix = "" if relative == "." else relative + "/"
            for name in list(subdirectories):
                if not keep(prefix + name):
                    subdirectories.remove(name)
            for name in sorted(subdirectories + files):
                path, source = prefix + name, Path(directory, name)
                if not keep(path):
                    continue
                info = source.lstat()
                if stat.S_ISLNK(info.st_mode):
                    # An overlay's link with the name of a merged directory would hide that.
                    if path not in MERGED:
                        self.link(path, os.readlink(source))
                elif stat.S_ISDIR(info.st_mode):
                    if path not in MERGED and self._place(path) not in self._entries:
                        self.directory(path, stat.S_IMODE(info.st_mode))
                elif stat.S_ISREG(info.st_mode):
                    self.file(path, source)

    def write(self, out: BinaryIO) -> None:
        """Write the archive, parents before children, with the trailer that the kernel needs."""
        for number, path in enumerate(sorted(self._entries), 1):
            mode, content, device = self._entries[path]
            data = content.read_bytes() if isinstance(content, Path) else content
            _entry(out, number, path, mode, data, device)
        _entry(out, 0, "TRAILER!!!", 0, b"", 0)


def _entry(out: BinaryIO, number: int, path: str, mode: int, data: bytes, device: int) -> None:
    name = os.fsencode(path) + b"\0"
    fields: Iterable[int] = (number, mode, 0, 0, 1, 0, len(data), 0, 0, device >> 8, device & 0xFF,
                             len(name), 0)
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name
    out.write(head + bytes(-len(head) % 4))
    out.write(data + bytes(-len(data) % 4))
