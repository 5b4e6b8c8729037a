# SPDX-License-Identifier: GPL-2.0-only
"""Runs a program on the bare board until it ends QEMU with PSCI SYSTEM_OFF."""

from __future__ import annotations

from pathlib import Path

from .machine import Board, BoardError, Config
from .patience import Late


class Broken(Exception):
    """The program did not end, or did not power the board off. .text is its output so far."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(what)
        self.text = text


def run(image: Path, label: str, cpu: str, seconds: float, append: str = "",
        emulator: str = Config.emulator) -> str:
    """Boot IMAGE on two CPUs with 256 MiB and the command line APPEND; return what it printed."""
    words = ("-append", append) if append else ()
    board = Board(Config(boot=image, cpu=cpu, smp=2, memory=256, qemu_args=words,
                         emulator=emulator), label)
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
