# SPDX-License-Identifier: GPL-2.0-only
"""What requests to armvm's devices cost: instructions and exits, beside the board itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from lib import Context, board, case
from lib.registry import TOP
from lib.session import OVERLAY, RESIDENT, seconds_to_init

from harness.machine import Board, Guest

# One instruction takes one nanosecond of board time. All that the board does for a request is in
# it: guest, module, armvm, the host's kernel.
COUNTED = board(guest=True, smp=1, icount=True, overlays=(OVERLAY,),
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
        ("disk, 4 KiB read at random", "random {disk} 4096", 400),
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


def measure(t: Context, guest: Guest, table: tuple, here: dict[str, str],
         there: dict[str, str]) -> list[str]:
    lines = []
    for name, words, count in table:
        cost = instructions(guest, words.format(**there), count)
        own = instructions(t.board, words.format(**here), count)
        count_of = exits(t, guest, words.format(**there), count)
        lines.append(f"| {name} | {cost:.0f} | {own:.0f} | {count_of[0]:.1f} | "
                     f"{count_of[1]:.2f} |")
        t.log(lines[-1])
        t.check(cost > own > 0, f"{name}: {cost:.0f} instructions, {own:.0f} on the board itself")
        t.check(count_of[0] > count_of[1] > 0.5, f"with exits: {count_of}")
    return lines


@case("linux/device-costs", needs=COUNTED, tier="long", timeout=3600)
def costs(t: Context) -> None:
    t.board.sh(f"""
        mount -t tracefs none {TRACING}
        echo 8192 >{TRACING}/buffer_size_kb
        requests echo 7 >/dev/null 2>&1 </dev/null &
        requests sink 9 >/dev/null 2>&1 </dev/null &
        """).check()
    lines = []
    for vhost in ("off", "on"):
        guest = t.guest(fresh=True, extra=("--disk", "/dev/ram0", "--net",
                                           f"tap=tap0,vhost={vhost}"))
        t.board.sh("ip addr flush dev tap0; ip addr add 198.51.100.1/24 dev tap0; "
                   "ip link set tap0 up; ip link set lo up").check()
        guest.sh("ip addr add 198.51.100.2/24 dev eth0 && ip link set eth0 up").check()
        if vhost == "off":
            lines += measure(t, guest, DISK, {"disk": "/dev/ram1"}, {"disk": "/dev/vda"})
        lines.append(f"vhost={vhost}:")
        lines += measure(t, guest, NET, {"host": "127.0.0.1"}, {"host": "198.51.100.1"})
        # A second is a thousand million instructions.
        lines.append(f"boot to init: {seconds_to_init(guest):.2f} s, "
                     f"the board {seconds_to_init(t.board):.2f} s")
        resident = int(t.board.sh(RESIDENT).text)
        lines.append(f"armvm without the guest's RAM: {resident} KiB")
        t.end_guest()
    t.log("\n".join(lines))
    RESULTS.write_text("\n".join(lines) + "\n", encoding="ascii")
