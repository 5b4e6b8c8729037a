#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm is killed, and the power cut, while its guest writes to a disk: what it had been told is
safe is there (disk_log.h)."""

import random
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, KERNEL, environment  # noqa: E402
from harness import run_cases  # noqa: E402
from limits import HANG  # noqa: E402

REPLAY = str(Path(ARMVM).parent / "replay")
SECTORS = 64
DISK, LOG = DIRECTORY / "disk", DIRECTORY / "disk.log"


def killed(after: int, flushes: bool) -> int:
    """Kill armvm once its guest has said that AFTER requests are safe; what it said last."""
    DISK.write_bytes(bytes(512 * SECTORS))
    LOG.unlink(missing_ok=True)
    with subprocess.Popen([ARMVM, "run", "--kernel", KERNEL, "--memory", "16M", "--disk", DISK],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(guest="writer", count=int(flushes), disk_log=LOG)) as p:
        hangs = threading.Timer(HANG, p.kill)
        hangs.start()
        assert p.stdout.readline() == b"ready\n", p.stderr.read()
        said = b""
        while said != b"safe %d\n" % after:
            said = p.stdout.readline()
            assert said.startswith(b"safe "), (said, p.stderr.read())
        p.kill()
        rest = p.stdout.read()
        assert (p.wait(), p.stderr.read()) == (-9, b"")
        hangs.cancel()
    # The last line may be cut short.
    lines = [said, *rest.splitlines(keepends=True)]
    whole = [line for line in lines if line.endswith(b"\n")]
    assert all(line.startswith(b"safe ") for line in whole), whole
    return int(whole[-1].split()[1])


def replay(safe: int) -> subprocess.CompletedProcess:
    return subprocess.run([REPLAY, LOG, DISK, str(safe)], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, check=False)


def survives(flushes: bool) -> None:
    dice = random.Random(1)
    for _ in range(4):
        safe = killed(dice.randint(1, 60) * 3, flushes)
        result = replay(safe)
        assert (result.returncode, result.stderr) == (0, b""), (safe, result)
        # Each request is in the log with what the disk did for it.
        assert int(result.stdout.split()[0]) > 6 * 2 * safe, (safe, result)


def test_what_was_flushed_is_there():
    survives(True)


def test_without_a_cache_each_write_is_there():
    survives(False)


def test_a_loss_would_be_found():
    safe = killed(30, True)
    data = bytearray(DISK.read_bytes())
    newest = max(range(SECTORS), key=lambda n: data[512 * n + 4:512 * n + 8][::-1])
    written = bytes(data[512 * newest:512 * newest + 512])
    for wrong, why in ((bytes(511) + b"x", b"never sent"), (written[8:] + bytes(8), b"never sent"),
                       (b"\xff" * 512, b"never sent")):
        data[512 * newest:512 * newest + 512] = wrong
        DISK.write_bytes(data)
        result = replay(safe)
        assert result.returncode == 1 and why in result.stderr, (wrong, result)
    DISK.write_bytes(bytes(512 * SECTORS))
    result = replay(safe)
    assert result.returncode == 1 and b"has lost what its driver was told" in result.stderr, result


if __name__ == "__main__":
    sys.exit(run_cases("power_cut", globals()))
