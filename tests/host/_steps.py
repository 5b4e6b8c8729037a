# SPDX-License-Identifier: GPL-2.0-only
"""guests/steps.c in a guest, controlled one command at a time, and its file in debugfs."""

from __future__ import annotations

import re
import subprocess

from host import _modules as host
from lib import Context

ROOT = "/sys/kernel/debug/kvm"


def symbol(name: str) -> int:
    """The address of a symbol in steps.elf."""
    text = subprocess.run(["arm-linux-gnueabihf-nm", str(host.GUESTS / "steps.elf")], check=True,
                          capture_output=True, text=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", text, re.M)[1], 16)


def parse(text: str) -> dict[str, str]:
    """The file as a dictionary: one `key value` per line; the key of a slot is like `brp 0`."""
    rows = {}
    for line in text.splitlines():
        match = re.fullmatch(r"((?:[bw]rp )?\S+) (.*)", line)
        rows[match[1]] = match[2]
    return rows


class Steps:
    """guests/steps.c in a guest, and the file of its first vCPU in debugfs."""

    def __init__(self, t: Context, cpus: int = 1) -> None:
        self.t, self.command = t, t.board.agent.start(
            ["taskset", "1", "armvm", "run", "--kernel", host.elf(t, "steps"), "--memory", "64M",
             "--cpus", str(cpus)])
        self.until("# waiting")

    def until(self, text: str) -> None:
        self.t.until(lambda: self.command.ended or text.encode() in self.command.stdout)
        if text.encode() not in self.command.stdout:
            self.t.fail(f"no {text!r} in {bytes(self.command.stdout[-500:])!r}"
                        f"{bytes(self.command.stderr[-500:])!r}")

    def did(self, commands: str) -> None:
        for c in commands:
            del self.command.stdout[:]
            self.command.write(c.encode())
            self.until(f"# did {c}\r\n")

    def directory(self) -> str:
        return self.t.board.sh(f"cd {ROOT} && echo *-*").check().text.strip()

    def read(self, cpu: int = 0) -> dict[str, str]:
        return parse(self.t.board.sh(f"cat {ROOT}/*/vcpu{cpu}/debug").check().text)

    def some(self, times: int = 20) -> list[dict[str, str]]:
        """Read on CPU 1, so that reading does not preempt the vCPU, which is on CPU 0."""
        text = self.t.board.sh(f"for n in $(seq {times}); do "
                               f"taskset 2 cat {ROOT}/*/vcpu0/debug; echo; done")
        return [parse(part) for part in text.check().text.strip().split("\n\n")]

    def seen(self, keys: tuple[str, ...], wanted: tuple[str, ...]) -> set[tuple[str, ...]]:
        """All values of these rows that were read until the wanted one was among them."""
        seen: set[tuple[str, ...]] = set()

        def look() -> bool:
            seen.update(tuple(rows[key] for key in keys) for rows in self.some())
            return wanted in seen

        self.t.until(look, pause=0)
        return seen
