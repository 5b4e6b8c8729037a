#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm's command line, and bad files.

Usage: test_cli.py BUILD [native|armhf]: armvm built for this machine, on a fake /dev/kvm, or the
armhf program itself under qemu-user.
"""

import os
import re
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
    refused(armvm("check", "now"), "the only option is --report")
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


# ---- armvm check on made-up machines ----

RELEASE = "6.1.0-50-armmp"
OPTIONS = "CONFIG_ARM_VIRT_EXT=y\nCONFIG_MMU_NOTIFIER=y\n"


class Machine:
    """A root directory with the static armhf program and qemu-user in it."""

    def __init__(self, release: str = RELEASE) -> None:
        self.release, self.root = release, scratch()
        (self.root / "sys/module").mkdir(parents=True)
        for source in COMMAND:
            shutil.copy(source, self.root)
        self.put(f"boot/config-{release}", OPTIONS)

    def put(self, path: str, text: str = "", mode: int = 0o644) -> "Machine":
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)
        return self

    def module(self, release: str, vermagic: str) -> "Machine":
        """A module as depmod lists it, among others."""
        folder = f"lib/modules/{release}"
        self.put(f"{folder}/modules.dep", "kernel/fs/ext4/ext4.ko: kernel/fs/mbcache.ko\n"
                 "updates/dkms/kvm_armv7.ko:\n")
        return self.put(f"{folder}/updates/dkms/kvm_armv7.ko",
                        f"\0vervvermagic\0vermagic={vermagic} SMP mod_unload ARMv7 p2v8 \0")

    def run(self, *words: str) -> str:
        # A user namespace without users: not even root may open what the mode forbids.
        done = subprocess.run(
            ["unshare", "-U", "-R", self.root, "/" + Path(COMMAND[0]).name, "/armvm", "check",
             *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HANG, check=False,
            env={"QEMU_UNAME": self.release})
        assert done.returncode == 1 and not done.stderr, done
        return done.stdout

    def check(self, item: str) -> str:
        """What it says of ITEM, and how to fix that."""
        text = self.run()
        found = re.search(rf"^{item} +(\w+ +.*(?:\n +-> .*)?)$", text, re.M)
        assert found, (item, text)
        return re.sub(r"\s+", " ", found[1])


def made_up() -> bool:
    """Can there be made-up machines here? The native program needs too much of the real one."""
    return KIND != "native" and not subprocess.run(["unshare", "-U", "true"], capture_output=True,
                                                   check=False).returncode


def test_check_tells_kernels_apart():
    if not made_up():
        return
    config = f"boot/config-{RELEASE}"
    for options, wanted in (
            (OPTIONS, f"ok Linux {RELEASE}"),
            (OPTIONS + "CONFIG_PREEMPT_RT=y\n", f"ok Linux {RELEASE}, PREEMPT_RT"),
            (OPTIONS + "CONFIG_THUMB2_KERNEL=y\n", f"ok Linux {RELEASE}, Thumb-2"),
            (OPTIONS + "# CONFIG_PREEMPT_RT is not set\nCONFIG_PREEMPT_RT_BUILD=y\n",
             f"ok Linux {RELEASE}"),
            (OPTIONS + "CONFIG_CPU_BIG_ENDIAN=y\n",
             f"MISSING Linux {RELEASE} is big-endian -> install a little-endian kernel"),
            ("CONFIG_MMU_NOTIFIER=y\n", f"MISSING Linux {RELEASE} has no CONFIG_ARM_VIRT_EXT -> "
             "install a kernel with CONFIG_ARM_VIRT_EXT; Debian's armmp and armmp-lpae have it"),
            ("CONFIG_ARM_VIRT_EXT=y\n", f"MISSING Linux {RELEASE} has no CONFIG_MMU_NOTIFIER -> "
             "install a kernel with CONFIG_MMU_NOTIFIER; Debian's armmp and armmp-lpae have it")):
        said = Machine().put(config, options).check("kernel")
        assert said == wanted, (options, said)
    for release, old in (("5.19.17", True), ("6.0.1", True), ("6.1.0", False), ("7.0.0", False)):
        said = Machine(release).check("kernel")
        assert said == (f"MISSING Linux {release} is too old -> install Linux 6.1 or newer" if old
                        else f"ok Linux {release}"), said
    # Debian's 7.2 has its options beside the modules.
    there = Machine()
    (there.root / config).unlink()
    said = there.check("kernel")
    assert said.startswith(f"unknown Linux {RELEASE}, without a file of its options -> "), said
    said = there.put(f"lib/modules/{RELEASE}/config", OPTIONS).check("kernel")
    assert said == f"ok Linux {RELEASE}", said


def test_check_finds_the_module():
    if not made_up():
        return
    other = "6.1.0-50-armmp-lpae"
    for machine, wanted in (
            (Machine(), "MISSING kvm_armv7 is not installed -> install the packages "
             f"kvm-armv7-dkms and linux-headers-{RELEASE}, or build module/"),
            (Machine().put(f"lib/modules/{RELEASE}/build/Makefile"),
             "MISSING kvm_armv7 is not installed -> install the packages kvm-armv7-dkms, "
             "or build module/"),
            (Machine().put(f"lib/modules/{RELEASE}/modules.dep", "a/not_kvm_armv7.ko: b.ko\n"),
             "MISSING kvm_armv7 is not installed -> install the packages "
             f"kvm-armv7-dkms and linux-headers-{RELEASE}, or build module/"),
            (Machine().module(other, other),
             f"MISSING kvm_armv7 is for Linux {other}, not for this {RELEASE} -> "
             f"apt install linux-headers-{RELEASE}, for which DKMS builds it"),
            (Machine().module(other, other).put(f"lib/modules/{RELEASE}/build/Makefile"),
             f"MISSING kvm_armv7 is for Linux {other}, not for this {RELEASE} -> "
             "dkms autoinstall; its log is in /var/lib/dkms/kvm-armv7"),
            (Machine().module(RELEASE, RELEASE), "MISSING kvm_armv7 is installed, but not loaded "
             "-> modprobe kvm_armv7; if that fails, dmesg says why"),
            (Machine().module(RELEASE, other), f"MISSING kvm_armv7 was built for Linux {other} -> "
             f"build it for this kernel, {RELEASE}"),
            (Machine().put("sys/module/kvm_armv7/version", "0.1\n"),
             "ok kvm_armv7 0.1 is loaded")):
        said = machine.check("module")
        assert said == wanted, (said, wanted)


CPUINFO = """processor\t: 0
model name\t: ARMv7 Processor rev 3 (v7l)
Features\t: half thumb fastmult vfp
CPU implementer\t: 0x41
CPU architecture: 7
CPU variant\t: 0x3
CPU part\t: 0xc0f
CPU revision\t: 3

Hardware\t: NVIDIA Tegra SoC (Flattened Device Tree)
Serial\t\t: 0123456789abcdef
"""
TREE_PROPERTIES = {
    "model": "NVIDIA Jetson TK1\0", "compatible": "nvidia,jetson-tk1\0nvidia,tegra124\0",
    "serial-number": "0123456789abcdef\0", "chosen/bootargs": "root=UUID=secret\0",
    "soc/gic@50041000/compatible": "arm,cortex-a15-gic\0",
    "soc/gic@50041000/reg": "\x50\x04\x10\0\0\0\x10\0", "soc/gic@50041000/phandle": "\0\0\0\1",
    "timer/compatible": "arm,armv7-timer\0", "timer/arm,cpu-registers-not-fw-configured": "",
    "ethernet/local-mac-address": "\1\2\3\4\5\6", "ethernet/compatible": "nvidia,eth\0",
}


def test_report():
    """All that a developer needs of a stranger's board, and nothing that names the board."""
    if not made_up():
        return
    machine = Machine().put("proc/cpuinfo", CPUINFO).put(
        "proc/interrupts", " 18:  2345  GICv2  30 Level  arch_timer\n 19: 7 GICv2 99 Level eth0\n")
    for name, value in TREE_PROPERTIES.items():
        machine.put(f"proc/device-tree/{name}", value)
    assert "== /sys/kernel/debug/kvm/cpus\nMISSING: No such file" in machine.run("--report")
    machine.put("sys/module/kvm_armv7/parameters/debug", "Y\n")
    machine.put("sys/kernel/debug/kvm/cpus",
                "cpu 0 midr 0x413fc0f3 revidr 0x00000200 actlr 0x00000041\n")
    machine.put(f"boot/config-{RELEASE}",
                OPTIONS + 'CONFIG_ARM_LPAE=y\nCONFIG_LOCALVERSION="me"\n')
    text = machine.run("--report")
    for wanted in ("Report of armvm", f"{RELEASE} ", "CPU part\t: 0xc0f", "CPU revision\t: 3",
                   "    model: NVIDIA Jetson TK1\n",
                   "    compatible: nvidia,jetson-tk1 nvidia,tegra124\n",
                   "/soc/gic@50041000\n    compatible: arm,cortex-a15-gic\n"
                   "    reg: 50041000 00001000\n", "/timer\n    compatible: arm,armv7-timer\n"
                   "    arm,cpu-registers-not-fw-configured: \n", "CONFIG_ARM_LPAE=y\n",
                   "== /sys/kernel/debug/kvm/cpus\ncpu 0 midr 0x413fc0f3 revidr 0x00000200 ",
                   "30 Level  arch_timer", "== module\ndebug: Y\n", "== kernel's log\n"):
        assert wanted in text, (wanted, text)
    for secret in ("0123456789abcdef", "secret", "phandle", "local-mac", "eth", '"me"'):
        assert secret not in text, (secret, text)
    assert not re.search(rf"\b{os.uname().nodename}\b", text), text
    # Without the option it ends where it always did.
    assert "==" not in machine.run()
    for words in (("--repor",), ("--report", "x")):
        refused(armvm("check", *words), "the only option is --report")


def test_help_names_the_devices():
    text = armvm("--help").stdout.decode()
    for option in ("--rng", "--disk", "--net", "--image", "--firmware"):
        assert option in text, option


def test_check_names_the_group():
    if not made_up():
        return
    # In a namespace without users every file belongs to nobody, 65534.
    groups = "root:x:0:\nnokvm:x:6553:\nkvm:x:65534:\nother:x:655340:\n"
    for machine, wanted in (
            (Machine().put("dev/kvm", mode=0o060).put("etc/group", groups),
             "it is for the group kvm: usermod -aG kvm USER, then log in again"),
            (Machine().put("dev/kvm", mode=0o040).put("etc/group", groups),
             "its mode is 040, user 65534, group 65534: run as root"),
            (Machine().put("dev/kvm", mode=0o060),
             "its mode is 060, user 65534, group 65534: run as root")):
        said = machine.check("/dev/kvm")
        assert said == f"MISSING Permission denied -> {wanted}", said


if __name__ == "__main__":
    sys.exit(run_cases("cli" if KIND == "native" else "cli-armhf", globals()))
