#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write docs/results/device-trees.md: what the module does on each board of Debian's trees.

  docs/device-trees.py DIRECTORY           read every .dtb below DIRECTORY
  docs/device-trees.py --check DIRECTORY   exit 1 if the page is out of date

The rules are those of module/machine/machine.c, in its order. Each refusal here names the words of
the module's message, and they must be in that file.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import libfdt

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs" / "results" / "device-trees.md"
PROBE = TOP / "module" / "machine" / "machine.c"

CPUS = {f"arm,cortex-a{n}": f"A{n}" for n in (7, 12, 15, 17)}
TIMERS = ("arm,armv7-timer", "arm,armv8-timer")
VTIMER_INDEX = 2
GICS = ("arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,gic-400")
PAGE_SIZE = 4096
GICV_SIZE = 0x2000
GICH_SIZE = 0x200  # as far as the module uses it: see HYP_GICH_SIZE

NO_TIMER = "has no arm,armv7-timer node with a virtual timer interrupt"
NO_GIC = "the device tree has no GICv2"
NO_GICH = "GIC node lacks GICH, GICV or the maintenance interrupt"
BAD_GICV = "is not page aligned or is smaller than 8 KiB"
BAD_GICH = "crosses a page boundary"
REFUSALS = {
    NO_TIMER: "no architected timer",
    NO_GIC: "no GICv2 with virtualization",
    NO_GICH: "GICH, GICV or maintenance interrupt missing",
    BAD_GICV: "GICV shares a page",
    BAD_GICH: "GICH crosses a page",
}

TITLE = """\
# What Debian's device trees say

Made from the {count} device trees of Debian's package linux-image-{release}
by `docs/device-trees.py`; do not edit.

The {capable} trees below have a Cortex-A7, A12, A15 or A17. *Module* says what the module does
there: "loads" if the boot loader starts every CPU in HYP mode, which no device tree tells, or which
part of the tree makes it refuse. Some of those chips have what their tree leaves out.

*Timer*, where it is not empty, says that the virtual timer's interrupt is free in any case, so that
only asking each CPU tells whether it has HYP mode: the node has
`arm,cpu-registers-not-fw-configured` ("not configured") or is disabled.

"""


class Tree:
    """A flattened device tree. A node is its offset."""

    def __init__(self, blob: bytes) -> None:
        self.fdt = libfdt.FdtRo(blob)
        self.parents: dict[int, int] = {}
        self.nodes: list[int] = []
        self.properties: dict[int, dict[str, bytes]] = {}
        self._walk(0)

    def _walk(self, node: int) -> None:
        self.nodes.append(node)
        # Not getprop(): where a node lacks the property, bookworm's loses a reference to None.
        found = self.properties[node] = {}
        at = self.fdt.first_property_offset(node, libfdt.QUIET_NOTFOUND)
        while at >= 0:
            entry = self.fdt.get_property_by_offset(at)
            found[entry.name] = bytes(entry)
            at = self.fdt.next_property_offset(at, libfdt.QUIET_NOTFOUND)
        child = self.fdt.first_subnode(node, libfdt.QUIET_NOTFOUND)
        while child >= 0:
            self.parents[child] = node
            self._walk(child)
            child = self.fdt.next_subnode(child, libfdt.QUIET_NOTFOUND)

    def get(self, node: int, name: str) -> bytes | None:
        return self.properties[node].get(name)

    def cells(self, node: int, name: str) -> list[int]:
        data = self.get(node, name) or b""
        return [int.from_bytes(data[n:n + 4], "big") for n in range(0, len(data) - 3, 4)]

    def number(self, node: int, name: str, default: int) -> int:
        found = self.cells(node, name)
        return found[0] if found else default

    def strings(self, node: int, name: str) -> list[str]:
        return [s.decode("latin-1") for s in (self.get(node, name) or b"").split(b"\0") if s]

    def find(self, compatible: tuple[str, ...]) -> int | None:
        """The first node, in the tree's order, that is one of these."""
        return next((n for n in self.nodes
                     if set(self.strings(n, "compatible")) & set(compatible)), None)

    def address_cells(self, bus: int) -> int:
        return self.number(bus, "#address-cells", 2)

    def size_cells(self, bus: int) -> int:
        return self.number(bus, "#size-cells", 1)

    def reg(self, node: int) -> list[tuple[int, int]]:
        """The address for the CPU and the size of each register range that has one."""
        bus = self.parents[node]
        wide, long = self.address_cells(bus), self.size_cells(bus)
        cells, found = self.cells(node, "reg"), []
        for at in range(0, len(cells) - wide - long + 1, wide + long):
            address = self.translate(bus, join(cells[at:at + wide]))
            if address is not None:
                found.append((address, join(cells[at + wide:at + wide + long])))
        return found

    def translate(self, bus: int, address: int) -> int | None:
        """From an address on BUS to the root's; None if a bus on the way has no translation."""
        while bus:
            parent = self.parents[bus]
            if self.get(bus, "ranges") is None:
                return None
            ranges = self.cells(bus, "ranges")
            here, there, size = (self.address_cells(bus), self.address_cells(parent),
                                 self.size_cells(bus))
            step = here + there + size
            for at in range(0, len(ranges) - step + 1, step):
                start = join(ranges[at:at + here])
                length = join(ranges[at + here + there:at + step])
                if start <= address < start + length:
                    address += join(ranges[at + here:at + here + there]) - start
                    break
            else:
                if ranges:
                    return None
            bus = parent
        return address

    def interrupts(self, node: int) -> int:
        """How many interrupts the node has."""
        if self.get(node, "interrupts-extended"):
            # A phandle and the controller's cells each; all controllers here are GICs: 3.
            return len(self.cells(node, "interrupts-extended")) // 4
        at: int | None = node
        while at is not None and self.get(at, "interrupt-parent") is None:
            at = self.parents.get(at)
        cells = 3
        if at is not None:
            handle = self.number(at, "interrupt-parent", 0)
            controller = self.fdt.node_offset_by_phandle(handle, libfdt.QUIET_NOTFOUND)
            if controller >= 0:
                cells = self.number(controller, "#interrupt-cells", 3)
        return len(self.cells(node, "interrupts")) // cells


def join(cells: list[int]) -> int:
    value = 0
    for cell in cells:
        value = value << 32 | cell
    return value


@dataclass
class Board:
    file: str
    model: str
    cpus: str
    refusal: str = ""  # words of the module's message
    timer: list[str] = field(default_factory=list)


def cpus(tree: Tree) -> str:
    """Such as `4 x A15, 4 x A7`; empty if none of them can host guests."""
    count = Counter(CPUS[name] for node in tree.nodes
                    if node and tree.fdt.get_name(tree.parents[node]) == "cpus"
                    for name in tree.strings(node, "compatible") if name in CPUS)
    return ", ".join(f"{n} x {name}" for name, n in count.items())


def judge(tree: Tree, board: Board) -> str:
    """Return the words of the message with which the module refuses, or nothing."""
    timer = tree.find(TIMERS)
    if timer is None or tree.interrupts(timer) <= VTIMER_INDEX:
        return NO_TIMER
    if tree.get(timer, "arm,cpu-registers-not-fw-configured") is not None:
        board.timer.append("not configured")
    if tree.strings(timer, "status") == ["disabled"]:
        board.timer.append("disabled")
    gic = tree.find(GICS)
    if gic is None:
        return NO_GIC
    reg = tree.reg(gic)
    if len(reg) < 4 or not tree.interrupts(gic):
        return NO_GICH
    (gich, _), (gicv, gicv_size) = reg[2:4]
    if gicv % PAGE_SIZE or gicv_size < GICV_SIZE:
        return BAD_GICV
    if gich % PAGE_SIZE + GICH_SIZE > PAGE_SIZE:
        return BAD_GICH
    return ""


def read(path: Path, top: Path) -> Board:
    tree = Tree(path.read_bytes())
    model = " ".join(tree.strings(0, "model") or tree.strings(0, "compatible")[:1])
    board = Board(path.relative_to(top).with_suffix("").as_posix(), model, cpus(tree))
    if board.cpus:
        board.refusal = judge(tree, board)
    return board


def check_messages() -> None:
    """The module's messages, their pieces joined, contain the words that stand for them here."""
    said = re.sub(r'"\s*"', "", PROBE.read_text(encoding="utf-8"))
    for words in REFUSALS:
        if words not in said:
            raise SystemExit(f"{PROBE.name} has no message with '{words}'")


def cell(text: str) -> str:
    return text.replace("|", "\\|").strip()


def page(boards: list[Board], release: str) -> str:
    capable = [b for b in boards if b.cpus]
    text = TITLE.format(count=len(boards), capable=len(capable), release=release)
    verdicts = Counter((b.refusal, ", ".join(b.timer)) for b in capable)
    text += "| module | timer | trees |\n|---|---|---|\n"
    for (refusal, timer), count in sorted(verdicts.items()):
        text += f"| {REFUSALS.get(refusal, 'loads')} | {timer} | {count} |\n"
    text += "\n| file | board | CPUs | module | timer |\n|---|---|---|---|---|\n"
    for b in capable:
        text += (f"| {cell(b.file)} | {cell(b.model)} | {b.cpus} | "
                 f"{REFUSALS.get(b.refusal, 'loads')} | {', '.join(b.timer)} |\n")
    return text


def main(argv: list[str]) -> int:
    check = argv[:1] == ["--check"]
    top = Path(argv[-1])
    check_messages()
    boards = [read(path, top) for path in sorted(top.rglob("*.dtb"))]
    text = page(boards, top.name.removeprefix("linux-image-"))
    if not check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE.name} is out of date: run docs/device-trees.py {top}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
