# SPDX-License-Identifier: GPL-2.0-only
"""Loading the module: where it works, where it cannot work, and repeatedly."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from lib import Context, board, case
from lib.registry import TOP
from lib.hwpoints import hw_lines, hwpoints
from lib.session import OVERLAY, READY

from harness import models
from harness.firmware import Firmware
from harness.machine import Board
from harness.paths import FLAVOURS

MAIN = board(guest=True, overlays=(OVERLAY,))
NO_HYP = board(virt=False, module=False)
MAINTENANCE, VIRTUAL_TIMER = 25, 27  # PPIs of the board


def refused(t: Context, machine: Board, what: str) -> None:
    """insmod fails with ENODEV, the log says why in one sentence, and nothing stays behind."""
    result = machine.sh("insmod /lib/kvm_armv7.ko")
    t.check(result.status != 0, "insmod fails")
    t.contains(result.errors, "No such device", "the error is ENODEV")
    # busybox's insmod tries both system calls, so the sentence comes twice.
    lines = {line for line in re.findall(r"kvm_armv7: (.*)", machine.sh("dmesg").text)
             if "taint" not in line}
    t.check(len(lines) == 1 and re.search(what, min(lines)), f"one sentence says why: {lines}")
    t.check(machine.sh("ls /dev/kvm").status != 0, "there is no /dev/kvm")
    t.equal(machine.sh("lsmod").text.count("kvm"), 0, "no module is loaded")


@case("linux/module-ready-line", needs=MAIN)
def ready(t: Context) -> None:
    t.check(READY.search(t.board.sh("dmesg").text), "one line says what the module found")
    t.equal(t.board.sh("stat -c %t:%T /dev/kvm").text, "a:e8\n",
            "/dev/kvm is character device 10:232")
    t.board.sh("mount -t debugfs none /sys/kernel/debug")
    cpus = re.findall(r"^cpu (\d) midr 0x(\w{8}) revidr 0x\w{8} actlr 0x\w{8}$",
                      t.board.sh("armvm check --report").text, re.M)
    fields = dict(re.findall(r"^CPU (\w+)\t: (\w+)$", t.board.sh("cat /proc/cpuinfo").text, re.M))
    midr = int(fields["implementer"], 0) << 24 | int(fields["variant"], 0) << 20 | 0xf << 16 | \
        int(fields["part"], 0) << 4 | int(fields["revision"])
    t.equal(cpus, [("0", f"{midr:08x}"), ("1", f"{midr:08x}")],
            "the report has MIDR and REVIDR of each CPU, MIDR as /proc/cpuinfo has it")


def selftest(machine: Board, parameters: str = "") -> tuple[str, list[str]]:
    """Load the module with its selftest: what insmod says, and what the selftest logs."""
    machine.sh("rmmod kvm_armv7; dmesg -c >/dev/null")
    errors = machine.sh(f"insmod /lib/kvm_armv7.ko selftest=1 {parameters}").errors
    return errors, re.findall(r"kvm_armv7: selftest: (.*)", machine.sh("dmesg").text)


@case("linux/module-selftest", needs=MAIN, timeout=300)
def selftest_passes(t: Context) -> None:
    t.end_guests()
    steps = ("enter", "hypercall", "stage 2 fault", "VFP", "timer", "watchpoint")
    begun = [f"CPU{cpu}: {step}" for cpu in range(2) for step in steps]
    try:
        t.equal(selftest(t.board), ("", [*begun, f"passed on 2 CPUs: {', '.join(steps)}"]),
                "each CPU takes each step, and one line says so")
        t.check(READY.search(t.board.sh("dmesg").text), "then the module is ready")
        errors, lines = selftest(t.board, "debug=0")
        t.equal((errors, lines[-1:]),
                ("", ["passed on 2 CPUs: enter, hypercall, stage 2 fault, VFP, timer; "
                     "no watchpoints to test"]), "without debug registers there are five steps")
        t.equal(t.board.sh("cat /sys/module/kvm_armv7/parameters/selftest").text, "Y\n",
                "the parameter can be read")
    finally:
        t.board.sh("rmmod kvm_armv7; insmod /lib/kvm_armv7.ko").check()
    t.board.put(TOP / "build" / "guests" / "hello.elf", "/tmp/hello.elf")
    result = t.board.run(["armvm", "run", "--kernel", "/tmp/hello.elf", "--memory", "16M"])
    t.check(result.status == 0 and ", 0 failed" in result.text, "a guest runs after it")


@case("linux/module-without-hyp", needs=NO_HYP)
def without_hyp(t: Context) -> None:
    t.contains(t.board.sh("dmesg").text, "CPU: All CPU(s) started in SVC mode",
               "this board has no HYP mode")
    refused(t, t.board, r"HYP|Virtualization Extensions")


@case("linux/module-secure", timeout=180, shard="secure")
def secure(t: Context) -> None:
    """Firmware left the CPUs in Secure state, and the timer's interrupt does not tell.

    Where the timer's node has this property Linux uses another interrupt than the virtual
    timer's, in HYP mode or not: the module has to ask the CPU. An HVC would end the machine.
    """
    blob = t.dir / "board.dtb"
    blob.write_bytes(models.tree(models.MODELS["vexpress-a15"], FLAVOURS[0]).read_bytes())
    subprocess.run(["fdtput", blob, "/timer", "arm,cpu-registers-not-fw-configured"], check=True)
    machine = t.boot(board(machine="vexpress-a15", virt=False, module=False, dtb=blob))
    t.contains(machine.sh("dmesg").text, "CPU: All CPU(s) started in SVC mode",
               "this board has no HYP mode")
    refused(t, machine, r"CPU0 was not started in HYP mode \(it runs in Secure state\)")
    t.equal(machine.sh("grep -c . /proc/cpuinfo >/dev/null; echo lives").text, "lives\n",
            "the machine lives")


@case("linux/module-group-0", timeout=300, shard="group-0")
def group_0(t: Context) -> None:
    """Firmware kept a PPI for itself: the kernel's writes to its bits in the GIC are ignored."""
    machine = t.boot(board(module=False, firmware=Firmware(group0_others=1 << MAINTENANCE)))
    sentence = r"CPU1's GIC maintenance interrupt belongs to Secure state; firmware must put it"
    refused(t, machine, sentence)
    cpu = "/sys/devices/system/cpu/cpu1/online"
    machine.sh(f"echo 0 >{cpu} && insmod /lib/kvm_armv7.ko && dmesg -c >/dev/null").check()
    t.equal(machine.sh(f"echo 1 >{cpu} && nproc").text, "2\n",
            "with that CPU off it loads, and the CPU comes back")
    t.check(re.search(sentence, machine.sh("dmesg").text), "the sentence says why it has no guests")
    machine.put(TOP / "build" / "guests" / "hello.elf", "/tmp/hello.elf")
    for cpu_mask, runs in ((1, True), (2, False)):
        result = machine.sh(f"taskset {cpu_mask} armvm run --kernel /tmp/hello.elf --memory 16M")
        t.equal((result.status == 0, ", 0 failed" in result.text), (runs, runs),
                f"a guest with mask {cpu_mask} {'runs' if runs else 'does not'}: {result.errors}")


@case("linux/module-group-0-timer", timeout=300, shard="group-0-timer", tier="long")
def group_0_timer(t: Context) -> None:
    machine = t.boot(board(module=False, firmware=Firmware(group0_boot=1 << VIRTUAL_TIMER)))
    refused(t, machine, r"CPU0's virtual timer interrupt belongs to Secure state; firmware must")


@case("linux/module-vexpress", timeout=300, shard="vexpress", tier="long")
def vexpress(t: Context) -> None:
    """A board that is not QEMU's `virt`, with Debian's device tree."""
    machine = t.boot(board(machine="vexpress-a15", guest=True))
    t.check(READY.search(machine.sh("dmesg").text), "one line says what the module found")
    guest = machine.start_guest(cpus=2).wait()
    t.equal(guest.sh("nproc").text, "2\n", "a guest with two CPUs boots")
    t.equal(guest.poweroff(), 0, "and switches off")


def tree_with_gic(t: Context, change: Callable[[list[str]], list[str]]) -> Path:
    """The board's device tree with other cells in the GIC node's reg: GICD, GICC, GICH, GICV."""
    blob = t.dir / "board.dtb"
    subprocess.run(["qemu-system-arm", "-M",
                    f"virt,virtualization=on,gic-version=2,dumpdtb={blob}", "-cpu", "cortex-a15",
                    "-smp", "2", "-m", "1024", "-nodefaults", "-display", "none"], check=True,
                   capture_output=True)
    node = "/" + next(n for n in subprocess.run(["fdtget", "-l", blob, "/"], check=True, text=True,
                                                capture_output=True).stdout.split() if "intc@" in n)
    cells = subprocess.run(["fdtget", "-t", "x", blob, node, "reg"], check=True, text=True,
                           capture_output=True).stdout.split()
    t.equal(len(cells), 16, "QEMU's node has four ranges")
    subprocess.run(["fdtput", "-t", "x", blob, node, "reg", *change(cells)], check=True)
    return blob


@case("linux/module-without-virtual-gic", timeout=180, shard="no-gic")
def without_gic(t: Context) -> None:
    """A device tree whose GIC node has only distributor and CPU interface, as on old boards."""
    machine = t.boot(board(module=False, dtb=tree_with_gic(t, lambda cells: cells[:8])))
    refused(t, machine, r"GIC")


@case("linux/module-selftest-refuses", timeout=240, shard="wrong-gicv", tier="long")
def selftest_refuses(t: Context) -> None:
    """A device tree with a wrong address of GICV, which only a guest's access can find out."""
    nowhere = ["0", "a100000"]
    blob = tree_with_gic(t, lambda cells: [*cells[:12], *nowhere, *cells[14:]])
    machine = t.boot(board(module=False, dtb=blob))
    errors, lines = selftest(machine)
    t.contains(errors, "Input/output error", "insmod fails with EIO")
    t.check(re.fullmatch(r'CPU0 fails at "timer": the guest took exception 4, LR 80000\w+; '
                         r"PC 80000\w+", lines[-1]), f"one line says at which step: {lines}")
    t.check(machine.sh("ls /dev/kvm").status != 0, "there is no /dev/kvm")
    t.equal((machine.sh("lsmod").text.count("kvm"),
             machine.sh("cat /proc/interrupts").text.count("kvm_armv7")), (0, 0),
            "no module is loaded, and it has no interrupts")
    machine.sh("insmod /lib/kvm_armv7.ko").check()
    t.check(READY.search(machine.sh("dmesg").text), "without the selftest it loads")


@case("linux/module-load-unload-20", needs=MAIN, timeout=400)
def again(t: Context) -> None:
    """A guest runs in between each time; at the end the host's debug registers work as before."""
    t.end_guests()
    t.board.put(TOP / "build" / "guests" / "hello.elf", "/tmp/hello.elf")
    before = hwpoints(t.board, t.check, "board, before")
    for turn in range(20):
        t.equal(t.board.sh("rmmod kvm_armv7").status, 0, f"unload {turn + 1}")
        t.check(t.board.sh("ls /dev/kvm").status != 0, "/dev/kvm is gone")
        t.equal(t.board.sh("insmod /lib/kvm_armv7.ko").status, 0, f"load {turn + 1}")
        result = t.board.run(["armvm", "run", "--kernel", "/tmp/hello.elf", "--memory", "16M"])
        t.check(result.status == 0 and ", 0 failed" in result.text,
                f"guest {turn + 1}: {result.text}")
    t.equal(hwpoints(t.board, t.check, "board, after"), before, "the board's points are unchanged")
    t.check(READY.search(t.board.sh("dmesg | tail -n 20").text),
            "the last load logs the same as the first")


@case("linux/module-busy-cannot-unload", needs=MAIN, timeout=180)
def busy(t: Context) -> None:
    guest = t.guest(cpus=1)
    t.check(t.board.sh("rmmod kvm_armv7").status != 0,
            "the module cannot be unloaded while a guest runs")
    t.equal(guest.run(["true"]).status, 0, "the guest still runs")


@case("linux/module-debug-off", needs=MAIN, timeout=300)
def debug_off(t: Context) -> None:
    """debug=0: the guest has no debug registers, can tell, and works."""
    t.end_guests()
    t.board.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko debug=0").check()
    try:
        guest = t.guest(cpus=1, fresh=True)
        t.equal(hw_lines(guest), ["hw-breakpoint: debug architecture 0x0 unsupported."],
                "its kernel finds none")
        result = guest.run(["hwpoints"])
        t.contains(result.text, "resources = 0x00000000", "ptrace offers none")
        t.equal(result.status, 1, "so a debugger cannot use any")
        hwpoints(t.board, t.check, "board")
        t.end_guests()
    finally:
        t.board.sh("rmmod kvm_armv7; insmod /lib/kvm_armv7.ko").check()
