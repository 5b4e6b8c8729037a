# SPDX-License-Identifier: GPL-2.0-only
"""The format of saved machines (docs/armvm.md), written again for the tests."""

from __future__ import annotations

import json
import struct
from pathlib import Path

LINE = b"armvm machine 1\n"
MACHINE, PAGES, STATE, END = range(1, 5)
PAGE = 4096
HEAD = struct.Struct("<IIQII")
MASK = 0xFFFFFFFF
PRIMES = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)


def rotate(value: int, count: int) -> int:
    value &= MASK
    return (value << count | value >> (32 - count)) & MASK


def xxh32(data: bytes, seed: int = 0) -> int:
    one, two, three, four, five = PRIMES
    at = 0
    if len(data) >= 16:
        lanes = [seed + one + two, seed + two, seed, seed - one]
        for at in range(0, len(data) - 15, 16):
            words = struct.unpack_from("<4I", data, at)
            lanes = [rotate(lane + word * two, 13) * one & MASK
                     for lane, word in zip(lanes, words)]
        at = len(data) & ~15
        total = sum(rotate(lane, n) for lane, n in zip(lanes, (1, 7, 12, 18)))
    else:
        total = seed + five
    total += len(data)
    while at + 4 <= len(data):
        total = rotate(total + struct.unpack_from("<I", data, at)[0] * three, 17) * four
        at += 4
    for byte in data[at:]:
        total = rotate(total + byte * five, 11) * one
    total &= MASK
    total = (total ^ total >> 15) * two & MASK
    total = (total ^ total >> 13) * three & MASK
    return total ^ total >> 16


def chunk(kind: int, number: int, contents: bytes, address: int = 0) -> bytes:
    fields = struct.pack("<IIQI", kind, len(contents), address, number)
    return fields + struct.pack("<I", xxh32(contents, xxh32(fields))) + contents


class Saved:
    """A saved machine."""

    def __init__(self, path: Path | str) -> None:
        data = Path(path).read_bytes()
        assert data.startswith(LINE), data[:16]
        at, kinds = len(LINE), []
        self.pages: dict[int, bytes] = {}
        while at < len(data):
            kind, length, address, number, total = HEAD.unpack_from(data, at)
            contents = data[at + HEAD.size:at + HEAD.size + length]
            assert number == len(kinds) and len(contents) == length
            assert total == xxh32(contents, xxh32(data[at:at + HEAD.size - 4]))
            if kind == PAGES:
                for n in range(0, length, PAGE):
                    self.pages[address + n] = contents[n:n + PAGE]
            elif kind == MACHINE:
                self.machine = json.loads(contents)
            elif kind == STATE:
                self.state = json.loads(contents)
            kinds.append(kind)
            at += HEAD.size + length
        assert [k for k in kinds if k != PAGES] == [MACHINE, STATE, END], kinds
        assert kinds[0] == MACHINE and kinds[-2] == STATE, kinds

    def word(self, address: int) -> int:
        page = self.pages.get(address & ~(PAGE - 1), bytes(PAGE))
        return struct.unpack_from("<I", page, address & (PAGE - 1))[0]

    def chunks(self) -> list[tuple[int, bytes, int]]:
        """Kind, contents and address of each chunk, one for each page."""
        return [(MACHINE, json.dumps(self.machine).encode(), 0),
                *((PAGES, page, address) for address, page in self.pages.items()),
                (STATE, json.dumps(self.state).encode(), 0), (END, b"", 0)]


def write(path: Path | str, chunks: list[tuple[int, bytes, int]]) -> None:
    Path(path).write_bytes(LINE + b"".join(
        chunk(kind, n, contents, address) for n, (kind, contents, address) in enumerate(chunks)))
