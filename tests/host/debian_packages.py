# SPDX-License-Identifier: GPL-2.0-only
"""The Debian packages on a board that runs Debian: apt installs them, dkms builds the module."""

from __future__ import annotations

import io
import re
import shlex
import tarfile
from pathlib import Path

from host import _service as service
from lib import Context, case, network
from lib.debian_board import INITRD, DebianBoard, to_install, to_run_debian, to_run_with_tap
from lib.registry import TOP

from harness import kernel

RUN = (f"armvm run --kernel /boot/vmlinuz-$(uname -r) --initrd {INITRD} --memory 128M "
       "--append 'console=ttyAMA0 quiet agent=/dev/null once'")
DISK = f"{service.STATE}/test/disk.img"
# Where the user has what `make image` made.
HOME = "/media"
SERVER = """
$s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1) or die;
while ($c = $s->accept) { open F, "</tmp/data"; print $c $_ while <F>; close $c }
"""
# A kernel that dkms.conf excludes, with the hooks that a package of Debian's kernel runs.
OLD = "5.10.0-99-armmp"
OLD_PACKAGE = f"""
mkdir -p old/DEBIAN old/lib/modules/{OLD}/build/include
cat >old/DEBIAN/control <<END
Package: linux-headers-{OLD}
Version: 1
Architecture: armhf
Maintainer: Tests <tests@localhost>
Description: headers of an old kernel
END
printf 'CONFIG_ARM=y\\nCONFIG_ARM_VIRT_EXT=y\\nCONFIG_MMU_NOTIFIER=y\\n' \\
	>old/lib/modules/{OLD}/build/.config
cat >old/DEBIAN/postinst <<END
#!/bin/sh
set -e
run-parts --report --exit-on-error --arg={OLD} /etc/kernel/header_postinst.d
/etc/kernel/postinst.d/dkms {OLD}
END
chmod 755 old/DEBIAN/postinst
dpkg-deb --root-owner-group -b old old.deb
apt-get -q install ./old.deb
"""
LEFT = ("find / -xdev '(' -name '*kvm[-_]armv7*' -o -name '*armvm*' -o -name 'kvm-stat*' ')' "
        "! -path '/proc/*' ! -path '/sys/*' ! -path '/var/log/*' ! -path '/root/*' | sort")


def installed(board: DebianBoard, release: str) -> bool:
    """Has dkms installed the module? It is compressed where the kernel's own modules are."""
    return re.fullmatch(rf"(/usr)?/lib/modules/{re.escape(release)}/updates/dkms/"
                        r"kvm_armv7\.ko(\.xz)?\n",
                        board.sh(f"modinfo -k {release} -F filename kvm_armv7")) is not None


def installs(t: Context, board: DebianBoard, release: str) -> None:
    board.prepare()
    lines = to_install()
    t.equal([line.split()[0] for line in lines], ["apt", "usermod", "modprobe"],
            "README.md installs in three lines")
    for line in lines:
        board.sh(f"cd /srv && {line.replace('USER', 'user')}", timeout=7200)
    t.contains(board.sh("dkms status"), f"{release}, armv7l: installed",
               "dkms has built the module")
    t.check(installed(board, release), "and installed it")
    t.equal(board.sh("stat -c '%A %U %G' /dev/kvm").strip(), "crw-rw---- root kvm",
            "/dev/kvm is for the group kvm")
    board.sh("dmesg | grep kvm_armv7")


def runs_by_user(t: Context, board: DebianBoard) -> None:
    """After a reboot nobody has loaded the module."""
    t.equal(board.status("grep kvm_armv7 /proc/modules"), 1, "at boot the module is not loaded")
    t.equal(board.sh("stat -c '%A %U %G' /dev/kvm").strip(), "crw-rw---- root kvm",
            "but /dev/kvm is there, for the group kvm")
    t.check(board.status("runuser -u nobody -- sh -c ': <>/dev/kvm'"),
            "another user may not open it")
    t.equal(board.status("runuser -l user -c 'armvm check'"), 0,
            "a user of the group opens it, and armvm check is content")
    t.equal(board.status("grep kvm_armv7 /proc/modules"), 0, "that has loaded the module")
    done = board.machine.run(["runuser", "-l", "user", "-c", RUN], timeout=900)
    t.log(done.text + done.errors)
    t.equal(done.status, 0, "the user runs a guest, which ends with status 0")
    t.contains(done.text, "the guest is up", "it came up")
    t.contains(done.text, "reboot: Power down", "and switched off in order")


def runs_by_root(t: Context, board: DebianBoard) -> None:
    """By hand, without --user: it is not root once the machine is set up."""
    status = board.sh("""
        armvm run --kernel /boot/vmlinuz-$(uname -r) --memory 128M --name by-hand --gdb 0 \\
                --gdb-wait </dev/null >/tmp/by-hand.log 2>&1 & pid=$!
        for n in $(seq 300); do grep -q '^Seccomp:.*2' /proc/$pid/status && break; sleep 1; done
        cat /proc/$pid/status; stat -c 'control %U %a' /run/armvm/by-hand/control >&2
        armvm ctl /run/armvm/by-hand/control quit; wait $pid || echo "Status: $?"
        cat /tmp/by-hand.log >&2; rm /tmp/by-hand.log""", timeout=900)
    rows = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    rows = {key: value.split() for key, value in rows.items()}
    user = board.sh("id -u _armvm").strip()
    group = board.sh("id -g _armvm").strip()
    t.check(user.isdigit() and 0 < int(user) < 1000, f"_armvm is a system's user, {user}")
    t.equal((rows["Uid"], rows["Gid"], rows["Groups"]), (4 * [user], 4 * [group], []),
            "a guest that root starts by hand runs as _armvm, without further groups")
    t.equal({int(rows[key][0], 16) for key in ("CapEff", "CapPrm", "CapInh", "CapAmb")}, {0},
            "without capabilities")
    t.equal((rows["Seccomp"], rows["NoNewPrivs"], rows["Status"]), (["2"], ["1"], ["130"]),
            "and confined, until root tells it to quit")
    t.equal(board.status("ls /run/armvm/by-hand/control"), 2, "it has deleted its socket")
    board.sh("rmdir /run/armvm/by-hand /run/armvm")


def runs_debian(t: Context, board: DebianBoard) -> None:
    """A whole Debian in a guest, by the words of README.md or, without passt, docs/armvm.md."""
    board.sh(f"mount -L image {HOME}; chown -R user: {HOME}; "
             "runuser -l user -c 'mkdir -m 700 .ssh && "
             "echo StrictHostKeyChecking accept-new >.ssh/config'")
    install, command, ssh, stop = to_run_debian()
    gateway = network.GATEWAY
    if not board.has_passt:
        *interface, command, ssh = to_run_with_tap()
        gateway = re.search(r"addr add ([\d.]+)", " ".join(interface))[1]
        install = "\n".join([install, *interface]).replace("USER", "user")
    board.sh(install, timeout=1200)
    log = t.dir / "debian.log"
    # An emulated guest needs more than the 90 s that armvm gives it for shutting down.
    armvm = board.start(f"cd {HOME} && exec {command} --stop-timeout 0", log)

    def inside(script: str, stdin: bytes = b"", seconds: int = 1200) -> str:
        return board.user(f"cd {HOME} && timeout {seconds} {ssh} {shlex.quote(script)}", stdin,
                          2 * seconds).text

    t.check(t.until(lambda: armvm.ended or inside("echo in", seconds=90) == "in\n", 3600, 30),
            "ssh lets the owner of the key in")
    if armvm.ended:
        t.fail(f"armvm ended with {armvm.wait()}: see {log.name}")
    t.equal(inside("systemctl is-system-running --wait"), "running\n",
            "systemd has started all, and nothing has failed")
    t.equal(inside("cat /proc/device-tree/model"), "armvm\0", "it is the guest of armvm")
    board.sh("head -c 1000000 /dev/urandom >/tmp/data")
    wanted = board.sh("sha1sum </tmp/data")
    server = board.machine.agent.start(["perl", "-MIO::Socket::INET", "-e", SERVER])
    t.equal(inside(f"cat </dev/tcp/{gateway}/80 | sha1sum"), wanted,
            "a file arrives from the board over TCP")
    server.kill()
    t.equal(inside("cat >data && sync", board.machine.sh("cat /tmp/data").stdout), "",
            "and goes through ssh to the guest's disk")
    t.equal(board.user(stop).status, 0, "the user presses the guest's power key")
    t.equal(armvm.wait(1800), 0, "systemd shuts the guest down, and armvm ends with 0")
    t.contains(log.read_text(encoding="utf-8", errors="replace"), "reboot: Power down", "in order")
    t.equal(board.sh(f"mkdir -p /mnt/guest; mount -o loop,ro,offset={1 << 20} {HOME}/debian.raw "
                     "/mnt/guest; sha1sum </mnt/guest/root/data; umount /mnt/guest"), wanted,
            "the file is on its disk")
    t.equal(board.machine.sh("dmesg | grep -c 'EXT4-fs.*loop.*recover'").text, "0\n",
            "whose file system was unmounted")
    # The kernel lets go of the loop device a little later, or when udev has looked at it.
    t.check(t.until(lambda: not board.status(f"umount {HOME}"), 60), "nobody uses them any more")


def upgrades(t: Context, board: DebianBoard, other: str) -> None:
    board.sh("apt-get -q install linux-image-armmp linux-headers-armmp", timeout=7200)
    t.contains(board.sh("dkms status"), f"{other}, armv7l: installed",
               "a new kernel's installation builds the module for it")
    t.check(installed(board, other), "and installs it")
    autopkgtests(t, board)
    t.equal(board.status(f"cd /root && {{ {OLD_PACKAGE} }}", timeout=1200), 0,
            "the installation of a kernel that dkms.conf excludes succeeds")
    t.equal(board.status(f"dkms status -k {OLD} | grep {OLD}"), 1, "without the module")


def boots_into(t: Context, board: DebianBoard, flavour: str, release: str) -> None:
    """The kernel that was installed last."""
    board.flavour = flavour
    board.reboot()
    t.equal(board.sh("uname -r").strip(), release, "the board boots the new kernel")
    t.equal(board.status("runuser -l user -c 'armvm check'"), 0, "with a module that works")


def autopkgtests(t: Context, board: DebianBoard) -> None:
    """The packages' own tests, as debian/tests/control has them."""
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w") as tar:
        tar.add(TOP / "debian", "debian")
    board.machine.sh("mkdir -p /root/tree && tar -x -C /root/tree", stdin=tree.getvalue()).check()
    control = (TOP / "debian/tests/control").read_text(encoding="utf-8")
    board.sh("apt-get -q install gcc libc6-dev pkgconf /srv/v7dbg-dev_*.deb")
    for name in re.findall(r"^Tests: (\S+)$", control, re.M):
        t.equal(board.status(f"cd /root/tree && mkdir /tmp/{name} && AUTOPKGTEST_TMP=/tmp/{name} "
                             f"debian/tests/{name} && rm -r /tmp/{name}", timeout=1200), 0,
                f"debian/tests/{name}")


def leaves(t: Context, board: DebianBoard) -> None:
    board.sh("systemctl enable armvm@debian; rm -r /etc/armvm")
    board.sh("apt-get -q purge kvm-armv7-dkms armvm v7dbg-dev", timeout=1200)
    t.equal(board.status(f"[ -s {DISK} ]"), 0, "purge leaves the guests' disks")
    board.sh(f"rm {DISK}; apt-get -q --no-install-recommends install /srv/armvm_*.deb; "
             "apt-get -q purge armvm", timeout=1200)
    t.equal(board.status("grep kvm_armv7 /proc/modules"), 1, "purge unloads the module")
    t.equal(board.sh(LEFT), "", "and leaves no file")
    t.equal(board.status("id _armvm"), 0, "but the user _armvm")
    t.equal(board.sh("dkms status"), "", "nor anything with dkms")
    t.equal(board.sh("systemctl --failed --no-legend"), "", "no unit has failed")


def whole(t: Context, flavour: str) -> None:
    board = DebianBoard(t, flavour)
    kernels = flavour, flavour.replace("-lpae", "")
    for one in kernels:
        kernel.fetch_kernel(one)
    release, other = map(kernel.abi, kernels)
    board.boot()
    installs(t, board, release)
    board.reboot()
    runs_by_user(t, board)
    runs_by_root(t, board)
    runs_debian(t, board)
    service.serves(t, board, release)
    service.serves_devices(t, board, release)
    upgrades(t, board, other)
    boots_into(t, board, kernels[1], other)
    leaves(t, board)
    board.machine.run(["systemctl", "--no-block", "poweroff"])
    board.machine.wait_qemu(300)


@case("host/debian-packages", tier="long", timeout=6 * 3600)
def debian_packages(t: Context) -> None:
    whole(t, "armmp-lpae")


@case("host/debian-packages-trixie", tier="long", timeout=6 * 3600)
def debian_packages_trixie(t: Context) -> None:
    whole(t, "armmp-lpae@trixie")
