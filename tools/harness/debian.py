# SPDX-License-Identifier: GPL-2.0-only
"""A disk image with a whole Debian, installed by its own dpkg and apt on the emulated board.

apt on this machine resolves and checks the packages. They go to the board in one archive, which is
also a repository for the board's apt, so nothing there needs a network. Installing takes long on an
emulated CPU; the finished image is kept in the cache.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import disk
from .initramfs import AGENT
from .apt import Archive, Package
from .machine import Board, Config
from .paths import CACHE, TOP, ToolError, lock, run, say

SIZE = 4 << 30
# A small system that starts by systemd, keeps extlinux.conf up to date, and listens for ssh.
SYSTEM = ("?essential", "usr-is-merged", "apt", "adduser", "systemd-sysv", "dbus", "udev", "kmod",
          "e2fsprogs", "debian-archive-keyring", "u-boot-menu", "openssh-server", "iproute2")
INSTALL = TOP / "tools" / "debian" / "install"
AGENT_SOURCES = TOP / "tools" / "agent"


def _stanza(package: Package) -> bytes:
    """A package's entry in the index of a repository."""
    data = package.path.read_bytes()
    text = run(["dpkg-deb", "-f", package.path]).rstrip("\n")
    return (f"{text}\nFilename: ./{package.path.name}\nSize: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n").encode()


def write_repository(packages: Iterable[Package], out: Path, files: Sequence[Path] = ()) -> Path:
    """Write an archive with a repository of PACKAGES in its folder repo, and FILES beside it."""
    with tarfile.open(out, "w") as tar:
        index = b""
        for package in packages:
            tar.add(package.path, f"repo/{package.path.name}")
            index += _stanza(package)
        info = tarfile.TarInfo("repo/Packages")
        info.size = len(index)
        tar.addfile(info, io.BytesIO(index))
        for path in files:
            tar.add(path, path.name)
    return out


def drive(path: Path, name: str, *words: str) -> list[str]:
    """QEMU's words for a disk. The board finds it by NAME: the order of its disks is QEMU's."""
    return ["-drive", ",".join([f"file={path}", "format=raw", "if=none", f"id={name}",
                                "cache=unsafe", *words]),
            "-device", f"virtio-blk-device,drive={name},serial={name}"]


def archive_of(flavour: str) -> Archive:
    suite = flavour.partition("@")[2]
    return Archive("armhf", suite) if suite else Archive("armhf")


def packages_of(flavour: str, more: Sequence[str] = ()) -> list[Package]:
    """Return what a system with FLAVOUR's kernel and the packages MORE has installed."""
    return archive_of(flavour).get(*SYSTEM, f"linux-image-{flavour.partition('@')[0]}", *more,
                                   closure=True)


def installed(flavour: str) -> Path:
    """Return the cached image of FLAVOUR's suite with its kernel; install it if needed.

    The agent starts on a port of the harness, if there is one.
    """
    name, archive = flavour.partition("@")[0], archive_of(flavour)
    essential = archive.get("?essential", "usr-is-merged", closure=True)
    packages = packages_of(flavour)
    key = hashlib.sha256("\n".join([str(SIZE), *(p.path.name for p in packages),
                                    *(p.read_text(encoding="utf-8") for p in
                                      (INSTALL, *sorted(AGENT_SOURCES.glob("*.[ch]"))))]
                                   ).encode()).hexdigest()
    image = CACHE / "disks" / f"{archive.suite}-{name}-{key[:12]}.img"
    with lock(f"disk-{image.stem}"):
        if not image.exists():
            image.parent.mkdir(parents=True, exist_ok=True)
            scratch = image.with_suffix(".partial")
            _install(flavour, essential, packages, scratch)
            scratch.rename(image)
    return image


def write_image(flavour: str, directory: Path) -> tuple[Path, Path]:
    """Write a guest's disk, debian.raw, and the key that lets its owner in as root, debian.key."""
    image, key = directory / "debian.raw", directory / "debian.key"
    run(["cp", "--sparse=always", installed(flavour), image])
    disk.copy_out(image, "/root/.ssh/id_ed25519", key)
    key.chmod(0o600)
    return image, key


def _install(flavour: str, essential: list[Package], packages: list[Package], image: Path) -> None:
    say(f"installing Debian on an emulated disk, {len(packages)} packages; this takes long, once")
    empty = image.with_suffix(".root")
    empty.mkdir(exist_ok=True)
    disk.write(image, empty, SIZE, disk.LABEL)
    empty.rmdir()
    archive = write_repository(packages, image.with_suffix(".tar"), [AGENT])
    try:
        board = Config(flavour=flavour, module=False, packages=["dpkg", "tar"],
                       modules=("virtio_blk", "crc32c_generic", "ext4"),
                       qemu_args=[*drive(image, "system"),
                                  *drive(archive, "archive", "readonly=on")])
        with Board(board, "install") as machine:
            machine.put(INSTALL, "/tmp/install")
            done = machine.run(["/tmp/install", "/mnt", *(p.path.name for p in essential)],
                               timeout=7200)
            (machine.run_dir / "install.log").write_text(done.text + done.errors, encoding="utf-8")
            if done.status:
                raise ToolError(f"installing Debian failed: see {machine.run_dir}/install.log")
            machine.shutdown()
    finally:
        archive.unlink(missing_ok=True)
