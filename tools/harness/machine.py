# SPDX-License-Identifier: GPL-2.0-only
"""One emulated board: boots a stock kernel or a bare program in QEMU, and talks to its agent."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import disk, firmware, initramfs, kernel, logs, models
from .channel import Channel, ChannelError, Command, Result
from .patience import Late, Limit, Pulse, expect_slow
from .paths import BUILD, ToolError, lock

RUNS = BUILD / "board"
KEPT_RUNS = 200
BOOT_SECONDS = 240
SYSTEM_BOOT_SECONDS = 1200
GUEST_PORTS = 4
BOARD_PORT = "org.kvm-armv7.channel"
GUEST_PORT = "org.kvm-armv7.guest{}"

# On a busy machine the emulator needs seconds for what takes a CPU milliseconds. The watchdogs wait
# long enough that what they report is a hang.
BOARD_APPEND = "oops=panic panic=-1 watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60"
# A guest's console costs two exits a character, so it shows only warnings and worse. The guest's
# own log has everything.
GUEST_APPEND = ("oops=panic panic=-1 watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120 "
                "loglevel=5")
AGENT_APPEND = f"agent={BOARD_PORT}"
# How much longer everything takes on a kernel whose every access to memory is checked, and what its
# own watchdogs, and those of its guest, are told. `hung_task` is read by tools/init.
SLOWNESS = {"debug": 6}
SLOW_APPEND = ("watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=300 "
               "workqueue.watchdog_thresh=300 hung_task=300")


class BoardError(ToolError):
    """The board or a guest did not boot, hangs, or died. LOG is the console that tells why."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(what)
        self.log = log


@dataclass
class Config:
    """What a board is made of. The names are those of tools/board's options."""

    flavour: str = "armmp-lpae"
    cpu: str = "cortex-a15"
    smp: int = 2
    memory: int = 1024
    icount: bool = False
    emulator: str = "qemu-system-arm"
    machine: str = "virt"
    midr: int = 0  # not 0: the CPU says that it is this one
    virt: bool = True
    firmware: firmware.Firmware | None = None  # what starts the kernel, if not QEMU itself
    module: bool = True
    module_args: Sequence[str] = ()
    guest: bool = False
    packages: Sequence[str] = ()
    modules: Sequence[str] = ()  # of the kernel, loaded on the board
    guest_modules: Sequence[str] = ()  # .. and in its guests
    overlays: Sequence[Path] = ()
    dtb: Path | None = None
    pmu: bool = False  # name the CPUs' performance monitors so that Linux finds its driver
    append: str = ""
    boot: Path | None = None
    system: Path | None = None  # a disk with a Debian of harness/debian.py, instead of initramfs
    qemu_args: Sequence[str] = ()
    allowed: Sequence[str] = field(default_factory=tuple)

    def slowness(self) -> float:
        """How many times as long everything takes as with Debian's kernels."""
        return SLOWNESS.get(self.flavour, 1.0) if not self.boot else 1.0


_LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """QEMU must not outlive the tool that started it, however that ends."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _new_run(name: str) -> Path:
    """Make a directory for this run, and delete the oldest ones."""
    RUNS.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    for number in range(1000):
        run = RUNS / f"{stamp}-{os.getpid()}-{number}{'-' + name if name else ''}"
        with contextlib.suppress(FileExistsError):
            run.mkdir()
            break
    with lock("board-runs"):
        old = sorted(p for p in RUNS.iterdir() if p.is_dir())[:-KEPT_RUNS]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
    return run


class Guest:
    """A stock kernel in a guest under armvm on a board."""

    def __init__(self, board: Board, number: int, cpus: int, memory: int, append: str,
                 prefix: Sequence[str], extra: Sequence[str], reboots: bool,
                 boot: Sequence[str]) -> None:
        self.board, self.number = board, number
        self.log = board.run_dir / f"guest{number}.log"
        self.agent = board.guest_channel(number)
        self.agent.forget_hello()
        with self.log.open("a", encoding="utf-8") as handle:
            handle.write(board.versions)
        self._console = self.log.open("ab", buffering=0)
        kernel_words = ("--kernel", "/guest/zImage", "--initrd", "/guest/initrd.cpio", "--append",
                        f"console=ttyAMA0 {GUEST_APPEND} {AGENT_APPEND} {board.slow_append} "
                        f"{append}".strip())
        port = f"/dev/virtio-ports/{GUEST_PORT.format(number)}"
        argv = [*prefix, "armvm", "run", *(boot or kernel_words), "--cpus", str(cpus), "--memory",
                f"{memory}M", "--port", f"{BOARD_PORT}={port}", *extra]
        # A guest that panics resets; it must not do so for ever.
        argv += [] if reboots else ["--no-reboot"]
        self.armvm: Command = board.agent.start(argv, out=self._console.write,
                                                err=self._console.write)
        self.hello: dict[str, str] = {}

    def wait(self, timeout: float = BOOT_SECONDS) -> Guest:
        """Wait until the guest's agent answers."""
        limit = Limit(timeout)
        while (hello := self.agent.wait_hello(0.5)) is None:
            if self.armvm.ended:
                raise BoardError(f"armvm exited with {self.armvm.wait()} while the guest booted",
                                 self.log)
            if why := limit.over():
                raise BoardError(f"the guest did not boot: {why}", self.log)
        self.hello = hello
        return self

    def run(self, argv: Sequence[str], stdin: bytes = b"", timeout: float | None = 120) -> Result:
        return self.agent.run(argv, stdin, timeout)

    def sh(self, script: str, stdin: bytes = b"", timeout: float | None = 120) -> Result:
        return self.agent.sh(script, stdin, timeout)

    def poweroff(self, timeout: float = 60) -> int:
        """Switch the guest off from inside, and return armvm's exit status."""
        self.agent.poweroff()
        status = self.armvm.wait(timeout)
        self._console.close()
        return status


class Board:
    """One QEMU, its logs and its channels. Use it as a context manager."""

    def __init__(self, config: Config, name: str = "") -> None:
        self.config = config
        self.model = models.MODELS[config.machine]
        expect_slow(config.slowness())
        self.slow_append = SLOW_APPEND if config.slowness() > 1 else ""
        self.run_dir = _new_run(name)
        self.log = self.run_dir / "console.log"
        self.guests: list[Guest] = []
        self.hello: dict[str, str] = {}
        self._sockets: dict[str, socket.socket] = {}
        self._guest_channels: dict[int, Channel] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._pulse: Pulse | None = None
        self.agent: Channel
        self.versions = ""
        self._initrd = self.run_dir / "initrd.cpio"
        self._guest_initrd = self.run_dir / "guest.cpio"

    def __enter__(self) -> Board:
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, kind: object, *rest: object) -> None:
        self.kill()

    # -- starting

    def _prepare(self) -> list[str]:
        config = self.config
        if config.boot:
            self.versions = logs.versions(None)
            return ["-kernel", str(config.boot)]
        kernel.fetch_kernel(config.flavour)
        self.versions = logs.versions(config.flavour)
        if config.system:
            image, initrd = disk.extract_kernel(config.system, kernel.abi(config.flavour),
                                                self.run_dir)
            return ["-kernel", str(image), "-initrd", str(initrd), "-append",
                    f"root=LABEL={disk.LABEL} ro console=ttyAMA0 {BOARD_APPEND} {config.append}"]
        module = initramfs.module_path(config.flavour)
        if config.module and not module.exists():
            raise ToolError(f"{module} has not been built: run `make module`, or use --no-module")
        contents = initramfs.Contents(packages=config.packages, overlays=config.overlays,
                                      module=module if module.exists() else None,
                                      module_args=config.module_args, modules=config.modules,
                                      guest_modules=config.guest_modules)
        if config.guest:
            initramfs.write_guest(contents, config.flavour, self._guest_initrd)
        initramfs.write_board(contents, config.flavour, self._initrd,
                              self._guest_initrd if config.guest else None)
        append = (f"console=ttyAMA0 earlycon={self.model.console} {BOARD_APPEND} "
                  f"agent={BOARD_PORT} load_module={'yes' if config.module else 'no'} "
                  f"{self.slow_append} {config.append}")
        image = kernel.directory(config.flavour) / "vmlinuz"
        if config.firmware:
            return firmware.arguments(config.firmware, (image, self._initrd), append.strip(),
                                      (config.cpu, config.smp, config.memory), self.run_dir)
        return ["-kernel", str(image), "-initrd", str(self._initrd), "-append", append.strip()]

    def _socket(self, name: str, pass_fds: list[int]) -> str:
        """Make a socket pair. QEMU inherits one end, so runs cannot collide over a name."""
        ours, theirs = socket.socketpair()
        self._sockets[name] = ours
        os.set_inheritable(theirs.fileno(), True)
        pass_fds.append(theirs.detach())
        return f"socket,id={name},fd={pass_fds[-1]}"

    def _ports(self, pass_fds: list[int]) -> list[str]:
        argv = ["-device", f"virtio-serial-device,max_ports={GUEST_PORTS + 2}"]
        # Ports get their names in this order, and init waits only for the board's, the last one.
        names = {f"guest{n}": GUEST_PORT.format(n) for n in range(GUEST_PORTS)}
        names["board"] = BOARD_PORT
        for name, port in names.items():
            argv += ["-chardev", self._socket(name, pass_fds),
                     "-device", f"virtserialport,chardev={name},name={port}"]
        return argv

    def _pmu_tree(self) -> Path:
        """QEMU's node of the performance monitors, which is empty where the CPU is no ARMv8."""
        config, blob = self.config, self.run_dir / "board.dtb"
        subprocess.run(["qemu-system-arm", "-M",
                        f"virt,virtualization=on,gic-version=2,dumpdtb={blob}", "-cpu", config.cpu,
                        "-smp", str(config.smp), "-m", str(config.memory), "-nodefaults",
                        "-display", "none"], check=True, capture_output=True)
        mask = ((1 << config.smp) - 1) << 8
        for words in (["-t", "s", blob, "/pmu", "compatible", f"arm,{config.cpu}-pmu"],
                      ["-t", "x", blob, "/pmu", "interrupts", "1", "7", f"{mask | 4:x}"]):
            subprocess.run(["fdtput", *words], check=True)
        return blob

    def command_line(self, pass_fds: list[int]) -> list[str]:
        config = self.config
        dtb = config.dtb or models.tree(self.model, config.flavour)
        argv = [config.emulator,
                "-M", firmware.MACHINE if config.firmware
                else self.model.hyp_options if config.virt else self.model.options,
                "-cpu", config.cpu + (f",midr={config.midr:#x}" if config.midr else ""),
                "-smp", str(config.smp), "-m", str(config.memory),
                "-nodefaults", "-display", "none", "-no-reboot",
                "-chardev", f"file,id=console,path={self.log},append=on",
                "-serial", "chardev:console",
                "-chardev", self._socket("qmp", pass_fds), "-mon", "chardev=qmp,mode=control"]
        if config.icount:
            argv += ["-icount", "shift=0,sleep=off"]
        if config.pmu:
            argv += ["-dtb", str(self._pmu_tree())]
        if dtb:
            argv += ["-dtb", str(dtb)]
        argv += self._prepare()
        if not config.boot:
            argv += self._ports(pass_fds)
        return argv + list(config.qemu_args)

    def launch(self) -> None:
        """Start QEMU, and wait for nothing."""
        if self.config.icount and self.config.smp != 1:
            raise ToolError("--icount counts instructions exactly only with one CPU: use --smp 1")
        pass_fds: list[int] = []
        argv = self.command_line(pass_fds)
        (self.run_dir / "command").write_text(shlex.join(argv) + "\n", encoding="utf-8")
        self.log.write_text(self.versions, encoding="utf-8")
        with (self.run_dir / "qemu.log").open("w", encoding="utf-8") as errors:
            try:
                self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=errors,
                                                 stderr=errors, pass_fds=pass_fds,
                                                 start_new_session=True,
                                                 preexec_fn=_die_with_parent)
            except FileNotFoundError as error:
                raise ToolError("qemu-system-arm is not installed: run tools/deps first") from error
            finally:
                for fd in pass_fds:
                    os.close(fd)
        self._pulse = Pulse(self._process.pid)

    def start(self, timeout: float = 0) -> Board:
        """Boot, and wait until the board's agent answers."""
        self.launch()
        if self.config.boot:
            return self
        self.agent = Channel(self._sockets.pop("board"), "board", self.check)
        limit = Limit(timeout or (SYSTEM_BOOT_SECONDS if self.config.system else BOOT_SECONDS))
        try:
            while (hello := self.agent.wait_hello(0.5)) is None:
                if why := limit.over():
                    raise BoardError(f"the board did not boot: {why}", self.log)
        except ChannelError as error:
            raise BoardError(f"the board died while it booted ({self._end()})", self.log) from error
        self.hello = hello
        self._initrd.unlink(missing_ok=True)
        self._guest_initrd.unlink(missing_ok=True)
        if self.config.module and hello.get("module") != "loaded":
            raise BoardError(f"kvm_armv7 did not load: {hello.get('module_says', '?')}", self.log)
        return self

    def _end(self) -> str:
        if not self._process:
            return "QEMU was not started"
        try:
            status = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return "QEMU still runs"
        said = (self.run_dir / "qemu.log").read_text(encoding="utf-8", errors="replace").strip()
        return f"QEMU ended with {status}{': ' + said if said else ''}"

    # -- while it runs

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def flat(self) -> str:
        """Say that the board stands still and why, or nothing if it does not."""
        why = self._pulse.flat() if self._pulse and self.running else ""
        return f"the board stands still: QEMU {why}" if why else ""

    def check(self) -> None:
        """Raise an error if the board stands still. Then waiting is useless."""
        if why := self.flat():
            raise BoardError(why, self.log)

    def wait_qemu(self, timeout: float | None) -> int:
        """Wait until QEMU ends by itself, for example after a bare program's PSCI SYSTEM_OFF."""
        assert self._process
        limit = Limit(timeout)
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(0.5)
            self.check()
            if why := limit.over():
                raise Late(why)

    def guest_channel(self, number: int) -> Channel:
        if number not in self._guest_channels:
            self._guest_channels[number] = Channel(self._sockets.pop(f"guest{number}"),
                                                   f"guest{number}", self.check)
        return self._guest_channels[number]

    def start_guest(self, number: int = 0, cpus: int = 1, memory: int = 256, append: str = "",
                    prefix: Sequence[str] = (), extra: Sequence[str] = (),
                    reboots: bool = False, boot: Sequence[str] = ()) -> Guest:
        """Start a guest on port NUMBER. PREFIX goes before `armvm`, for example taskset or gdb.

        A reset ends it with status 2 unless it REBOOTS. BOOT is what armvm boots instead of the
        stock kernel: words of its command line.
        """
        guest = Guest(self, number, cpus, memory, append, prefix, extra, reboots, boot)
        self.guests.append(guest)
        return guest

    def run(self, argv: Sequence[str], stdin: bytes = b"", timeout: float | None = 120) -> Result:
        return self.agent.run(argv, stdin, timeout)

    def sh(self, script: str, stdin: bytes = b"", timeout: float | None = 120) -> Result:
        return self.agent.sh(script, stdin, timeout)

    def put(self, source: Path, target: str, mode: int = 0o755) -> None:
        """Copy a file onto the running board."""
        self.sh(f"cat >{shlex.quote(target)} && chmod {mode:o} {shlex.quote(target)}",
                source.read_bytes()).check()

    # -- ending

    def registers(self) -> None:
        """Write the CPUs' registers to registers.txt: the only trace that a hang in HYP leaves."""
        sock = self._sockets.get("qmp")
        if not sock or not self.running:
            return
        with contextlib.suppress(OSError, ValueError):
            sock.settimeout(5)
            stream = sock.makefile("rw", encoding="utf-8")
            stream.readline()
            text = ""
            for command in ({"execute": "qmp_capabilities"},
                            {"execute": "human-monitor-command",
                             "arguments": {"command-line": "info registers -a"}}):
                stream.write(json.dumps(command) + "\n")
                stream.flush()
                while "return" not in (answer := json.loads(stream.readline())):
                    pass
                text = str(answer["return"])
            (self.run_dir / "registers.txt").write_text(text, encoding="utf-8")

    def shutdown(self, timeout: float = 60) -> None:
        """Switch guests and board off from inside, as a user would. Raise an error if it fails."""
        for guest in self.guests:
            if not guest.armvm.ended:
                status = guest.poweroff(timeout)
                if status != 0:
                    raise BoardError(f"armvm exited with {status} when its guest switched off",
                                     guest.log)
        self.agent.poweroff()
        try:
            self.wait_qemu(timeout)
        except Late as error:
            raise BoardError(f"the board did not switch off: {error}", self.log) from error

    def trouble(self) -> list[str]:
        """Return the lines of any console that fail the run."""
        found = []
        for log in [self.log, *(g.log for g in self.guests)]:
            found += [f"{log.name}: {line}" for line in logs.trouble(log, self.config.allowed)]
        return found

    def kill(self) -> None:
        """Kill QEMU, whatever state it is in."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for channel in self._guest_channels.values():
            channel.close()
        if hasattr(self, "agent"):
            self.agent.close()
        for sock in self._sockets.values():
            sock.close()
        self._sockets.clear()
        for path in (self._initrd, self._guest_initrd):
            path.unlink(missing_ok=True)
