# SPDX-License-Identifier: GPL-2.0-only
"""armvm's virtio devices, with the drivers of a stock kernel."""

from __future__ import annotations

import json
import random
from hashlib import sha1

from lib import Context, case, network
from lib.session import DEVICES, RESIDENT

from harness.machine import Guest

# A file, a block device that knows O_DIRECT, a file that cannot be written, and a file system that
# has less room than the disk on it.
PREPARE = """
truncate -s 32M /tmp/data.img
truncate -s 4M /tmp/fixed.img
mkdir /tmp/full
mount -t tmpfs -o size=1M tmpfs /tmp/full
truncate -s 8M /tmp/full/disk.img
"""
OPTIONS = ("--rng", "--disk", "/tmp/data.img,serial=the-data", "--disk", "/dev/ram0",
           "--disk", "/tmp/fixed.img,readonly", "--disk", "/tmp/full/disk.img",
           "--disk", "none,serial=tray",
           "--net", "tap=tap0,vhost=off", "--net", "tap=tap1,vhost=on",
           "--net", "user,tcp=8022:22",
           "--port", "org.test.port=listen:/tmp/port.sock", "--vsock", "42",
           "--balloon", "--control", "/tmp/control")
MARK = "written by the guest, read on the board"
MOST_RESIDENT = 2048  # KiB


def start(t: Context) -> Guest:
    network.prepare(t.board)
    if t.board.sh("[ -e /tmp/data.img ]").status:
        t.board.sh(PREPARE).check()
    return t.guest(extra=OPTIONS, prefix=network.ENTER)


@case("linux/virtio-rng", needs=DEVICES, timeout=240)
def rng(t: Context) -> None:
    guest = start(t)
    t.equal(guest.sh("cat /sys/class/misc/hw_random/rng_current").check().text, "virtio_rng.0\n",
            "the guest's kernel takes its random numbers from the device")
    data = [guest.run(["head", "-c", "4096", "/dev/hwrng"]).check().stdout for _ in range(2)]
    t.equal([len(d) for d in data], [4096, 4096], "/dev/hwrng gives as many bytes as are read")
    t.check(data[0] != data[1] and all(len(set(d)) > 200 for d in data),
            "they are different each time")
    count = guest.sh("awk '/virtio0/ { n += $2 } END { print n }' /proc/interrupts").check().text
    t.check(int(count) >= 2, f"the device interrupts the guest ({count.strip()} times)")


@case("linux/virtio-net-tap", needs=DEVICES, timeout=240)
def tap(t: Context) -> None:
    guest = start(t)
    for n, features in enumerate(("0", "1")):
        t.board.sh(f"ip addr add 198.51.10{n}.1/24 dev tap{n} && ip link set tap{n} up").check()
        guest.sh(f"ip addr add 198.51.10{n}.2/24 dev eth{n} && ip link set eth{n} up").check()
        ping = guest.sh(f"ping -c 3 -s 1400 198.51.10{n}.1")
        t.contains(ping.text, "3 packets transmitted, 3 packets received", "the guest pings")
        t.contains(t.board.sh(f"ping -c 1 198.51.10{n}.2").text, "1 packets received", "the board")
        network.fetches(t, guest, t.board, f"198.51.10{n}.1:80", 80)
        network.fetches(t, t.board, guest, f"198.51.10{n}.2:80", 80)
        mergeable = guest.sh(f"cut -c16 /sys/class/net/eth{n}/device/features").text.strip()
        t.equal(mergeable, features, "mergeable buffers are vhost-net's")
    t.contains(t.board.sh("ls -l /proc/$(pidof armvm)/fd").text, "/dev/vhost-net",
               "armvm uses vhost-net")
    t.check(t.board.sh("ps | grep -q '[[]vhost-'").status == 0, "its thread runs")


@case("linux/virtio-net-user", needs=DEVICES, timeout=240)
def user(t: Context) -> None:
    guest = start(t)
    network.connect(guest, "eth2")
    network.fetches(t, guest, t.board, f"{network.GATEWAY}:80", 80)
    network.fetches(t, t.board, guest, "127.0.0.1:8022", 22)


@case("linux/virtio-port", needs=DEVICES, timeout=240)
def port(t: Context) -> None:
    guest = start(t)
    device = "/dev/" + guest.sh("cd /sys/class/virtio-ports; grep -lx org.test.port */name"
                                ).check().text.split("/")[0]
    t.equal(guest.run(["cat", device]).text, "", "without a client a reader finds the end")
    for size in (10, 300_000):
        data = random.Random(size).randbytes(size)
        t.board.sh("cat >/tmp/data", data).check()
        client = t.board.agent.start(["sh", "-c", "talk /tmp/port.sock 44 </tmp/data"])
        echo = guest.sh(f"""
            exec 3<>{device}
            until dd bs=1 count=1 <&3 >/tmp/first 2>/dev/null && [ -s /tmp/first ]; do
                sleep 0.1
            done
            head -c {size - 1} <&3 | cat /tmp/first - | sha1sum >&3
            cat <&3
            """)
        t.equal(client.result(60).text, f"{sha1(data).hexdigest()}  -\n",
                f"the guest receives {size} bytes and answers")
        t.equal((echo.status, echo.text), (0, ""), "and sees that the client has left")


@case("linux/virtio-vsock", needs=DEVICES, timeout=240)
def vsock(t: Context) -> None:
    guest = start(t)
    data = random.Random(1).randbytes(300_000)
    for here, there, cid in ((t.board, guest, 42), (guest, t.board, 2)):
        server = there.agent.start(["talk", "echo:5000"])
        result = here.sh(f"cat >/tmp/data; until talk vsock:{cid}:5000 {len(data)} </tmp/data; "
                         "do sleep 0.2; done", data)
        t.check(result.stdout == data, f"what is sent to {cid}:5000 comes back")
        t.equal(server.wait(20), 0, "and the connection ends on both sides")
    refused = t.board.sh("armvm run --kernel /guest/zImage --vsock 42")
    t.equal((refused.status, refused.errors.count("\n")), (1, 1), "a CID has one guest")
    t.contains(refused.errors, "another guest has this CID", "and the next one is told so")


@case("linux/virtio-balloon", needs=DEVICES, timeout=240)
def balloon(t: Context) -> None:
    guest = start(t)

    def resident() -> int:
        return int(t.board.sh("awk '/^RssShmem/ { print $2 }' /proc/$(pidof armvm)/status").text)

    def inside() -> int:
        status = t.board.run(["armvm", "ctl", "/tmp/control", "status"]).check()
        return int(json.loads(status.text)["balloon"]) >> 20

    before = resident()
    guest.sh("dd if=/dev/zero of=/tmp/filler bs=1M count=64").check()
    full = resident()
    t.check(full > before + 50_000, f"a guest that fills memory takes it ({before} to {full} KiB)")
    guest.sh("rm /tmp/filler").check()
    t.check(t.until(lambda: resident() < full - 50_000, 60),
            f"what it frees goes back ({resident()} KiB)")
    t.equal(inside(), 0, "the balloon is empty")
    t.board.run(["armvm", "ctl", "/tmp/control", "balloon", "192M"]).check()
    t.check(t.until(lambda: inside() == 64, 60), "the guest gives up what it is asked for")
    free = int(guest.sh("awk '/^MemFree/ { print $2 }' /proc/meminfo").text)
    t.check(free < 192 << 10, f"and has less ({free} KiB)")
    t.board.run(["armvm", "ctl", "/tmp/control", "balloon", "256M"]).check()
    t.check(t.until(lambda: inside() == 0, 60), "and gets it back")
    own = int(t.board.sh(RESIDENT).text)
    t.check(0 < own < MOST_RESIDENT, f"armvm itself, with all these devices, needs {own} KiB")


def files_come_and_go(t: Context, guest: Guest) -> None:
    """The empty disk gets a file, and another one."""
    def ctl(*words: str) -> None:
        t.board.run(["armvm", "ctl", "/tmp/control", *words]).check()

    def sectors() -> int:
        return int(guest.sh("cat /sys/block/vde/size").check().text)

    t.equal(sectors(), 0, "a disk without a file is there, with no sectors")
    for n, size in enumerate((8, 12)):
        file = f"/tmp/tray{n}"
        t.board.sh(f"truncate -s {size}M {file}; "
                   f"echo 'file {n}' | dd of={file} conv=notrunc 2>/dev/null").check()
        ctl("attach", "tray", file)
        t.check(t.until(lambda now=size << 11: sectors() == now, 20),
                f"the guest sees the size of a file that is attached ({sectors()} sectors)")
        t.equal(guest.sh(f"head -c 6 /dev/vde; echo 'by the guest {n}' | "
                         "dd of=/dev/vde seek=8 conv=fsync 2>/dev/null").text, f"file {n}",
                "reads what is in it")
        t.equal(t.board.sh(f"tail -c +4097 {file} | head -c 14").text, f"by the guest {n}",
                "and writes to it")
        if n:
            guest.sh("""mke2fs /dev/vde >/dev/null 2>&1 && mkdir /tray && mount /dev/vde /tray &&
                     head -c 1000000 /dev/urandom >/tray/file && sync &&
                     echo 3 >/proc/sys/vm/drop_caches""").check()
        ctl("detach", "tray")
        t.check(t.until(lambda: sectors() == 0, 20), "one that is detached is gone")
        t.check(guest.sh("dd if=/dev/zero of=/dev/vde count=1 conv=fsync").status != 0,
                "and cannot be written")
    t.contains(guest.sh("cat /tray/file >/dev/null; umount /tray").errors, "Input/output error",
               "a file system that was mounted has I/O errors")
    t.equal(t.board.sh("ls -l /proc/$(pidof armvm)/fd | grep tray").text, "",
            "armvm has closed the files")


@case("linux/virtio-disk", needs=DEVICES, timeout=300)
def disk(t: Context) -> None:
    guest = start(t)
    t.equal(guest.sh("cd /sys/block; cat vda/serial; echo; cat vd[abcd]/size vd[abc]/ro "
                     "vd[ac]/queue/write_cache").check().text.split(),
            ["the-data", "65536", str(int(t.board.sh("cat /sys/block/ram0/size").text)), "8192",
             "16384", "0", "0", "1", "write", "back", "write", "through"],
            "the guest sees the disks in their order, with serial, sizes and caches")
    sums = guest.sh(f"""
        set -e
        mke2fs /dev/vda >/dev/null 2>&1
        mkdir -p /mnt
        mount -t ext4 /dev/vda /mnt
        echo '{MARK}' >/mnt/mark
        head -c 2000000 /dev/urandom >/mnt/random
        head -c 262144 /dev/urandom >/mnt/part
        sync
        dd if=/mnt/part of=/dev/vdb bs=4096 conv=fsync 2>/dev/null
        sha1sum </mnt/random
        sha1sum </mnt/part
        """).check().text
    t.equal(t.board.sh(f"grep -c '{MARK}' /tmp/data.img").text, "1\n",
            "what the guest has synced is in the file")
    t.equal(t.board.sh("head -c 262144 /dev/ram0 | sha1sum").text, sums.splitlines()[1] + "\n",
            ".. and on the block device")
    second = t.board.sh("armvm run --kernel /guest/zImage --disk /tmp/data.img")
    t.equal((second.status, second.errors.count("\n")), (1, 1), "a second guest may not use it")
    t.contains(second.errors, "another program uses it", "and is told why")
    blocks = [int(t.board.sh("stat -c %b /tmp/data.img").text)]
    guest.sh("rm /mnt/random /mnt/part; sync; fstrim /mnt; echo 3 >/proc/sys/vm/drop_caches; "
             f"grep -q '{MARK}' /mnt/mark").check()
    blocks.append(int(t.board.sh("stat -c %b /tmp/data.img").text))
    t.check(blocks[1] < blocks[0] - 3000, f"fstrim in the guest frees the file's blocks {blocks}")
    t.check(guest.sh("echo x >/dev/vdc").status != 0, "a read-only disk cannot be written")
    t.check(guest.sh("dd if=/dev/zero of=/dev/vdd bs=64k count=32 conv=fsync").status != 0,
            "the guest learns that the host's file system is full")
    t.check(guest.sh("dd if=/dev/vdd of=/dev/null bs=64k count=32").status == 0,
            "and can still read the disk")
    text = guest.log.read_text(encoding="utf-8", errors="replace")
    t.equal(text.count("armvm: disk /tmp/full/disk.img: writing failed"), 1, "armvm says it once")
    files_come_and_go(t, guest)
    guest.sh("head -c 2000000 /dev/urandom >/mnt/random; sha1sum </mnt/random >/mnt/sum; "
             "umount /mnt").check()
    t.end_guest()
    guest = start(t)
    t.equal(guest.sh("mkdir -p /mnt && mount -t ext4 /dev/vda /mnt && cat /mnt/mark && "
                     "sha1sum </mnt/random | cmp - /mnt/sum && umount /mnt").text, MARK + "\n",
            "the next guest finds what this one wrote")
    t.end_guest()
    t.check(t.until(lambda: not t.board.sh("pidof passt").text, 20), "passt ends with armvm")
