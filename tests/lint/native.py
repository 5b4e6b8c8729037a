# SPDX-License-Identifier: GPL-2.0-only
"""The packages and the module, built on armhf: with build-essential and what debian/control names.

armhf's programs run under qemu-user, in a root that is made of Debian's packages.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP

from harness import chroot
from harness.apt import Archive
from harness.paths import BUILD, outside_make, run

BINFMT = Path("/usr/lib/binfmt.d/qemu-arm.conf")
PACKAGES = ("kvm-armv7-dkms", "armvm", "armvm-dbgsym", "v7dbg-dev")
TREE = "/srv/tree"
BUILDS = f"""
set -ex
cd {TREE}
[ "$(dpkg --print-architecture)" = armhf ]
dpkg-buildpackage -b -uc -us -j$(nproc)
for headers in /usr/src/linux-headers-*-armmp; do
	release=${{headers##*/linux-headers-}}
	make -j$(nproc) -C module KDIR=$headers KERNELRELEASE=$release CROSS_COMPILE=
	grep -qa "vermagic=$release " build/module/armmp-lpae/kvm_armv7.ko
done
"""


def build_depends() -> list[str]:
    """The packages that debian/control needs for a native build."""
    control = (TOP / "debian/control").read_text(encoding="utf-8")
    found = []
    for field in re.findall(r"^Build-Depends(?:-Arch|-Indep)?:\n((?:[ #].*\n)+)", control, re.M):
        found += re.findall(r"^ ([\w-]+)", field, re.M)
    return found


def copy_tree(to: Path) -> None:
    """The sources, without what was built."""
    names = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=TOP)
    for name in filter(None, names.split("\0")):
        if (TOP / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, to / name, follow_symlinks=False)


def contents(deb: Path) -> dict[str, str]:
    """What a package is, and its files with modes and links. A build ID is of the compiler."""
    rows = [re.sub(r"\.build-id/[0-9a-f/]+", ".build-id/ID", line).split(maxsplit=5)
            for line in run(["dpkg-deb", "-c", deb]).splitlines()]
    found = {row[5]: f"{row[0]} {row[1]}" for row in rows}
    for name in ("Architecture", "Version", "Depends", "Recommends", "Suggests", "Multi-Arch"):
        found[name] = re.sub(r" \(.*?\)", "", run(["dpkg-deb", "-f", deb, name]).strip())
    return found


def builds(t: Context, cached: Path, root: Path, binfmt: Path | None) -> None:
    run(["cp", "-a", cached, root])
    copy_tree(root / TREE.lstrip("/"))
    run([TOP / "tools/deb"], cwd=TOP, env=outside_make())
    shutil.copytree(BUILD / "deb", t.dir / "cross")
    log = t.dir / "native.log"
    with log.open("wb") as out:
        done = subprocess.run(chroot.command(root, ["sh", "-c", BUILDS], {}, binfmt), stdout=out,
                              stderr=subprocess.STDOUT, check=False, env=outside_make())
    if not t.equal(done.returncode, 0, f"all builds natively: see {log.name}"):
        return
    for name in PACKAGES:
        native, = (root / "srv").glob(f"{name}_*.deb")
        cross, = (t.dir / "cross").glob(f"{name}_*.deb")
        t.equal(native.name, cross.name, f"{name}: name, version, architecture as cross-built")
        t.equal(contents(native), contents(cross), f"{name}: files and relations, too")
    t.equal(len(list((root / "srv").glob("*.deb"))), len(PACKAGES), "and no other package")


@case("lint/packages-native", tier="long", timeout=7200)
def native_build(t: Context) -> None:
    names = build_depends()
    t.check({"debhelper-compat", "libfdt-dev", "linux-headers-armmp"} <= set(names),
            f"debian/control needs {names}")
    cached = chroot.root_of(Archive("armhf").get("?essential", "build-essential", *names,
                                                 closure=True), "native")
    # The machine has qemu-user registered, or this case registers it for itself.
    binfmt = None if not chroot.problem(cached) else BINFMT
    if problem := chroot.problem(cached, binfmt):
        t.skip(f"armhf programs cannot run here: {problem}")
    root = t.dir / "root"
    try:
        builds(t, cached, root, binfmt)
    finally:
        shutil.rmtree(root, ignore_errors=True)
