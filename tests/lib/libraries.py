# SPDX-License-Identifier: GPL-2.0-only
"""Programs on a board with the libraries of another suite, which need not be the board's own."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterable
from pathlib import Path

from harness.apt import Package
from harness.machine import Board
from harness.paths import CROSS, ToolError, run

LOADER = "ld-linux-armhf.so.3"
MULTIARCH = "arm-linux-gnueabihf"
START = f"""#!/bin/sh
exec DIRECTORY/{LOADER} --library-path DIRECTORY DIRECTORY/PROGRAM.real "$@"
"""


def needed(program: Path) -> set[str]:
    """The libraries that a program or a library is linked with."""
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", run([f"{CROSS}readelf", "-d", program])))


def find(packages: Iterable[Package]) -> dict[str, Path]:
    """The packages' files in the directory of libraries. A link stands for its target."""
    found = {}
    for package in packages:
        for path in sorted(package.unpacked().glob(f"**/{MULTIARCH}/*.so*")):
            if path.parent.name == MULTIARCH:
                found[path.name] = path.resolve()
    return found


def linked(programs: Iterable[Path], there: dict[str, Path]) -> dict[str, Path]:
    """What these programs need of the libraries that are THERE, and the loader."""
    taken: dict[str, Path] = {}
    names = {LOADER}.union(*map(needed, programs))
    while names:
        name = names.pop()
        if name not in there:
            raise ToolError(f"no package has the library {name}")
        taken[name] = there[name]
        names |= needed(there[name]) - set(taken)
    return taken


def put(board: Board, directory: str, programs: dict[str, Path],
        packages: Iterable[Package]) -> None:
    """Put PROGRAMS by their names into the board's DIRECTORY, to run with PACKAGES' libraries."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, path in linked(programs.values(), find(packages)).items():
            tar.add(path, name)
        for name, path in programs.items():
            tar.add(path, f"{name}.real")
            script = START.replace("DIRECTORY", directory).replace("PROGRAM", name).encode()
            info = tarfile.TarInfo(name)
            info.mode, info.size = 0o755, len(script)
            tar.addfile(info, io.BytesIO(script))
    board.sh(f"mkdir -p {directory} && tar -x -C {directory}", stdin=out.getvalue()).check()
