# SPDX-License-Identifier: GPL-2.0-only
"""What can be said of the sources without building them."""

from __future__ import annotations

import py_compile
import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP, allowed, load

LICENCES = {
    "v7dbg": "BSD-2-Clause OR GPL-2.0-only",
    "include/uapi": "GPL-2.0-only WITH Linux-syscall-note",
}
# Texts, data and files whose format has no comments.
NO_SPDX = re.compile(r"(^|/)(LICENSES/|LICENSE|COPYING)|\.(md|tsv|txt|patch|dts|json)$|^bench/budget$|"
                     r"^tests/unit/list$|^tests/fuzz/corpus/")
CODE = (".c", ".h", ".S", ".py", ".sh", ".def")


def tracked(*patterns: str) -> list[Path]:
    """Files that are or would be committed."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--",
                          *patterns], cwd=TOP, capture_output=True, check=True).stdout
    paths = [Path(p) for p in out.decode().split("\0") if p]
    return sorted({p for p in paths if (TOP / p).is_file()})


def first_lines(path: Path, count: int) -> str:
    with (TOP / path).open("rb") as handle:
        return b"".join(handle.readline() for _ in range(count)).decode(errors="replace")


def scripts(interpreter: str) -> list[Path]:
    return [p for p in tracked() if re.match(rf"#!.*\b{interpreter}\b", first_lines(p, 1))]


@case("lint/spdx", tier="check")
def spdx(t: Context) -> None:
    for path in tracked():
        if NO_SPDX.search(str(path)):
            continue
        wanted = next((v for k, v in LICENCES.items() if path.is_relative_to(k)), "GPL-2.0-only")
        lines = first_lines(path, 2)
        if not lines.startswith("#!"):
            lines = lines.split("\n", 1)[0]
        found = re.search(r"SPDX-License-Identifier: ([^\n*]*[^\n* ])", lines)
        if not found or found[1] != wanted:
            t.check(False, f"{path}: first line must say {wanted}, "
                           f"says {found[1] if found else 'nothing'}")
    t.check(True, "every file begins with its licence")


@case("lint/clang-format", tier="check")
def clang_format(t: Context) -> None:
    files = [str(p) for p in tracked("*.c", "*.h")]
    done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files], cwd=TOP,
                          capture_output=True, text=True, check=False)
    t.log(done.stderr)
    bad = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line})
    t.check(done.returncode == 0, f"{len(files)} files are formatted (make fmt); not: {' '.join(bad)}")


@case("lint/shellcheck", tier="check")
def shellcheck(t: Context) -> None:
    files = sorted({*scripts("sh"), *scripts("bash"), *tracked("*.sh")})
    t.check(len(files) >= 3, f"{len(files)} shell scripts were found")
    done = subprocess.run(["shellcheck", "--norc", "-x", *map(str, files)], cwd=TOP,
                          capture_output=True, text=True, check=False)
    t.check(done.returncode == 0, f"shellcheck:\n{done.stdout}{done.stderr}")


@case("lint/python", tier="check")
def python(t: Context) -> None:
    files = sorted({*scripts("python3"), *tracked("*.py")})
    t.check(len(files) >= 10, f"{len(files)} Python files were found")
    for path in files:
        try:
            py_compile.compile(str(TOP / path), cfile=str(t.dir / "pyc"), doraise=True)
        except py_compile.PyCompileError as error:
            t.check(False, str(error))
        first = first_lines(path, 1)
        if first.startswith("#!"):
            t.check(first.strip() == "#!/usr/bin/python3", f"{path}: Debian's python3 by its path")


@case("lint/plain-text", tier="check")
def plain_text(t: Context) -> None:
    """Long lines, stray blanks and leftovers that no formatter looks at."""
    for path in tracked():
        if path.suffix not in CODE and path.name not in ("Makefile",):
            continue
        for number, line in enumerate((TOP / path).read_text(errors="replace").split("\n"), 1):
            if line != line.rstrip():
                t.check(False, f"{path}:{number}: blanks at the end of the line")
            if len(line.expandtabs(8)) > 124 and path.suffix in (".py", ".sh"):
                t.check(False, f"{path}:{number}: {len(line.expandtabs(8))} columns")
            if re.search(r"\b(TODO|FIXME|XXX)\b", line) and "lint" not in path.parts:
                t.check(False, f"{path}:{number}: a leftover: {line.strip()}")
    t.check(True, "plain text is plain")


@case("lint/skips", tier="check")
def skips(t: Context) -> None:
    names = set(load())
    for name, (word, reason) in allowed().items():
        t.check(name in names, f"tests/skips: {word} {name}: there is such a case")
        t.check(len(reason) > 20, f"tests/skips: {word} {name}: the reason is a sentence")
    t.check(names, "there are cases")


@case("lint/mutants", tier="check")
def mutants(t: Context) -> None:
    """Each mutant applies to today's tree, names cases that exist, and is in the model's table."""
    names = set(load())
    model = (TOP / "docs" / "debug-model.md").read_text(encoding="utf-8")
    for path in tracked("tests/mutants/*.patch"):
        short = path.stem.removeprefix("v7dbg-")
        t.check(re.search(rf"(?<![a-z0-9-]){re.escape(short)}(?![a-z0-9-])", model),
                f"{path.stem}: debug-model.md says what it breaks")
        text = (TOP / path).read_text()
        for word in ("Test", "Requirement", "Why"):
            t.check(re.search(rf"^{word}: \S", text, re.M), f"{path.name}: a line `{word}:`")
        test = re.search(r"^Test: (.+)", text, re.M)
        t.check(test and set(test[1].split()) <= names, f"{path.name}: its tests exist")
        done = subprocess.run(["git", "apply", "--check", str(path)], cwd=TOP, capture_output=True,
                              text=True, check=False)
        t.check(done.returncode == 0, f"{path.name}: applies{done.stderr}")
    t.check(True, "mutants were looked at")


@case("lint/generated-pages", tier="check")
def generated_pages(t: Context) -> None:
    """The documents made from tables are what their tables make today."""
    for argv in (["docs/differences.py", "--check"],
                 ["v7dbg/registers.py", "--check", "docs/registers.md"]):
        done = subprocess.run(["/usr/bin/python3", *argv], cwd=TOP, capture_output=True, text=True,
                              check=False)
        t.equal((done.returncode, done.stdout + done.stderr), (0, ""), " ".join(argv))
