# SPDX-License-Identifier: GPL-2.0-only
"""Every kernel on each CPU with one to four of them: `make test-matrix`.

A cell builds the module as its own kernel's compiler flags want it, without a warning, boots that
kernel, runs bare programs and the stock kernel as guests, and unloads the module.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from lib import Context, board, case
from lib.building import build_module
from lib.hwpoints import HW_LINES, hw_lines, hwpoints
from oracle import _compare as compare

from harness import bare, kernel
from harness.machine import Board
from harness.paths import BUILD, KERNELS, write_file

CPUS = ("cortex-a15", "cortex-a7")
COUNTS = (1, 2, 3, 4)
PROGRAMS = ("breakpoints", "watchpoints", "timer", "smp")
# Of the tests' other programs a cell runs these.
NEEDED = [BUILD / "tests" / f"{folder}/overlay/usr/local/bin/{name}"
          for folder, name in (("linux", "hwpoints"), ("host", "run-work"))]


def cell_name(flavour: str, cpu: str, count: int) -> str:
    """matrix/sid-armmp-lpae/a15-2; a kernel of bookworm is called by its flavour alone."""
    name, _, suite = flavour.partition("@")
    return f"matrix/{suite}{'-' if suite else ''}{name}/{cpu.removeprefix('cortex-')}-{count}"


def on_bare_board(t: Context, name: str, cpu: str) -> str:
    """What the program prints on the bare board, which no host kernel changes: kept for later."""
    elf = compare.ELVES / f"{name}.elf"
    key = hashlib.sha256(elf.read_bytes()).hexdigest()[:16]
    kept = BUILD / "results" / "bare" / f"{name}-{cpu}-{key}"
    if not kept.exists():
        try:
            write_file(kept, bare.run(elf, f"matrix-{name}", cpu, 120))
        except bare.Broken as what:
            t.fail(f"{what}\n{what.text[-2000:]}")
    return kept.read_text(encoding="utf-8")


def overlay(t: Context) -> Path:
    """A small overlay: 13 MB of other programs would cost the guest's boot 3 s of 16."""
    root = t.dir / "overlay"
    (root / "usr/local/bin").mkdir(parents=True)
    for path in NEEDED:
        shutil.copy2(path, root / "usr/local/bin")
    return root


def programs(t: Context, machine: Board, cpu: str) -> None:
    for name in PROGRAMS:
        rows = [r for r in compare.read_table() if (r.program, r.cpu) == (name, cpu)]
        machine.put(compare.ELVES / f"{name}.elf", "/tmp/program.elf")
        argv = ["armvm", "run", "--kernel", "/tmp/program.elf", "--cpus", "2", "--memory", "64M"]
        result = machine.run(argv, timeout=240)
        text = result.stdout.decode("latin-1")
        t.log(f"-- {name} in a guest, status {result.status}\n{text}\n{result.errors}")
        if not t.check(result.status == 0, f"{name} runs in a guest: {text[-1000:]}"):
            continue
        try:
            here = compare.parse(name, on_bare_board(t, name, cpu))
            bad = compare.compare(here, compare.parse(name, text), rows)
        except compare.Malformed as what:
            bad = [str(what)]
        t.check(not bad, f"{name} prints the same in a guest as on the bare board {bad[:10]}")


def cell(t: Context, flavour: str, cpu: str, count: int, append: str = "") -> None:
    if not build_module(t, flavour):
        return
    machine = t.boot(board(guest=True, overlays=(overlay(t),), flavour=flavour, cpu=cpu, smp=count,
                           append=append))
    release = machine.run(["uname", "-r"]).check().text
    t.equal(release.strip(), kernel.abi(flavour), "the board runs that kernel")
    programs(t, machine, cpu)
    guest = machine.start_guest(cpus=count).wait()
    t.equal(guest.run(["uname", "-r"]).check().text, release, "the guest runs it too")
    t.equal(guest.run(["nproc"]).check().text, f"{count}\n", f"with {count} CPUs")
    t.equal(hw_lines(guest), HW_LINES, "the guest's kernel finds its debug registers")
    t.equal(hwpoints(guest, t.check, "guest"), hwpoints(machine, t.check, "board"),
            "ptrace's points are the same in the guest as on the board")
    t.equal(guest.poweroff(), 0, "the guest switches off")
    if count > 1:
        work = machine.run(["run-work"], timeout=60)
        t.equal((work.text.splitlines(), work.errors, work.status),
                (["CPU 0: yes", "CPU 1: yes", "CPU 0: yes", "the guest stored 1"], "", 0),
                "work that waits for a return to user space is done, and the guest runs on")
    t.equal(machine.run(["rmmod", "kvm_armv7"]).status, 0, "the module unloads")
    t.equal(machine.run(["insmod", "/lib/kvm_armv7.ko"]).status, 0, "and loads again")


def register(flavour: str, cpu: str, count: int) -> None:
    @case(cell_name(flavour, cpu, count), tier="matrix", timeout=1800)
    def run(t: Context) -> None:
        cell(t, flavour, cpu, count)


for _flavour in KERNELS:
    for _cpu in CPUS:
        for _count in COUNTS:
            register(_flavour, _cpu, _count)


@case("matrix/nohz-full/a15-2", tier="matrix", timeout=1800)
def nohz_full(t: Context) -> None:
    """Debian's kernels have NO_HZ_FULL, which a boot parameter turns on."""
    cell(t, "armmp-lpae", "cortex-a15", 2, append="nohz_full=1 rcu_nocbs=1")


@case("linux/newer-kernel", timeout=900)
def newer(t: Context) -> None:
    """A sample of the matrix: the newer kernel of the suite that the other cases run."""
    cell(t, "armmp-lpae@bookworm-backports", "cortex-a15", 2)


@case("linux/rt-kernel", timeout=900, shard="rt")
def rt(t: Context) -> None:
    """A sample of the matrix: PREEMPT_RT, and fewer bits of physical addresses."""
    cell(t, "rt-armmp", "cortex-a7", 2)
