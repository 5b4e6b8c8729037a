#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""`armvm check` on made-up machines: the armhf program under qemu-user in a root of its own."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import run_cases, scratch  # noqa: E402
from limits import HANG  # noqa: E402

EMULATOR = shutil.which("qemu-arm-static") or shutil.which("qemu-arm")
if not EMULATOR:
    sys.exit("FAIL vmm/made_up: install qemu-user-static")
COMMAND = [EMULATOR, str(Path(sys.argv[1]) / "vmm/armvm")]

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

    def put(self, path: str, text: str | bytes = "", mode: int = 0o644) -> "Machine":
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        target.chmod(mode)
        return self

    def module(self, release: str, vermagic: str) -> "Machine":
        """A module as depmod lists it, among others."""
        folder = f"lib/modules/{release}"
        self.put(f"{folder}/modules.dep", "kernel/fs/ext4/ext4.ko: kernel/fs/mbcache.ko\n"
                 "updates/dkms/kvm_armv7.ko:\n")
        return self.put(f"{folder}/updates/dkms/kvm_armv7.ko",
                        f"\0vervvermagic\0vermagic={vermagic} SMP mod_unload ARMv7 p2v8 \0")

    def program(self, name: str) -> "Machine":
        """A program of this machine, with its libraries."""
        path = Path(shutil.which(name)).resolve()
        (self.root / "usr/bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, self.root / "usr/bin" / name)
        listing = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(/\S+) \(", listing):
            (self.root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, self.root / library[1:])
        return self.put("dev/null", mode=0o666)

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
    """Can there be made-up machines here?"""
    return not subprocess.run(["unshare", "-U", "true"], capture_output=True,
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
            (OPTIONS + "CONFIG_BL_SWITCHER=y\n", f"MISSING Linux {RELEASE} has CONFIG_BL_SWITCHER "
             "-> install a kernel without it, such as Debian's armmp or armmp-lpae"),
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


def test_check_asks_the_kernel_itself_for_its_options():
    """By gzip; what cannot be read whole proves nothing."""
    if not made_up():
        return
    packed = gzip.compress(OPTIONS.encode())
    bare = gzip.compress(b"CONFIG_MMU_NOTIFIER=y\n")
    unknown = f"unknown Linux {RELEASE}, without a file of its options -> "
    for with_gzip, data, wanted in (
            (True, packed, f"ok Linux {RELEASE}"),
            (True, bare, f"MISSING Linux {RELEASE} has no CONFIG_ARM_VIRT_EXT -> "),
            (True, packed[:-9], unknown), (True, b"", unknown), (False, packed, unknown)):
        machine = Machine().put("proc/config.gz", data)
        (machine.root / f"boot/config-{RELEASE}").unlink()
        if with_gzip:
            machine.program("gzip")
        said = machine.check("kernel")
        assert said.startswith(wanted), (with_gzip, data, said)
        assert said.endswith("and so does /proc/config.gz with gzip") == (wanted is unknown), said
    machine = Machine().put("proc/config.gz", bare).program("gzip")
    assert machine.check("kernel") == f"ok Linux {RELEASE}", "the file comes first"


def test_check_finds_the_module():
    if not made_up():
        return
    other = "6.1.0-50-armmp-lpae"
    dkms, tree = "var/lib/dkms/kvm-armv7/0.1/source", f"lib/modules/{RELEASE}/build/Makefile"
    by_hand = "build module/ (docs/boards.md)"
    package = f"install the package kvm-armv7-dkms, or {by_hand}"
    for machine, wanted in (
            (debian(), "MISSING kvm_armv7 is not installed -> apt install "
             f"linux-headers-{RELEASE}, then {package}"),
            (debian().put(tree), f"MISSING kvm_armv7 is not installed -> {package}"),
            (debian().put(f"lib/modules/{RELEASE}/modules.dep", "a/not_kvm_armv7.ko: b.ko\n"),
             "MISSING kvm_armv7 is not installed -> apt install "
             f"linux-headers-{RELEASE}, then {package}"),
            (debian().put(dkms).module(other, other),
             f"MISSING kvm_armv7 is for Linux {other}, not for this {RELEASE} -> "
             f"apt install linux-headers-{RELEASE}, for which DKMS builds it"),
            (debian().put(dkms).module(other, other).put(tree),
             f"MISSING kvm_armv7 is for Linux {other}, not for this {RELEASE} -> "
             "dkms autoinstall; its log is in /var/lib/dkms/kvm-armv7"),
            (Machine().module(other, other).put(tree),
             f"MISSING kvm_armv7 is for Linux {other}, not for this {RELEASE} -> {by_hand}"),
            (Machine().module(RELEASE, RELEASE), "MISSING kvm_armv7 is installed, but not loaded "
             "-> modprobe kvm_armv7; if that fails, dmesg says why"),
            (Machine().module(RELEASE, other), f"MISSING kvm_armv7 was built for Linux {other} -> "
             f"build it for this kernel, {RELEASE}"),
            (Machine().put("sys/module/kvm_armv7/version", "0.1\n"),
             "ok kvm_armv7 0.1 is loaded")):
        said = machine.check("module")
        assert said == wanted, (said, wanted)


DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'


def debian() -> Machine:
    return Machine().put("etc/os-release", DEBIAN)


def test_check_names_each_distributions_headers():
    if not made_up():
        return
    own = "get the headers of Linux {}, or the tree that it was built in"
    for system, release, advice in (
            (DEBIAN, "6.12.117+deb13-armmp", "apt install linux-headers-6.12.117+deb13-armmp"),
            (DEBIAN, "6.12.34+rpt-rpi-v7l", "apt install linux-headers-6.12.34+rpt-rpi-v7l"),
            (DEBIAN, "6.12.1-mine", own),
            ("ID=ubuntu\nID_LIKE=debian\n", "6.8.0-31-generic",
             "apt install linux-headers-6.8.0-31-generic"),
            (DEBIAN + "ARMBIAN_PRETTY_NAME=\"Armbian 25.5 bookworm\"\n", "6.6.44-current-sunxi",
             "apt install linux-headers-current-sunxi"),
            (DEBIAN + "ARMBIAN_PRETTY_NAME=Armbian\n", "6.6.44", own),
            ("NAME=\"Alpine Linux\"\nID=alpine\n", "6.12.13-0-lts", "apk add linux-lts-dev"),
            ("ID=archarm\nID_LIKE=arch\n", "6.2.10-1-ARCH", "pacman -S linux-armv7-headers"),
            ("ID=archarm\nID_LIKE=arch\n", "6.2.10", own),
            ("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", "6.13.1-1-lpae",
             "zypper install kernel-lpae-devel"),
            ("ID=openwrt\nID_LIKE=\"lede openwrt\"\n", "6.6.86", own),
            ("", "6.12.1", own)):
        said = Machine(release).put("etc/os-release", system).check("module")
        wanted = f" -> {advice.format(release)}, then "
        assert wanted in said, (system, release, said)
        # Only these have a package of the module, and only with headers of theirs.
        assert ("kvm-armv7-dkms" in said) == advice.startswith("apt "), said
    there = Machine("6.6.44-edge-meson").put("usr/lib/os-release", DEBIAN)
    said = there.put("etc/armbian-release", "BRANCH=edge\n").check("module")
    assert " -> apt install linux-headers-edge-meson, then " in said, said


def cpuinfo(implementer: int = 0x41, part: int = 0xC0F, features: str = "half vfp lpae") -> str:
    return (f"processor\t: 0\nFeatures\t: {features}\nCPU implementer\t: {implementer:#x}\n"
            f"CPU part\t: {part:#x}\n\n")


def test_check_knows_cpus():
    """MISSING only where no parameter of the module can help."""
    if not made_up():
        return
    needs = "guests need a CPU with ARMv7 virtualization: Cortex-A7, A12, A15 or A17"
    tries = ("modprobe kvm_armv7 allow_unknown_cpu=1 tries it; if the CPU has no Virtualization "
             "Extensions, dmesg then says so")
    for text, wanted in (
            *((cpuinfo(part=part), f"ok 1 x Arm Cortex-{name}, which has virtualization")
              for part, name in ((0xC07, "A7"), (0xC0D, "A12"), (0xC0F, "A15"), (0xC0E, "A17"))),
            (cpuinfo() * 4, "ok 4 x Arm Cortex-A15, which has virtualization"),
            (cpuinfo(part=0xC07) + cpuinfo(), "ok 2 CPUs of several kinds, the first a Cortex-A7 "
             "-> bind each guest to CPUs of one kind: taskset armvm run ..."),
            # Krait, and a 64-bit core with a 32-bit kernel.
            (cpuinfo(0x51, 0x6F), "unknown CPU implementer 0x51 part 0x6f, which the module does "
             f"not know -> {tries}"),
            (cpuinfo(part=0xD03), "unknown CPU implementer 0x41 part 0xd03, which the module does "
             f"not know -> {tries}"),
            # A Cortex-A9.
            *((cpuinfo(part=0xC09, features=features),
               "MISSING CPU implementer 0x41 part 0xc09, which has no LPAE and so no "
               f"virtualization -> {needs}") for features in ("half vfp", "nolpae lpaes", "")),
            ("model name\t: none\n", "unknown /proc/cpuinfo shows no Arm CPU -> mount /proc; "
             "under user-mode emulation there is nothing to find")):
        said = Machine().put("proc/cpuinfo", text).check("CPU")
        assert said == wanted, (text, said)


def test_check_knows_how_the_kernel_was_started():
    if not made_up():
        return
    timer = "CPU0\n 18: 2345 2311 GICv2 {} Level arch_timer\n 19: 7 GICv2 27 Level eth0\n"
    forced = "proc/device-tree/timer/arm,cpu-registers-not-fw-configured"
    log = "6,1,0,-;CPU: {}\n"
    loader = " -> the boot loader must start the kernel in HYP mode: "
    for machine, wanted in (
            (Machine().put("dev/kmsg", log.format("All CPU(s) started in HYP mode.")),
             "ok HYP, according to the kernel's log"),
            (Machine().put("dev/kmsg", log.format("All CPU(s) started in SVC mode.")),
             "MISSING SVC, according to the kernel's log" + loader),
            (Machine().put("dev/kmsg", log.format(
                "WARNING: CPU(s) started in wrong/inconsistent modes (primary CPU mode 0x1a)")),
             "MISSING not the same on every CPU, according to the kernel's log -> the boot loader "
             "or firmware must start every CPU in HYP mode, "),
            # The log is better evidence.
            (Machine().put("dev/kmsg", log.format("All CPU(s) started in HYP mode.")).put(
                "proc/interrupts", timer.format(27)), "ok HYP, according to the kernel's log"),
            (Machine().put("proc/interrupts", timer.format(30)),
             "ok HYP: the kernel left the virtual timer to guests"),
            (Machine().put("dev/kmsg", log.format("div instructions available")).put(
                "proc/interrupts", timer.format(29)),
             "ok HYP: the kernel left the virtual timer to guests"),
            (Machine().put("proc/interrupts", timer.format(27)),
             "MISSING not HYP: the kernel uses the virtual timer itself" + loader),
            # The device tree forces the timer, so it proves nothing.
            (Machine().put("proc/interrupts", timer.format(29)).put(forced),
             "unknown neither the kernel's log nor /proc/interrupts tells -> run as root, "),
            (Machine().put("proc/interrupts", "CPU0\n 19: 7 GICv2 27 Level eth0\n"),
             "unknown neither the kernel's log nor /proc/interrupts tells -> run as root, "),
            (Machine(), "unknown neither the kernel's log nor /proc/interrupts tells -> ")):
        said = machine.check("boot mode")
        assert said.startswith(wanted), (said, wanted)
        assert wanted.startswith("ok") == (said == wanted), said


class Tree(Machine):
    """A machine with interrupt controllers in its device tree."""

    def gic(self, name: str, compatible: str, ranges: int, *interrupts: str) -> "Tree":
        node = f"proc/device-tree/soc/{name}"
        self.put("proc/device-tree/soc/#address-cells", "\0\0\0\1")
        self.put("proc/device-tree/soc/#size-cells", "\0\0\0\1")
        self.put(f"{node}/compatible", compatible + "\0").put(f"{node}/reg", "\0" * 8 * ranges)
        for each in interrupts:
            self.put(f"{node}/{each}", "\0" * 12)
        return self


def test_check_knows_interrupt_controllers():
    if not made_up():
        return
    lacks = " -> add GICH and GICV to \"reg\" and the maintenance interrupt (PPI 9) to the node "
    other = ", which is not a GICv2 with virtualization"
    for tree, wanted in (
            *((Tree().gic("gic", name, 4, "interrupts"),
               f"ok {name} with GICH, GICV and maintenance interrupt")
              for name in ("arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic")),
            (Tree().gic("gic", "vendor,gic\0arm,cortex-a9-gic\0arm,cortex-a15-gic", 4,
                        "interrupts-extended"),
             "ok arm,cortex-a15-gic with GICH, GICV and maintenance interrupt"),
            (Tree().gic("gic", "arm,gic-400", 2, "interrupts"),
             "MISSING arm,gic-400: the device tree has 2 of its 4 register ranges" + lacks),
            (Tree().gic("gic", "arm,gic-400", 4),
             "MISSING arm,gic-400: the device tree has 4 of its 4 register ranges and no "
             "maintenance interrupt" + lacks),
            *((Tree().gic("gic", name, 4, "interrupts"), f"MISSING {name}{other}")
              for name in ("arm,cortex-a9-gic", "arm,gic-v3", "arm,pl390")),
            (Tree().put("proc/device-tree/intc/compatible", "brcm,bcm2836-l1-intc\0"),
             "MISSING the device tree has no known GIC -> guests need a GICv2 with virtualization"),
            (Tree(), "unknown no /proc/device-tree: no device tree, or /proc is not mounted -> ")):
        said = tree.check("GIC")
        assert said.startswith(wanted), (said, wanted)
    # The module takes the GICv2, wherever it is.
    for place in "abc":
        tree = Tree().gic(place, "arm,gic-400", 4, "interrupts")
        for other in set("abc") - {place}:
            tree.gic(other, "arm,pl390", 2)
        said = tree.check("GIC")
        assert said == "ok arm,gic-400 with GICH, GICV and maintenance interrupt", said


def test_check_asks_ptrace_for_points():
    """qemu-user has no ptrace(); test_check.c has its answers."""
    if not made_up():
        return
    for item in ("breakpoints", "monitor mode"):
        assert Machine().check(item).startswith("unknown ptrace: "), item


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
    sys.exit(run_cases("made_up", globals()))
