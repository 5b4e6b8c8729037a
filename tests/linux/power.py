# SPDX-License-Identifier: GPL-2.0-only
"""armvm's power key, with the drivers of a stock kernel, and its control socket."""

from __future__ import annotations

import json
import signal

from lib import Context, case
from lib.image import SWITCHES_OFF
from lib.session import DEVICES

from harness.machine import Guest

SOCKET = "/run/guest.ctl"


def control(t: Context, guest: Guest) -> None:
    def ctl(command: str) -> dict:
        return json.loads(t.board.run(["armvm", "ctl", SOCKET, command]).check().text or "{}")

    t.equal(t.board.sh(f"stat -c %a {SOCKET}").text, "600\n", "the control socket is private")
    t.equal((ctl("status")["state"], ctl("status")["vcpus"]), ("running", 1), "status")
    rights = t.board.sh("grep -E '^(Uid|Gid|Groups|CapPrm):' "
                        f"/proc/{ctl('status')['pid']}/status").check().text.split()
    t.equal(rights, ["Uid:", *4 * ["999"], "Gid:", *4 * ["999"], "Groups:", "CapPrm:", 16 * "0"],
            "armvm runs as _armvm, although root has started it")
    ctl("pause")
    t.equal(ctl("status")["state"], "paused", "pause")
    before = ctl("registers")
    t.equal(ctl("registers"), before, "a paused guest's registers stay")
    t.check(int(before["vcpus"][0]["cpsr"], 16) & 0xf in (0, 3), "they are a Linux kernel's")
    ctl("resume")
    t.equal(guest.sh("echo up").text, "up\n", "resume: the guest runs on")
    refused = t.board.run(["armvm", "ctl", SOCKET, "explode"])
    t.equal((refused.status, refused.text), (1, ""), "an unknown command is refused")


@case("linux/power-key", needs=DEVICES, timeout=300)
def power_key(t: Context) -> None:
    # Of huge pages, which no other case needs.
    few = t.board.sh("armvm run --kernel /guest/zImage --hugepages")
    t.equal((few.status, few.errors.count("\n")), (1, 1), "without huge pages there is no guest")
    t.contains(few.errors, "needs 128 huge pages of 2048 KiB, and 0 are free", "armvm says so")
    t.board.sh("echo 128 >/proc/sys/vm/nr_hugepages").check()
    guest = t.guest(cpus=2, extra=("--hugepages", "--stop-timeout", "0"))
    free = int(t.board.sh("awk '/^HugePages_Free/ { print $2 }' /proc/meminfo").text)
    t.check(free < 128, f"the guest's memory is of them ({128 - free} are in use)")
    guest.sh(SWITCHES_OFF).check()
    guest.armvm.kill(signal.SIGTERM)
    t.equal(guest.armvm.wait(120), 0, "SIGTERM: the guest powers itself off, armvm ends with 0")
    log = guest.log.read_text(errors="replace")
    t.contains(log, "the power key was pressed", "it was told to by its power key")
    t.contains(log, "reboot: Power down", "and went down in order")
    t.board.sh("echo 0 >/proc/sys/vm/nr_hugepages").check()

    guest = t.guest(cpus=1, extra=("--stop-timeout", "2", "--control", SOCKET), fresh=True)
    control(t, guest)
    guest.armvm.kill(signal.SIGTERM)
    t.equal(guest.armvm.wait(60), 128 + signal.SIGTERM, "a guest that ignores the key is ended")
    t.contains(guest.log.read_text(errors="replace"), "did not power off within 2 s",
               "after --stop-timeout, and armvm says so")
