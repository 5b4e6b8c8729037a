# SPDX-License-Identifier: GPL-2.0-only
"""A program on the bare board: boot it, let it end QEMU by PSCI SYSTEM_OFF, take what it printed."""

from __future__ import annotations

from pathlib import Path

from .machine import Board, BoardError, Config
from .patience import Late


class Broken(Exception):
    """It did not end, or not by switching off; .text is the console so far."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(what)
        self.text = text


def run(image: Path, label: str, cpu: str, seconds: float, append: str = "") -> str:
    """The console of IMAGE on a board with two CPUs of type CPU, 256 MiB and APPEND as its words."""
    words = ("-append", append) if append else ()
    board = Board(Config(boot=image, cpu=cpu, smp=2, memory=256, qemu_args=words), label)
    what = ""
    try:
        board.launch()
        try:
            status = board.wait_qemu(seconds)
            what = f"ended QEMU with {status}" if status else ""
        except (BoardError, Late) as error:
            what = f"did not end: {error}"
        text = board.log.read_bytes().decode("latin-1")[len(board.versions):]
    finally:
        board.kill()
    if what:
        raise Broken(f"on the bare {cpu} {image.stem} {what}", text)
    return text
