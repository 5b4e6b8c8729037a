# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of another architecture, without touching the machine's own package state.

apt works on its own lists, cache and status file under build/cache/apt/. It checks the index's
signature and each package's hash. requests/NAME.json records what a request resolved to, so a
second run needs neither the network nor the index.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from .paths import CACHE, ToolError, lock, new_directory, run, say, write_file

SUITE = "bookworm"
MIRROR = os.environ.get("KVM_ARMV7_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RETRY_DELAYS = (0, 5, 20, 60)  # A mirror that is being synchronised is complete within a minute.


@dataclass(frozen=True)
class Package:
    """One downloaded .deb."""

    name: str
    version: str
    path: Path

    def unpacked(self) -> Path:
        """Unpack the package once, into a directory that all its users share."""
        target = CACHE / "unpacked" / self.path.stem
        if not target.is_dir():
            with lock(f"unpack-{self.path.stem}"):
                if not target.is_dir():
                    with new_directory(target) as scratch:
                        run(["dpkg-deb", "-x", self.path, scratch])
        return target


class Archive:
    """A private apt for one suite and architecture."""

    KIND = "deb"

    def __init__(self, arch: str, suite: str = SUITE) -> None:
        self.arch, self.suite = arch, suite
        self.root = CACHE / "apt" / f"{suite}-{arch}"
        self.debs = CACHE / "debs"

    def _options(self) -> list[str]:
        root = self.root
        return [
            f"-oAPT::Architecture={self.arch}", f"-oAPT::Architectures={self.arch}",
            f"-oDir::State={root}/state", f"-oDir::State::lists={root}/lists",
            "-oDir::State::status=/dev/null", f"-oDir::Cache={root}/cache",
            f"-oDir::Etc::sourcelist={root}/sources.list", "-oDir::Etc::sourceparts=/dev/null",
            "-oDir::Etc::preferencesparts=/dev/null", "-oAPT::Sandbox::User=",
            "-oAPT::Install-Recommends=false", "-oAcquire::Languages=none",
            "-oAcquire::Retries=3", "-oDebug::NoLocking=true",
        ]

    def _apt(self, *argv: str, **kwargs) -> str:
        return run(["apt-get", *self._options(), "-q", "-y", *argv],
                   env={**os.environ, "LC_ALL": "C"}, **kwargs)

    def update(self) -> None:
        """Fetch the index. What a half-synchronised mirror serves is an error here."""
        for directory in ("state", "lists/partial", "cache/archives/partial"):
            (self.root / directory).mkdir(parents=True, exist_ok=True)
        signed = f"[signed-by={KEYRING}] " if Path(KEYRING).exists() else ""
        write_file(self.root / "sources.list", f"{self.KIND} {signed}{MIRROR} {self.suite} main\n")
        say(f"fetching the package index of {self.suite} {self.arch} from {MIRROR}")
        self._apt("update", "-oAPT::Update::Error-Mode=any")
        write_file(self.root / "updated", time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime()))

    def _resolve(self, names: list[str], closure: bool) -> list[tuple[str, str, str, int]]:
        """Resolve NAMES, and with CLOSURE their dependencies, to (name, version, file, size)."""
        verb = "install" if closure else "download"
        found = []
        for line in self._apt("--print-uris", "-qq", verb, *names).splitlines():
            match = re.match(r"'[^']+' (\S+) (\d+) ", line)
            if match:
                name, version, _ = urllib.parse.unquote(match[1]).split("_")
                found.append((name, version, match[1], int(match[2])))
        if not found:
            raise ToolError(f"apt resolved {' '.join(names)} to nothing")
        return found

    def _words(self, missing: list[tuple[str, str, str, int]]) -> list[str]:
        """Return apt-get's words that download these files."""
        return ["download", *(f"{name}={version}" for name, version, _, _ in missing)]

    def _download(self, wanted: list[tuple[str, str, str, int]]) -> None:
        self.debs.mkdir(parents=True, exist_ok=True)
        missing = [w for w in wanted if not (self.debs / w[2]).exists()]
        if not missing:
            return
        size = sum(w[3] for w in missing)
        say(f"downloading {len(missing)} packages, {size / 1e6:.1f} MB")
        partial = self.debs / f".partial.{os.getpid()}"
        partial.mkdir(exist_ok=True)
        try:
            # apt-get checks each file against the signed index before the file appears.
            self._apt(*self._words(missing), cwd=partial)
            for _, _, file, size in missing:
                if (partial / file).stat().st_size != size:
                    raise ToolError(f"{file} is not {size} bytes long, as the index says")
                (partial / file).rename(self.debs / file)
        finally:
            subprocess.run(["rm", "-rf", str(partial)], check=False)

    def get(self, *names: str, closure: bool = False) -> list[Package]:
        """Resolve and download the packages NAMES once; later calls use only the cache."""
        key = f"{'+'.join(sorted(names))}-{'closure' if closure else 'alone'}"
        if len(key) > 120:
            key = hashlib.sha256(key.encode()).hexdigest()[:32]
        record = self.root / "requests" / f"{key}.json"
        with lock(f"apt-{self.suite}-{self.arch}"):
            known = self._recorded(record)
            if known:
                return known
            wanted = self._fetch(list(names), closure)
            write_file(record, json.dumps([list(w) for w in wanted], indent=1) + "\n")
        return [Package(name, version, self.debs / file) for name, version, file, _ in wanted]

    def _recorded(self, record: Path) -> list[Package] | None:
        if not record.exists():
            return None
        rows = json.loads(record.read_text(encoding="utf-8"))
        for _, _, file, size in rows:
            path = self.debs / file
            if not path.exists() or path.stat().st_size != size:
                return None
        return [Package(name, version, self.debs / file) for name, version, file, _ in rows]

    def _fetch(self, names: list[str], closure: bool) -> list[tuple[str, str, str, int]]:
        problem: ToolError | None = None
        for delay in RETRY_DELAYS:
            if delay:
                say(f"the mirror cannot serve this now; trying again in {delay} s")
                time.sleep(delay)
            try:
                # Fetch the index once, and again only if it no longer matches the mirror.
                if problem or not (self.root / "updated").exists():
                    self.update()
                wanted = self._resolve(names, closure)
                self._download(wanted)
                return wanted
            except ToolError as error:
                problem = error
        raise ToolError(f"cannot get {' '.join(names)} for {self.arch} from {MIRROR}: there is no "
                        f"network, or the mirror is being synchronised; try again later\n{problem}")


class Sources(Archive):
    """Source packages of one suite. A Package is one of their files."""

    KIND = "deb-src"

    def __init__(self, suite: str = SUITE) -> None:
        super().__init__("source", suite)
        self.arch = "armhf"  # Of what apt knows, any would do.

    def _resolve(self, names: list[str], closure: bool) -> list[tuple[str, str, str, int]]:
        assert not closure
        found = []
        for name in names:
            text = self._apt("--print-uris", "-qq", "source", name)
            for file, size in re.findall(r"^'[^']+' (\S+) (\d+) ", text, re.M):
                found.append((name, "", file, int(size)))
        if not found:
            raise ToolError(f"apt has no source of {' '.join(names)}")
        return found

    def _words(self, missing: list[tuple[str, str, str, int]]) -> list[str]:
        return ["source", "--download-only", *sorted({name for name, *_ in missing})]
