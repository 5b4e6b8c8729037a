# SPDX-License-Identifier: GPL-2.0-only
"""The board that these cases share, and how to load tests/modules on it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from lib import Context, board
from lib.registry import TOP
from lib.session import OVERLAY

from harness.channel import Result

PROGRAMS = TOP / "build" / "tests" / "host" / "overlay"
GUESTS = TOP / "build" / "guests"
TEST_MODULES = TOP / "build" / "tests" / "modules"
# A separate boot, because these cases load and unload modules; it runs in parallel with the others.
HOST = {"needs": board(guest=True, overlays=(OVERLAY, PROGRAMS)), "shard": "host"}


def put_once(t: Context, source: Path, target: str) -> str:
    """Copy the file to the board, unless it is there already."""
    if t.board.sh(f"cmp -s {target} - ", source.read_bytes()).status != 0:
        t.board.put(source, target)
    return target


def elf(t: Context, name: str) -> str:
    return put_once(t, GUESTS / f"{name}.elf", f"/tmp/{name}.elf")


def test_module(t: Context, name: str) -> str:
    """Put a module of tests/modules on the board; return its path there."""
    return put_once(t, TEST_MODULES / t.board.config.flavour / f"{name}.ko", f"/tmp/{name}.ko")


@contextlib.contextmanager
def loaded(t: Context, name: str, args: str = "") -> Iterator[None]:
    """Keep a module of tests/modules loaded while the block runs."""
    path = test_module(t, name)
    machine = t.board
    machine.sh(f"insmod {path} {args}").check()
    try:
        yield
    finally:
        if machine.running:
            machine.sh(f"rmmod {name}").check()


def reload(t: Context) -> str:
    """Reload kvm_armv7; return its log lines."""
    t.end_guests()
    return t.board.sh("dmesg -c >/dev/null; lsmod | grep -q kvm_armv7 && rmmod kvm_armv7; "
                      "insmod /lib/kvm_armv7.ko && dmesg | grep 'kvm_armv7: '").check().text


def bare(t: Context, name: str, append: str = "", timeout: float = 60) -> Result:
    """Run a program of guests/ in a guest."""
    argv = ["armvm", "run", "--kernel", elf(t, name), "--memory", "64M", "--cpus", "1"]
    return t.board.run([*argv, "--append", append], timeout=timeout)


def verdicts(t: Context, result: Result, what: str) -> dict[str, list[str]]:
    """A program's claims by verdict.  Its count must be right and it must run to its end."""
    said: dict[str, list[str]] = {"PASS": [], "FAIL": []}
    for word, text in re.findall(r"^(?:@ )?(PASS|FAIL) \S+: (.*?)\r?$", result.text, re.M):
        said[word].append(text)
    t.log(f"-- {what}, status {result.status}\n{result.text}{result.errors}")
    count = f"{len(said['PASS'])} passed, {len(said['FAIL'])} failed"
    last = result.text.replace("\r", "").splitlines()[-1:]
    t.check(result.status in (0, 1) and last == [count] and said["PASS"],
            f"{what}: it runs to its end, {last} and status {result.status} {result.errors}")
    return said


def all_pass(t: Context, result: Result, what: str) -> None:
    said = verdicts(t, result, what)
    t.check(result.status == 0 and not said["FAIL"], f"{what}: all its claims hold {said['FAIL']}")


def hits(text: str) -> tuple[int, int, int]:
    """watchpair's counts: watchpoints, breakpoints, others."""
    match = re.search(r"^hits = (\d+) of (\d+), (\d+) of (\d+), others (\d+)", text, re.M)
    return (int(match[1]), int(match[3]), int(match[5])) if match else (-1, -1, -1)


def differences(before: str, after: str) -> list[str]:
    """The lines that differ between two readings of a file in /proc/cpu_state."""
    return [f"{old} became {new}" for old, new in zip(before.splitlines(), after.splitlines(),
                                                      strict=True) if old != new]
