# SPDX-License-Identifier: GPL-2.0-only
"""Arm code as objdump prints it, instruction by instruction, and where control goes."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

CROSS = os.environ.get("CROSS_COMPILE", "arm-linux-gnueabihf-")
CONDITIONS = "eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|hs|lo"


@dataclass(frozen=True)
class Insn:
    address: int
    function: str
    text: str
    name: str  # the mnemonic, without its condition
    conditional: bool
    operands: str
    target: int | None  # of a branch

    @property
    def key(self) -> tuple[int, ...]:
        """The encoding of an access to a coprocessor: all numbers but those of core registers."""
        return tuple(int(n) for n in re.findall(r"\b(?:cr)?(\d+)\b", self.operands))


def run(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


class Program:
    def __init__(self, elf: str) -> None:
        self.code: dict[int, Insn] = {}
        self.symbols: dict[str, int] = {}
        function = ""
        for line in run(CROSS + "objdump", "-d", "--no-show-raw-insn", elf).splitlines():
            if start := re.match(r"([0-9a-f]+) <([^>]+)>:$", line):
                function = start[2]
                self.symbols[function] = int(start[1], 16)
            elif found := re.match(r"\s+([0-9a-f]+):\t(\S+)\s*([^@;]*)", line):
                address, mnemonic, operands = int(found[1], 16), found[2], found[3].strip()
                plain = re.fullmatch(rf"(b|bl|bx|blx|mcr|mrc|mcrr|mrrc|pop|ldm|ldmfd|mov|movs|ldr|"
                                     rf"eret|add)({CONDITIONS})(?:\.\w)?", mnemonic)
                name = plain[1] if plain and mnemonic not in ("bls", "bics") else mnemonic
                if mnemonic == "bls":
                    name, plain = "b", re.match("b", "b")
                target = re.match(r"([0-9a-f]+) <", operands)
                self.code[address] = Insn(address, function, f"{mnemonic} {operands}", name,
                                          plain is not None, operands,
                                          int(target[1], 16) if target and name in ("b", "bl")
                                          else None)

    def returns(self, insn: Insn) -> bool:
        return (insn.name == "bx" and insn.operands == "lr"
                or insn.name in ("pop", "ldm", "ldmfd") and "pc" in insn.operands
                or insn.name == "ldr" and insn.operands.startswith("pc"))

    def next(self, insn: Insn) -> list[int]:
        """Where control goes, but for calls and returns."""
        after = [insn.address + 4] if insn.address + 4 in self.code else []
        if insn.name == "b" and insn.target is not None:
            return [insn.target] + (after if insn.conditional else [])
        if insn.name == "bx" and insn.operands == "r3":
            return after  # to itself, in the identity mapping (give_back in entry.S)
        if insn.name in ("eret", "bx") or self.returns(insn) or insn.name == "udf":
            return after if insn.conditional else []
        return after
