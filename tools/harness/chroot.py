# SPDX-License-Identifier: GPL-2.0-only
"""A Debian of another suite or architecture to run programs in, on this machine.

Packages are unpacked, and dpkg's database says that they are installed, but none of their scripts
runs. So it needs no root, and no emulated CPU; what scripts would have set up is in LINKS.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .apt import Package
from .paths import CACHE, lock, new_directory, run

# Raise the number when a root is set up in another way.
FORMAT = 1
# What alternatives and other scripts of packages would have made, if the target is there.
LINKS = {"usr/bin/awk": "mawk", "usr/bin/cc": "gcc", "usr/bin/c++": "g++", "usr/bin/sh": "dash",
         "etc/dpkg/origins/default": "debian"}
MASTER = "usr/share/base-passwd"
# tar's words for a package's files, without what nobody reads.
UNPACK = ("tar", "-x", "-v", "--keep-directory-symlink", "--no-same-owner",
          *(f"--exclude=./usr/share/{name}/*" for name in ("doc", "locale", "man")))
ENTER = """
set -e
binfmt=$1 root=$2
shift 2
[ -z "$binfmt" ] || {
	mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
	cat "$binfmt" >/proc/sys/fs/binfmt_misc/register
}
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
	mount --bind "$1" "$root/$2"
	shift 2
done
shift
exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 "$@"
"""


def _install(package: Package, root: Path) -> str:
    """Unpack, and note it in dpkg's database as dpkg would. Return the package's status."""
    with tempfile.TemporaryDirectory(dir=root) as scratch:
        archive, control = Path(scratch) / "files.tar", Path(scratch) / "control"
        with archive.open("wb") as out:
            subprocess.run(["dpkg-deb", "--fsys-tarfile", package.path], stdout=out, check=True)
        names = run([*UNPACK, "-f", archive, "-C", root]).splitlines()
        run(["dpkg-deb", "-e", package.path, control])
        status = (control / "control").read_text(encoding="utf-8")
        fields = dict(re.findall(r"^(Multi-Arch|Architecture): (.*)$", status, re.M))
        name = package.name
        if fields.get("Multi-Arch") == "same":
            name += f":{fields['Architecture']}"
        info = root / "var/lib/dpkg/info"
        for path in control.iterdir():
            if path.name != "control":
                shutil.copy(path, info / f"{name}.{path.name}")
    (info / f"{name}.list").write_text("".join(f"{n[1:].rstrip('/') or '/.'}\n" for n in names),
                                       encoding="utf-8")
    return f"{status.rstrip()}\nStatus: install ok installed\n\n"


def root_of(packages: Iterable[Package], name: str) -> Path:
    """Return the cached root with these packages."""
    packages = sorted(packages, key=lambda p: p.path.name)
    key = hashlib.sha256("\n".join([str(FORMAT), *(p.path.name for p in packages)]).encode())
    root = CACHE / "roots" / f"{name}-{key.hexdigest()[:12]}"
    with lock(f"root-{root.name}"):
        if not root.is_dir():
            with new_directory(root) as scratch:
                _fill(packages, scratch)
    return root


def _fill(packages: Sequence[Package], root: Path) -> None:
    for link in ("bin", "sbin", "lib"):
        (root / "usr" / link).mkdir(parents=True)
        (root / link).symlink_to(f"usr/{link}")
    for directory in ("var/lib/dpkg/info", "proc", "dev", "tmp", "srv", "etc"):
        (root / directory).mkdir(parents=True)
    status = "".join(_install(package, root) for package in packages)
    (root / "var/lib/dpkg/status").write_text(status, encoding="utf-8")
    (root / "var/lib/dpkg/info/format").write_text("1\n", encoding="ascii")
    for link, target in LINKS.items():
        path = root / link
        if (path.parent / target).exists() and not path.is_symlink():
            path.symlink_to(target)
    for file in ("passwd", "group"):
        shutil.copy(root / MASTER / f"{file}.master", root / "etc" / file)


def command(root: Path, argv: Sequence[str], binds: Mapping[Path, str],
            binfmt: Path | None = None) -> list[str]:
    """Return the command that runs ARGV in ROOT as a root user that is root only there.

    BINDS maps directories of this machine to places in ROOT. BINFMT has the line for binfmt_misc
    that this needs, where the machine does not have it: for this command alone, which Linux knows
    from 6.7 on.
    """
    words = [str(word) for source, place in binds.items() for word in (source, place)]
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", ENTER, "-",
            str(binfmt or ""), str(root), *words, "--", *argv]


def problem(root: Path, binfmt: Path | None = None) -> str:
    """Return why no program of ROOT can run here, or nothing."""
    done = subprocess.run(command(root, ["true"], {}, binfmt), capture_output=True, text=True,
                          check=False)
    return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""
