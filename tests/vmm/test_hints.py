#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""armvm on a fake /dev/kvm: one line for each surprise, and none for what is as it should be."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fake_armvm import ARMVM, DIRECTORY, armvm, environment, one_line  # noqa: E402
from harness import run_cases, zimage  # noqa: E402
from limits import HANG  # noqa: E402

CMA = "cma=0 in --append"


def linux(*words: str) -> list[str]:
    """What armvm says of a guest with a zImage."""
    kernel = zimage(DIRECTORY / "zImage", 1 << 20)
    done = subprocess.run([ARMVM, "run", "--kernel", kernel, *words], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=HANG, check=False, env=environment())
    assert done.returncode == 0, done
    return done.stderr.decode().splitlines()


def test_more_cpus_than_this_machine_has():
    one_line(armvm("--cpus", "3", host_cpus=2), 0, "armvm: hint: 3 vCPUs share 2 of this machine's "
             "CPUs", "than with --cpus 2")
    for cpus in ("1", "2"):
        assert not armvm("--cpus", cpus, host_cpus=2).stderr
    assert not armvm("--cpus", "2", host_cpus=0).stderr, "it does not know"


def test_cpus_of_several_kinds():
    one_line(armvm(host_mixed=1), 0, "armvm: hint: ", "several kinds", "taskset")


def test_more_memory_than_is_left():
    one_line(armvm("--memory", "65M", host_free=64), 0, "armvm: hint: --memory is 65 MiB, and this "
             "machine has 64 MiB left")
    assert not armvm("--memory", "64M", host_free=64).stderr
    assert not armvm("--memory", "64M", host_free=0).stderr, "it does not know"


def test_linux_in_little_memory():
    for words in (("--memory", "32M"), ("--memory", "127M", "--append", "quiet mycma=0")):
        lines = linux(*words)
        assert len(lines) == 1 and lines[0].startswith("armvm: hint: ") and CMA in lines[0], lines
    for words in (("--memory", "128M"), (), ("--memory", "32M", "--append", "cma=8M quiet"),
                  ("--memory", "32M", "--append", "quiet cma=0")):
        assert not linux(*words), words
    assert not armvm("--memory", "32M").stderr, "a bare-metal program"


def test_no_hint_without_a_guest():
    """A failure is still one line."""
    one_line(armvm("--cpus", "4", "--memory", "32M", host_cpus=1, host_free=1,
                   fail="KVM_CREATE_VCPU:12"), 1, "Cannot allocate memory")


if __name__ == "__main__":
    sys.exit(run_cases("hints", globals()))
