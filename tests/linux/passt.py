# SPDX-License-Identifier: GPL-2.0-only
"""A guest's network that Debian's passt serves by vhost-user: armvm has no part in a frame."""

from __future__ import annotations

from lib import Context, case, network
from lib.session import DEVICES

from harness.channel import Command
from harness.machine import Guest

SOCKET = "/tmp/passt.sock"
SERVE = (*network.ENTER, "passt", "--foreground", "--vhost-user", "--socket", SOCKET,
         "--tcp-ports", "8022:22")
URL = f"{network.GATEWAY}:80"


def serve(t: Context) -> Command:
    network.prepare(t.board)
    passt = t.board.agent.start(SERVE)
    if not t.until(lambda: passt.ended or t.board.sh(f"[ -S {SOCKET} ]").status == 0, 60):
        t.fail("passt does not listen")
    if passt.ended:
        t.fail(f"passt: {passt.result().errors}")
    return passt


def start(t: Context) -> Guest:
    guest = t.guest(extra=("--net", f"vhost-user={SOCKET}"), fresh=True)
    network.connect(guest, "eth0")
    return guest


def said(guest: Guest) -> list[str]:
    """What armvm has said on its guest's console."""
    return [line for line in guest.log.read_text(encoding="utf-8", errors="replace").splitlines()
            if line.startswith("armvm: ")]


@case("linux/passt-vhost-user", tier="long", needs=DEVICES, timeout=600)
def passt_vhost_user(t: Context) -> None:
    passt = serve(t)
    guest = start(t)
    network.fetches(t, guest, t.board, URL, 80)
    network.fetches(t, t.board, guest, "127.0.0.1:8022", 22)
    t.equal(t.board.sh("pidof passt | wc -w").text, "1\n", "by this passt: armvm has started none")
    t.equal(t.board.sh("ls -l /proc/$(pidof armvm)/fd | grep -c -e net/tun -e vhost-net").text,
            "0\n", "and has no network of its own")
    t.end_guest()
    t.check(not passt.ended, "the guest's end is not passt's")

    guest = start(t)
    network.fetches(t, guest, t.board, URL, 80)
    before = said(guest)
    passt.kill()
    passt.wait(20)
    t.check(t.until(lambda: said(guest) != before, 20), "that passt has ended is said")
    t.equal(said(guest)[len(before):],
            [f"armvm: vhost-user {SOCKET}: the back end has ended: the device is dead"],
            "in one line")
    t.board.sh("mkdir -p /tmp/www && echo data >/tmp/www/data && httpd -p 80 -h /tmp/www").check()
    t.check(guest.sh(f"wget -q -T 5 -O - http://{URL}/data", timeout=60).status != 0,
            "the guest's network is dead")
    t.board.sh("killall httpd").check()
    t.equal(guest.run(["echo", "here"]).text, "here\n", "the guest is not")
    t.equal(len(said(guest)), len(before) + 1, "and nothing more is said")
    t.end_guest()
    refused = t.board.sh(f"armvm run --kernel /guest/zImage --net vhost-user={SOCKET}")
    t.equal((refused.status, refused.errors.count("\n")), (1, 1), "the next armvm does not start")
    t.contains(refused.errors, "passt --vhost-user", "and says what has to run")
    t.board.sh(f"rm -f {SOCKET}").check()
