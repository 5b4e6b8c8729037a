#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm save, and what a restored guest finds, on a fake /dev/kvm, whose CPUs execute loop.S."""

import contextlib
import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, at_rest, environment, one_line, until  # noqa: E402
from gdb_armvm import WORDS, Armvm  # noqa: E402
from harness import run_cases  # noqa: E402
from rsp import Client, frame  # noqa: E402
from save_armvm import (CNT, CTL, CVAL, DBGWCR0, FILE, MACHINE_WORDS, MIDR, PC, R7,  # noqa: E402
                        RAM, SOCKET, VHOST, ask, counter, is_full, leftovers, ram_blocks,
                        running, save, saved, state)
from saved import PAGE, Saved, write  # noqa: E402


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


WORKERS = ["balloon", "console", "rng"]


def workers(pid: int) -> list[str]:
    names = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):  # it has ended
            names.append(Path(f"/proc/{pid}/task/{task}/comm").read_text(encoding="ascii").strip())
    return sorted(name for name in names if name in WORKERS)


def tell(end: socket.socket, command: str, *files) -> None:
    socket.send_fds(end, [json.dumps({"command": command}).encode() + b"\n"],
                    [file.fileno() for file in files])


def test_while_a_client_holds_the_saved_guest_its_devices_stand_still():
    """What they did would be done again where the guest is restored."""
    with running("--port", f"x=listen:{DIRECTORY}/held") as p:
        until(lambda: workers(p.pid) == WORKERS)
        for reset in (False, True):
            with socket.socket(socket.AF_UNIX) as end, open(FILE, "wb") as file:
                end.connect(SOCKET)
                lines = end.makefile("rb")
                for command, files in (("hold", ()), ("save", (file,)), ("save", (file,))):
                    tell(end, command, *files)
                    assert json.loads(lines.readline())["ok"]
                assert state() == "paused" and not workers(p.pid)
                if reset:
                    assert ask("reset")["ok"]
                    until(lambda: workers(p.pid) == WORKERS)
                lines.close()
            until(lambda: state() == "running" and workers(p.pid) == WORKERS)
            before = counter()
            until(lambda: counter() > before)


def test_devices_start_once_when_their_holder_goes_while_another_client_saves():
    """armvm finds both at once: it begins the save, and then sees that the other one is gone."""
    with running() as p, socket.socket(socket.AF_UNIX) as saver, open(FILE, "wb") as file:
        saver.connect(SOCKET)  # its place is before the holder's
        tell(saver, "status")
        answers = saver.makefile("rb")
        assert json.loads(answers.readline())["ok"]
        with socket.socket(socket.AF_UNIX) as holder:
            holder.connect(SOCKET)
            lines = holder.makefile("rb")
            for command, files in (("hold", ()), ("save", (file,))):
                tell(holder, command, *files)
                assert json.loads(lines.readline())["ok"]
            assert not workers(p.pid)
            file.seek(0)
            p.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, p.pid, os.WSTOPPED)
            tell(saver, "save", file)
            lines.close()
        p.send_signal(signal.SIGCONT)
        assert json.loads(answers.readline())["ok"]
        until(lambda: state() == "running" and len(workers(p.pid)) >= len(WORKERS))
        assert workers(p.pid) == WORKERS, workers(p.pid)
        Saved(FILE)
        answers.close()


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


@contextlib.contextmanager
def client_of_save(*words):
    """armvm save, which does not outlive a case that fails."""
    with subprocess.Popen([ARMVM, "save", *words, SOCKET, FILE], stderr=subprocess.PIPE,
                          env=environment()) as client:
        try:
            yield client
        finally:
            client.kill()


@contextlib.contextmanager
def saving(*words, save=()):  # pylint: disable=redefined-outer-name
    """A save that waits for a vCPU, which waits for somebody to read what it sends."""
    with running(*words, machine=("--memory", "16M"), guest="flood", count=200000) as p:
        until(lambda: is_full(p) and at_rest(p.pid))
        with client_of_save(*save) as client:
            until(lambda: state() in ("saving", "pausing"))
            yield p, client


def test_a_client_that_goes_away_ends_its_save():
    for words, ending in (((), signal.SIGTERM), (("--quit",), signal.SIGKILL)):
        with saving(save=words) as (p, client):
            assert len(leftovers()) == 1
            client.send_signal(ending)
            assert client.wait(20) == -ending
            until(lambda: state() == "running")
            assert len(leftovers()) == (ending == signal.SIGKILL)
            # And the guest goes on.
            assert len(p.stdout.read()) == 200000 and p.wait(20) == 0
    for name in leftovers():
        (DIRECTORY / name).unlink()


def test_output_is_written_before_the_guest_is_saved():
    """As it is not in the file, nobody else would write it."""
    # The pipe is full with one page, and what it does not take fits into the serial port.
    with running(machine=("--memory", "16M"), guest="flood", count=8000, stays=1,
                 pipe=4096) as p:
        until(lambda: is_full(p) and at_rest(p.pid))
        with client_of_save("--quit") as client:
            until(lambda: client.poll() is not None or state() == "saving")
            time.sleep(0.3)
            assert client.poll() is None and state() == "saving"
            assert len(p.stdout.read()) == 8000
            assert client.wait(20) == 0 and p.wait(20) == 130


def test_a_save_does_not_wait_for_a_reader_that_is_gone():
    with saving() as (p, client):
        p.stdout.close()
        assert client.wait(20) == 0 and not leftovers()
        Saved(FILE)


def test_there_is_one_save_at_a_time():
    with saving() as (p, client):
        one_line(save(), 1, "the guest is being saved already")
        assert len(leftovers()) == 1 and state() == "saving"
        assert len(p.stdout.read(150000)) == 150000
        assert client.wait(20) == 0 and not leftovers()
        Saved(FILE)


def test_a_guest_that_is_reset_or_ended_is_not_saved():
    with saving() as (p, client):
        assert ask("reset")["ok"]
        assert client.wait(20) == 1 and b"the guest was reset meanwhile" in client.stderr.read()
        assert state() == "running" and not leftovers()
        assert len(p.stdout.read()) > 200000 and p.wait(20) == 0
    with saving() as (p, client):
        assert ask("quit")["ok"]
        assert client.wait(20) == 1 and not leftovers()
        assert p.wait(20) == 130


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


def test_a_vsock_goes_on_and_its_connections_end_where_it_is_restored():
    machine = ("--memory", "16M", "--vsock", "3")

    def queues(image: Saved) -> list[tuple[int, int]]:
        return [(q["next_avail"], q["next_used"]) for q in image.state["virtio"][0]["queues"]]

    def event(image: Saved) -> tuple[int, int]:
        """Where used is in the ring of events, and what the driver's buffer has."""
        return image.word(RAM + 0xa00) >> 16, image.word(RAM + 0xc00)

    with running(machine=machine, guest="vsock-stays", vhost=VHOST) as p:
        assert p.stdout.readline() == b"ready\n"
        assert not save().returncode
        here = Saved(FILE)
        assert queues(here) == [(3, 3), (2, 2), (0, 0)] and event(here) == (0, 0xffffffff), here
        log = VHOST.read_text().splitlines()
        again = log.index("running 0")
        assert [line for line in log[again:] if "goes on" in line] == [
            "queue 0 goes on at 3", "queue 1 goes on at 2"], log
        assert log[-1] == "running 1" and log.count("running 1") == 2, log
        assert not save("--quit").returncode and p.wait(20) == 130
        assert queues(Saved(FILE)) == queues(here)
    with running("--restore", FILE, machine=machine, guest="idle", vhost=VHOST):
        # The control socket is there a little before the guest runs.
        until(lambda: "running 1" in VHOST.read_text())
        log = VHOST.read_text().splitlines()
        assert [line for line in log if "goes on" in line or "running" in line] == [
            "queue 0 goes on at 3", "queue 1 goes on at 2", "running 1"], log
        assert not save().returncode
        there = Saved(FILE)
        assert queues(there) == [(3, 3), (2, 2), (1, 1)] and event(there) == (1, 0), there


def test_nobody_connects_with_gdb_while_the_guest_is_saved():
    """Its breakpoints would be in the file."""
    with saving("--gdb", "7184") as (p, client):
        assert Client(7184).closed()
        assert state() == "saving" and client.poll() is None
        client.terminate()
        assert client.wait(20) == -signal.SIGTERM
        until(lambda: state() == "running")
        gdb = Client(7184)
        gdb.socket.sendall(frame(b"?"))
        # The vCPU stops once what it sends is read.
        some = p.stdout.read1(50000)
        assert gdb.byte() == b"+" and gdb.receive().startswith(b"T")
        gdb.close()
        assert len(some + p.stdout.read()) == 200000 and p.wait(20) == 0


def test_what_cannot_be_saved_is_named():
    with running("--gdb", "7183"):
        client = Client(7183)
        client.ask("?")
        one_line(save(), 1, "gdb is connected")
        client.close()
        until(lambda: not save().returncode)


if __name__ == "__main__":
    sys.exit(run_cases("save", globals()))
