#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm: --hugepages; --balloon, and the control socket's command for it."""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, KERNEL, armvm, environment, one_line  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

SOCKET = str(DIRECTORY / "control")


def start(*words, **fake) -> subprocess.Popen:
    process = subprocess.Popen(
        [ARMVM, "run", "--kernel", KERNEL, "--memory", "64M", "--control", SOCKET, *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(**fake))
    assert process.stdout.readline() == b"ready\n", process.stderr.read()
    return process


def ctl(*words) -> subprocess.CompletedProcess:
    return subprocess.run([ARMVM, "ctl", SOCKET, *words], capture_output=True, check=False,
                          timeout=HANG, env=environment())


def status() -> dict:
    return json.loads(ctl("status").stdout)


def test_the_host_asks_for_memory():
    for fake in ({}, {"no_eventfd": 1}):
        process = start("--balloon", guest="balloon", **fake)
        assert (status()["memory"], status()["balloon"]) == (64 << 20, 0)
        assert ctl("balloon", "48M").returncode == 0
        assert process.stdout.readline() == b"id 5 pages 1000\n"
        assert (status()["memory"], status()["balloon"]) == (64 << 20, 16 << 20)
        assert ctl("balloon", "16777216").returncode == 0
        assert process.stdout.readline() == b"id 5 pages 3000\n"
        assert status()["balloon"] == 48 << 20
        assert ctl("balloon", "64M").returncode == 0
        assert process.wait(HANG) == 0, process.stderr.read()


def test_what_is_refused():
    process = start("--balloon", guest="idle")
    one_line(ctl("balloon"), 1, "needs a size")
    one_line(ctl("balloon", "15M"), 1, "16M to")
    one_line(ctl("balloon", "65M"), 1, "16M to")
    one_line(ctl("balloon", "some"), 1, "must be a size")
    one_line(ctl("balloon", "18446744073709551615"), 1, "must be a size")
    one_line(ctl("status", "1M"), 1, "takes no size")
    process.kill()
    process.wait()
    process = start(guest="idle")
    one_line(ctl("balloon", "32M"), 1, "no balloon")
    assert "balloon" not in status()
    process.kill()
    process.wait()


def test_huge_pages():
    """As many as this machine has, which is mostly none."""
    free = Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
    result = armvm("--hugepages", "--memory", "32M", guest="poweroff")
    if not free.exists():
        one_line(result, 1, "CONFIG_HUGETLBFS")
        return
    if int(free.read_text()) >= 16:
        assert (result.returncode, result.stderr) == (0, b""), result
    else:
        one_line(result, 1, "needs 16 huge pages of 2048 KiB", f"{int(free.read_text())} are free",
                 "nr_hugepages")
    one_line(armvm("--hugepages", "--memory", "33M"), 1, "must be a multiple of 2048 KiB")


if __name__ == "__main__":
    sys.exit(run_cases("memory", globals()))
