# SPDX-License-Identifier: GPL-2.0-only
"""Boards that run under the instruments of tests/instruments, and what those report.

They need an emulator whose plugins can read registers, which bookworm's cannot. Debian trixie's
can: its packages are unpacked, and its own dynamic loader starts it.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import replace
from pathlib import Path

from .apt import Archive
from .machine import Board, Config
from .paths import BUILD, CACHE, CROSS, ToolError, lock, new_directory, run, write_file

PLUGIN = BUILD / "tests" / "instruments" / "watch.so"
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = f"{LIBRARIES}/ld-linux-x86-64.so.2"
# Functions of the module at whose return what their threads have changed in tables is visible, and
# no TLB holds what it was before. Where True, the Access flag may still be in a TLB.
PROMISES = {
    "stage2_fault": True,
    "stage2_map_device": True,
    "stage2_unmap": True,
    "stage2_protect": True,
    "stage2_flush_caches": True,
    "stage2_invalidate_start": True,
    "stage2_clear_flush_young": False,
    "stage2_clear_young": True,
    "stage2_table_destroy": True,
    "dirty_log_get": True,
    "dirty_log_clear": True,
    "memslot_set": True,
    "hyp_page_alloc": True,
    "hyp_page_free": True,
}
# HYP begins at one of these (docs/architecture.md); the kernel has no code there.
WINDOWS = (0x80000000, 0xC0000000)
HYP_SIZE = 0x10000
# What a rule stands on, in DDI 0406C.
RULES = {
    "break-before-make": "B3.10.1",
    "still-held": "B3.10.1, B3.10.6",
    "not-visible": "B3.10.1, A3.8.3",
    "freed-too-early": "B3.10.1",
    "vmid-again": "B3.10.1",
    "vcpu-again": "B3.10.1",
    "icache-again": "B2.2.5",
    "hyp-again": "B3.10.1, B3.10.2",
    "not-clean": "A3.5.7, B2.2.7, B3.10.1",
    "stale-lines": "A3.5.7",
    "stale-instructions": "B2.2.9, A3.8.3",
    "set-way": "B2.2.6",
}


def emulator() -> Path:
    """Unpack trixie's qemu-system-arm with its libraries, once; return the script that runs it."""
    packages = Archive("amd64", "trixie").get("qemu-system-arm", closure=True)
    root = CACHE / "emulators" / packages[-1].path.stem
    if not root.is_dir():
        with lock("emulators"):
            if not root.is_dir():
                with new_directory(root) as scratch:
                    for package in packages:
                        run(["dpkg-deb", "-x", package.path, scratch])
                    script = scratch / "qemu"
                    write_file(script, f'#!/bin/sh\nexec {root}/{LOADER} --library-path '
                                       f'{root}/{LIBRARIES} {root}/usr/bin/qemu-system-arm "$@"\n')
                    script.chmod(0o755)
    return root / "qemu"


class Watched(Board):
    """A board under the instruments. They look from power-up on; arm() when the module is there."""

    def __init__(self, config: Config, name: str = "") -> None:
        if not PLUGIN.exists():
            raise ToolError(f"{PLUGIN} has not been built: run `make test-programs`")
        super().__init__(config, name)
        self.report = self.run_dir / "violations"
        self._orders = self.run_dir / "orders"
        self._asked = 0
        self.symbols: list[tuple[int, str]] = []
        words = ("-machine", "memory-backend=ram",
                 "-object", f"memory-backend-memfd,id=ram,size={config.memory}M",
                 "-plugin", f"{PLUGIN},out={self.report},orders={self._orders}")
        self.config = replace(config, emulator=str(emulator()),
                              qemu_args=(*config.qemu_args, *words))

    def arm(self) -> None:
        """Tell the instruments where the functions are: call this when the module is loaded."""
        text = self.run(["cat", "/proc/kallsyms"]).check().text
        found = re.findall(r"^([0-9a-f]+) [tT] ([\w.]+)(?:\s+\[(\w+)\])?$", text, re.M)
        self.symbols = sorted((int(address, 16), name) for address, name, _ in found)
        ours = {name: int(address, 16) for address, name, module in found
                if module == "kvm_armv7"}
        free = next(int(address, 16) for address, name, module in found
                    if name == "free_pages" and not module)
        sizes = function_sizes(self.config.flavour)
        lines = [f"free {free:x}", f"flush {ours['stage2_flush_caches']:x}"]
        for name, ages in PROMISES.items():
            if name not in ours or name not in sizes:
                raise ToolError(f"the module has no function {name}: see {__file__}")
            lines.append(f"function {ours[name]:x} {sizes[name]:x} {int(ages)} {name}")
        self._order(lines)

    def watch_stores(self) -> None:
        """Look at each store of the host from now on: before the module is loaded."""
        self._order(["stores"])

    def _order(self, lines: list[str]) -> None:
        write_file(self._orders, "\n".join(lines) + "\n")
        self.run(["true"]).check()

    def counts(self) -> dict[str, int]:
        """What the instruments have counted so far."""
        self._asked += 1
        self._order([f"counts {self._asked}"])
        text = self.report.read_text(encoding="utf-8")
        line = re.search(rf"^counts {self._asked} (.*)$", text, re.M)
        if not line:
            raise ToolError(f"the instruments do not answer: see {self.run_dir}/qemu.log")
        return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", line[1])}

    def violations(self) -> list[str]:
        """What was found: rule, section, place, and what happened there."""
        found = []
        for rule, cpu, pc, text in re.findall(r"^violation (\S+) (\d+) ([0-9a-f]+) (.*)$",
                                              self.report.read_text(encoding="utf-8"), re.M):
            found.append(f"{rule} ({RULES[rule]}): CPU {cpu} at {self.place(int(pc, 16))}: {text}")
        return found

    def place(self, pc: int) -> str:
        """The function that an address is in."""
        for window in WINDOWS:
            if window <= pc < window + HYP_SIZE:
                return function_at(hyp_symbols(self.config.flavour), pc - window) + " (HYP)"
        return function_at(self.symbols, pc)


def function_at(symbols: list[tuple[int, str]], pc: int) -> str:
    at = bisect.bisect_right(symbols, (pc, "\x7f")) - 1
    return f"{symbols[at][1]}+{pc - symbols[at][0]:#x}" if at >= 0 else f"{pc:#x}"


def hyp_symbols(flavour: str) -> list[tuple[int, str]]:
    text = run([f"{CROSS}nm", BUILD / "module" / flavour / "hyp.elf"])
    return sorted((int(address, 16), name) for address, name in
                  re.findall(r"^([0-9a-f]+) [tT] (\w+)$", text, re.M))


def function_sizes(flavour: str) -> dict[str, int]:
    module = BUILD / "module" / flavour / "kvm_armv7.ko"
    text = run([f"{CROSS}nm", "-S", module])
    return {name: int(size, 16) for size, name in
            re.findall(r"^[0-9a-f]+ ([0-9a-f]+) [tT] (\S+)$", text, re.M)}
