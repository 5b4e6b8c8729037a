# SPDX-License-Identifier: GPL-2.0-only
"""A Linux guest is saved while a watchpoint is armed, and goes on in another armvm."""

from __future__ import annotations

import json

from lib import Context, case
from lib.session import DEVICES

from harness.channel import PING, Command
from harness.machine import BOARD_PORT, Guest

SOCKET, SAVED, OTHER = "/run/save.ctl", "/tmp/guest.saved", "/run/other.sock"
WORDS = ("--rng", "--disk", "/tmp/save.img", "--balloon", "--control", SOCKET)
VSOCK = ("--vsock", "42")
# How long the guest that is migrated may stand still, in ms: it copies 4 MiB all the time, which
# an emulated board sends in seconds.
DOWNTIME = 30000
ADDRESS, URL = "198.51.100.2", "http://198.51.100.1:8080/data"
# A bridge with a server on it, whose ports are the guest's interfaces, here and there.
BRIDGE = """
set -e
ip link add br0 type bridge
ip addr add 198.51.100.1/24 dev br0
ip link set br0 up
for tap in tap0 tap1; do
	tunctl -t $tap >/dev/null
	ip link set $tap master br0
	ip link set $tap up
done
mkdir -p /tmp/served
head -c 1000000 /dev/urandom >/tmp/served/data
httpd -p 8080 -h /tmp/served
truncate -s 16M /tmp/save.img
"""
END = """
for tap in tap0 tap1; do tunctl -d $tap >/dev/null; done
ip link del br0; killall httpd; rm -r /tmp/served /tmp/save.img"""


def net(tap: str) -> tuple[str, str]:
    return "--net", f"tap={tap},vhost=on,mac=02:00:5e:00:53:01"


def start(t: Context, *more: str) -> Guest:
    return t.board.start_guest(cpus=2, memory=192, extra=(*WORDS, *net("tap0"), *more))


def restored(t: Context) -> Guest:
    guest = start(t, *VSOCK, "--restore", SAVED)
    # The agent in it has said hello long ago.
    guest.agent.send(PING)
    return guest.wait()


def prepare(guest: Guest) -> str:
    """Return a sum of what the guest has written to its disk."""
    guest.sh(f"ip addr add {ADDRESS}/24 dev eth0 && ip link set eth0 up").check()
    guest.sh("""
        set -e
        echo before >/run/mark
        head -c 1 /dev/zero >/tmp/go
        taskset 2 armed /tmp/go >/tmp/armed 2>&1 </dev/null &
        until grep -q armed /tmp/armed; do usleep 100000; done
        head -c 2000000 /dev/urandom >/tmp/random
        dd if=/tmp/random of=/dev/vda bs=4096 2>/dev/null""").check()
    return guest.sh("sha1sum </tmp/random; cat /proc/uptime").check().text


def goes_on(t: Context, guest: Guest, before: str, where: str) -> None:
    total, uptime = before.split("\n")[0], float(before.split("\n")[1].split()[0])
    t.equal(guest.sh("cat /run/mark; nproc").text, "before\n2\n", f"{where}: it is the same guest")
    t.equal(guest.sh("sha1sum </tmp/random; dd if=/dev/vda bs=4096 count=488 2>/dev/null | "
                     "head -c 1998848 | cmp -n 1998848 - /tmp/random && echo same").text,
            f"{total}\nsame\n", f"{where}: with its memory, and what it wrote to its disk")
    t.check(float(guest.sh("cat /proc/uptime").text.split()[0]) >= uptime,
            f"{where}: its clock has not gone back")
    t.equal(guest.sh("for cpu in 1 2; do taskset $cpu usleep 300000 && echo slept; done").text,
            "slept\nslept\n", f"{where}: the timers of both CPUs interrupt")
    t.equal(guest.sh("head -c 16 /dev/hwrng | wc -c; "
                     "dd if=/dev/zero of=/dev/vda bs=64k count=1 seek=100 conv=fsync 2>/dev/null "
                     "&& echo written").text, "16\nwritten\n", f"{where}: its devices work")
    t.equal(guest.sh(f"wget -q -O - {URL} | sha1sum", timeout=60).text,
            t.board.sh("sha1sum </tmp/served/data").text, f"{where}: its network works")


def hits(t: Context, guest: Guest, where: str) -> None:
    guest.sh("printf x | dd of=/tmp/go conv=notrunc 2>/dev/null").check()
    t.check(t.until(lambda: "exit" in guest.sh("cat /tmp/armed").text, 60),
            f"{where}: the program goes on")
    t.equal(guest.sh("cat /tmp/armed").text,
            "armed\nstopped 1 by 5 code 4 at 1\nexit 7\n", f"{where}: its watchpoint is hit")


@case("linux/migrate", needs=DEVICES, tier="long", timeout=400)
def migrate(t: Context) -> None:
    """From one armvm to another on this board, while the guest writes to memory and to its disk.

    The first one's memory is of huge pages, which the dirty log splits.
    """
    t.end_guests()
    t.board.sh(f"{BRIDGE} echo 96 >/proc/sys/vm/nr_hugepages").check()
    guest = start(t, "--migratable", "--hugepages").wait()
    before = prepare(guest)
    guest.sh("(while [ ! -e /tmp/enough ]; do dd if=/dev/vda of=/tmp/copy bs=64k count=64; "
             "echo >>/tmp/copies; done) >/dev/null 2>&1 </dev/null &").check()
    guest.sh(f"(until [ -e /tmp/enough ]; do wget -q -O /tmp/got {URL}; "
             "sha1sum </tmp/got >>/tmp/sums; done) >/dev/null 2>&1 </dev/null &").check()
    words = (*WORDS[:-1], f"{SOCKET}2", *net("tap1"), "--restore", f"listen:{OTHER}")
    other = t.board.start_guest(1, cpus=2, memory=192, extra=words)
    t.check(t.until(lambda: t.board.sh(f"grep -q {OTHER} /proc/net/unix").status == 0, 30),
            "the other armvm waits for a guest")
    done = t.board.run(["armvm", "migrate", "--downtime", str(DOWNTIME), SOCKET, OTHER],
                       timeout=200)
    t.log(done.text + done.errors)
    t.equal(done.status, 0, f"armvm migrate ends with 0 {done.errors}")
    t.equal(guest.armvm.wait(60), 130, "the guest is not here any more")
    t.board.sh("echo 0 >/proc/sys/vm/nr_hugepages").check()
    told = json.loads(done.text)
    t.check(told["rounds"] >= 2 and told["pages"] > 5000 and
            told["pages while stopped"] < told["pages"] / 8,
            f"most of its memory was sent while it ran: {told}")
    # The rate was measured before, so this does not depend on how fast the board is.
    t.check(told["pages while stopped"] * 1000 <= DOWNTIME * told["pages per second"],
            f"what was left took no more than {DOWNTIME} ms at that rate")
    other.agent.send(PING)
    other.wait()
    copies = int(other.sh("wc -l </tmp/copies").text)
    t.check(t.until(lambda: int(other.sh("wc -l </tmp/copies").text) > copies + 1, 60),
            "what it did goes on")
    fetched = int(other.sh("wc -l </tmp/sums").text)
    t.check(t.until(lambda: int(other.sh("wc -l </tmp/sums").text) > fetched + 1, 60),
            "so does its network")
    other.sh("touch /tmp/enough").check()
    t.equal(other.sh("sort -u /tmp/sums").text, t.board.sh("sha1sum </tmp/served/data").text,
            "which has lost nothing")
    goes_on(t, other, before, "the guest")
    hits(t, other, "the guest")
    t.equal(other.poweroff(), 0, "it powers itself off")
    t.board.sh(END).check()


def talk(t: Context, guest: Guest, port: int) -> Command:
    """Connect the board to the guest, for as long as nobody ends the board's sleep."""
    guest.sh(f"talk echo:{port} >/dev/null 2>&1 </dev/null &").check()
    client = t.board.agent.start(["sh", "-c", f"""
        mkfifo /tmp/said
        sleep 1000 >/tmp/said &
        until talk vsock:42:{port} 6 </tmp/said; do sleep 0.2; done
        rm /tmp/said"""])
    t.check(t.until(lambda: int(guest.sh("ls /proc/$(pidof talk)/fd | wc -l").text) == 5, 30),
            "a connection to the guest's vsock is open")
    return client


def say_hello(t: Context, client: Command, where: str) -> None:
    t.board.sh("echo hello >/tmp/said; killall sleep").check()
    t.equal(client.result(30).text, "hello\n", f"{where}: what is said to its vsock comes back")


@case("linux/save-restore", needs=DEVICES, timeout=400)
def save(t: Context) -> None:
    t.end_guests()
    t.board.sh(BRIDGE).check()
    guest = start(t, *VSOCK).wait()
    before = prepare(guest)
    client = talk(t, guest, 5000)
    t.board.run(["armvm", "save", SOCKET, SAVED]).check()
    t.equal(t.board.sh(f"stat -c %a {SAVED}; ls /tmp/guest.saved*").text, f"600\n{SAVED}\n",
            "armvm save makes a private file, and leaves nothing else")
    goes_on(t, guest, before, "the saved guest")
    say_hello(t, client, "the saved guest")
    talk(t, guest, 5001)
    t.board.run(["armvm", "save", "--quit", SOCKET, SAVED]).check()
    t.equal(guest.armvm.wait(60), 130, "armvm save --quit ends armvm")
    size = int(t.board.sh(f"stat -c %s {SAVED}").text)
    t.check(size < 160 << 20, f"free memory is not in the file ({size} bytes)")

    guest = restored(t)
    t.board.sh("killall sleep; rm /tmp/said").check()
    goes_on(t, guest, before, "the restored guest")
    t.check(t.until(lambda: guest.sh("pidof talk").status, 30),
            "the restored guest: a connection to its vsock has ended")
    say_hello(t, talk(t, guest, 5002), "the restored guest")
    hits(t, guest, "the restored guest")
    guest.sh("echo 'heard again' >/dev/console").check()
    t.check(t.until(lambda: "heard again" in guest.log.read_text(errors="replace"), 20),
            "its console goes on")
    t.equal(guest.poweroff(), 0, "it powers itself off")

    t.board.sh(f"printf x | dd of={SAVED} bs=1 seek=1000000 conv=notrunc 2>/dev/null").check()
    words = " ".join((*WORDS, *net("tap0"), *VSOCK))
    damaged = t.board.sh("armvm run --kernel /guest/zImage --initrd /guest/initrd.cpio --cpus 2 "
                         f"--memory 192M --port {BOARD_PORT}=/dev/null {words} --restore {SAVED}")
    t.equal((damaged.status, damaged.errors.count("\n")), (1, 1), "a damaged file is refused")
    t.contains(damaged.errors, "is damaged", "armvm says so")
    t.board.sh(f"{END} {SAVED}").check()
