#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm's sandbox, on a fake /dev/kvm: what a thread may not do ends armvm at once."""

import ctypes
import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import (  # noqa: E402
    ARMVM, DIRECTORY, KERNEL, armvm, environment, one_line, until)
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

DISK = DIRECTORY / "disk.img"
DISK.write_bytes(bytes(1 << 20))
BIN = DIRECTORY / "bin"
BIN.mkdir()
(BIN / "passt").write_text("#!/bin/sh\nexec cat <&3 >&3\n")
(BIN / "passt").chmod(0o755)

# The threads, and a machine that has each of them.
MACHINE = ("--rng", "--disk", str(DISK), "--net", "user", "--port", "a=/dev/ptmx",
           "--balloon")
THREADS = ("armvm", "vcpu0", "rng", "disk", "net", "console", "balloon", "virtio-irq")
# What no thread may do ..
NOBODY = ("openat", "socket", "connect", "run", "fork", "vfork", "ptrace", "mount", "setuid",
          "process_vm_writev", "memfd_create", "dup", "exec-map", "exec-protect", "kill-parent",
          "kill", "inject", "prctl", "bpf", "io_uring_setup", "chmod", "rename", "truncate",
          "ftruncate")
# .. and what belongs to other threads.
OTHERS = {"vcpu0": ("pwritev2", "preadv2", "getrandom", "sendmsg", "clone3", "unlink"),
          "rng": ("pwritev2", "recvfrom", "pread64", "wait4"),
          "disk": ("getrandom", "writev", "accept4", "sched_setaffinity"),
          "net": ("pwritev2", "fdatasync", "getrandom", "wait4"),
          "console": ("pwritev2", "getrandom", "recvfrom", "unlink"),
          "balloon": ("pwritev2", "getrandom", "fallocate", "readv"),
          "virtio-irq": ("pwritev2", "readv", "getrandom"),
          "armvm": ("pwrite64", "connect", "setsockopt")}


def start(*words, env=None, **fake) -> subprocess.Popen:
    path = f"{BIN}:{os.environ['PATH']}"
    return subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, *words], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**environment(no_eventfd=1, **fake), "PATH": path, **(env or {})})


def test_what_is_forbidden_ends_armvm():
    running = []
    cases = [(thread, call) for thread in THREADS for call in NOBODY + OTHERS[thread]]
    for thread, call in cases:
        # Two armvm cannot share a disk, so its thread is there only where it is needed.
        words = [word for word in MACHINE if thread == "disk" or word not in ("--disk", str(DISK))]
        process = start(*words, guest="idle", escape=f"{thread}:{call}")
        if thread == "disk":
            assert process.wait(20) == -signal.SIGSYS, (thread, call, process.returncode)
            continue
        running.append((thread, call, process))
        if len(running) == 4:
            one = running.pop(0)
            assert one[2].wait(20) == -signal.SIGSYS, (*one[:2], one[2].returncode)
    for thread, call, process in running:
        assert process.wait(20) == -signal.SIGSYS, (thread, call, process.returncode)


def test_without_the_sandbox_it_does_not():
    for word in ("--sandbox=off", "--sandbox=on"):
        result = armvm(word, guest="poweroff", escape="vcpu0:socket")
        assert result.returncode == (0 if word.endswith("off") else -signal.SIGSYS), result
    one_line(armvm("--sandbox", "maybe"), 1, "--sandbox maybe", "on or off")


def kernel_without_seccomp(error: int):
    """What makes seccomp() fail in a child: with ENOSYS without CONFIG_SECCOMP, else EINVAL."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    allow, fail = 0x7fff0000, 0x00050000  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO()
    program = ctypes.c_void_p(seccomp.seccomp_init(allow))
    call = seccomp.seccomp_syscall_resolve_name(b"seccomp")
    assert program and call > 0
    assert seccomp.seccomp_rule_add(program, ctypes.c_uint32(fail | error), call, 0) == 0

    def load() -> None:
        assert seccomp.seccomp_load(program) == 0
    return load


def test_kernel_without_filters():
    def run(error: int, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([ARMVM, "run", "--kernel", KERNEL, *words], timeout=HANG,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              preexec_fn=kernel_without_seccomp(error),
                              env=environment(guest="poweroff"))

    for error in (errno.ENOSYS, errno.EINVAL):
        one_line(run(error), 1, "no filters of system calls", "CONFIG_SECCOMP_FILTER",
                 "--sandbox=off")
        result = run(error, "--sandbox=off")
        assert result.returncode == 0 and not result.stderr, result


def tasks(pid: int) -> dict:
    """The state of each thread, by its name."""
    found = {}
    for path in Path(f"/proc/{pid}/task").glob("*/status"):
        rows = dict(line.split(":", 1) for line in path.read_text().splitlines())
        found[rows["Name"].strip()] = {key: value.strip() for key, value in rows.items()}
    return found


def own_name() -> str:
    return Path("/proc/self/comm").read_text().strip()


def test_every_thread_is_confined():
    process = start(*MACHINE, "--cpus", "2", guest="idle")
    until(lambda: set(THREADS) | {"vcpu1"} <= set(tasks(process.pid)))
    # A thread has its name before its program.
    outside = int(tasks(os.getpid())[own_name()]["Seccomp_filters"])
    until(lambda: all(int(tasks(process.pid)[name]["Seccomp_filters"]) - outside
                      == (1 if name == "armvm" else 2) for name in (*THREADS, "vcpu1")))
    for name in (*THREADS, "vcpu1"):
        task = tasks(process.pid)[name]
        assert task["Seccomp"] == "2" and task["NoNewPrivs"] == "1", (name, task)
        # CAP_KILL is for passt.
        assert int(task["CapEff"], 16) == (1 << 5 if os.geteuid() == 0 else 0), task
        assert task["CapEff"] == task["CapPrm"] and int(task["CapInh"], 16) == 0, task
    process.terminate()
    assert process.wait(20) == -signal.SIGTERM


def rights(process: subprocess.Popen) -> set[tuple[str, ...]]:
    """User, group, further groups and capabilities of the threads, once the disk's is there."""
    until(lambda: "disk" in tasks(process.pid))
    found = {tuple(task[key] for key in ("Uid", "Gid", "Groups", "CapPrm", "CapEff"))
             for name, task in tasks(process.pid).items() if name in THREADS}
    process.terminate()
    assert process.wait(20) == -signal.SIGTERM
    assert b"hint" not in process.stderr.read()
    return found


def user(number: int, capabilities: int = 0, groups: str = "") -> tuple[str, ...]:
    ids, mask = "\t".join(4 * [str(number)]), f"{capabilities:016x}"
    return ids, ids, groups, mask, mask


def test_root_becomes_another_user():
    if os.geteuid():
        one_line(armvm("--user", "root"), 1, "only root can run armvm as another user")
        assert not armvm(guest="poweroff", own_user="none").stderr, "nobody else needs _armvm"
        return
    one_line(armvm("--user", "no-such-user"), 1, "/etc/passwd has no such user")
    disk = ("--disk", str(DISK))
    assert rights(start("--user", "nobody", *disk, guest="idle")) == {user(65534)}
    for sandbox in ("on", "off"):
        for words, capabilities in ((disk, 0), ((*disk, "--net", "user"), 1 << 5)):
            assert rights(start(*words, f"--sandbox={sandbox}", guest="idle", own_user=65533)) \
                == {user(65533, capabilities)}, (sandbox, words)


def test_root_stays_root_if_told_or_alone():
    if os.geteuid():
        return
    groups = tasks(os.getpid())[own_name()]["Groups"]
    process = start("--user", "root", "--disk", str(DISK), guest="idle", own_user=65533)
    assert rights(process) == {user(0, groups=groups)}
    one_line(armvm(guest="poweroff", own_user="none"), 0, "armvm: hint: this machine has no user "
             "_armvm", "stays root", "useradd --system _armvm", "--user root")
    assert not armvm("--user", "root", guest="poweroff", own_user="none").stderr
    # No hint if there is no guest.
    one_line(armvm(own_user="none", fail="KVM_CREATE_VCPU:12"), 1, "Cannot allocate memory")


def test_a_root_that_cannot_become_another_user():
    """As in a container."""
    if os.geteuid():
        return
    done = subprocess.run(["setpriv", "--bounding-set=-setgid", ARMVM, "run", "--kernel", KERNEL],
                          stdin=subprocess.DEVNULL, capture_output=True, check=False,
                          env=environment(guest="poweroff", own_user=65533))
    one_line(done, 1, "cannot become the user _armvm", "--user root")


def test_a_socket_that_the_user_may_not_delete():
    """It stays, and does not keep the next armvm away."""
    if os.geteuid():
        return
    path = DIRECTORY / "control"
    for own_user, stays in ((65533, True), (65533, True), (0, False)):
        process = start("--control", str(path), guest="idle", own_user=own_user)
        assert process.stdout.read(6) == b"ready\n"
        found = path.stat()
        assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (0, 0o600), found
        process.terminate()
        assert process.wait(20) == -signal.SIGTERM, process.stderr.read()
        assert path.exists() == stays


def test_passt_is_waited_for_and_killed():
    (BIN / "deaf").mkdir()
    (BIN / "deaf" / "passt").write_text("#!/bin/sh\necho $$ >$PID_FILE\nexec sleep 1000 3<&-\n")
    (BIN / "deaf" / "passt").chmod(0o755)
    pid_file = DIRECTORY / "passt.pid"
    process = start("--net", "user", guest="poweroff",
                    env={"PATH": f"{BIN}/deaf:{os.environ['PATH']}", "PID_FILE": str(pid_file)})
    assert process.wait(20) == 0, process.stderr.read()
    assert not Path(f"/proc/{pid_file.read_text().strip()}").exists()


def test_a_guest_that_starts_again_is_confined_too():
    process = start("--rng", guest="reset", count=3)
    out, errors = process.communicate(timeout=HANG)
    assert process.returncode == 0 and out.count(b"start ") == 4, (process.returncode, out, errors)


def test_a_signal_stops_and_continues():
    """The kernel restarts a system call by one of its own."""
    process = start(guest="idle")
    assert process.stdout.read(6) == b"ready\n"
    for _ in range(3):
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)
    process.terminate()
    assert process.wait(20) == -signal.SIGTERM, process.stderr.read()


if __name__ == "__main__":
    sys.exit(run_cases("sandbox", globals()))
