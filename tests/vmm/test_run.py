#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm (fake_kvm.c, fake_guest.c): how it ends, its terminal, its channel."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import elf, run_cases, scratch  # noqa: E402

# Signals that end a program by default and do not mean a crash.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU,
          signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGPWR,
          signal.SIGIO, 16, signal.SIGRTMIN, signal.SIGRTMIN + 7, signal.SIGRTMAX)
ARMVM = str(Path(sys.argv[1]) / "tests/vmm/armvm")
DIRECTORY = scratch()
KERNEL = str(elf(DIRECTORY / "guest.elf"))


def environment(**fake) -> dict:
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:handle_abort=0"}
    env.update({f"FAKE_{key.upper()}": str(value) for key, value in fake.items()})
    return env


def armvm(*words, stdin=subprocess.DEVNULL, env=None, **fake) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "run", "--kernel", KERNEL, *words], stdin=stdin,
                          capture_output=True, timeout=60, check=False,
                          env={**environment(**fake), **(env or {})})


def one_line(result, status: int, *parts: str) -> None:
    lines = result.stderr.decode().splitlines()
    assert result.returncode == status, result
    assert len(lines) == 1 and lines[0].startswith("armvm: "), lines
    for part in parts:
        assert part in lines[0], lines


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
        second = p.communicate(b"x", timeout=60)[0]
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
                                stdout=both, stderr=both, timeout=60,
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


# ---- the power key ----

@contextlib.contextmanager
def listener(*words, **fake):
    """armvm with a guest that listens for the power key."""
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(**{"guest": "key", **fake})) as p:
        try:
            assert p.stdout.read(6) == b"ready\n"
            yield p
        finally:
            p.kill()


PRESSED = b"pressed the guest's power key; another signal ends it at once\n"


def test_sigterm_and_sigint_press_the_power_key():
    for number in (signal.SIGTERM, signal.SIGINT):
        with listener() as p:
            p.send_signal(number)
            out, said = p.communicate(timeout=60)
        assert (p.returncode, out) == (0, b"down\nup\n"), (number, p.returncode, out)
        assert said.count(b"\n") == 1 and said.endswith(PRESSED), said


def test_the_key_stays_down_until_the_guest_has_seen_it():
    with listener(count=1500) as p:
        p.terminate()
        assert p.communicate(timeout=60)[0] == b"down\nup\n"
    assert p.returncode == 0


def test_a_guest_that_ignores_the_key_is_ended():
    for number in (signal.SIGTERM, signal.SIGINT):
        with listener("--stop-timeout", "1", count=-1) as p:
            p.send_signal(number)
            said = p.communicate(timeout=60)[1].decode().splitlines()
        assert p.returncode == -number, p.returncode
        assert len(said) == 2 and said[1].endswith("did not power off within 1 s: ended it"), said


def test_a_second_signal_ends_the_guest_at_once():
    for words in ((), ("--stop-timeout=0",)):
        for second in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with listener(*words, count=-1) as p:
                p.terminate()
                assert p.stderr.readline().endswith(PRESSED)
                time.sleep(0.3)
                assert p.poll() is None
                p.send_signal(second)
                assert p.wait(20) == -second, p.returncode
                assert p.stderr.read() == b""


def test_without_a_limit_the_guest_is_never_ended():
    with listener("--stop-timeout=0", count=-1) as p:
        p.terminate()
        assert p.stderr.readline().endswith(PRESSED)
        time.sleep(2)
        assert_idle(p.pid)
        assert p.poll() is None


def test_a_guest_that_restarts_after_the_key_is_not_started_again():
    with listener(guest="key-reset") as p:
        p.terminate()
        assert p.communicate(timeout=60)[0] == b"down\nup\n"
    assert p.returncode == 2


def test_a_guest_that_has_ended_is_not_asked():
    """What it sent waits for a reader."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], stdin=subprocess.DEVNULL,
                          stdout=writer, stderr=subprocess.PIPE,
                          env=environment(guest="key-flood", count=6000)) as p:
        time.sleep(1)
        p.terminate()
        assert p.wait(20) == -signal.SIGTERM, p.returncode
        assert p.stderr.read() == b""
    os.close(reader)
    os.close(writer)


def test_a_reader_that_left_does_not_keep_the_message():
    """Standard error is a full pipe."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    for count, words, status in ((0, (), 0), (-1, ("--stop-timeout=1",), -signal.SIGTERM)):
        with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *words],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=writer,
                              env=environment(guest="key", count=count)) as p:
            assert p.stdout.read(6) == b"ready\n"
            p.terminate()
            assert p.wait(20) == status, p.returncode
    os.close(reader)
    os.close(writer)


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
                       timeout=60, env=environment(guest="echo"), check=False)
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
                             KERNEL], env=environment(guest="flood", count=100), timeout=30,
                            check=False)
    assert result.returncode == 0, result


# ---- the terminal ----

def cpu_seconds(pid: int, during: float) -> float:
    def used():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    before = used()
    time.sleep(during)
    return used() - before


def assert_idle(pid: int, wakeups: int = 5) -> None:
    """For two seconds armvm uses hardly any time, and its main thread hardly ever wakes up."""
    def switches():
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])
    before = switches()
    assert cpu_seconds(pid, 2.0) < 0.1
    assert switches() - before <= wakeups, switches() - before


class Terminal:
    """armvm in the foreground of a pty of its own, as started by a shell."""

    def __init__(self, *words, controlling=True, **fake):
        self.controlling = controlling
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [ARMVM, "run", "--kernel", KERNEL, *words], stdin=self.slave, stdout=self.slave,
            stderr=self.slave, env=environment(**fake), preexec_fn=self.take_terminal)
        self.output = b""

    def take_terminal(self):
        # The tests' parent may ignore them, as nohup and background jobs do.
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        if self.controlling:
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def expect(self, text: bytes, timeout: float = 20) -> None:
        deadline = time.monotonic() + timeout
        while text not in self.output:
            left = deadline - time.monotonic()
            assert left > 0, self.output
            if select.select([self.master], [], [], left)[0]:
                self.output += os.read(self.master, 4096)
        self.output = self.output.split(text, 1)[1]

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def is_as_before(self) -> bool:
        return termios.tcgetattr(self.slave) == self.before

    def end(self, status: int) -> None:
        assert self.process.wait(20) == status, self.process.returncode
        assert self.is_as_before()
        os.close(self.master)
        os.close(self.slave)


def test_escape_quits_with_130():
    t = Terminal(guest="echo")
    t.expect(b"ready")
    assert t.is_raw()
    t.type(b"\x01x")
    t.end(130)


def test_terminal_that_is_not_the_controlling_one():
    """As under setsid or a supervisor: there is no foreground process group."""
    t = Terminal(guest="echo", controlling=False)
    t.expect(b"ready")
    assert t.is_raw()
    t.type(b"\x01x")
    t.end(130)


def test_escape_quits_a_guest_that_is_stuck():
    t = Terminal("--cpus", "3", guest="idle")
    t.expect(b"ready")
    t.type(b"\x01x")
    t.end(130)


def test_escape_quits_a_guest_that_takes_no_input():
    t = Terminal(guest="idle")
    t.expect(b"ready")
    t.type(b"z" * 5000)  # more than fits into the serial port
    t.type(b"\x01x")
    t.end(130)


def test_escape_help_and_literal():
    t = Terminal(guest="echo")
    t.expect(b"ready\r\n")
    t.type(b"\x01h")
    t.expect(b"Ctrl-a x")
    t.output = b""
    t.type(b"\x01ab\x03\x1a\x1c\x11")  # all for the guest: no signal, no flow control
    t.expect(b"\x01b\x03\x1a\x1c\x11")
    t.type(b"q")
    t.end(0)


def test_restored_after_every_end():
    for guest, status in (("poweroff", 0), ("unknown", 3)):
        Terminal(guest=guest).end(status)
    Terminal("--no-reboot", guest="reset").end(2)
    Terminal(fail="KVM_CREATE_VCPU:12").end(1)


def test_restored_after_signals():
    for number in (*ENDING, signal.SIGTRAP, signal.SIGSYS):
        t = Terminal(guest="idle")
        t.expect(b"ready")
        assert t.is_raw()
        t.process.send_signal(number)
        t.end(-number)


def test_signals_that_do_not_end_it():
    t = Terminal(guest="echo")
    t.expect(b"ready\r\n")
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGUSR1):
        t.process.send_signal(number)
        t.type(b"z")
        t.expect(b"z")
    t.type(b"q")
    t.end(0)


def test_restored_after_crashes_of_our_own():
    t = Terminal(guest="abort")
    t.expect(b"ready")
    assert t.is_raw()
    t.end(-signal.SIGABRT)


def test_stop_and_continue():
    t = Terminal(guest="echo")
    t.expect(b"ready\r\n")
    t.process.send_signal(signal.SIGTSTP)
    deadline = time.monotonic() + 10
    while not t.is_as_before() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert t.is_as_before()
    t.process.send_signal(signal.SIGCONT)
    while not t.is_raw() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert t.is_raw()
    t.type(b"zq")
    t.expect(b"zq")
    t.end(0)


def until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def background_by_force() -> None:
    """A shell on a pty: its job is stopped by SIGSTOP and continued in the background."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def raw() -> bool:
        return not termios.tcgetattr(terminal)[3] & termios.ICANON

    def own_group() -> None:
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpid())
        for number in (*ENDING, signal.SIGTTOU, signal.SIGTTIN):
            signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a shell may set its terminal at any time
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL], env=environment(guest="idle"),
                          preexec_fn=own_group) as job:
        try:
            until(raw)
            job.send_signal(signal.SIGSTOP)
            assert os.WIFSTOPPED(os.waitpid(job.pid, os.WUNTRACED)[1])
            os.tcsetpgrp(terminal, os.getpgrp())
            termios.tcsetattr(terminal, termios.TCSANOW, before)
            job.send_signal(signal.SIGCONT)
            time.sleep(1)
            assert os.waitpid(job.pid, os.WUNTRACED | os.WNOHANG) == (0, 0), "stopped itself"
            assert termios.tcgetattr(terminal) == before
            os.tcsetpgrp(terminal, job.pid)
            job.send_signal(signal.SIGCONT)
            until(raw)
            job.terminate()
            assert job.wait(10) == -signal.SIGTERM
            assert termios.tcgetattr(terminal) == before
        finally:
            job.kill()


def test_continued_in_the_background():
    shell, master = pty.fork()
    if not shell:
        status = 1
        try:
            background_by_force()
            status = 0
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()  # to the pty
        finally:
            os._exit(status)
    said = b""
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while piece := os.read(master, 4096):
            said += piece
    status = os.waitpid(shell, 0)[1]
    os.close(master)
    assert not status, said.decode()


def test_idle_costs_nothing():
    t = Terminal("--cpus", "2", guest="idle")
    t.expect(b"ready")
    time.sleep(0.2)
    assert_idle(t.process.pid)
    t.type(b"\x01x")
    t.end(130)


# ---- the channel ----

def pattern(size: int) -> bytes:
    return bytes((i * 197 + (i >> 8)) & 255 for i in range(size))


def exchange(end, size: int) -> None:
    """Send a pattern from one thread, and expect it back."""
    data = pattern(size)
    sender = threading.Thread(target=end.sendall, args=(data,))
    sender.start()
    got = b""
    while len(got) < size:
        piece = end.recv(65536)
        assert piece, len(got)
        got += piece
    sender.join()
    assert got == data


def test_channel_over_an_inherited_socket():
    ours, theirs = socket.socketpair()
    size = 100000
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", f"fd:{theirs.fileno()}"],
                          stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                          env=environment(guest="channel", count=size)) as p:
        theirs.close()
        exchange(ours, size)
        assert p.wait(20) == 0


def test_channel_over_a_unix_socket():
    path = DIRECTORY / "channel"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", str(path)],
                              stdin=subprocess.DEVNULL,
                              env=environment(guest="channel", count=5000)) as p:
            end, _ = listener.accept()
            exchange(end, 5000)
            assert p.wait(20) == 0


def test_channel_over_a_terminal_is_raw():
    master, slave = pty.openpty()
    data = bytes(range(256)) * 8
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", os.ttyname(slave)],
                          stdin=subprocess.DEVNULL,
                          env=environment(guest="channel", count=len(data))) as p:
        while termios.tcgetattr(slave)[3] & termios.ICANON:
            time.sleep(0.02)
        got = b""
        os.write(master, data)
        while len(got) < len(data):
            got += os.read(master, 4096)
        assert got == data
        assert p.wait(20) == 0
    os.close(master)
    os.close(slave)


def test_channel_without_a_peer_costs_nothing():
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--channel", name],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          env=environment(guest="idle")) as p:
        assert p.stdout.read(6) == b"ready\n"
        os.close(slave)
        os.close(master)
        time.sleep(0.2)
        assert_idle(p.pid, 50)  # ten retries a second
        p.terminate()
        p.wait(20)


def test_channel_that_cannot_be():
    one_line(armvm("--channel", str(DIRECTORY / "none")), 1, "--channel", "No such file")
    one_line(armvm("--channel", str(DIRECTORY)), 1, "--channel", "not a character device")
    one_line(armvm("--channel", KERNEL), 1, "--channel", "not a character device")
    for wrong in ("fd:", "fd:x", "fd:-1", "fd:3x", "fd:99999999999", "fd:77", "fd:0"):
        one_line(armvm("--channel", wrong), 1, f"--channel {wrong}")


if __name__ == "__main__":
    sys.exit(run_cases("run", globals()))
