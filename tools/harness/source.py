# SPDX-License-Identifier: GPL-2.0-only
"""Builds kernels with a configuration that Debian does not ship, from Debian's linux-source.

tests/kernels/common.config is what all of them have, since Debian's whole configuration takes
hours, and NAME.config what each is built for. The finished kernel stays in build/cache/built/, so a
second call takes no time until the source package or a fragment changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from .apt import Archive
from .paths import CACHE, CROSS, TOP, ToolError, lock, new_directory, run, say

SERIES = "6.1"
FRAGMENTS = TOP / "tests" / "kernels"
# QEMU leaves ITSTATE set after an MRC in an IT block where HSTR is not 0, as in a guest
# (docs/emulator.md). GCC makes such blocks of `current`, unless they may have 16 bits only.
KCFLAGS = {"thumb2": "-mrestrict-it"}


def _source() -> tuple[Path, str]:
    """Unpack linux-source once. Return its directory and the package's version."""
    package = Archive("armhf").get(f"linux-source-{SERIES}")[0]
    target = CACHE / "source" / f"linux-{package.version}"
    with lock("linux-source"):
        if not target.is_dir():
            say(f"unpacking {package.path.name}")
            with new_directory(target) as scratch:
                archive = package.unpacked() / "usr/src" / f"linux-source-{SERIES}.tar.xz"
                run(["tar", "-xf", archive, "-C", scratch, "--strip-components=1"])
    return target, package.version


def unmet(config: str, fragment: str) -> list[str]:
    """Return the lines of FRAGMENT that Kconfig did not take over."""
    have = dict(re.findall(r"^(CONFIG_\w+)=(.+)$", config, re.M))
    return [f"{name}={value}" for name, value in re.findall(r"^(CONFIG_\w+)=(.+)$", fragment, re.M)
            if have.get(name, "n") != value]


def _make(source: Path, out: Path, flags: str, *targets: str) -> None:
    log = out / "build.log"
    jobs = os.environ.get("JOBS") or str(os.cpu_count())
    with log.open("a", encoding="utf-8") as handle:
        done = subprocess.run(
            ["make", "-C", str(source), f"O={out}", "ARCH=arm",
             f"CROSS_COMPILE={CROSS}", f"-j{jobs}", "KBUILD_BUILD_TIMESTAMP=2020-01-01",
             "KBUILD_BUILD_USER=kvm-armv7", "KBUILD_BUILD_HOST=build", f"KCFLAGS={flags}",
             *targets],
            stdin=subprocess.DEVNULL, stdout=handle, stderr=handle, check=False)
    if done.returncode:
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
        raise ToolError(f"building Linux failed, see {log}:\n{tail}")


def build(name: str) -> tuple[Path, str]:
    """Build kernel NAME, once.

    Return the directory it was built in, against which Kbuild builds modules, and the version of
    the source package.
    """
    source, version = _source()
    fragments = [(FRAGMENTS / f"{part}.config").read_text("utf-8") for part in ("common", name)]
    wanted: dict[str, str] = {}
    for text in fragments:
        wanted |= dict(re.findall(r"^(CONFIG_\w+)=(.+)$", text, re.M))
    config = "".join(f"{option}={value}\n" for option, value in wanted.items())
    flags = KCFLAGS.get(name, "")
    key = hashlib.sha256((version + config + flags).encode()).hexdigest()[:16]
    out = CACHE / "built" / f"{name}-{key}"
    with lock(f"built-{name}"):
        if (out / "done").exists():
            return out, version
        for old in out.parent.glob(f"{name}-*"):
            if old != out:
                shutil.rmtree(old)
        out.mkdir(parents=True, exist_ok=True)
        (out / "wanted").write_text(config, encoding="utf-8")
        _make(source, out, flags, f"KCONFIG_ALLCONFIG={out}/wanted", "allnoconfig")
        if missing := unmet((out / ".config").read_text("utf-8"), config):
            raise ToolError(f"Linux {version} cannot have what {name}.config asks for: "
                            f"{' '.join(missing)}")
        say(f"building the kernel {name} from Debian's source {version}; the first time this "
            f"takes long. Its output is in {out}/build.log")
        _make(source, out, flags, "zImage", "modules")
        (out / "done").touch()
    return out, version
