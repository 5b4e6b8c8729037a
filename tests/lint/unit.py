# SPDX-License-Identifier: GPL-2.0-only
"""The cmocka programs of tests/unit and tests/vmm, one case each, without a boot."""

from __future__ import annotations

import os
import re
import subprocess

from lib import Context, case
from lib.registry import TESTS, TOP


def make(*argv: str) -> subprocess.CompletedProcess[str]:
    # Warnings of make about its own job server are nobody's output.
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(["make", "-s", *argv], cwd=TOP, capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL, env=env)


def _program(name: str) -> None:
    @case(f"unit/{name}", tier="check", timeout=300, shard="unit-" + str(len(name) % 2))
    def run(t: Context) -> None:
        done = make("-C", "tests/unit", f"check-{name}")
        t.log(done.stdout + done.stderr)
        t.check(done.returncode == 0 and re.search(rf"^PASS unit/{name} \([1-9]\d* cases\)$",
                                                   done.stdout, re.M),
                f"tests/unit/{name}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


for _name in (TESTS / "unit" / "list").read_text(encoding="utf-8").split():
    _program(_name)


@case("unit/armvm", tier="check", timeout=900, shard="unit-armvm")
def armvm(t: Context) -> None:
    done = make("-C", "tests/vmm", "check")
    t.log(done.stdout + done.stderr)
    passed = re.findall(r"^PASS (vmm/\S+)", done.stdout, re.M)
    for name in passed:
        t.check(True, name)
    t.check(done.returncode == 0 and len(passed) >= 7,
            f"make -C tests/vmm check\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
