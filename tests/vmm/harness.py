# SPDX-License-Identifier: GPL-2.0-only
"""What the scripts here share: images for armvm, and the runner that prints the verdict."""

import atexit
import shutil
import signal
import struct
import sys
import tempfile
import traceback
from pathlib import Path

# Signals that end a program by default and do not mean a crash.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU,
          signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGPWR,
          signal.SIGIO, 16, signal.SIGRTMIN, signal.SIGRTMIN + 7, signal.SIGRTMAX)

def scratch() -> Path:
    """A directory that is deleted when the script ends."""
    path = Path(tempfile.mkdtemp(prefix="armvm-test-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def elf(path: Path, entry: int = 0x40010000, paddr: int = 0x40010000, filesz: int = 4) -> Path:
    """A little-endian ELF32 executable for Arm: one instruction that branches to itself."""
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack(
        "<HHIIIIIHHHHHH", 2, 40, 1, entry, 52, 0, 0x05000200, 52, 32, 1, 40, 0, 0)
    segment = struct.pack("<8I", 1, 84, paddr, paddr, filesz, filesz, 5, 4)
    path.write_bytes(header + segment + struct.pack("<I", 0xEAFFFFFE))
    return path


def zimage(path: Path, size: int = 4096, says: int | None = None) -> Path:
    """A file with a zImage's header, which says the size given by `says`."""
    data = bytearray(size)
    struct.pack_into("<IIII", data, 0x24, 0x016F2818, 0, says or size, 0x04030201)
    path.write_bytes(data)
    return path


def run_cases(name: str, cases: dict) -> int:
    """Call every test_* in cases; print what failed and, last, one verdict line."""
    tests = [(n, f) for n, f in cases.items() if n.startswith("test_")]
    failed = 0
    # armvm leaves a signal ignored that its caller ignores, as nohup and background jobs do.
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    for test_name, function in tests:
        try:
            function()
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"vmm/{name}: {test_name}:", file=sys.stderr)
            traceback.print_exc()
    good = tests and not failed
    print(f"{'PASS' if good else 'FAIL'} vmm/{name} ({len(tests)} cases)")
    return 0 if good else 1
