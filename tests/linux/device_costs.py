# SPDX-License-Identifier: GPL-2.0-only
"""What requests to armvm's devices cost: instructions and exits, beside kvmtool and the board."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lib import Context, board, case, kvmtool
from lib.registry import TOP
from lib.session import OVERLAY, RESIDENT, seconds_to_init

from harness.machine import Board, Guest

# One instruction takes one nanosecond of board time. All that the board does for a request is in
# it: guest, module, armvm, the host's kernel. The board has no high memory: a page of it has to be
# mapped for each copy, and chance would decide which pages are there.
COUNTED = board(guest=True, smp=1, icount=True, memory=600, overlays=(OVERLAY,),
                modules=("brd", "tun", "vhost_net"),
                guest_modules=("virtio_mmio", "virtio_blk", "virtio_net"))
TRACING = "/sys/kernel/tracing"
# Each with what a line of the trace has if it counts. KVM_RUN also ends, and is restarted, when
# another thread shall run; that is no exit to armvm.
EVENTS = {"kvm_exit": ": kvm_exit: ", "kvm_userspace_exit": ": kvm_userspace_exit: reason KVM_EXIT"}
RESULTS = TOP / "build" / "device-costs"
# A request, how the program is called, how many of them.
DISK = (("disk, 4 KiB read in order", "read {disk} 4096", 400),
        ("disk, 4 KiB written in order", "write {disk} 4096", 400),
        ("disk, 4 KiB read at random", "random-read {disk} 4096", 400),
        ("disk, 4 KiB written at random", "random-write {disk} 4096", 400),
        ("disk, 256 KiB read in order", "read {disk} 262144", 60))
NET = (("a datagram of 64 bytes, and its echo", "udp {host} 7", 400),
       ("64 KiB of a TCP stream, to the board", "tcp {host} 9", 100))


def nanoseconds(machine: Board | Guest, words: str, count: int) -> int:
    text = machine.run(["requests", *words.split(), str(count)], timeout=300).check().text
    return int(text.split()[1])


def instructions(machine: Board | Guest, words: str, count: int) -> float:
    """Of one request: the best of three, and without what comes before the first."""
    best = [min(nanoseconds(machine, words, n) for _ in range(3)) for n in (count, 2 * count)]
    return (best[1] - best[0]) / count


def counted(t: Context, run: Callable[[], object]) -> list[int]:
    """How many of each of EVENTS there are while RUN runs. Counting has a price."""
    on, off = (" && ".join(f"echo {on} >{TRACING}/events/kvm/{event}/enable" for event in EVENTS)
               for on in (1, 0))
    t.board.sh(f"{off}; echo >{TRACING}/trace && {on}").check()
    run()
    t.board.sh(off).check()
    rows = EVENTS.items()
    # The buffer has room for all of them: the file says so in its head.
    text = t.board.sh(f"head -4 {TRACING}/trace; cut -c1-120 {TRACING}/trace | "
                      f"awk '{' '.join(f'/{line}/ {{ {event}++ }}' for event, line in rows)} "
                      f"END {{ print {', '.join(f'{event} + 0' for event, _ in rows)} }}'"
                      ).check().text
    kept, written = re.search(r"entries-in-buffer/entries-written: (\d+)/(\d+)", text).groups()
    t.check(kept == written, f"all events are in the buffer ({kept} of {written})")
    return [int(n) for n in text.splitlines()[-1].split()]


def exits(t: Context, guest: Guest, words: str, count: int) -> list[float]:
    """Of one request: exits to the host's kernel, and those of them that end KVM_RUN."""
    seen = []
    for n in (count, 2 * count):
        seen.append(counted(t, partial(nanoseconds, guest, words, n)))
    return [(b - a) / count for a, b in zip(*seen)]


@dataclass
class Cost:
    """Of one request."""

    instructions: float
    exits: float
    to_vmm: float


@dataclass
class Measured:
    """What a VMM has been measured with."""

    requests: dict[str, Cost]
    boot: float  # in seconds, of which each is a thousand million instructions
    resident: int  # in KiB, without the guest's RAM


def measure(t: Context, guest: Guest | kvmtool.Guest, table: tuple) -> dict[str, Cost]:
    found = {}
    for name, words, count in table:
        words = words.format(disk="/dev/vda", host="198.51.100.1")
        cost = Cost(instructions(guest, words, count), *exits(t, guest, words, count))
        t.check(cost.exits > cost.to_vmm > 0.5, f"{name}: with exits: {cost}")
        found[name] = cost
    return found


def use_network(t: Context, guest: Guest | kvmtool.Guest) -> None:
    t.board.sh("ip addr flush dev tap0; ip addr add 198.51.100.1/24 dev tap0; "
               "ip link set tap0 up; ip link set lo up").check()
    guest.sh("ip addr add 198.51.100.2/24 dev eth0 && ip link set eth0 up").check()


def table_of(vhost: str) -> tuple:
    return NET if vhost == "on" else DISK + NET


def measure_armvm(t: Context, vhost: str) -> Measured:
    guest = t.guest(fresh=True, extra=("--disk", "/dev/ram0", "--net", f"tap=tap0,vhost={vhost}"))
    use_network(t, guest)
    found = Measured(measure(t, guest, table_of(vhost)), seconds_to_init(guest),
                     int(t.board.sh(RESIDENT).text))
    t.end_guest()
    return found


def measure_kvmtool(t: Context, vhost: str) -> Measured:
    """The same, as far as kvmtool can: it has no O_DIRECT unless it is asked for."""
    guest = kvmtool.Guest(t, ("-d", "/dev/ram0,direct", "-n",
                              f"mode=tap,tapif=tap0,vhost={int(vhost == 'on')}"))
    use_network(t, guest)
    found = Measured(measure(t, guest, table_of(vhost)), seconds_to_init(guest),
                     int(t.board.sh(kvmtool.RESIDENT).text))
    t.equal(guest.poweroff(), 0, "kvmtool ends well")
    return found


def on_the_board(t: Context, table: tuple) -> dict[str, float]:
    """Another RAM disk, and the board itself over lo."""
    return {name: instructions(t.board, words.format(disk="/dev/ram1", host="127.0.0.1"), count)
            for name, words, count in table}


def rows(vmms: dict[str, Measured], own: dict[str, float]) -> list[str]:
    """A row for each request: instructions of each VMM and the board, then exits of each VMM."""
    lines = []
    for name in next(iter(vmms.values())).requests:
        costs = [vmm.requests[name] for vmm in vmms.values()]
        cells = [name, *(f"{cost.instructions:.0f}" for cost in costs), f"{own[name]:.0f}",
                 *(f"{cost.exits:.1f}, {cost.to_vmm:.1f}" for cost in costs)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


@case("linux/device-costs", needs=COUNTED, tier="long", timeout=3600)
def costs(t: Context) -> None:
    t.board.sh(f"""
        mount -t tracefs none {TRACING}
        echo 8192 >{TRACING}/buffer_size_kb
        requests echo 7 >/dev/null 2>&1 </dev/null &
        requests sink 9 >/dev/null 2>&1 </dev/null &
        ip link set lo up
        # A RAM disk has no memory, and less to copy, where it has never been written.
        for disk in 0 1; do
            dd if=/dev/zero of=/dev/ram$disk bs=64k || [ $? -eq 1 ]
        done
        """).check()
    vmms = {"armvm": measure_armvm}
    if kvmtool.exists():
        vmms["kvmtool"] = measure_kvmtool
    own = on_the_board(t, DISK + NET)
    lines = [f"request: instructions of {', '.join(vmms)}, the board; exits, and those of them to "
             f"the VMM, of {', '.join(vmms)}"]
    if not kvmtool.exists():
        lines.append(f"without kvmtool: there is no {kvmtool.PROGRAM.relative_to(TOP)}")
    for vhost in ("off", "on"):
        found = {name: measured(t, vhost) for name, measured in vmms.items()}
        lines += [f"vhost={vhost}:", *rows(found, own)]
        for name, vmm in found.items():
            lines.append(f"{name}: boot to init {vmm.boot:.2f} s, {vmm.resident} KiB without the "
                         f"guest's RAM")
        for name, cost in found["armvm"].requests.items():
            t.check(cost.instructions > own[name] > 0,
                    f"{name}: {cost.instructions:.0f} instructions, {own[name]:.0f} on the board")
        t.check(found["armvm"].resident < 2048, "armvm has less than 2 MiB beside the guest's RAM")
    lines.append(f"the board: boot to init {seconds_to_init(t.board):.2f} s")
    t.log("\n".join(lines))
    RESULTS.write_text("\n".join(lines) + "\n", encoding="ascii")
