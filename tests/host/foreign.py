# SPDX-License-Identifier: GPL-2.0-only
"""VMMs that nobody here wrote, run unchanged with a stock guest that uses their devices.

Debian has none of them for armhf, so build/clients/ has what a user has built: docs/clients.md.
"""

from __future__ import annotations

import hashlib
import random
import re
import shlex
import subprocess
from pathlib import Path

from host import _modules as host
from host._counters import nothing_left
from lib import Context, board, case
from lib.registry import TOP
from lib.session import OVERLAY

from harness import initramfs
from harness.channel import Result
from harness.cpio import Tree

CLIENTS = TOP / "build" / "clients"
INIT = Path(__file__).with_name("foreign") / "guest-init"
NEEDS = board(guest=True, overlays=(OVERLAY, host.PROGRAMS), memory=1536)
FOREIGN = {"needs": NEEDS, "shard": "foreign", "tier": "long"}
# What the guest loads for its devices, and the board for a tap with vhost.
GUEST_MODULES = ("virtio_mmio", "virtio_pci", "virtio_blk", "virtio_net", "crc32c_generic", "ext4",
                 "9p", "9pnet_virtio", "virtio_rng")
BOARD_MODULES = ("tun", "vhost_net")
# What guest-init prints for each device; a lease only if the network has DHCP.
WORKS = {
    "disk": {"disk read", "disk written", "disk unmounted"},
    "net": {"net ping", "net received", "net sent"},
    "rng": {"rng virtio_rng.0 64"},
    "share": {"share read", "share written"},
}
SERVER = """mkdir -p /tmp/web/cgi-bin /tmp/share
head -c 60000 /guest/zImage >/tmp/web/part
cp /guest/zImage /tmp/share/file
cat >/tmp/web/cgi-bin/sum <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
sha256sum
CGI
# An answer whose length is not told ends when the server closes: see guest-init.
cat >/tmp/web/cgi-bin/part <<'CGI'
#!/bin/sh
printf 'Content-Type: application/octet-stream\\r\\n\\r\\n'
cat /tmp/web/part
CGI
chmod +x /tmp/web/cgi-bin/*
httpd -p 8000 -h /tmp/web
"""


def _module_tree(names: tuple[str, ...], directory: str) -> Tree:
    tree = Tree()
    order = ""
    for name, path in initramfs.with_dependencies(NEEDS.flavour, names):
        tree.data(f"{directory}/{name}.ko", initramfs.read_module(path))
        order += f"/{directory}/{name}.ko\n"
    tree.data(f"{directory}/order", order.encode())
    return tree


def _disk(t: Context) -> Path:
    """Make an ext4 image of random files and their sums."""
    files = t.dir / "files"
    files.mkdir()
    sums = ""
    for n in range(8):
        data = random.Random(n).randbytes(400_000)
        (files / f"file{n}").write_bytes(data)
        sums += f"{hashlib.sha256(data).hexdigest()}  file{n}\n"
    (files / "sums").write_text(sums, "utf-8")
    image = t.dir / "disk.img"
    subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", str(files), str(image), "12M"],
                   check=True)
    return image


def prepare(t: Context, client: str) -> None:
    """Put the client, a disk and the guest's initramfs on the board, and start its servers."""
    program = CLIENTS / client
    if not program.exists():
        t.skip(f"{program.relative_to(TOP)} has not been built")
    t.end_guests()
    host.put_once(t, program, f"/tmp/{client}")
    t.board.put(_disk(t), "/tmp/disk.new")
    if t.board.sh("test -e /tmp/initrd").status == 0:
        return
    tree = _module_tree(GUEST_MODULES, "modules")
    tree.file("client-init", INIT, 0o755)
    extra = t.dir / "extra.cpio"
    with extra.open("wb") as handle:
        tree.write(handle)
    t.board.put(extra, "/tmp/extra.cpio")
    t.board.sh("cat /guest/initrd.cpio /tmp/extra.cpio >/tmp/initrd").check()
    for name, path in initramfs.with_dependencies(NEEDS.flavour, BOARD_MODULES):
        t.board.sh(f"cat >/tmp/{name}.ko; insmod /tmp/{name}.ko",
                   initramfs.read_module(path)).check()
    t.board.sh("mkdir -p /dev/net; [ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200").check()
    t.board.sh(SERVER).check()


def bootargs(t: Context, use: str, **words: str) -> str:
    sums = t.board.sh("cat /tmp/share/file | sha256sum; cat /tmp/web/part | sha256sum").check()
    data, part = re.findall(r"^\w{64}", sums.text, re.M)
    given = {"rdinit": "/client-init", "loglevel": "4", "use": use, "sum": data, "part": part,
             **words}
    return " ".join(f"{key}={value}" for key, value in given.items())


def fresh_disk(t: Context) -> None:
    t.board.sh("cp /tmp/disk.new /tmp/disk.img").check()


def said(text: str) -> list[str]:
    return re.findall(r"@ (.*?)\r*$", text, re.M)


def used(t: Context, text: str, use: str, cpus: int, what: str) -> None:
    """The guest has its CPUs, and each device did all that it should."""
    wanted = {f"cpus {cpus}", "end"}.union(*(WORKS[device] for device in use.split(",")))
    lines = set(said(text))
    if not t.check(wanted <= lines, f"{what}: {cpus} CPUs, {use}; missing: {wanted - lines}"):
        t.log(text[-6000:])


def lkvm(cpus: int, params: str, *words: str, transport: str = "mmio", irqchip: str = "gicv2",
         network: str = "mode=user") -> list[str]:
    return ["/tmp/lkvm", "run", "--name", "guest", "-k", "/guest/zImage", "-i",
            "/tmp/initrd", "-m", "256", "-c", str(cpus), "--irqchip", irqchip,
            "--virtio-transport", transport, "-d", "/tmp/disk.img", "-n", network, "--rng", "--9p",
            "/tmp/share,share", "--console", "serial", "-p", f"console=ttyS0 {params}", *words]


def to_file(argv: list[str]) -> str:
    return f"{shlex.join(argv)} </dev/null >/tmp/out 2>&1"


def run(t: Context, argv: list[str], what: str, timeout: float = 300) -> tuple[Result, str]:
    """Run a client to its end. Returns its status and output."""
    result = t.board.sh(f"timeout -s KILL {timeout:.0f} {to_file(argv)}", timeout=timeout + 60)
    text = t.board.sh("cat /tmp/out").check().text
    t.log(f"-- {what}, status {result.status}\n{text}")
    return result, text


@case("host/foreign-kvmtool", timeout=2400, **FOREIGN)
def kvmtool(t: Context) -> None:
    """Disk, network, 9p and rng over each transport; 1, 2 and 4 CPUs; reset; a tap with vhost."""
    prepare(t, "lkvm")
    use = "disk,net,rng,share"
    with nothing_left(t):
        for cpus, transport, irqchip in ((1, "mmio", "gicv2"), (2, "pci", "gicv2m"),
                                         (4, "mmio", "gicv2")):
            what = f"{cpus} CPUs, virtio-{transport}, {irqchip}"
            fresh_disk(t)
            params = bootargs(t, use, host="192.168.33.1", then="poweroff")
            result, text = run(t, lkvm(cpus, params, transport=transport, irqchip=irqchip), what)
            used(t, text, use, cpus, what)
            t.equal(result.status, 0, f"{what}: it ends with 0 when its guest switches off")
        fresh_disk(t)
        params = bootargs(t, use, host="192.168.33.1", then="reboot")
        result, text = run(t, lkvm(2, params), "reset")
        used(t, text, use, 2, "before the reset")
        t.equal((result.status, "second boot" in said(text)), (0, False),
                "it ends with 0 when its guest resets the machine")
        result, text = run(t, lkvm(2, params), "started again")
        used(t, text, use, 2, "started again")
        t.check("second boot" in said(text), "started again, it finds what the guest has written")
        params = bootargs(t, "net", host="192.168.33.1", address="192.168.33.15", then="poweroff")
        result, text = run(t, lkvm(2, params, network="mode=tap,vhost=1"), "vhost")
        used(t, text, "net", 2, "tap and vhost")


KILLS = """
for n in $(seq 20); do
    : >/tmp/out
    cp /tmp/disk.new /tmp/disk.img
    %s &
    pid=$!
    usleep $((n * 7919 %% 20 * %d))
    kill -9 $pid || exit 1
    wait $pid
    [ $? = 137 ] || exit 2
    grep -c '@' /tmp/out || :
done 2>/dev/null
"""


def killed(t: Context, command: str, step: int) -> None:
    """Kill a client 20 times, at moments that are STEP microseconds apart, from its start on."""
    with nothing_left(t):
        t.board.sh("rm -f /tmp/out").check()
        result = t.board.sh(KILLS % (command, step), timeout=1800)
        counts = [int(n) for n in result.text.split()]
        t.equal((result.status, len(counts)), (0, 20), "20 clients were killed")
        t.check(counts and min(counts) == 0 and max(counts) > 4,
                f"some before their guest spoke, some after it had used devices: {counts}")


@case("host/foreign-kvmtool-kills", timeout=2100, **FOREIGN)
def kvmtool_kills(t: Context) -> None:
    prepare(t, "lkvm")
    params = bootargs(t, "disk,net,rng,share", host="192.168.33.1", then="stay")
    killed(t, to_file(lkvm(2, params)), 4_000_000)


def qemu(cpus: int, params: str, *words: str, out: str = "/tmp/out") -> list[str]:
    """QEMU's command line. The guest's console goes to OUT."""
    return ["/tmp/qemu-system-arm", "-M", "virt,accel=kvm", "-cpu", "host", "-smp", str(cpus), "-m",
            "256", "-nodefaults", "-no-user-config", "-display", "none", "-serial", f"file:{out}",
            "-kernel", "/guest/zImage", "-initrd", "/tmp/initrd",
            "-append", f"console=ttyAMA0 {params}",
            "-drive", "if=none,id=disk,format=raw,file=/tmp/disk.img",
            "-device", "virtio-blk-device,drive=disk",
            "-netdev", "user,id=net", "-device", "virtio-net-device,netdev=net",
            "-device", "virtio-rng-device", *words]


def run_qemu(t: Context, argv: list[str], what: str, timeout: float = 400) -> str:
    """Run QEMU to its end, which must be with status 0 and without a word; return the console.

    The word that there are more vCPUs than CPUs is allowed.
    """
    result = t.board.sh(f"rm -f /tmp/out; timeout -s KILL {timeout:.0f} {shlex.join(argv)} "
                        "</dev/null", timeout=timeout + 60)
    text = t.board.sh("cat /tmp/out").check().text
    t.log(f"-- {what}, status {result.status}\n{result.text}{result.errors}\n{text}")
    words = [line for line in (result.text + result.errors).splitlines()
             if "exceeds the recommended cpus" not in line]
    t.equal((result.status, words), (0, []), f"{what}: QEMU ends with 0 and says nothing")
    return text


SLIRP = {"host": "10.0.2.2"}


@case("host/foreign-qemu", timeout=2400, **FOREIGN)
def qemu_runs(t: Context) -> None:
    """Disk, network and rng over virtio-mmio; 1, 2 and 4 CPUs; reset."""
    prepare(t, "qemu-system-arm")
    use = "disk,net,rng"
    with nothing_left(t):
        for cpus in (1, 2, 4):
            what = f"{cpus} CPUs"
            fresh_disk(t)
            text = run_qemu(t, qemu(cpus, bootargs(t, use, then="poweroff", **SLIRP)), what)
            used(t, text, use, cpus, what)
            t.check("net lease 10.0.2.15" in said(text), f"{what}: DHCP")
        fresh_disk(t)
        text = run_qemu(t, qemu(2, bootargs(t, use, then="reboot", **SLIRP)), "reset", 600)
        first, _, second = text.partition("@ end")
        used(t, first + "@ end", use, 2, "before the reset")
        used(t, second, use, 2, "after the reset")
        t.check("second boot" in said(second), "the guest has been reset, and finds what it wrote")


@case("host/foreign-qemu-migrate", timeout=1800, **FOREIGN)
def qemu_migrates(t: Context) -> None:
    """A guest is saved into a file by one QEMU, and goes on in another one."""
    prepare(t, "qemu-system-arm")
    use = "disk,net,rng"

    def ticks() -> list[int]:
        # The first QEMU may stop in the middle of a line.
        text = t.board.sh("cat /tmp/out /tmp/out2 2>/dev/null").text
        return [int(n) for n in re.findall(r"^@ tick (\d+)\r*$", text, re.M)]

    with nothing_left(t):
        fresh_disk(t)
        params = bootargs(t, use, then="stay", **SLIRP)
        t.board.sh("rm -f /tmp/out /tmp/out2").check()
        source = t.board.agent.start(qemu(2, params, "-monitor", "stdio"))
        t.check(t.until(lambda: ticks() or source.ended, 300), "the guest runs")
        source.write(b'stop\nmigrate "exec:cat >/tmp/state"\ninfo status\nquit\n')
        result = source.result(200)
        t.log(result.text + result.errors)
        t.equal(result.status, 0, "the first QEMU saves its guest and ends")
        t.contains(result.text, "VM status: paused (postmigrate)", "the guest has been saved")
        before = len(ticks())
        target = t.board.agent.start(qemu(2, params, "-incoming", "exec:cat /tmp/state",
                                          "-monitor", "stdio", out="/tmp/out2"))

        def loaded() -> bool:
            # A `cont` before the end of loading is lost: the guest then gets the state that it
            # was saved in, which is that of `stop`.
            target.write(b"info status\n")
            return re.search(rb"^VM status: paused\r*$", bytes(target.stdout), re.M) is not None

        t.check(t.until(lambda: target.ended or loaded(), 300, 1) and not target.ended,
                "the second QEMU loads it")
        target.write(b"cont\n")
        t.check(t.until(lambda: "end" in said(t.board.sh("cat /tmp/out2").text)
                        or target.ended, 300), "the guest goes on")
        target.write(b"quit\n")
        result = target.result(100)
        text = t.board.sh("cat /tmp/out2").check().text
        t.log(f"{result.text}{result.errors}\n{text}")
        counted = ticks()
        t.check(counted == list(range(1, len(counted) + 1)) and len(counted) > before,
                f"in the second QEMU it counts on where the first had stopped: {before} {counted}")
        lines = set(said(text))
        t.check(WORKS["disk"] | WORKS["net"] | WORKS["rng"] <= lines,
                f"and its devices work: {lines}")
        t.board.sh("rm -f /tmp/state").check()


@case("host/foreign-qemu-kills", timeout=2100, **FOREIGN)
def qemu_kills(t: Context) -> None:
    prepare(t, "qemu-system-arm")
    argv = qemu(2, bootargs(t, "disk,net,rng", then="stay", **SLIRP))
    killed(t, f"{shlex.join(argv)} </dev/null", 4_000_000)
