# SPDX-License-Identifier: GPL-2.0-only
"""A board with passt, and a network for passt to give its guests."""

from __future__ import annotations

import io
import re
import tarfile

from harness.apt import Archive
from harness.machine import Board, Guest

# passt gives the guest the address of the interface with the default route, and maps the gateway's
# to the board.
ADDRESS = "192.0.2.2"
GATEWAY = "192.0.2.1"
PREPARE = f"""
ip link add dummy0 type dummy
ip addr add {ADDRESS}/24 dev dummy0
ip link set dummy0 up
ip route add default via {GATEWAY}
echo nobody:x:65534:65534::/:/bin/false >>/etc/passwd
"""
# passt moves to another root, which the kernel refuses in an initramfs and in a chroot. So armvm
# runs where the root has been replaced, as in a system that has left its initramfs.
ENTER = ("unshare", "-m", "sh", "-ec", """
mkdir -p /run/root
mount -o rbind / /run/root
cd /run/root
mount -o move . /
exec chroot . "$@"
""", "sh")


def passt() -> bytes:
    """An archive of passt and its libraries from trixie: bookworm's armhf passt does not work."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for package in Archive("armhf", "trixie").get("passt", closure=True):
            root = package.unpacked()
            for path in sorted(root.glob("**/*")):
                if re.match(r"passt$|ld-linux|libc\.so|libgcc_s\.so", path.name):
                    archive.add(path, str(path.relative_to(root)), recursive=False)
    return out.getvalue()


def prepare(board: Board) -> None:
    """Give the board passt and the network, once. Its kernel needs the module dummy."""
    if board.sh("[ -e /usr/bin/passt ]").status:
        board.sh("tar -x -C /", stdin=passt()).check()
        board.sh(PREPARE).check()


def connect(guest: Guest, interface: str) -> None:
    """Set up the guest's INTERFACE, as passt's DHCP server would have it."""
    guest.sh(f"ip addr add {ADDRESS}/24 dev {interface} && ip link set {interface} up && "
             f"ip route add default via {GATEWAY}").check()


def fetches(t, client: Board | Guest, server: Board | Guest, url: str, port: int) -> None:
    """CLIENT fetches a megabyte from SERVER, which listens on this port."""
    server.sh(f"mkdir -p /tmp/www; head -c 1000000 /dev/urandom >/tmp/www/data; "
              f"httpd -p {port} -h /tmp/www").check()
    got = client.sh(f"wget -q -O - http://{url}/data | sha1sum", timeout=60).check().text
    t.equal(got, server.sh("sha1sum </tmp/www/data; killall httpd").text,
            f"a megabyte arrives from {url}")
