#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm --firmware and --image, on the fake /dev/kvm. Usage: test_firmware.py BUILD"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, KERNEL, environment, one_line  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

FIRMWARE = DIRECTORY / "firmware.bin"
FIRMWARE.write_bytes(b"\x11" * 5000)


def armvm(*words, path: str = os.environ["PATH"], **fake) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "run", *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, check=False,
                          env={**environment(**fake), "PATH": path})


def test_guest_starts_in_firmware():
    result = armvm("--firmware", FIRMWARE, guest="boot")
    assert (result.returncode, result.stderr) == (0, b""), result
    assert result.stdout == (b"r0=0 r1=ffffffff r2=40000000 pc=0 cpsr=1d3 "
                             b"tree=d00dfeed\n"), result


def test_firmware_is_read_only_memory():
    result = armvm("--firmware", FIRMWARE, guest="roms")
    assert (result.returncode, result.stderr) == (0, b""), result
    assert result.stdout.decode() == (f"rom 0 size 2000 first 11 sum {5000 * 0x11:x}\n"
                                      "rom 4000000 size 40000 first 00 sum 0\n"), result
    result = armvm("--kernel", KERNEL, guest="roms")
    assert (result.returncode, result.stdout) == (0, b""), "a kernel comes without any"


def test_reset_starts_the_firmware_again():
    result = armvm("--firmware", FIRMWARE, "--rng", guest="reset", count=1)
    assert (result.returncode, result.stderr) == (0, b""), result
    assert result.stdout.decode() == "".join(
        f"start {n}: imsc=0 alarm=0 virtio=0 mark=0 kernel=00 r2=40000000\n"
        for n in (1, 2)), result


def test_bad_firmware():
    one_line(armvm("--firmware", DIRECTORY / "none"), 1, "none", "No such file")
    one_line(armvm("--firmware", DIRECTORY), 1, "not a regular file")
    one_line(armvm("--firmware", FIRMWARE, no_readonly=1), 1, "lacks KVM_CAP_READONLY_MEM")
    one_line(armvm("--firmware", FIRMWARE, fail="KVM_SET_USER_MEMORY_REGION:12:1"), 1,
             "KVM_SET_USER_MEMORY_REGION (read-only)")
    large = DIRECTORY / "large"
    with large.open("wb") as file:
        file.truncate((64 << 20) + 1)
    one_line(armvm("--firmware", large), 1, "large", "64 MiB is the limit")
    with large.open("wb") as file:
        file.truncate(64 << 20)
    assert armvm("--firmware", large, guest="poweroff").returncode == 0


def test_firmware_loads_its_own_kernel():
    one_line(armvm("--kernel", KERNEL, "--firmware", FIRMWARE), 1, "excludes")
    one_line(armvm("--firmware", FIRMWARE, "--append", "x"), 1, "--append needs --kernel")
    one_line(armvm("--firmware", FIRMWARE, "--initrd", FIRMWARE), 1, "--initrd needs --kernel")


def test_image():
    disk = DIRECTORY / "disk.img"
    disk.write_bytes(bytes(1024))
    result = armvm("--image", disk, "--firmware", FIRMWARE, path=str(DIRECTORY), guest="boot")
    assert result.returncode == 0 and b"r2=40000000 pc=0 " in result.stdout, result
    one_line(result, 0, "--image: the guest has no network", "package passt")
    # A disk like any other, but with its own option's name in messages.
    one_line(armvm("--image", f"{disk},ro"), 1, f"--image {disk},ro: ro is neither")
    one_line(armvm("--image", disk, "--firmware", FIRMWARE, "--disk", disk,
                   "--net", "tap=no/such/interface"), 1, "another program")
    one_line(armvm("--kernel", KERNEL, "--image", disk), 1, "excludes")


if __name__ == "__main__":
    sys.exit(run_cases("firmware", globals()))
