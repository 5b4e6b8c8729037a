#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What armvm run --restore refuses."""

import copy
import ctypes
import json
import random
import select
import signal
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, environment, one_line, until  # noqa: E402
from gdb_armvm import KERNEL  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402
from save_armvm import FILE, MACHINE_WORDS, MIDR, RAM, VHOST, running, save, saved  # noqa: E402
from saved import END, LINE, MACHINE, PAGE, PAGES, STATE, chunk, write  # noqa: E402


def restore(*words, machine=MACHINE_WORDS, path=FILE, start=("--kernel", KERNEL),
            **fake) -> subprocess.CompletedProcess:
    """armvm that does not get to run."""
    return subprocess.run([ARMVM, "run", *start, *machine, *words, "--restore", path],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG, check=False,
                          env=environment(**{"guest": "cpu", **fake}))


def test_another_machine_is_refused_and_says_what_differs():
    saved()
    other = list(MACHINE_WORDS)
    for change, what in ((("--memory", "32M"), "memory is"), (("--cpus", "1"), "cpus is"),
                         (("--channel", "/dev/null"), "channel is"), (("--vsock", "3"), "virtio"),
                         (("--port", "two=/dev/null"), "virtio")):
        one_line(restore(*change, vhost=VHOST), 1, "the saved machine is another one", what)
    other.remove("--rng")
    one_line(restore(machine=other), 1, "virtio device 1's kind", '"rng" there')
    other.remove("--testdev")
    one_line(restore(machine=other), 1, "testdev is true there, and false here")
    one_line(restore(no_pmu=1), 1, "performance monitors is true there")
    one_line(restore(midr=0x410fc075), 1, "vCPU 0", MIDR, "another kind of CPU")
    image = DIRECTORY / "disk.img"
    image.write_bytes(bytes(1 << 20))
    saved(machine=("--memory", "16M", "--disk", str(image)))
    image.write_bytes(bytes(1 << 19))
    for words, what in ((("--disk", str(image)), "size is 1048576 there, and 524288 here"),
                        (("--disk", f"{image},readonly"), "virtio device 1's"),
                        (("--disk", f"{image},serial=x"), "virtio device 1's serial"), ((), "")):
        one_line(restore(machine=("--memory", "16M", *words)), 1, "another one", what)
        if words == ("--disk", str(image)):
            image.write_bytes(bytes(1 << 20))


def test_the_firmware_has_to_be_the_same():
    """It is not in the file."""
    firmware = DIRECTORY / "firmware"
    words = ("--gdb", "0", "--gdb-wait", "--memory", "16M")
    firmware.write_bytes(b"first" * 100)
    with running(machine=words, start=("--firmware", str(firmware))):
        assert save().returncode == 0
    with running("--restore", FILE, machine=words, start=("--firmware", str(firmware))):
        pass
    firmware.write_bytes(b"other" * 100)
    one_line(restore(machine=words[3:], start=("--firmware", str(firmware))), 1,
             "another one", "firmware's hash")
    one_line(restore(machine=words[3:]), 1, "another one", "firmware's hash")


def test_other_files_are_refused():
    data = (saved(), Path(FILE).read_bytes())[1]
    for content, what in ((b"", "empty"), (b"x" * 100, "not a saved machine"),
                          (data[:10], "cut off"), (data[:-1], "cut off"), (data[:-24], "cut off"),
                          (LINE.replace(b"1", b"2") + data[16:], "another version")):
        Path(FILE).write_bytes(content)
        one_line(restore(), 1, what)
    one_line(restore(path="/nonexistent"), 1, "/nonexistent")
    one_line(restore("--dump-dtb", "/dev/null"), 1, "--dump-dtb excludes --restore")


def test_any_damage_is_noticed():
    data = (saved(), Path(FILE).read_bytes())[1]
    chance = random.Random(1)
    for _ in range(40):
        broken = bytearray(data)
        at = chance.randrange(len(broken))
        broken[at] ^= 1 << chance.randrange(8)
        Path(FILE).write_bytes(broken)
        one_line(restore(), 1, "--restore")
    for _ in range(10):
        Path(FILE).write_bytes(data[:chance.randrange(len(data))])
        one_line(restore(), 1, "--restore")


def test_chunks_that_do_not_belong_are_refused():
    machine = saved()
    good = machine.chunks()
    page = (PAGES, b"x" * PAGE, RAM)
    for bad in (good[1:], good[:1] + good[-2:-1] + good[1:], good[:-2] + good[-1:],
                [*good[:-1], page, good[-1]], [good[0], *good], good[:1] + good[-1:],
                [*good[:-2], (PAGES, b"x" * 100, RAM), *good[-2:]],
                [*good[:-2], (PAGES, b"x" * PAGE, RAM + 1), *good[-2:]],
                [*good[:-2], (PAGES, b"x" * PAGE, RAM - PAGE), *good[-2:]],
                [*good[:-2], (PAGES, b"x" * PAGE, RAM + (16 << 20)), *good[-2:]],
                [*good[:-2], (PAGES, b"x" * PAGE, 2**64 - PAGE), *good[-2:]],
                [*good[:-2], (PAGES, b"x" * 2 * PAGE, RAM + (16 << 20) - PAGE), *good[-2:]],
                [*good[:-2], (PAGES, b"", RAM), *good[-2:]],
                [*good[:-2], (77, b"", 0), *good[-2:]], [*good[:-1], (END, b"x", 0)],
                [(MACHINE, b"[]", 0), *good[1:]], [(MACHINE, b'{"a":1,"a":1}', 0), *good[1:]],
                [*good[:-2], (STATE, b"{}", 0), good[-1]], [*good[:-2], (STATE, b"", 0), good[-1]],
                [*good[:-2], (STATE, b"[" * 100000, 0), good[-1]],
                [*good[:-2], (STATE, b"x" * (1 << 20 | 1), 0), good[-1]]):
        write(FILE, bad)
        one_line(restore(), 1, "--restore")
    write(FILE, [*good[:-2], page, *good[-2:]])
    with running("--restore", FILE):
        pass


def leaves(value, path=()):
    """The path to each number, text and list."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        yield path
        for n, member in enumerate(value):
            yield from leaves(member, (*path, n))
    else:
        yield path


def changed(value, path, to):
    new = copy.deepcopy(value)
    at = new
    for name in path[:-1]:
        at = at[name]
    if to is None:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return new


# What loads a value without a limit of its own: registers and what a driver may choose freely.
FREE = ("registers", "gic", "offset", "match", "load", "ibrd", "feature_select", "driver_select",
        "queue_select", "config_generation", "size", "desc_address", "avail_address",
        "used_address", "next_avail", "next_used", "told_used", "out_done", "driver_features")


def test_no_number_of_the_state_is_trusted():
    """Any member that is missing or of another type is refused, and any number too large."""
    machine = saved()
    chance = random.Random(2)
    paths = list(leaves(machine.state))
    few = [p for p in paths if p[0] not in ("vcpus", "gic")]
    few += chance.sample([p for p in paths if p[0] in ("vcpus", "gic")], 20)
    for path in few:
        state_here = machine.state
        for to in (None, "zz", [1], -1, 1 << 40):
            if to in (-1, 1 << 40) and (set(path) & set(FREE)):
                continue
            write(FILE, [(MACHINE, json.dumps(machine.machine).encode(), 0),
                         (STATE, json.dumps(changed(state_here, path, to)).encode(), 0),
                         (END, b"", 0)])
            one_line(restore(), 1, "--restore")


def test_a_serial_port_shows_no_more_than_it_has():
    machine = saved()
    machine.state["uarts"][0].update({"rx": "6162", "rx_open": 3})
    write(FILE, machine.chunks())
    one_line(restore(), 1, "console: rx_open")


def test_impossible_virtio_devices_are_refused():
    machine = saved()
    live = {"status": 15, "driver_features": 1 << 32}
    ring = {"size": 8, "desc_address": RAM, "avail_address": RAM + 0x1000,
            "used_address": RAM + 0x2000, "ready": 1}
    for registers, queue in (({"status": 4}, {}), ({"status": 8}, {}), ({"status": 0x10}, {}),
                             ({**live, "driver_features": 1 << 32 | 1 << 60}, {}),
                             (live, {**ring, "size": 7}), (live, {**ring, "size": 256}),
                             (live, {**ring, "size": 0}), (live, {**ring, "desc_address": 0x1000}),
                             (live, {**ring, "used_address": RAM + 2}),
                             (live, {**ring, "avail_address": RAM + (16 << 20) - 2})):
        bad = copy.deepcopy(machine)
        bad.state["virtio"][0].update(registers)
        bad.state["virtio"][0]["queues"][0].update(queue)
        write(FILE, bad.chunks())
        one_line(restore(), 1, "virtio device 0 (rng)")
    # The indices are the driver's affair: the queue notices when it is served.
    machine.state["virtio"][0].update(live)
    machine.state["virtio"][0]["queues"][0].update({**ring, "next_avail": 1000, "next_used": 7})
    write(FILE, machine.chunks())
    with running("--restore", FILE) as p:
        assert select.select([p.stderr], [], [], HANG)[0], "the device says nothing"
        assert b"broke a queue" in p.stderr.readline()


def test_the_sandbox_is_on_while_the_file_is_read():
    machine = saved()
    with running("--restore", FILE) as p:
        # The socket is there a moment before.
        until(lambda: "Seccomp:\t2" in Path(f"/proc/{p.pid}/status").read_text(encoding="ascii"))
    del machine.state["rtc"]
    write(FILE, machine.chunks())
    for where in ("on", "off"):
        one_line(restore("--sandbox", where), 1, "the machine")


def test_a_signal_ends_it_before_the_file_is_read():
    """A file always has more, and a guest that has come to life would end in another way."""
    machine = saved()
    fast, page = ctypes.CDLL("libxxhash.so.0").XXH32, b"x" * (1 << 20)
    with open(FILE, "wb") as file:
        file.write(LINE + chunk(MACHINE, 0, json.dumps(machine.machine).encode()))
        for n in range(1, 200):
            fields = struct.pack("<IIQI", PAGES, len(page), RAM, n)
            total = fast(page, len(page), fast(fields, len(fields), 0)) & 0xFFFFFFFF
            file.write(fields + struct.pack("<I", total) + page)
        for n, (kind, contents, address) in enumerate(machine.chunks()[-2:], 200):
            file.write(chunk(kind, n, contents, address))
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *MACHINE_WORDS, "--restore", FILE],
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env=environment(guest="cpu")) as p:
        until(lambda: "Seccomp:\t2" in Path(f"/proc/{p.pid}/status").read_text(encoding="ascii"))
        p.terminate()
        assert p.wait(HANG) == -signal.SIGTERM and b"ended by a signal" in p.stderr.read()


if __name__ == "__main__":
    sys.exit(run_cases("restore", globals()))
