#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm save and armvm run --restore on a fake /dev/kvm, whose CPUs execute loop.S."""

import contextlib
import copy
import json
import os
import random
import resource
import select
import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gdb_armvm import KERNEL, WORDS, Armvm  # noqa: E402
from fake_armvm import (ARMVM, DIRECTORY, cpu_seconds, environment, one_line,  # noqa: E402
                        until)
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402
from rsp import Client  # noqa: E402
from saved import END, LINE, MACHINE, PAGE, PAGES, STATE, Saved, write  # noqa: E402

SOCKET, FILE = str(DIRECTORY / "control"), str(DIRECTORY / "machine")
VHOST, OTHER = DIRECTORY / "vhost.log", str(DIRECTORY / "other")
RAM = 0x40000000
MACHINE_WORDS = ("--memory", "16M", "--cpus", "2", "--rng", "--balloon", "--testdev",
                 "--port", "one=listen:" + str(DIRECTORY / "port"))
DBGWCR0, MIDR = "0x40200000000e0007", "0x40200000000f0000"
CTL, CVAL, CNT = "0x40200000000f7181", "0x40300000000f0718", "0x40300000000f0708"
R7, PC = "0x4020000000100007", "0x402000000010000f"


def ask(command: str, path: str = SOCKET) -> dict:
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(HANG)
        end.connect(path)
        end.sendall(json.dumps({"command": command}).encode() + b"\n")
        return json.loads(end.makefile("rb").readline())


def state() -> str:
    return ask("status")["result"]["state"]


def listens() -> bool:
    with socket.socket(socket.AF_UNIX) as end:
        return not end.connect_ex(SOCKET)


@contextlib.contextmanager
def running(*words, machine=MACHINE_WORDS, start=("--kernel", KERNEL), **fake):
    with subprocess.Popen([ARMVM, "run", *start, *machine, "--control", SOCKET, *words],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(**{"guest": "cpu", **fake})) as p:
        try:
            until(lambda: listens() or p.poll() is not None)
            assert p.poll() is None, p.stderr.read()
            yield p
        finally:
            p.kill()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(SOCKET)


def save(*words, path=FILE) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "save", *words, SOCKET, path], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, env=environment(), check=False)


def saved(*words, **kwargs) -> Saved:
    """A machine that has run for a while."""
    with running(*words, **kwargs):
        until(lambda: counter() > 10)
        done = save()
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done
    return Saved(FILE)


def counter(vcpu: int = 0) -> int:
    return int(ask("registers")["result"]["vcpus"][vcpu]["r7"], 16)


def restore(*words, machine=MACHINE_WORDS, path=FILE, start=("--kernel", KERNEL),
            **fake) -> subprocess.CompletedProcess:
    """armvm that does not get to run."""
    return subprocess.run([ARMVM, "run", *start, *machine, *words, "--restore", path],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG, check=False,
                          env=environment(**{"guest": "cpu", **fake}))


def ram_blocks(pid: int) -> int:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        if "guest-ram" in os.readlink(link):
            return os.stat(link).st_blocks
    raise AssertionError("no memory")


def leftovers() -> list:
    return [p.name for p in DIRECTORY.iterdir() if p.name.startswith("machine.")]


# ---- what is saved and restored ----

def test_the_guest_goes_on_here_and_there():
    with running() as p:
        until(lambda: counter() > 10)
        assert save().returncode == 0
        first = Saved(FILE)
        before = counter()
        until(lambda: counter() > before)
        assert state() == "running"
        assert stat.S_IMODE(os.stat(FILE).st_mode) == 0o600 and not leftovers()
        assert save("--quit").returncode == 0
        assert p.wait(20) == 130
    second = Saved(FILE)
    here = [vcpu["registers"] for vcpu in second.state["vcpus"]]
    assert [r[R7] for r in here] > [v["registers"][R7] for v in first.state["vcpus"]]
    # Registers and memory are of one moment: the loop counts in both.
    for n, registers in enumerate(here):
        assert second.word(WORDS + 16 * n) - registers[R7] in (0, 1), n
    assert CNT in here[0] and CNT not in here[1]
    with Armvm(*MACHINE_WORDS, "--gdb-wait", "--restore", FILE) as armvm:
        client = Client(armvm.port)
        client.ask("?")
        for n, registers in enumerate(here):
            client.ask(f"Hg{n + 1:x}")
            assert client.register(7) == registers[R7], n
            assert client.register(15) == registers[PC], n
            assert client.word(WORDS + 16 * n) == second.word(WORDS + 16 * n)
        client.close()
    with running("--restore", FILE):
        until(lambda: counter(0) > here[0][R7] + 3 and counter(1) > here[1][R7] + 3)


def test_zero_pages_are_not_in_the_file():
    machine = saved()
    assert all(any(page) for page in machine.pages.values())
    assert WORDS & ~(PAGE - 1) in machine.pages
    assert os.stat(FILE).st_size < 200000, os.stat(FILE).st_size


def test_saving_takes_no_memory():
    """A load from a hole of the guest's memory would take a page from the host."""
    with running() as p:
        until(lambda: counter() > 10)
        before = ram_blocks(p.pid)
        assert save().returncode == 0
        assert ram_blocks(p.pid) == before < 1000, before


def test_what_the_guest_wrote_past_the_caches_is_saved():
    machine = saved(uncached=1)
    assert machine.word(WORDS) - machine.state["vcpus"][0]["registers"][R7] in (0, 1)


def test_every_register_is_given_back():
    """Values that no new machine has, in every register, go there and come back."""
    machine = saved()
    for n, vcpu in enumerate(machine.state["vcpus"]):
        for i, name in enumerate(vcpu["registers"]):
            core = name.startswith("0x402000000010") or name.startswith("0x403000000012")
            if name not in (MIDR, CTL, CVAL, CNT, PC) and (core or name == DBGWCR0):
                vcpu["registers"][name] = 0x1000 * n + i + 1
        vcpu["registers"][PC] = WORDS - 4  # what it executes does not matter here
    machine.state["vcpus"][0]["registers"].update({CNT: 500, CVAL: 800, CTL: 1})
    machine.state["vcpus"][1]["registers"].update({CVAL: 900, CTL: 1})
    machine.state["vcpus"][1].update({"mp_state": 5, "serror_pending": 1})
    # Word by word, with bits that other registers set and clear.
    machine.state["gic"][1:] = [n * 0x01010101 for n in range(1, len(machine.state["gic"]))]
    write(FILE, machine.chunks())
    with running("--restore", FILE, "--gdb", "0", "--gdb-wait"):
        # Nothing runs before a gdb client has come, so all is as it was loaded.
        assert save().returncode == 0
    again = Saved(FILE)
    assert again.state == machine.state
    assert again.machine == machine.machine and again.pages == machine.pages


def test_no_deadline_passes_while_the_timer_is_restored():
    """The fake KVM fails once a timer is on whose time has passed; a new counter is late."""
    machine = saved()
    machine.state["vcpus"][0]["registers"].update({CNT: 500, CVAL: 800, CTL: 1})
    machine.state["vcpus"][1]["registers"].update({CVAL: 900, CTL: 1})
    before = machine.state["vcpus"][1]["registers"][R7]
    write(FILE, machine.chunks())
    with running("--restore", FILE):
        until(lambda: counter(1) > before)


def test_devices_are_given_back():
    machine = saved()
    states = machine.state
    states["uarts"][0].update({"imsc": 0x50, "cr": 0x301, "rx": "616263", "rx_open": 3})
    states["rtc"].update({"offset": 12345, "match": 7, "imsc": 1})
    states["gpio"].update({"ie": 8, "ibe": 8, "pins": 8, "dir": 0xf0, "data": 0x50})
    states["testdev"]["bytes"] = "01" * 4096
    rng = states["virtio"][0]
    rng.update({"status": 15, "driver_features": 1 << 32, "interrupt_status": 1})
    rng["queues"][0].update({"size": 8, "desc_address": RAM + 0x8000, "ready": 1,
                             "avail_address": RAM + 0x9000, "used_address": RAM + 0xa000,
                             "next_avail": 3, "next_used": 3, "told_used": 3})
    # One buffer, which was made available before the machine was saved.
    machine.pages[RAM + 0x8000] = (RAM + 0xb000).to_bytes(8, "little") + bytes(
        [16, 0, 0, 0, 2, 0, 0, 0]) + bytes(PAGE - 16)
    machine.pages[RAM + 0x9000] = bytes([0, 0, 4, 0]) + bytes(PAGE - 4)
    balloon = states["virtio"][2]
    balloon["more"]["num_pages"], balloon["config"] = 1024, "00020000"
    port = states["virtio"][1]["more"]["ports"][0]
    port.update({"ready": 1, "guest_open": 1})
    write(FILE, machine.chunks())
    with running("--restore", FILE, "--gdb", "0", "--gdb-wait"):
        assert ask("status")["result"]["balloon"] == 512 * PAGE

        def served() -> bool:
            assert save().returncode == 0
            return Saved(FILE).word(RAM + 0xa000) >> 16 == 4
        until(served)
        again = Saved(FILE)
    assert any(again.pages[RAM + 0xb000][:16]), "the waiting request was served"
    queue = again.state["virtio"][0]["queues"][0]
    assert (queue["next_avail"], queue["next_used"]) == (4, 4)
    for name in ("testdev", "rtc", "gpio"):
        assert again.state[name] == states[name], name
    assert again.state["virtio"][1:] == states["virtio"][1:]
    # The receiver's interrupt follows from what waits.
    assert again.state["uarts"][0] == {**states["uarts"][0], "ris": 0x50}, again.state["uarts"][0]


def test_a_paused_guest_can_be_saved_and_stays_paused():
    with running():
        ask("pause")
        assert save().returncode == 0
        assert state() == "paused"
    with running("--restore", FILE):
        assert state() == "running"


def test_a_reset_of_a_restored_guest_loads_the_kernel():
    machine = saved()
    machine.state["vcpus"][0]["registers"][R7] = 1 << 30
    write(FILE, machine.chunks())
    with running("--restore", FILE):
        assert counter() >= 1 << 30
        assert ask("reset")["ok"]
        until(lambda: 10 < counter() < 1 << 30)


# ---- migration ----

def migrate() -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "migrate", SOCKET, OTHER], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, env=environment(), check=False)


def awaits_a_guest() -> bool:
    """Without a connection, as only one is taken: the flag is that of a listening socket."""
    return any(line.split()[3] == "00010000" for line in
               Path("/proc/net/unix").read_text(encoding="ascii").splitlines()
               if line.endswith(" " + OTHER))


@contextlib.contextmanager
def waiting(*words, machine=MACHINE_WORDS, **fake):
    """An armvm that waits for a guest; its control socket is another one."""
    control = str(DIRECTORY / "control2")
    other = [*machine[:-1], machine[-1].replace("port", "port2")] if machine else []
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *other, "--control", control,
                           "--restore", "listen:" + OTHER, *words], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(**{"guest": "cpu", **fake})) as p:
        try:
            until(lambda: awaits_a_guest() or p.poll() is not None)
            yield p, control
        finally:
            p.kill()
    for path in (OTHER, control):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def test_a_guest_moves_while_it_runs():
    for uncached in ({}, {"uncached": 1}):
        with running("--migratable", **uncached) as p, waiting() as (other, control):
            until(lambda: counter() > 50)
            before = counter()
            done = migrate()
            assert done.returncode == 0 and not done.stderr, done
            told = json.loads(done.stdout)
            assert told["rounds"] >= 1 and told["pages"] >= 2, told
            assert 1 <= told["pages while stopped"] <= 256, told
            assert p.wait(20) == 130
            until(lambda: os.path.exists(control))
            until(lambda: int(ask("registers", control)["result"]["vcpus"][0]["r7"], 16)
                  > before + 20)
            assert not os.path.exists(OTHER) and other.poll() is None
            # Its memory is that of the moment when it stopped: the loop counts there, too.
            here = subprocess.run([ARMVM, "save", control, FILE], env=environment(), timeout=HANG,
                                  check=False)
            assert here.returncode == 0
            machine = Saved(FILE)
            for n, vcpu in enumerate(machine.state["vcpus"]):
                assert machine.word(WORDS + 16 * n) - vcpu["registers"][R7] in (0, 1), n


@contextlib.contextmanager
def received():
    """Take what armvm migrate sends, all of it, and do not say so; the client still waits."""
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(OTHER)
        end.listen()
        with subprocess.Popen([ARMVM, "migrate", SOCKET, OTHER], stderr=subprocess.PIPE,
                              env=environment()) as client:
            sender = end.accept()[0]
            time.sleep(0.3)  # The guest runs on meanwhile, if it has more than the socket takes.
            data = bytearray()
            while len(data) < 24 or struct.unpack("<II", data[-24:-16]) != (END, 0):
                piece = sender.recv(1 << 16)
                assert piece, client.stderr.read()
                data += piece
            Path(FILE).write_bytes(data)
            try:
                yield client
            finally:
                sender.close()
            assert client.wait(20) == 1 and b"did not take" in client.stderr.read()
    os.unlink(OTHER)


def test_a_disk_moves_with_its_guest():
    """The other armvm opens it at once, and has it alone once the guest is there."""
    image = DIRECTORY / "moves.img"
    image.write_bytes(bytes(1 << 20))
    machine = ("--memory", "16M", "--disk", str(image), "--port",
               "one=listen:" + str(DIRECTORY / "port"))

    def second() -> subprocess.CompletedProcess:
        return subprocess.run([ARMVM, "run", "--kernel", KERNEL, "--disk", str(image)],
                              env=environment(), capture_output=True, timeout=HANG, check=False)
    with running("--migratable", machine=machine) as p, waiting(machine=machine) as (_, control):
        one_line(second(), 1, "another program uses it")
        assert migrate().returncode == 0 and p.wait(20) == 130
        until(lambda: os.path.exists(control) and ask("status", control)["ok"])
        one_line(second(), 1, "another program uses it")


def test_a_device_s_writes_move_too():
    """KVM's log does not have them, nor has the fake's what the fake guest's driver writes."""
    image = DIRECTORY / "written.img"
    image.write_bytes(bytes(1 << 20))
    large = DIRECTORY / "initrd"
    large.write_bytes(b"x" * (2 << 20))
    with running("--migratable", guest="disk", count=1000000,
                 machine=("--memory", "16M", "--disk", str(image), "--initrd", str(large))) as p:
        assert p.stdout.readline().startswith(b"id 2 status f")
        with received():
            machine = Saved(FILE)
            queue = machine.state["virtio"][0]["queues"][0]
            assert queue["ready"] and machine.word(RAM + 0x200) >> 16 == queue["next_used"], queue


def test_a_migration_that_fails_leaves_the_guest_here():
    with running():
        with waiting():
            one_line(migrate(), 1, "--migratable")
        one_line(migrate(), 1, OTHER)
    with running("--migratable"):
        with waiting("--memory", "32M") as (other, _):
            one_line(migrate(), 1, "did not take the guest")
            assert other.wait(20) == 1 and other.stderr.read().count(b"\n") == 1
        with received() as client:
            assert state() == "saving" and client.poll() is None
        ask("pause")
        with received():
            pass
        assert state() == "paused" and ask("resume")["ok"]
        before = counter()
        until(lambda: counter() > before)


def test_a_guest_that_is_not_given_away_does_not_run_there():
    saved()
    with waiting() as (other, _), socket.socket(socket.AF_UNIX) as end:
        end.connect(OTHER)
        end.sendall(Path(FILE).read_bytes())
        assert end.recv(1), "it has the guest"
        end.close()
        assert other.wait(20) == 1 and b"has kept its guest" in other.stderr.read()


def test_a_waiting_armvm_can_be_ended():
    with waiting() as (other, _), socket.socket(socket.AF_UNIX) as end:
        end.connect(OTHER)
        end.sendall(LINE)
        until(lambda: "Seccomp:\t2" in
              Path(f"/proc/{other.pid}/status").read_text(encoding="ascii"))
        other.terminate()
        assert other.wait(20) == 1 and b"ended by a signal" in other.stderr.read()


# ---- saving fails ----

def test_a_save_that_fails_leaves_the_guest_running():
    for words in ((), ("--quit",)):
        with running():
            done = save(*words, path="/nonexistent/machine")
            one_line(done, 1, "/nonexistent/machine")
            assert state() == "running"
            before = counter()
            until(lambda: counter() > before)
    for what in ("KVM_GET_REG_LIST", "KVM_GET_ONE_REG", "KVM_GET_MP_STATE", "KVM_GET_DEVICE_ATTR"):
        with running(fail=f"{what}:5"):
            Path(FILE).write_text("old", encoding="ascii")
            done = save("--quit")
            assert done.returncode == 1 and done.stderr.count(b"\n") == 1, done
            assert Path(FILE).read_text(encoding="ascii") == "old" and not leftovers()
            until(lambda: state() == "running")


def test_a_full_disk():
    with running() as p:
        Path(FILE).write_text("old", encoding="ascii")
        resource.prlimit(p.pid, resource.RLIMIT_FSIZE, (8192, 8192))
        one_line(save(), 1, "cannot write the file", "File too large")
        assert Path(FILE).read_text(encoding="ascii") == "old" and not leftovers()
        before = counter()
        until(lambda: counter() > before)


def test_save_needs_the_descriptor_of_a_file():
    with running():
        assert "armvm save" in ask("save")["error"]
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(SOCKET)
            reader, writer = os.pipe()
            socket.send_fds(end, [b'{"command":"save"}\n'], [writer])
            assert "armvm save" in json.loads(end.makefile("rb").readline())["error"]
            os.close(writer)
            assert os.read(reader, 1) == b"", "armvm has closed its copy"
            os.close(reader)
        with open(FILE, "rb") as readable, socket.socket(socket.AF_UNIX) as end:
            end.connect(SOCKET)
            socket.send_fds(end, [b'{"command":"save"}\n'], [readable.fileno()])
            assert "Bad file descriptor" in json.loads(end.makefile("rb").readline())["error"]
        assert state() == "running"


def test_descriptors_that_nobody_asked_for_are_closed():
    with running() as p:
        def count() -> int:
            return len(os.listdir(f"/proc/{p.pid}/fd"))
        before = count()
        with socket.socket(socket.AF_UNIX) as end, open("/dev/null", "rb") as null:
            end.connect(SOCKET)
            stream = end.makefile("rb")
            for number in (1, 3, 20):
                for _ in range(5):
                    socket.send_fds(end, [b'{"command":"status"}\n'], [null.fileno()] * number)
                    assert json.loads(stream.readline())["ok"]
            assert count() <= before + 2, (count(), before)
            stream.close()
        until(lambda: count() <= before)


def test_what_cannot_be_saved_is_named():
    with running(machine=("--memory", "16M", "--vsock", "3"), vhost=VHOST):
        one_line(save(), 1, "the guest's vsock cannot be saved")
        assert state() == "running" and not leftovers()
    with running("--gdb", "7183"):
        client = Client(7183)
        client.ask("?")
        one_line(save(), 1, "gdb is connected")
        client.close()
        until(lambda: not save().returncode)


# ---- what is refused ----

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


if __name__ == "__main__":
    sys.exit(run_cases("save", globals()))
