# SPDX-License-Identifier: GPL-2.0-only
"""Paths, the error type of all tools, and the lock that lets several of them run at once."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
# Scratch copies of the tree (tests/run-mutants) share downloads and extracted packages.
CACHE = Path(os.environ.get("KVM_ARMV7_CACHE") or BUILD / "cache")
FLAVOURS = ("armmp-lpae", "armmp")
# Debian's other kernels, as FLAVOUR@SUITE, and kernels that are built from Debian's source. Each is
# fetched or built only on request.
SUITES = ("bookworm-backports", "trixie", "trixie-backports", "forky", "sid", "experimental")
NEWER = tuple(f"{flavour}@{suite}" for suite in SUITES for flavour in FLAVOURS)
RT = ("rt-armmp", "rt-armmp@bookworm-backports", "rt-armmp@trixie")
BUILT = ("thumb2", "debug")
KERNELS = FLAVOURS + NEWER + RT + BUILT
CROSS = "arm-linux-gnueabihf-"


def outside_make() -> dict[str, str]:
    """Return the environment without the variables of a make that called us.

    Its flags change what an inner make prints (-s), and its job server cannot be reached.
    """
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


class ToolError(Exception):
    """An error that the user can understand and fix: one line is printed, and no traceback."""


def say(text: str) -> None:
    """Report progress on standard error: standard output belongs to the command."""
    print(f"{Path(sys.argv[0]).name}: {text}", file=sys.stderr, flush=True)


def run(argv: Sequence[str | Path], **kwargs) -> str:
    """Run a tool and return its output. If it fails, raise an error with its last lines."""
    text = [str(a) for a in argv]
    try:
        done = subprocess.run(text, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="replace", **kwargs)
    except FileNotFoundError as error:
        raise ToolError(f"{text[0]} is not installed: run tools/deps first") from error
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise ToolError(f"{' '.join(text[:4])} .. exited with {done.returncode}:\n{tail}")
    return done.stdout


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Hold build/cache/locks/NAME while the body runs. Other processes wait for it."""
    directory = CACHE / "locks"
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / name.replace("/", "_"), "w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def new_directory(target: Path) -> Iterator[Path]:
    """Give a scratch directory that becomes TARGET once the body has succeeded."""
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
        if target.exists():
            shutil.rmtree(target)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_file(path: Path, text: str) -> None:
    """Replace a file in one step, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf-8")
    scratch.rename(path)
