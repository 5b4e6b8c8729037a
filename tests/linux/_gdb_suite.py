# SPDX-License-Identifier: GPL-2.0-only
"""gdb's own testsuite, from Debian's source package, on the board and in guests.

Expect, DejaGnu and gdb run on the target, as they do for anyone who tests gdb there. Only the
compiler is on the build machine: gdb-suite/gcc asks for each program that a test wants.
"""

from __future__ import annotations

import fnmatch
import io
import re
import shutil
import subprocess
import tarfile
import threading
from dataclasses import dataclass
from pathlib import Path

from lib import Context
from lib.registry import TOP

from harness.apt import Sources
from harness.channel import ChannelError
from harness.paths import CACHE, CROSS, lock, new_directory, run, say

HERE = Path(__file__).with_name("gdb-suite")
OUT = TOP / "build" / "tests" / "gdb-suite"
# The directories of which the target has all C files, since tests print lines of them.
FOLDERS = ("gdb.base", "gdb.multi", "gdb.threads")
LINE = re.compile(r"^(PASS|FAIL|XFAIL|KFAIL|XPASS|KPASS|UNTESTED|UNSUPPORTED|UNRESOLVED|ERROR|"
                  r"WARNING|PATH|DUPLICATE): (.*)", re.M)

BAD = ("FAIL", "XPASS", "KPASS", "UNRESOLVED", "ERROR")


def selection() -> list[str]:
    lines = (HERE / "tests").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def source() -> Path:
    """Unpack the testsuite of Debian's gdb once; return its directory."""
    files = [package.path for package in Sources().get("gdb")]
    orig = next(path for path in files if ".orig.tar." in path.name and path.suffix != ".asc")
    target = CACHE / "source" / orig.name.partition(".orig")[0]
    with lock("gdb-source"):
        if not target.is_dir():
            say(f"unpacking the testsuite of {orig.name}")
            with new_directory(target) as scratch:
                run(["tar", "-xf", orig, "-C", scratch, "--strip-components=3", "--wildcards",
                     "*/gdb/testsuite"])
    return target


def overlay() -> Path:
    """What board and guest have of the testsuite, in a directory."""
    suite = source()
    with new_directory(OUT / "overlay") as top:
        for name in ("lib", "config", "boards"):
            shutil.copytree(suite / name, top / "gdb/src" / name)
        for folder in FOLDERS:
            (top / "gdb/src" / folder).mkdir()
            for path in (*suite.glob(f"{folder}/*.[ch]"), *suite.glob(f"{folder}/*.inc")):
                shutil.copy(path, top / "gdb/src" / folder)
        for name in selection():
            shutil.copy(suite / name, top / "gdb/src" / name)
        for name in ("obj", "cc"):
            (top / "gdb" / name).mkdir()
        shutil.copy(HERE / "site.exp", top / "gdb/obj")
        (top / "usr/local/bin").mkdir(parents=True)
        shutil.copy(HERE / "gcc", top / "usr/local/bin")
        (top / "usr/local/bin/gcc").chmod(0o755)
        # gdb connects to the gdbserver at localhost.
        (top / "etc").mkdir()
        (top / "etc/hosts").write_text("127.0.0.1 localhost\n", "ascii")
    return OUT / "overlay"


class Compiler:
    """Compiles what the testsuite on MACHINE asks for, with FLAG, until it is stopped."""

    ASKED = ("until set -- /gdb/cc/*.ask; [ -e $1 ]; do [ ! -e /gdb/stop ] || exit 9; "
             "usleep 300000; done; cat $1; rm $1")

    def __init__(self, machine, flag: str, root: Path) -> None:
        self.machine, self.flag, self.root = machine, flag, root
        shutil.rmtree(root, ignore_errors=True)
        (root / "gdb/obj").mkdir(parents=True)
        (root / "gdb/src").symlink_to(source())
        self.compiled = 0
        self.trouble = ""
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Compiler:
        self.machine.sh("rm -f /gdb/stop").check()
        self._thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self.machine.sh("touch /gdb/stop")
        self._thread.join()

    def _serve(self) -> None:
        try:
            while (asked := self.machine.sh(self.ASKED, timeout=None)).status == 0:
                with tarfile.open(fileobj=io.BytesIO(asked.stdout)) as tar:
                    tar.extractall(self.root)
                    key = Path(tar.getnames()[0]).parent
                self.machine.sh(f"tar -xf - -C / && mv /{key}/ended /{key}/status",
                                self._answer(key)).check()
                self.compiled += 1
        except (ChannelError, AssertionError, OSError, tarfile.TarError) as what:
            self.trouble = f"{type(what).__name__}: {what}"

    def _here(self, word: str) -> str:
        """The path of the target that is in WORD, as a path of this machine."""
        return re.sub(r"^(-[IL])?/gdb/", rf"\g<1>{self.root}/gdb/", word)

    def _answer(self, key: Path) -> bytes:
        """Run the compiler. Return an archive of what it wrote and said, and of its status."""
        where = self.root / key
        cwd = Path((where / "directory").read_text("utf-8").strip())
        words = (where / "arguments").read_text("utf-8").splitlines()
        there = Path(self._here(str(cwd)))
        there.mkdir(parents=True, exist_ok=True)
        out = cwd / words[words.index("-o") + 1] if "-o" in words else None
        if out:
            Path(self._here(str(out))).parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([f"{CROSS}gcc", self.flag, f"-ffile-prefix-map={self.root}/gdb=/gdb",
                               *map(self._here, words)], cwd=there, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        (where / "text").write_bytes(done.stdout.replace(str(self.root).encode(), b""))
        (where / "ended").write_text(f"{done.returncode}\n", "ascii")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            made = Path(self._here(str(out))) if out else None
            if made and made.is_file():
                tar.add(made, str(out))
            for name in ("text", "ended"):
                tar.add(where / name, f"{key}/{name}")
        return packed.getvalue()


def verdicts(text: str) -> dict[str, str]:
    """Map each test of a gdb.sum to its verdict. A name that comes again gets a number.

    How a test has failed is a matter of speed: after its time, or when the program had gone.
    """
    found: dict[str, str] = {}
    for verdict, name in LINE.findall(text):
        name = re.sub(r" \((timeout|the program exited)\)$", "", name)
        key, count = name, 1
        while key in found:
            count += 1
            key = f"{name} #{count}"
        found[key] = verdict
    return found


@dataclass(frozen=True)
class Row:
    """How many tests, from LEAST to MOST, whose names match a pattern, may have these verdicts."""

    least: int
    most: int
    pattern: str
    on_board: str  # One verdict, or more with a bar between.
    in_guest: str

    def has(self, test: str, pair: tuple[str, str]) -> bool:
        return (fnmatch.fnmatchcase(test, self.pattern) and pair[0] in self.on_board.split("|")
                and pair[1] in self.in_guest.split("|"))


def accepted(mode: str) -> list[Row]:
    """Read the rows for MODE from gdb-suite/accepted."""
    rows = []
    for line in (HERE / "accepted").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            modes, count, pattern, on_board, in_guest, cause = line.split("\t")
            assert cause, f"{pattern} has no cause"
            if fnmatch.fnmatchcase(mode, modes):
                least, _, most = count.partition("-")
                rows.append(Row(int(least), int(most or least), pattern, on_board, in_guest))
    return rows


def unaccepted(found: dict[str, tuple[str, str]], rows: list[Row]) -> list[str]:
    """What no row has, and each row that has more or fewer tests than it says."""
    left, problems = dict(found), []
    for row in rows:
        matching = [test for test, pair in left.items() if row.has(test, pair)]
        if not row.least <= len(matching) <= row.most:
            problems.append(f"{row}: {len(matching)}")
        for test in matching:
            del left[test]
    return problems + [f"{test}: {pair}" for test, pair in left.items()]


def differences(on_board: dict[str, str], in_guest: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Each test that fails on one side, or that does not say the same on both."""
    found = {}
    for test in {**on_board, **in_guest}:
        pair = (on_board.get(test, "absent"), in_guest.get(test, "absent"))
        if pair[0] != pair[1] or pair[0] in BAD:
            found[test] = pair
    return found


def run_suite(t: Context, machine, where: str, flag: str, target: str,
              seconds: float) -> dict[str, str]:
    """Run the selection on MACHINE, and return each test's verdict."""
    with Compiler(machine, flag, OUT / where) as compiler:
        words = " ".join(selection())
        result = machine.sh(f"cd /gdb/obj && rm -rf outputs gdb.sum gdb.log && runtest "
                            f"--target_board={target} {words}", timeout=seconds)
    t.log(f"-- {where}\n{result.text[-3000:]}{result.errors[-2000:]}")
    for name in ("gdb.sum", "gdb.log"):
        text = machine.sh(f"cat /gdb/obj/{name}", timeout=300)
        (t.dir / f"{where}.{name}").write_bytes(text.stdout)
    t.equal(compiler.trouble, "", f"{where}: its programs were compiled, {compiler.compiled} calls")
    text = (t.dir / f"{where}.gdb.sum").read_text("utf-8", "replace")
    t.equal(set(re.findall(r"^Running /gdb/src/(\S+) \.\.\.", text, re.M)), set(selection()),
            f"{where}: each file of the list ran")
    t.check("=== gdb Summary ===" in text, f"{where}: to its end")
    return verdicts(text)
