# SPDX-License-Identifier: GPL-2.0-only
"""Runs the programs of tests/unit, one case each, and those of tests/vmm. None needs a boot."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TESTS, TOP

from harness.paths import outside_make

UNIT, VMM = TESTS / "unit", TESTS / "vmm"
LIST = (UNIT / "list").read_text(encoding="utf-8").split()


def make(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "-s", *argv], cwd=TOP, capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL, env=outside_make())


def written(source: Path) -> int:
    """Count the test functions of a cmocka program, or of a script of tests/vmm."""
    pattern = (r"^def test_\w+\(" if source.suffix == ".py" else
               r"^static void \w+\(void \*\*\w+\)\n\{")
    return len(re.findall(pattern, source.read_text(encoding="utf-8"), re.M))


def verdicts(text: str) -> dict[str, int]:
    """Map each program that printed PASS to the number of its test functions."""
    return {name: int(n) for name, n in re.findall(r"^PASS (\S+) \((\d+) cases\)$", text, re.M)}


def _program(name: str) -> None:
    @case(f"unit/{name}", tier="check", timeout=300, shard="unit-" + str(len(name) % 2))
    def run(t: Context) -> None:
        done = make("-C", "tests/unit", f"check-{name}")
        t.log(done.stdout + done.stderr)
        t.check(done.returncode == 0,
                f"tests/unit/{name}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        t.equal(verdicts(done.stdout), {f"unit/{name}": written(UNIT / f"{name}.c")},
                "every test function of the source passes")


for _name in LIST:
    _program(_name)


@case("lint/unit-list", tier="check")
def listed(t: Context) -> None:
    programs = {path.stem for path in UNIT.glob("*.c") if written(path)}
    t.equal(set(LIST), programs, "tests/unit/list names exactly the programs of tests/unit")


@case("unit/armvm", tier="check", timeout=900, shard="unit-armvm")
def armvm(t: Context) -> None:
    done = make("-C", "tests/vmm", "check")
    t.log(done.stdout + done.stderr)
    wanted = {f"vmm/{path.stem.removeprefix('test_')}": written(path)
              for path in (*VMM.glob("test_*.c"), *VMM.glob("test_*.py"))}
    # The armhf program passes the same tests, under qemu-user.
    wanted["vmm/cli-armhf"] = wanted["vmm/cli"]
    t.check(done.returncode == 0,
            f"make -C tests/vmm check\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    t.equal(verdicts(done.stdout), wanted, "every test function of the sources passes")
