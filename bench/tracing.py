# SPDX-License-Identifier: GPL-2.0-only
"""Traces of the bench's loops: what a round of each executes, with the function it belongs to."""

from __future__ import annotations

import bisect
import re
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

BENCH = Path(__file__).resolve().parent
TOP = BENCH.parent
if str(TOP / "tools") not in sys.path:
    sys.path.insert(0, str(TOP / "tools"))
from harness.machine import Board, Config  # noqa: E402

OUT = TOP / "build" / "bench"
PLUGIN = OUT / "trace-plugin.so"
ICOUNT = TOP / "build" / "guests" / "icount.elf"
NM = "arm-linux-gnueabihf-nm"
# HYP's window begins at one of these (docs/architecture.md); the kernel has no code there.
WINDOWS = (0x80000000, 0xC0000000)
SHORTEST = 30  # passes of a mark that are closer are not a round of a loop
ACCESS = 0xFFFFFFF0  # of trace-plugin.c
PRESENT = 4 << 20  # bytes of initial RAM disk: pages that armvm has written
PRESENT_AT = (61 << 20) // 4096  # where that is in RAM, in pages


@dataclass
class Round:
    """The instructions of a round, as (address, first word, function, offset into it)."""

    instructions: list[tuple[int, int, str, int]] = field(default_factory=list)
    accesses: list[tuple[int, bool]] = field(default_factory=list)  # (region, whether a store)


class Symbols:
    """All functions, by address."""

    def __init__(self) -> None:
        self.names: list[tuple[int, str]] = []

    def add_elf(self, path: Path, place: str) -> dict[str, int]:
        """The text symbols of a program; return their addresses."""
        text = subprocess.run([NM, path], check=True, capture_output=True, text=True).stdout
        found = {name: int(address, 16) for address, name in
                 re.findall(r"^([0-9a-f]+) [tTwW] ([^$\n]+)$", text, re.M)}
        self.names += [(address, f"{place}: {name}") for name, address in found.items()]
        return found

    def add_kallsyms(self, text: str) -> None:
        for address, name, module in re.findall(
                r"^([0-9a-f]+) [tTwW] ([^$\s]\S*)(?:\s+\[(\w+)\])?$", text, re.M):
            self.names.append((int(address, 16), f"{'module' if module else 'kernel'}: {name}"))

    def find(self, pc: int) -> tuple[str, int]:
        at = bisect.bisect_right(self.names, (pc, "\x7f")) - 1
        return (self.names[at][1], pc - self.names[at][0]) if at >= 0 else ("?", pc)


def loops() -> dict[str, str]:
    """The loops of guests/icount.c and the function that each calls; the first one of each."""
    text = (TOP / "guests" / "icount.c").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for name, function in re.findall(r'\{ "([\w-]+)", (\w+), \w+, \w+ \}', text):
        if function not in found.values():
            found[name] = function
    return found


def build() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o",
                    PLUGIN, BENCH / "trace-plugin.c"], check=True)


def run_loops(marks: list[int]) -> tuple[Path, str]:
    """Run the loops on a board; return the plugin's log and /proc/kallsyms."""
    build()
    log = OUT / "trace.bin"
    argument = ",".join([str(PLUGIN), f"out={log}", *(f"mark={mark:#x}" for mark in marks)])
    config = Config(smp=1, icount=True, guest=True, qemu_args=("-plugin", argument))
    with Board(config, "trace") as board:
        board.put(ICOUNT, "/tmp/icount.elf")
        kallsyms = board.run(["cat", "/proc/kallsyms"]).check().text
        board.sh("echo never >/sys/kernel/mm/transparent_hugepage/enabled").check()
        board.sh(f"head -c {PRESENT} /dev/zero >/tmp/present").check()
        board.run(["armvm", "run", "--kernel", "/tmp/icount.elf", "--memory", "64M",
                   "--initrd", "/tmp/present",
                   "--append", f"rounds=128 present={PRESENT_AT}"], timeout=600).check()
    return log, kallsyms


def shortest(log: Path) -> dict[int, list[tuple[int, int]]]:
    """Each mark's round with the fewest instructions: no interrupt of the host fell into it."""
    rounds: dict[int, list[tuple[int, int]]] = {}
    data = log.read_bytes()
    at = 0
    while at < len(data):
        mark, count = struct.unpack_from("<2I", data, at)
        words = struct.unpack_from(f"<{2 * count}I", data, at + 8)
        at += 8 + 8 * count
        entries = list(zip(words[::2], words[1::2]))
        if count >= SHORTEST and (mark not in rounds or count < len(rounds[mark])):
            rounds[mark] = entries
    return rounds


def trace(names: list[str]) -> dict[str, Round]:
    """Trace loops of guests/icount.c by their names."""
    symbols, hyp = Symbols(), Symbols()
    guest = symbols.add_elf(ICOUNT, "guest")
    symbols.add_elf(TOP / "build" / "vmm" / "armvm", "armvm")
    hyp.add_elf(TOP / "build" / "module" / "armmp-lpae" / "hyp.elf", "HYP")
    hyp.names.sort()
    log, kallsyms = run_loops([guest[loops()[name]] for name in names])
    symbols.add_kallsyms(kallsyms)
    symbols.names.sort()
    end = hyp.names[-1][0]

    def place(pc: int) -> tuple[str, int]:
        window = next((w for w in WINDOWS if w <= pc <= w + end), None)
        return symbols.find(pc) if window is None else hyp.find(pc - window)

    found = {name: Round() for name in names}
    for number, entries in shortest(log).items():
        one = found[names[number]]
        for pc, code in entries:
            if pc >= ACCESS:
                one.accesses.append((pc - ACCESS, bool(code)))
            else:
                one.instructions.append((pc, code, *place(pc)))
    return found
