#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm's command line, and bad files.

Usage: test_cli.py BUILD [native|armhf]: armvm built for this machine, on a fake /dev/kvm, or the
armhf program itself under qemu-user.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import elf, run_cases, scratch, zimage  # noqa: E402
from limits import HANG  # noqa: E402

BUILD = Path(sys.argv[1])
KIND = sys.argv[2]
DIRECTORY = scratch()
if KIND == "native":
    COMMAND = [str(BUILD / "tests/vmm/armvm")]
else:
    EMULATOR = shutil.which("qemu-arm-static") or shutil.which("qemu-arm")
    if not EMULATOR:
        sys.exit("FAIL vmm/cli-armhf: install qemu-user-static")
    COMMAND = [EMULATOR, str(BUILD / "vmm/armvm")]


def armvm(*words, **options) -> subprocess.CompletedProcess:
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "FAKE_OPEN": "2"}
    return subprocess.run([*COMMAND, *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, env=env, check=False, **options)


def refused(result, *parts: str) -> None:
    """Status 1, nothing on standard output, and one line that says what is wrong."""
    lines = result.stderr.decode().splitlines()
    assert result.returncode == 1 and not result.stdout, result
    assert len(lines) == 1 and lines[0].startswith("armvm: "), lines
    for part in parts:
        assert part in lines[0], (part, lines)


def kernel() -> Path:
    return elf(DIRECTORY / "good.elf")


def dumped(*words) -> Path:
    out = DIRECTORY / "out.dtb"
    out.unlink(missing_ok=True)
    result = armvm("run", "--kernel", kernel(), "--dump-dtb", out, *words)
    assert result.returncode == 0 and not result.stderr and not result.stdout, result
    return out


def prop(dtb: Path, node: str, name: str) -> str:
    return subprocess.run(["fdtget", "-t", "x" if name == "reg" else "s", dtb, node, name],
                          capture_output=True, check=True).stdout.decode().strip()


# ---- usage ----

def test_help_and_version():
    for word in ("--help", "-h"):
        result = armvm(word)
        assert result.returncode == 0 and not result.stderr, result
        for option in ("--kernel", "--dtb", "--initrd", "--append", "--cpus", "--memory",
                       "--channel", "--testdev", "--rng", "--dump-dtb", "--gdb", "--gdb-wait",
                       "--no-reboot", "--stop-timeout", "--control", "--config", "armvm check",
                       "armvm debug PID", "armvm ctl", "Ctrl-a x"):
            assert option in result.stdout.decode(), option
    result = armvm("--version")
    assert result.returncode == 0 and result.stdout.startswith(b"armvm "), result


def test_unwritable_output():
    with open("/dev/full", "wb") as full:
        result = subprocess.run([*COMMAND, "--help"], stdout=full, stderr=subprocess.PIPE,
                                check=False)
    assert result.returncode == 1 and result.stderr.count(b"\n") == 1, result


def test_usage():
    refused(armvm(), "armvm --help")
    refused(armvm("start"), "start: unknown command")
    refused(armvm("run"), "--kernel is missing")
    refused(armvm("run", "--kernel"), "needs a value")
    refused(armvm("run", kernel()), "unknown option")
    refused(armvm("run", "--kernels", kernel()), "unknown option")
    for words in (("now",), ("--repor",), ("--report", "x")):
        refused(armvm("check", *words), "the only option is --report")
    refused(armvm("run", "--kernel", kernel(), "--gdb-wait"), "--gdb-wait needs --gdb")
    refused(armvm("debug"), "give the process id")
    refused(armvm("debug", "1", "2"), "give the process id")
    for pid in ("", "x", "0", "-1", "1x", "99999999999999999999"):
        refused(armvm("debug", pid), "not a process id")
    refused(armvm("run", "--bad\noption\x1b[31m"), "--bad?option?[31m")


def test_silly_sizes():
    for size in ("0", "1", "15M", "16777217", "4G", "999999999999999999999G", "-1", "", "M", "3.5G",
                 "0x10000000", "256MB"):
        refused(armvm("run", "--kernel", kernel(), "--memory", size), "--memory " + size)
    for cpus in ("0", "9", "-1", "", "two", "4294967298"):
        refused(armvm("run", "--kernel", kernel(), "--cpus", cpus), "--cpus " + cpus)


def test_largest_size_works_or_is_refused():
    """3G is all that a 32-bit process has; there must be no crash either way."""
    result = armvm("run", "--kernel", kernel(), "--memory", "3G", "--dump-dtb", "/dev/null")
    if result.returncode:
        refused(result, "cannot map 3072 MiB of guest memory")


# ---- files ----

def test_kernel_that_is_no_file():
    refused(armvm("run", "--kernel", DIRECTORY / "none"), "none", "No such file")
    refused(armvm("run", "--kernel", DIRECTORY), "not a regular file")
    refused(armvm("run", "--kernel", "/dev/zero"), "/dev/zero: not a regular file")
    refused(armvm("run", "--kernel", ""), "No such file")
    refused(armvm("run", "--kernel", "x" * 5000), "File name too long")
    fifo = DIRECTORY / "fifo"
    os.mkfifo(fifo)
    refused(armvm("run", "--kernel", fifo), "not a regular file")
    empty = DIRECTORY / "empty"
    empty.touch()
    refused(armvm("run", "--kernel", empty), "empty")


def test_file_without_permission():
    secret = scratch() / "secret"
    elf(secret).chmod(0)
    secret.parent.chmod(0o755)
    drop = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    refused(armvm("run", "--kernel", secret, **drop), "secret", "Permission denied")


def test_kernel_of_no_kind():
    text = DIRECTORY / "text"
    for data in (b"x", b"#!/bin/sh\n", bytes(100), os.urandom(100000)):
        text.write_bytes(data)
        refused(armvm("run", "--kernel", text), "neither a zImage nor an ELF")


def test_elf_files_of_other_kinds():
    """Each reason has its own message, and one that names what to do where something can be."""
    whole = kernel().read_bytes()
    other = DIRECTORY / "other.elf"
    for at, value, says in (
            (4, 2, "64-bit"), (4, 0, "header is damaged"), (5, 2, "big-endian"),
            (18, 62, "another CPU (machine 62)"), (18, 183, "another CPU (machine 183)"),
            (16, 3, "position-independent ELF file, which nothing relocates here: link it at a "
             "fixed address, without -pie and -shared"),
            (16, 1, "object file: link it"), (16, 4, "of type 4"), (16, 0, "of type 0")):
        other.write_bytes(whole[:at] + bytes([value]) + whole[at + 1:])
        refused(armvm("run", "--kernel", other), "other.elf: ", says)


def test_truncated_kernels():
    refused(armvm("run", "--kernel", zimage(DIRECTORY / "z", 4096, 4097)), "truncated")
    refused(armvm("run", "--kernel", zimage(DIRECTORY / "z", 4096, 1 << 31)), "truncated")
    whole = kernel().read_bytes()
    for size in (5, 20, 51, 52, 83, 87):
        cut = DIRECTORY / "cut.elf"
        cut.write_bytes(whole[:size])
        refused(armvm("run", "--kernel", cut), "cut.elf")


def test_kernel_that_does_not_fit():
    refused(armvm("run", "--kernel", zimage(DIRECTORY / "z", 5 << 20), "--memory", "16M"),
            "increase --memory")
    refused(armvm("run", "--kernel", elf(DIRECTORY / "low.elf", 0x10000, 0x10000)),
            "outside the guest's memory")
    high = elf(DIRECTORY / "high.elf", 0x4FFFFFF0, 0x4FFFFFF0)
    refused(armvm("run", "--kernel", high), "device tree")


def test_initrd():
    refused(armvm("run", "--kernel", kernel(), "--initrd", DIRECTORY / "none"), "No such file")
    large = DIRECTORY / "large"
    with open(large, "wb") as file:
        file.truncate(300 << 20)
    refused(armvm("run", "--kernel", kernel(), "--initrd", large), "large", "do not fit",
            "--memory")
    refused(armvm("run", "--kernel", kernel(), "--initrd", large, "--memory", "1G"), "/dev/kvm")
    with open(large, "wb") as file:
        file.truncate(5 << 30)
    refused(armvm("run", "--kernel", kernel(), "--initrd", large, "--memory", "1G"), "do not fit")


def test_dtb():
    refused(armvm("run", "--kernel", kernel(), "--dtb", DIRECTORY / "none"), "No such file")
    good = dumped().read_bytes()
    bad = DIRECTORY / "bad.dtb"
    for data in (b"x", bytes(1000), good[:39], good[:-1], good[:len(good) // 2],
                 bytes((1 << 20) + 1)):
        bad.write_bytes(data)
        refused(armvm("run", "--kernel", kernel(), "--dtb", bad), "bad.dtb")


# ---- bash completion ----

def test_completion():
    if KIND != "native":
        return
    script = f"""
        PATH={BUILD.resolve()}/tests/vmm:$PATH
        . {Path(__file__).resolve().parents[2]}/debian/armvm.bash-completion
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _armvm
        printf '%s\\n' "${{COMPREPLY[@]}}" """

    def complete(*words: str) -> set:
        done = subprocess.run(["bash", "-c", script, "bash", "armvm", *words], check=True,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              cwd=DIRECTORY, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        assert not done.stderr, done.stderr
        return set(done.stdout.split())
    assert {"run", "ctl", "check", "debug"} <= complete("")
    assert complete("run", "--stop") == {"--stop-timeout"}
    assert {"--kernel", "--config", "--testdev"} <= complete("run", "--")
    assert complete("run", "--kernel", kernel().name[:3]) == {"good.elf"}
    assert complete("run", "--image", kernel().name[:3]) == {"good.elf"}
    assert complete("run", "--fi") == {"--firmware"}
    assert complete("ctl", "x", "ba") == {"balloon"}
    assert complete("run", "--b") == {"--balloon"}
    assert complete("ctl", "x", "p") == {"pause", "power-button"}
    assert complete("ctl", "x", "reg") == {"registers"}
    assert complete("ctl", "x", "") >= {"status", "attach", "detach", "registers"}
    assert complete("ctl", "x", "attach", "1", kernel().name[:3]) == {"good.elf"}
    assert not complete("ctl", "x", "attach", kernel().name[:3])


# ---- files of options ----

def test_config():
    file = DIRECTORY / "guest.conf"
    file.write_text(f"# a comment\n\n kernel\t{kernel()} \r\nappend = a  \"b\" = c \ncpus=3\n"
                    "testdev\nmemory 32M\nmemory=64M")
    out = DIRECTORY / "out.dtb"

    def dump(*words) -> None:
        done = armvm("run", *words, "--dump-dtb", out)
        assert done.returncode == 0 and not done.stderr, done
    dump("--config", file)
    assert prop(out, "/chosen", "bootargs") == 'a  "b" = c'
    assert prop(out, "/cpus/cpu@2", "enable-method") == "psci"
    assert prop(out, "/test-device@b000000", "reg") == "0 b000000 0 1000"
    assert prop(out, "/memory@40000000", "reg") == "0 40000000 0 4000000"
    dump(f"--config={file}", "--memory", "16M", "--append=")
    assert prop(out, "/memory@40000000", "reg") == "0 40000000 0 1000000"
    assert prop(out, "/chosen", "bootargs") == ""
    dump("--memory", "16M", "--config", file)
    assert prop(out, "/memory@40000000", "reg") == "0 40000000 0 4000000"
    file.write_text(f"kernel {kernel()}\nappend =\n")
    dump("--config", file)
    assert prop(out, "/chosen", "bootargs") == ""


def test_bad_config():
    file = DIRECTORY / "bad.conf"
    for text, says in (("kernels x", ":1: kernels: unknown option"), ("\n#\n--kernel x", ":3: "),
                       ("kernel", "kernel needs a value"), ("testdev=1", "testdev takes no value"),
                       ("cpus 9", "--cpus 9"), (f"config {file}", ":1: config: unknown"),
                       ("=x", ":1: : unknown option"), ("cpus=2\n", "--kernel is missing"),
                       ("kernel a\0b", "NUL"), ("#" * 70000, "64 KiB"), ("", "empty"),
                       ("kernel \x1b[31m\ncpus \x1b", "--cpus ?")):
        file.write_text(text)
        refused(armvm("run", "--config", file), says)
    refused(armvm("run", "--config", DIRECTORY / "none"), "No such file")
    refused(armvm("run", "--config"), "needs a value")
    for _ in range(300):
        file.write_bytes(os.urandom(40))
        assert armvm("run", "--config", file).returncode == 1


# ---- the device tree ----

def test_dump_shows_what_was_asked_for():
    dtb = dumped("--cpus", "3", "--memory", "64M", "--append", "quiet x=\"y z\"", "--channel",
                 "never opened", "--testdev")
    assert prop(dtb, "/chosen", "bootargs") == 'quiet x="y z"'
    assert prop(dtb, "/chosen", "stdout-path") == "serial0:115200n8"
    assert prop(dtb, "/aliases", "serial1") == "/serial@9040000"
    assert prop(dtb, "/memory@40000000", "reg") == "0 40000000 0 4000000"
    assert prop(dtb, "/test-device@b000000", "reg") == "0 b000000 0 1000"
    assert prop(dtb, "/cpus/cpu@2", "enable-method") == "psci"
    listing = subprocess.run(["fdtget", "-l", dtb, "/cpus"], capture_output=True, check=True)
    assert len(listing.stdout.split()) == 3


def test_compiler_has_nothing_against_it():
    dtb = dumped("--cpus", "8", "--channel", "x", "--testdev", "--rng")
    result = subprocess.run(["dtc", "-I", "dtb", "-O", "dts", "-o", "/dev/null", dtb],
                            capture_output=True, check=True)
    assert not result.stderr, result.stderr.decode()


def test_own_tree_through_dtb():
    first = dumped("--append", "one")
    mine = DIRECTORY / "mine.dtb"
    shutil.copy(first, mine)
    subprocess.run(["fdtput", "-t", "s", mine, "/", "model", "mine"], check=True)
    subprocess.run(["fdtput", "-t", "x", mine, "/chosen", "linux,initrd-start", "1"], check=True)
    initrd = DIRECTORY / "initrd"
    initrd.write_bytes(b"cpio")
    second = dumped("--dtb", mine, "--memory", "32M", "--initrd", initrd)
    assert prop(second, "/", "model") == "mine"
    assert prop(second, "/chosen", "bootargs") == "one"
    assert prop(second, "/memory@40000000", "reg") == "0 40000000 0 2000000"
    third = dumped("--dtb", mine, "--append", "two")
    assert prop(third, "/chosen", "bootargs") == "two"
    properties = subprocess.run(["fdtget", "-p", third, "/chosen"], capture_output=True, check=True)
    assert b"initrd" not in properties.stdout


def test_dump_that_cannot_be_written():
    refused(armvm("run", "--kernel", kernel(), "--dump-dtb", "/none/x"), "/none/x", "No such file")
    refused(armvm("run", "--kernel", kernel(), "--dump-dtb", "/dev/full"), "No space left")


# ---- a machine without KVM ----

def test_files_are_looked_at_before_dev_kvm():
    refused(armvm("run", "--kernel", kernel()), "/dev/kvm")


def test_debug_says_what_is_missing():
    for pid in ("999999999", "2147483647"):
        refused(armvm("debug", pid), "there is no process " + pid)
    # This machine has no module; tests/linux/gdb_stub.py sees what comes after that.
    refused(armvm("debug", str(os.getpid())), "kvm_armv7 is not loaded")


def test_debug_names_the_obstacle_itself():
    """In a mount namespace with another /sys and /dev, if we may create one, as in a container."""
    def beside(make: str) -> subprocess.CompletedProcess:
        script = f"mount -t tmpfs none /sys && mount -t tmpfs none /dev && {make} && exec \"$@\""
        return subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", *COMMAND, "debug", "1"],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}, check=False)
    if subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/sys"],
                      capture_output=True, check=False).returncode:
        return
    refused(beside("true"), "no sysfs")
    if KIND != "native":  # the sanitizers need /proc
        refused(beside("mount -t tmpfs none /proc"), "no sysfs")
    refused(beside("mkdir /sys/module"), "kvm_armv7 is not loaded")
    # The module is there; a missing /dev/kvm does not matter.
    refused(beside("mkdir -p /sys/module/kvm_armv7"), "no debugfs")


def test_check_says_what_is_missing():
    result = armvm("check")
    text = result.stdout.decode()
    assert result.returncode == 1 and not result.stderr, result
    for item in ("CPU ", "kernel ", "boot mode ", "GIC ", "breakpoints ", "monitor mode ",
                 "module ", "/dev/kvm "):
        assert any(line.startswith(item) for line in text.splitlines()), (item, text)
    assert text.endswith("This machine cannot run guests now.\n"), text


def test_help_names_the_devices():
    text = armvm("--help").stdout.decode()
    for option in ("--rng", "--disk", "--net", "--image", "--firmware"):
        assert option in text, option


if __name__ == "__main__":
    sys.exit(run_cases("cli" if KIND == "native" else "cli-armhf", globals()))
