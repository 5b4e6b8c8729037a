# SPDX-License-Identifier: GPL-2.0-only
"""armvm@.service on a board that runs Debian."""

from __future__ import annotations

import re

from lib import Context
from lib.debian_board import INITRD, ON_TAP, DebianBoard, commands_of

GUEST = f"""
kernel  /boot/vmlinuz-{{release}}
initrd  {INITRD}
memory  128M
append  console=ttyAMA0 quiet agent=/dev/null
"""
STATE = "/var/lib/armvm"
# systemd's words. `systemctl show` knows nothing of a unit that has ended well and is not enabled.
ENDED = "Deactivated successfully."
# Of kvm-stat(1).
EXITS = """
cd /sys/kernel/tracing
echo 1 | tee events/kvm/kvm_entry/enable events/kvm/kvm_exit/enable
sleep 10
echo 0 | tee events/kvm/kvm_entry/enable events/kvm/kvm_exit/enable
kvm-stat trace
"""


class Service:
    """armvm@NAME.service, for the guest of debian_board.GUEST with these further options."""

    def __init__(self, board: DebianBoard, name: str, release: str, options: str) -> None:
        self.board, self.unit = board, f"armvm@{name}"
        self.control = f"/run/armvm/{name}/control"
        self._journal = f"journalctl --no-pager -o cat -u {self.unit}"
        board.sh("mkdir -p /etc/armvm")
        board.put(GUEST.format(release=release).encode() + options.encode(),
                  f"/etc/armvm/{name}.conf", 0o644)

    def start(self, t: Context) -> None:
        self.board.sh(f"systemctl start {self.unit}")
        t.check(t.until(lambda: "the guest is up" in self.journal()
                        or self.board.machine.sh(f"systemctl is-active {self.unit}").status,
                        900, 2), "systemctl start: a guest boots")

    def journal(self) -> str:
        return self.board.machine.sh(self._journal).text

    def answers(self, t: Context, at: str, why: str) -> None:
        """Who connects to a port of the guest AT an address and port is served."""
        script = f"timeout 60 bash -c 'exec 3<>/dev/tcp/{at} && cat <&3'"
        t.equal(self.board.machine.sh(script, timeout=120).text, "greetings from the guest\n", why)

    def stop(self, t: Context) -> None:
        self.board.sh(f"systemctl stop {self.unit}", timeout=900)
        said = self.board.sh(self._journal)
        t.contains(said, "the power key was pressed", "systemctl stop presses the power key")
        t.contains(said, "reboot: Power down", "and the guest switches off in order")
        t.equal(re.findall(r"^armvm: (\w+)", said, re.M), ["Terminated"],
                "armvm says that it was told to, and nothing of its helpers")

    def ended_well(self, t: Context, times: int, why: str) -> None:
        t.check(t.until(lambda: self.journal().count(ENDED) == times, 60), why)


def serves(t: Context, board: DebianBoard, release: str) -> None:
    """A guest with a network of passt's and a file as its disk, stopped by its power key."""
    image = f"{STATE}/test/disk.img"
    service = Service(board, "test", release, f"net user,tcp=8022:22\ndisk {image}\n")
    board.sh(f"mkdir -p {STATE}/test; truncate -s 1M {image}")
    service.start(t)
    service.answers(t, "127.0.0.1/8022", "a port that passt forwards reaches the guest")
    board.status(f"systemctl status {service.unit}; systemd-analyze security {service.unit} | "
                 "tail -1; armvm list; ps -eo user,args | grep -e armv[m] -e pass[t]")
    t.contains(board.sh(f"armvm ctl {service.control} status"), "running", "armvm ctl")
    t.check(re.search(r"^ +WFI +[1-9]\d* .*^Total Samples: [1-9]", board.sh(EXITS), re.M | re.S),
            "kvm-stat, as its man page has it, shows the guest's exits")
    service.stop(t)
    service.ended_well(t, 1, "the service has ended well")
    t.contains(board.sh(f"head -c 100 {image}"), "the guest was here", "it wrote to its disk")
    board.sh(f"systemctl start {service.unit}; armvm ctl {service.control} quit")
    # A service that waits for its restart is "activating".
    t.check(t.until(lambda: "inactive" in
                    board.machine.sh(f"systemctl is-active {service.unit}").text, 60),
            "a guest that is told to quit ends, and does not start again")
    service.ended_well(t, 2, "that is no failure")
    t.equal(service.journal().count("Scheduled restart job"), 0, "nor will it")
    t.equal(board.sh("systemctl --failed --no-legend"), "", "no unit has failed")


def serves_devices(t: Context, board: DebianBoard, release: str) -> None:
    """A guest with what root has made for it: a tap interface, a block device and a vsock."""
    device = board.sh(f"""
        ip tuntap add tap1 mode tap group kvm
        ip addr add {ON_TAP}1/24 dev tap1
        ip link set tap1 up
        truncate -s 1M /var/tmp/blocks
        losetup --find --show /var/tmp/blocks""").strip()
    service = Service(board, "devices", release,
                      f"net tap=tap1,vhost=on\ndisk {device}\nvsock 5\n")
    # What `systemctl edit` would write.
    drop_in = "\n".join(commands_of("docs/armvm.md", "DeviceAllow="))
    board.sh(f"mkdir /etc/systemd/system/{service.unit}.service.d")
    board.put(drop_in.replace("/dev/DEVICE", device).encode(),
              f"/etc/systemd/system/{service.unit}.service.d/override.conf", 0o644)
    board.sh("systemctl daemon-reload")
    service.start(t)
    service.answers(t, f"{ON_TAP}2/22", "the guest is reached by its tap interface")
    holds = board.sh(f"ls -l /proc/$(systemctl show -P MainPID {service.unit})/fd")
    for path in ("/dev/net/tun", "/dev/vhost-net", "/dev/vhost-vsock", device):
        t.contains(holds, path, f"the service has opened {path}")
    service.stop(t)
    service.ended_well(t, 1, "the service has ended well")
    t.contains(board.sh(f"head -c 100 {device}"), "the guest was here",
               "the guest wrote to the block device")
    board.sh(f"""
        rm -r /etc/systemd/system/{service.unit}.service.d /etc/armvm/devices.conf
        systemctl daemon-reload
        losetup -d {device}
        rm /var/tmp/blocks
        ip link del tap1""")
