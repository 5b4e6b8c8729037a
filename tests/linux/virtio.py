# SPDX-License-Identifier: GPL-2.0-only
"""armvm's virtio devices, with the drivers of a stock kernel."""

from __future__ import annotations

from lib import Context, case
from lib.session import DEVICES


@case("linux/virtio-rng", needs=DEVICES, timeout=240)
def rng(t: Context) -> None:
    guest = t.guest(extra=("--rng",))
    t.equal(guest.sh("cat /sys/class/misc/hw_random/rng_current").check().text, "virtio_rng.0\n",
            "the guest's kernel takes its random numbers from the device")
    data = [guest.run(["head", "-c", "4096", "/dev/hwrng"]).check().stdout for _ in range(2)]
    t.equal([len(d) for d in data], [4096, 4096], "/dev/hwrng gives as many bytes as are read")
    t.check(data[0] != data[1] and all(len(set(d)) > 200 for d in data),
            "they are different each time")
    count = guest.sh("awk '/virtio/ { n += $2 } END { print n }' /proc/interrupts").check().text
    t.check(int(count) >= 2, f"the device interrupts the guest ({count.strip()} times)")
