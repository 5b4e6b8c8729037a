# SPDX-License-Identifier: GPL-2.0-only
"""What a real CPU's TLBs and caches may still hold, watched while guests run (tests/instruments).

The emulator has no caches, and its TLB forgives an operation that is missing, late or too small.
The instruments know what the architecture lets a TLB or a cache hold, and report who relies on
less.
"""

from __future__ import annotations

import re
from dataclasses import replace

from host import _modules as host
from lib import Context, board, case

from harness.instruments import Watched, emulator
from harness.machine import Config
from harness.paths import BUILD, ToolError

NEEDS = board(guest=True, overlays=(host.PROGRAMS,))
GUESTS = ("memory", "smp", "psci", "faults")
HOTPLUG = """cd /sys/devices/system/cpu/cpu1
echo 0 >online && armvm run --kernel /tmp/smp.elf --memory 64M --cpus 2 >/dev/null && echo 1 >online
"""


def watched(t: Context, needs: Config = NEEDS) -> Watched:
    try:
        emulator()
    except ToolError as error:
        t.skip(str(error).splitlines()[0])
    return t.boot(needs, kind=Watched)


def program(t: Context, machine: Watched, *argv: str) -> None:
    result = machine.run(argv, timeout=200)
    errors = re.sub(r"^armvm: hint: .*\n", "", result.errors, flags=re.M)
    good = result.status == 0 and not errors
    t.check(good, f"{' '.join(argv)} ends well {'' if good else result.text + result.errors}")


def verdict(t: Context, machine: Watched, what: str, **least: int) -> None:
    """Nothing was reported; and there was enough to see."""
    counts = machine.counts()
    found = machine.violations()
    t.log(f"{what}: {counts}")
    t.check(not found and not counts["violations"],
            f"{what}: no rule is broken" + "".join(f"\n    {line}" for line in found))
    for name, number in least.items():
        t.check(counts[name] >= number, f"{what}: {counts[name]} {name}, at least {number}")


def reload(machine: Watched) -> None:
    machine.sh("rmmod kvm_armv7 && insmod /lib/kvm_armv7.ko").check()
    machine.arm()


def watch_memory(t: Context, needs: Config) -> None:
    """Slots come and go, pages are logged, aged, swapped out and moved."""
    machine = watched(t, needs)
    machine.arm()
    program(t, machine, "memory", "slots", "blocked")
    program(t, machine, "memory", "dirty")
    brd = BUILD / "kernel" / needs.flavour / "modules" / "kernel" / "drivers" / "block" / "brd.ko"
    machine.put(brd, "/tmp/brd.ko")
    machine.sh("insmod /tmp/brd.ko rd_nr=1 rd_size=4096 && mkswap /dev/ram0 >/dev/null && "
               "swapon /dev/ram0").check()
    program(t, machine, "memory", "young")
    if needs.flavour != "armmp":  # whose pages are never huge
        machine.sh("echo 6 >/proc/sys/vm/nr_hugepages").check()
        program(t, machine, "memory", "blocks", "block-young")
        program(t, machine, "memory", "block-log")
    program(t, machine, "many", "tables", "4", "200")
    program(t, machine, "many", "vcpus", "20")
    verdict(t, machine, "memory", stores=20_000, debts=2000, settled=2000, flushes=4000,
                   returns=3000, frees=1000, pages=3000, fetchable=30, returned=2000)


@case("silicon/watched-memory", tier="silicon", timeout=500, shard="watched-memory")
def memory(t: Context) -> None:
    watch_memory(t, NEEDS)


@case("silicon/watched-memory-short", tier="silicon", timeout=500, shard="watched-memory-short")
def memory_short(t: Context) -> None:
    """On a host whose own tables have short descriptors."""
    watch_memory(t, replace(NEEDS, flavour="armmp"))


@case("silicon/watched-vmids", timeout=500, shard="watched-vmids")
def vmids(t: Context) -> None:
    """VMIDs are used again, on a CPU whose instruction cache no exit invalidates.

    This one is short: `make test` runs it as its sample of the instruments.
    """
    machine = watched(t, replace(NEEDS, cpu="cortex-a7", module_args=("vmids=2",)))
    machine.arm()
    program(t, machine, "many", "vms", "5", "40")
    verdict(t, machine, "VMIDs", entries=200)
    # Generations end while a guest runs on the other CPU: it must not run on with its VMID.
    machine.put(BUILD / "guests" / "memory.elf", "/tmp/memory.elf")
    program(t, machine, "sh", "-c", "many vms 5 100 >/dev/null & many vms 4 100 >/dev/null & "
            "armvm run --kernel /tmp/memory.elf --memory 128M >/dev/null && wait")
    verdict(t, machine, "VMIDs while guests run", entries=1000)


@case("silicon/watched-guests", tier="silicon", timeout=500, shard="watched-guests")
def guests(t: Context) -> None:
    """vCPUs share CPUs, move, and meet a CPU that goes off and comes back."""
    machine = watched(t)
    machine.arm()
    for name in GUESTS:
        machine.put(BUILD / "guests" / f"{name}.elf", f"/tmp/{name}.elf")
        program(t, machine, "taskset", "1", "armvm", "run", "--kernel", f"/tmp/{name}.elf",
                "--memory", "128M", "--cpus", "2")
    machine.sh("echo 64 >/proc/sys/vm/nr_hugepages").check()
    for name in ("memory", "smp"):
        program(t, machine, "armvm", "run", "--kernel", f"/tmp/{name}.elf", "--memory", "128M",
                "--cpus", "2", "--hugepages")
    machine.sh("echo 0 >/proc/sys/vm/nr_hugepages").check()
    guest = machine.start_guest(cpus=2).wait()
    t.equal(guest.sh("dmesg | grep -c 'Brought up 1 node, 2 CPUs'; nproc").text.split()[-1:],
            ["2"], "a Linux guest has two CPUs")
    machine.sh(HOTPLUG, timeout=200).check()
    t.equal(guest.poweroff(), 0, "it was there meanwhile, and switches off")
    program(t, machine, "armvm", "run", "--kernel", "/tmp/smp.elf", "--memory", "64M", "--cpus",
            "2")
    reload(machine)
    program(t, machine, "armvm", "run", "--kernel", "/tmp/smp.elf", "--memory", "64M", "--cpus",
            "2")
    verdict(t, machine, "guests", stores=20_000, flushes=1000, entries=10_000, returns=5000,
            pages=10_000, fetchable=1000, returned=10_000, flushed=1000)


def watch_stores(t: Context, needs: Config) -> None:
    """What the kernel and processes write is cleaned before anything reads it past the caches."""
    machine = watched(t, replace(needs, module=False))
    machine.watch_stores()
    machine.sh("insmod /lib/kvm_armv7.ko").check()
    machine.arm()
    machine.put(BUILD / "guests" / "memory.elf", "/tmp/memory.elf")
    program(t, machine, "armvm", "run", "--kernel", "/tmp/memory.elf", "--memory", "128M")
    program(t, machine, "many", "tables", "2", "100")
    program(t, machine, "memory", "slots", "blocked")
    if needs.flavour != "armmp":
        machine.sh("echo 6 >/proc/sys/vm/nr_hugepages").check()
        program(t, machine, "memory", "blocks")
    verdict(t, machine, "stores", stores=20_000, pages=8000, fetchable=200, returned=8000)


@case("silicon/watched-stores", tier="silicon", timeout=900, shard="watched-stores")
def stores(t: Context) -> None:
    watch_stores(t, NEEDS)


@case("silicon/watched-stores-short", tier="silicon", timeout=900, shard="watched-stores-short")
def stores_short(t: Context) -> None:
    watch_stores(t, replace(NEEDS, flavour="armmp"))
