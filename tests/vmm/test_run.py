#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm: how it ends, and its console without a terminal."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import (  # noqa: E402
    ARMVM, DIRECTORY, KERNEL, Terminal, armvm, assert_idle, environment, one_line, until)
from harness import elf, run_cases  # noqa: E402
from limits import HANG  # noqa: E402


# ---- exit statuses ----

def test_power_off_is_0_and_silent():
    result = armvm(guest="poweroff")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b""), result


def test_with_and_without_performance_monitors():
    for fake in ({}, {"no_pmu": 1}):
        result = armvm("--cpus", "2", guest="poweroff", **fake)
        assert (result.returncode, result.stderr) == (0, b""), result
    one_line(armvm(fail="KVM_ARM_VCPU_INIT:22"), 1, "KVM_ARM_VCPU_INIT")


def test_virtio_with_and_without_eventfds():
    told = (b"id 4 status f\n", b"good 1000 length 10 random 1 idle 0\n", b"broken 4f why 2\n",
            b"again f used 1\n")
    for fake in ({}, {"no_eventfd": 1}):
        result = armvm("--rng", guest="rng", count=1000, **fake)
        errors = result.stderr.decode().splitlines()
        assert (result.returncode, result.stdout) == (0, b"".join(told)), result
        assert errors.pop() == (
            "armvm: virtio rng: the guest's driver broke a queue (a buffer is not in RAM); the "
            "device does nothing until the driver resets it"), errors
        assert ["lacks KVM_IOEVENTFD and KVM_IRQFD" in e for e in errors] == [True] * bool(fake)
    for call in ("KVM_IOEVENTFD", "KVM_IRQFD"):
        one_line(armvm("--rng", fail=f"{call}:22"), 1, call, "virtio rng")


PASST = """#!/usr/bin/python3
import os, socket, sys
with open(os.environ["PASST_LOG"], "w", encoding="utf-8") as log:
    print(*sys.argv[1:], flush=True, file=log)
    wire = socket.socket(fileno=3)
    while data := wire.recv(65536):
        wire.sendall(data)
    print("the end", file=log)
"""


def test_a_network_by_passt():
    programs, log = DIRECTORY / "bin", DIRECTORY / "passt.log"
    programs.mkdir()
    (programs / "passt").write_text(PASST)
    (programs / "passt").chmod(0o755)
    path = {"PATH": f"{programs}:{os.environ['PATH']}", "PASST_LOG": str(log)}
    words = ("--net", "user,tcp=8022:22,,80,udp=53,mac=02:00:5e:10:00:ff")
    for fake in ({}, {"no_eventfd": 1}):
        log.unlink(missing_ok=True)
        result = armvm(*words, guest="ping", count=500, env=path, **fake)
        told = b"id 1 address 105e0002 ff00\ngood 500\n"
        assert (result.returncode, result.stdout) == (0, told), result
        assert len(result.stderr.splitlines()) == bool(fake), result
        assert log.read_text() == ("--foreground --quiet --fd 3 --tcp-ports 8022:22,80 --udp-ports "
                                   "53\nthe end\n"), log.read_text()
    # The same address at each start.
    both = [armvm("--net", "user", guest="ping", count=1, env=path).stdout for _ in range(2)]
    assert both[0] == both[1] and both[0].endswith(b"good 1\n"), both
    (programs / "passt").write_text("#!/bin/sh\nexit 1\n")
    result = armvm("--net", "user", guest="poweroff", env=path)
    assert result.returncode == 0, result
    result = armvm("--net", "user", guest="poweroff", env={"PATH": str(DIRECTORY)})
    one_line(result, 1, "install the package passt")
    one_line(armvm("--net", "tap=no/such/interface"), 1, "tap=no/such/interface")


def test_disks_are_refused_in_one_line():
    disk = DIRECTORY / "disk.img"
    disk.write_bytes(bytes(1024))
    result = armvm("--disk", str(disk), "--disk", f"{KERNEL},readonly", guest="poweroff")
    one_line(result, 1, KERNEL, "not a multiple of 512")
    one_line(armvm("--disk", str(disk), "--disk", str(disk)), 1, str(disk), "another program")
    one_line(armvm("--disk", "/nonexistent/disk"), 1, "/nonexistent/disk", "No such file")
    result = armvm("--disk", f"{disk},readonly", "--disk", f"{disk},readonly", guest="poweroff")
    assert (result.returncode, result.stderr) == (0, b""), result


def test_reset_is_2_with_no_reboot():
    result = armvm("--no-reboot", guest="reset")
    assert (result.returncode, result.stderr) == (2, b""), result
    assert result.stdout.startswith(b"start 1: ") and result.stdout.count(b"start") == 1, result


def test_reset_starts_the_guest_again():
    result = armvm("--cpus", "2", "--rng", guest="reset", count=2)
    lines = [f"start {n}: imsc=0 alarm=0 virtio=0 mark=0 kernel=fe r2=4fff0000\n"
             for n in (1, 2, 3)]
    assert (result.returncode, result.stderr) == (0, b""), result
    assert result.stdout.decode() == "".join(lines), result


def test_reset_loads_the_files_of_the_first_start():
    kernel = elf(DIRECTORY / "replaced.elf")
    with subprocess.Popen([ARMVM, "run", "--kernel", kernel], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, env=environment(guest="reset", count=1, asks=1)
                          ) as p:
        first = p.stdout.readline()
        kernel.with_suffix(".new").write_bytes(b"not a kernel")
        os.replace(kernel.with_suffix(".new"), kernel)
        second = p.communicate(b"x", timeout=HANG)[0]
    assert p.returncode == 0 and second == first.replace(b"start 1", b"start 2"), (first, second)


def test_a_guest_that_resets_itself_for_ever_can_be_ended():
    for guest in ("reset", "reset-at-once"):
        with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, env=environment(guest=guest)) as p:
            time.sleep(0.3)
            p.terminate()
            assert p.wait(20) == -signal.SIGTERM, (guest, p.returncode)
        t = Terminal(guest=guest)
        time.sleep(0.3)
        t.type(b"\x01x")
        t.end(130)


def test_a_reset_that_fails_is_3():
    """The fifth attribute is the first that a reset writes."""
    result = armvm("--memory", "32M", guest="reset", no_pmu=1, fail="KVM_SET_DEVICE_ATTR:5:5")
    assert result.returncode == 3, result
    assert result.stderr.startswith(b"armvm: KVM_SET_DEVICE_ATTR (vgic, reset)"), result
    result = armvm(guest="reset", fail="KVM_ARM_VCPU_INIT:12:2")
    assert result.returncode == 3, result


def test_failures_are_3_with_a_dump():
    for guest, word in (("crash", "system event 3"), ("fail-entry", "reason 0x7"),
                        ("internal", "internal error 1"), ("unknown", "exit reason 99")):
        result = armvm("--cpus", "2", guest=guest)
        text = result.stderr.decode()
        assert result.returncode == 3, (guest, result)
        assert text.startswith("armvm: vCPU 0: ") and word in text.splitlines()[0], text
        assert "pc 40010000" in text and "vCPU 1:" in text, text


def test_a_vcpu_leaves_a_cpu_that_runs_no_guests():
    """If it may use another one.  FAKE_COUNT is the number of the CPU."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) > 1:
        result = armvm(guest="wrong-cpu", count=cpus[0])
        assert (result.returncode, result.stderr) == (0, b""), result
    os.sched_setaffinity(0, cpus[-1:])
    try:
        result = armvm(guest="wrong-cpu", count=cpus[-1])
    finally:
        os.sched_setaffinity(0, cpus)
    assert result.returncode == 3, result
    words = f"vCPU 0: CPU {cpus[-1]} runs no guests, and it may use no other"
    assert words.encode() in result.stderr, result


def test_an_instruction_that_kvm_cannot_emulate():
    result = armvm(guest="errno", count=38)
    assert result.returncode == 3 and b"cannot emulate" in result.stderr, result
    result = armvm(guest="errno", count=14)
    assert result.returncode == 3 and b"KVM_RUN: Bad address" in result.stderr, result


def test_wild_accesses_hurt_nobody():
    with tempfile.TemporaryFile() as both:
        result = subprocess.run([ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL,
                                stdout=both, stderr=both, timeout=HANG,
                                env=environment(guest="wild"), check=False)
        both.seek(0)
        result.stderr = both.read()
    # The guest's last output comes before ours.
    assert result.stderr.startswith(b"survived\narmvm: vCPU 0: "), result
    assert b"accesses that no device answered: 4" in result.stderr, result


def test_guest_starts_as_booting_says():
    result = armvm(guest="boot")
    assert result.stdout == (b"r0=0 r1=ffffffff r2=4fff0000 pc=40010000 cpsr=1d3 "
                             b"tree=d00dfeed\n"), result


# ---- setup failures: status 1 and one line ----

def test_no_dev_kvm():
    one_line(armvm(open=2), 1, "/dev/kvm", "kvm_armv7", "No such file")
    one_line(armvm(open=19), 1, "/dev/kvm", "kvm_armv7")


def test_no_permission():
    one_line(armvm(open=13), 1, "/dev/kvm", "root", "Permission denied")


def test_each_ioctl_that_fails_is_named():
    for name in ("KVM_CREATE_VM", "KVM_ARM_PREFERRED_TARGET", "KVM_SET_USER_MEMORY_REGION",
                 "KVM_CREATE_DEVICE", "KVM_SET_DEVICE_ATTR", "KVM_CREATE_VCPU",
                 "KVM_ARM_VCPU_INIT", "KVM_SET_ONE_REG", "KVM_GET_VCPU_MMAP_SIZE"):
        one_line(armvm(fail=f"{name}:12"), 1, name, "Cannot allocate memory")
    one_line(armvm(fail="KVM_GET_API_VERSION:25"), 1, "does not offer KVM API version 12")
    one_line(armvm(fail="KVM_CHECK_EXTENSION:22"), 1, "lacks KVM_CAP")


def test_more_cpus_than_kvm_has():
    one_line(armvm("--cpus", "5"), 1, "at most 4 CPUs")
    assert armvm("--cpus", "4").returncode == 0


def test_interrupt_that_cannot_be_raised_is_3():
    with open(KERNEL, "rb") as some_input:
        result = armvm(guest="echo", fail="KVM_IRQ_LINE:5", stdin=some_input)
    assert result.returncode == 3 and b"KVM_IRQ_LINE (SPI 1)" in result.stderr, result


# ---- console without a terminal ----

def test_flood_arrives_whole():
    count = 300000
    result = armvm(guest="flood", count=count)
    assert result.returncode == 0, result
    assert result.stdout == bytes(i * 7 >> 3 & 255 for i in range(count))


def test_slow_reader_gets_it_all():
    count = 200000
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, env=environment(guest="flood", count=count)) as p:
        time.sleep(1)
        assert p.poll() is None  # blocked, not dropped
        got = p.stdout.read()
        assert p.wait(30) == 0
    assert got == bytes(i * 7 >> 3 & 255 for i in range(count))


def test_output_that_nobody_takes_is_counted():
    """After the guest has ended, unless nobody reads the message either."""
    count, processes = 5000, []  # fits into the serial port
    for both in (False, True):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        processes.append((reader, subprocess.Popen(  # pylint: disable=consider-using-with
            [ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL, stdout=writer,
            stderr=writer if both else subprocess.PIPE,
            env=environment(guest="flood", count=count))))
        os.close(writer)
    for reader, process in processes:
        assert process.wait(30) == 0
        taken = len(os.read(reader, count))
        os.close(reader)
        if process.stderr:
            said = process.stderr.read().decode()
            left = f"armvm: console: nobody read the guest's last {count - taken} bytes\n"
            assert said == left, said
            process.stderr.close()
        assert 0 < taken < count, taken


def test_reader_that_left_does_not_stop_the_guest():
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(guest="flood", count=100000)) as p:
        p.stdout.close()
        assert p.wait(30) == 0
        assert p.stderr.read().count(b"\n") == 1


def test_input_from_a_pipe_is_8_bit_clean():
    """Ctrl-a is an ordinary byte there, and early input arrives."""
    data = bytes(b for b in range(256) if b != ord("q")) * 40 + b"q"
    p = subprocess.run([ARMVM, "run", "--kernel", KERNEL], input=data, capture_output=True,
                       timeout=HANG, env=environment(guest="echo"), check=False)
    assert p.returncode == 0, p
    assert p.stdout == b"ready\n" + data, p


def test_end_of_input_does_not_end_the_guest():
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, env=environment(guest="echo")) as p:
        assert p.stdout.read(6) == b"ready\n"
        time.sleep(0.5)
        assert p.poll() is None
        assert_idle(p.pid)
        p.terminate()
        assert p.wait(10) == -signal.SIGTERM


def test_closed_descriptors():
    result = subprocess.run(["sh", "-c", '"$@" <&- >&- 2>&-', "sh", ARMVM, "run", "--kernel",
                             KERNEL], env=environment(guest="flood", count=100), timeout=HANG,
                            check=False)
    assert result.returncode == 0, result


if __name__ == "__main__":
    sys.exit(run_cases("run", globals()))
