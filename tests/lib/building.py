# SPDX-License-Identifier: GPL-2.0-only
"""Builds the module for kernels that `make` does not build it for."""

from __future__ import annotations

import subprocess

from .context import Context
from .registry import TOP

from harness.paths import outside_make


def build_module(t: Context, flavour: str, *folders: str) -> bool:
    """Build module/ and FOLDERS for a kernel, which is fetched or built first, without a warning.

    Return whether that worked.
    """
    commands = [["tools/fetch", "headers", flavour]]
    commands += [["make", "-C", folder, f"FLAVOUR={flavour}"] for folder in ("module", *folders)]
    for argv in commands:
        done = subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=False,
                              env=outside_make())
        said = done.stdout + done.stderr
        if not t.check(done.returncode == 0, f"{' '.join(argv)} {said[-3000:]}"):
            return False
        # Kbuild says that Debian had pahole; that is no warning about our code.
        warnings = [line for line in said.splitlines()
                    if "warning:" in line and "pahole" not in line]
        t.equal(warnings, [], f"{' '.join(argv)} has no warning")
    return True
