# SPDX-License-Identifier: GPL-2.0-only
"""A program on the bare board: boot it, let it end QEMU by PSCI SYSTEM_OFF, take what it printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .machine import Board, Config


class Broken(Exception):
    """It did not end, or not by switching off; .text is the console so far."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(what)
        self.text = text


def run(image: Path, label: str, cpu: str, seconds: float, append: str = "") -> str:
    """The console of IMAGE on a board with two CPUs of type CPU, 256 MiB and APPEND as its words."""
    words = ("-append", append) if append else ()
    board = Board(Config(boot=image, cpu=cpu, smp=2, memory=256, qemu_args=words), label)
    status: int | None = None
    try:
        board.launch()
        try:
            status = board.wait_qemu(seconds)
        except subprocess.TimeoutExpired:
            pass
        text = board.log.read_bytes().decode("latin-1")[len(board.versions):]
    finally:
        board.kill()
    if status != 0:
        what = "did not end" if status is None else f"ended QEMU with {status}"
        raise Broken(f"on the bare {cpu} {image.stem} {what}", text)
    return text
