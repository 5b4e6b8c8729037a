#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm and a fake /dev/vhost-vsock: --vsock."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import DIRECTORY, armvm, one_line  # noqa: E402
from harness import run_cases  # noqa: E402

LOG = DIRECTORY / "vhost.log"
# Queues as the fake guest's driver sets them up, of which the kernel gets two.
START = ["features 100000000", "queue 0 size 4", "queue 0 at 40000000 40000100 40000200",
         "queue 0 kick set", "queue 1 size 4", "queue 1 at 40000400 40000500 40000600",
         "queue 1 kick set", "running 1"]
STOP = ["running 0", "queue 0 kick none", "queue 1 kick none"]


def test_the_kernel_serves_the_queues():
    result = armvm("--vsock", "4294967294", guest="vsock", vhost=LOG)
    # The kernel interrupts without setting a bit of InterruptStatus, which may be set for nothing.
    assert (result.returncode, result.stdout, result.stderr) == (
        0, b"id 13 cid 4294967294 status f why 1\n", b""), result
    assert LOG.read_text().splitlines() == [
        "memory 1 at 40000000", "cid 4294967294", *START, *STOP, *START, *STOP], LOG.read_text()


def test_a_reset_of_the_guest_stops_it():
    result = armvm("--vsock", "3", guest="reset", count=1, vhost=LOG)
    assert result.returncode == 0, result


def test_it_does_not_start():
    result = armvm("--vsock", "3", guest="vsock", vhost=LOG, no_running=1)
    assert result.returncode == 0 and b"status 4f" in result.stdout, result
    assert result.stderr.splitlines()[0] == b"armvm: VHOST_VSOCK_SET_RUNNING: Bad address", result
    assert LOG.read_text().splitlines()[2:] == [*START, *STOP] * 2, LOG.read_text()


def test_it_is_refused():
    one_line(armvm("--vsock", "3"), 1, "/dev/vhost-vsock", "modprobe vhost_vsock")
    one_line(armvm("--vsock", "3", vhost=LOG, cid_used=1), 1, "--vsock 3", "another guest")
    for cid in ("0", "2", "4294967295", "-3", "x", ""):
        one_line(armvm("--vsock", cid), 1, f"--vsock {cid}", "3 to")


if __name__ == "__main__":
    sys.exit(run_cases("vsock", globals()))
