# SPDX-License-Identifier: GPL-2.0-only
"""Lints that read the sources and build nothing.

A lint that reads no file would pass. So each one also claims which files it has read, and
lint/sources-can-fail plants what each of them must find.
"""

from __future__ import annotations

import os
import py_compile
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from lib import Context, case, mutants
from lib.registry import TOP

SELF = Path("tests/lint/sources.py")
OURS = "GPL-2.0-only"
LICENCES = {
    "v7dbg": "BSD-2-Clause OR GPL-2.0-only",
    "include/uapi": "GPL-2.0-only WITH Linux-syscall-note",
}
# Texts, data and files whose format has no comments.
NO_SPDX = re.compile(r"(^|/)(LICENSES/|LICENSE|COPYING)|\.(md|tsv|txt|patch|dts|json)$|"
                     r"^debian/(changelog|copyright|source/format)$|"
                     r"^bench/(costly-)?budget$|^tests/unit/list$|^tests/fuzz/corpus/")
COLUMNS = 100
# Generated tables, tables with one row a line, licences, and inputs of the fuzzer.
WIDE = re.compile(r"^docs/(registers|differences)\.md$|\.tsv$|^LICENSES/|^tests/fuzz/corpus/")
CODE = (".c", ".h", ".S", ".py", ".sh", ".def")
C_FOLDERS = {"bench", "guests", "include", "module", "tests", "tools", "v7dbg", "vmm"}


def tracked(*patterns: str) -> list[Path]:
    """List the files that are or would be committed."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
                          "--", *patterns], cwd=TOP, capture_output=True, check=True).stdout
    paths = [Path(p) for p in out.decode().split("\0") if p]
    return sorted({p for p in paths if (TOP / p).is_file()})


def first_lines(path: Path, count: int) -> str:
    with (TOP / path).open("rb") as handle:
        return b"".join(handle.readline() for _ in range(count)).decode(errors="replace")


def scripts(interpreters: str) -> list[Path]:
    return [p for p in tracked() if re.match(rf"#!.*\b({interpreters})\b", first_lines(p, 1))]


def shell_files() -> list[Path]:
    return sorted({*scripts("sh|bash"), *tracked("*.sh")})


def python_files() -> list[Path]:
    return sorted({*scripts("python3"), *tracked("*.py")})


# ---- licences ----


def licence(path: Path) -> str:
    return next((v for k, v in LICENCES.items() if path.is_relative_to(k)), OURS)


def licence_problem(path: Path, lines: str) -> str:
    """Check the first two LINES of a file. The second one counts only if the first is a #!."""
    if not lines.startswith("#!"):
        lines = lines.split("\n", 1)[0]
    found = re.search(r"SPDX-License-Identifier: ([^\n*]*[^\n* ])", lines)
    said = found[1] if found else "nothing"
    return "" if said == licence(path) else f"{path}: must say {licence(path)}, says {said}"


@case("lint/spdx", tier="check")
def spdx(t: Context) -> None:
    files = [p for p in tracked() if not NO_SPDX.search(str(p))]
    t.equal({licence(p) for p in files}, {OURS, *LICENCES.values()},
            "files of each licence are read")
    t.equal([*filter(None, (licence_problem(p, first_lines(p, 2)) for p in files))], [],
            f"each of {len(files)} files begins with its licence")


# ---- tools ----


def clang_format(*files: Path | str) -> list[str]:
    """Return the files that are not formatted."""
    done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *files], cwd=TOP,
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    bad = {line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line}
    return sorted(bad) if bad or not done.returncode else [done.stderr]


def shellcheck(*files: Path | str) -> str:
    done = subprocess.run(["shellcheck", "--norc", "-x", *files], cwd=TOP, capture_output=True,
                          text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def python_problem(path: Path, scratch: Path) -> str:
    first = first_lines(path, 1)
    if first.startswith("#!") and first != "#!/usr/bin/python3\n":
        return f"{path}: begins with {first.strip()}; use #!/usr/bin/python3, which is tested"
    try:
        py_compile.compile(str(TOP / path), cfile=str(scratch), doraise=True)
    except py_compile.PyCompileError as error:
        return str(error)
    return ""


@case("lint/clang-format", tier="check")
def formatted(t: Context) -> None:
    files = tracked("*.c", "*.h")
    t.equal({p.parts[0] for p in files}, C_FOLDERS, "files of each folder with C sources are read")
    t.equal(clang_format(*files), [], f"each of {len(files)} files is formatted (make fmt)")


@case("lint/shellcheck", tier="check")
def shell(t: Context) -> None:
    files = shell_files()
    t.equal(sorted({*scripts(".*")} - {*files} - {*python_files()}), [Path("debian/rules")],
            "every script is for a shell or for Python, except one for make")
    t.equal(shellcheck(*files), "", f"shellcheck finds nothing in {len(files)} scripts")


@case("lint/python", tier="check")
def python(t: Context) -> None:
    files = python_files()
    t.check(SELF in files, "this file is among them")
    t.equal([*filter(None, (python_problem(p, t.dir / "pyc") for p in files))], [],
            f"each of {len(files)} Python files compiles")


# ---- text ----


def text_problems(path: Path, text: str) -> list[str]:
    """Find blanks and leftovers, which no formatter finds, and claims that cannot fail."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            found.append(f"{path}:{number}: blanks at the end of the line")
        if re.search(r"\b(TODO|FIXME|XXX)\b", line) and path != SELF:
            found.append(f"{path}:{number}: a leftover: {line.strip()}")
        if re.search(r"\bcheck\((True|1)\b", line) and path.suffix == ".py" and path != SELF:
            found.append(f"{path}:{number}: a claim that cannot fail: {line.strip()}")
    return found


@case("lint/plain-text", tier="check")
def plain_text(t: Context) -> None:
    files = [p for p in tracked() if p.suffix in CODE or p.name == "Makefile"]
    t.equal({p.suffix for p in files}, {*CODE, ""}, "files of each kind are read")
    bad = [line for p in files for line in text_problems(p, (TOP / p).read_text(errors="replace"))]
    t.equal(bad, [], f"{len(files)} files have no blanks at a line's end and no leftovers")


def wide_lines(path: Path, text: str) -> list[int]:
    """Return the numbers of the lines that are too wide."""
    if path.suffix == ".patch":
        text = mutants.header(text)  # The diff is as wide as the code that it changes.
    results = path.is_relative_to("docs/results")
    return [number for number, line in enumerate(text.split("\n"), 1)
            if len(line.expandtabs(8)) > COLUMNS and not (results and line.startswith("|"))]


@case("lint/columns", tier="check")
def columns(t: Context) -> None:
    """Every text is at most 100 columns wide, including documents."""
    data = {p: (TOP / p).read_bytes() for p in tracked() if not WIDE.search(str(p))}
    texts = {p: content.decode() for p, content in data.items() if b"\0" not in content}
    t.equal({".c", ".h", ".S", ".py", ".md", ".def", ".patch", ".1", ".sh"}
            - {p.suffix for p in texts}, set(), "files of each kind are read")
    bad = [f"{path}:{numbers[0]}" + (f" and {len(numbers) - 1} more lines" if numbers[1:] else "")
           for path, text in texts.items() if (numbers := wide_lines(path, text))]
    claim = f"{len(texts)} files are at most {COLUMNS} columns wide"
    t.check(not bad, "\n    ".join([claim, *bad]))


def heading_anchor(heading: str) -> str:
    """As GitHub makes it: small letters, blanks as hyphens, no other punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def links_of(path: Path, text: str) -> list[tuple[str, str, Path]]:
    """A document's links: the target, the anchor, and the path that the target means."""
    return [(target, anchor, Path(os.path.normpath(path.parent / target)) if target else path)
            for target, anchor in
            re.findall(r"\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)", text)]


def unlinked(pages: dict[Path, str]) -> list[Path]:
    """The documents below docs/ that no other document, or not the README.md of their folder, has a
    link to."""
    def linked(page: Path) -> bool:
        index = page.parent / "README.md"
        return any(there == page for path, text in pages.items()
                   if path != page and (index in (path, page) or index not in pages)
                   for _, _, there in links_of(path, text))

    return [page for page in pages if page.parts[0] == "docs" and not linked(page)]


def broken_links(path: Path, text: str, read: Callable[[Path], str | None]) -> list[str]:
    """Links of a document that lead nowhere; READ returns a file's text, or None without one."""
    bad = []
    for target, anchor, there in links_of(path, text):
        found = text if not target else read(there)
        anchors = {heading_anchor(h) for h in re.findall(r"(?m)^#+ (.*)$", found or "")}
        if found is None or (anchor and anchor not in anchors):
            bad.append(f"{path}: {target}{'#' + anchor if anchor else ''}")
    return bad


def read_there(path: Path) -> str | None:
    there = TOP / path
    return there.read_text(encoding="utf-8") if there.is_file() else "" if there.is_dir() else None


@case("lint/links", tier="check")
def links(t: Context) -> None:
    """Each link of a document leads to a file, and to a heading if it names one."""
    pages = {page: (TOP / page).read_text(encoding="utf-8") for page in tracked("*.md")}
    t.check(pages, "there are documents")
    bad = [line for page, text in pages.items() for line in broken_links(page, text, read_there)]
    t.equal(bad, [], f"the links of {len(pages)} documents lead somewhere")
    t.equal(unlinked(pages), [], "and some link leads to each document")


@case("lint/generated-pages", tier="check")
def generated_pages(t: Context) -> None:
    """Documents that are generated from tables are up to date."""
    for argv in (["docs/differences.py", "--check"],
                 ["v7dbg/registers.py", "--check", "docs/registers.md"]):
        done = subprocess.run(["/usr/bin/python3", *argv], cwd=TOP, capture_output=True, text=True,
                              check=False)
        t.equal((done.returncode, done.stdout + done.stderr), (0, ""), " ".join(argv))


# ---- cache maintenance ----

CACHE_FILE = Path("module/machine/cache.h")
# The kernel's functions that clean or invalidate by address, and the operations themselves.
CACHE_CALL = re.compile(r"__cpuc_\w+|\bv7_\w*(flush|dma|coherent)\w*|\b\w*flush_dcache\w*|"
                        r"\bflush_kernel_vmap_range\b|\binvalidate_kernel_vmap_range\b|"
                        r"\bdmac_\w+|\bsync_cache_\w+")


def cache_calls(path: Path, text: str) -> list[str]:
    if path == CACHE_FILE:
        return []
    return [f"{path}:{n}: {line.strip()}" for n, line in enumerate(text.splitlines(), 1)
            if CACHE_CALL.search(line)]


@case("lint/cache-maintenance", tier="check")
def cache_maintenance(t: Context) -> None:
    """Only machine/cache.h calls the kernel, whose functions end in a DSB for stores only."""
    paths = tracked("module/*.c", "module/*.h", "module/*.S")
    t.check(CACHE_FILE in paths and len(paths) > 100, f"{len(paths)} files are read")
    t.check(CACHE_CALL.search((TOP / CACHE_FILE).read_text()), f"{CACHE_FILE} calls the kernel")
    t.equal([line for path in paths for line in cache_calls(path, (TOP / path).read_text())], [],
            "no other file does")


# ---- Spectre variant 1 ----

# How many numbers from guests and processes each file clamps before they index an array.
CLAMPED = {
    "api/one-reg-cp15.c": 1, "api/one-reg-vfp.c": 1, "api/one-reg.c": 1, "api/vcpu-fd.c": 1,
    "api/vgic-device.c": 1, "api/vm-fd.c": 2, "io/coalesced.c": 1, "io/irq-routing.c": 1,
    "irq/vgic-arrays.c": 1, "irq/vgic-eoi.c": 1, "irq/vgic.c": 2,
}


def clamps(texts: dict[str, str]) -> dict[str, int]:
    counts = {name: len(re.findall(r"array_index_nospec\(", text)) for name, text in texts.items()}
    return {name: count for name, count in counts.items() if count}


@case("lint/nospec", tier="check")
def nospec(t: Context) -> None:
    """No test can see that one is missing; a change of these is looked at, docs/security.md."""
    paths = tracked("module/*.c", "module/*.h")
    found = clamps({str(path.relative_to("module")): (TOP / path).read_text() for path in paths})
    t.equal(found, CLAMPED, "the indexes that are clamped are those that were reviewed")
    t.equal(clamps({"a.c": "x = y[i];", "b.c": "x = y[array_index_nospec(i, 4)];"}), {"b.c": 1},
            "an index that is not clamped any more is missed")


# ---- what the above must find ----


@case("lint/sources-can-fail", tier="check")
def can_fail(t: Context) -> None:
    """Each lint of this file, on a file that it must accept and on files that it must refuse."""
    def planted(name: str, text: str) -> Path:
        path = t.dir / name
        path.write_text(text)
        return path

    ours, lib = Path("vmm/x.c"), Path("v7dbg/x.c")
    bsd = f"// SPDX-License-Identifier: {LICENCES['v7dbg']}\n"
    t.equal(licence_problem(lib, bsd), "", "v7dbg's licence in v7dbg")
    t.check(licence_problem(ours, bsd), "v7dbg's licence elsewhere")
    t.check(licence_problem(ours, f"\n// SPDX-License-Identifier: {OURS}\n"), "a licence on line 2")
    t.check(licence_problem(ours, "int x;\n"), "no licence")

    t.equal(clang_format(planted("good.c", "int x;\n")), [], "a file that is formatted")
    t.check(clang_format(planted("bad.c", "int   x ;\n")), "a file that is not")
    t.equal(shellcheck(planted("good.sh", "#!/bin/sh\necho hello\n")), "", "a good shell script")
    t.check(shellcheck(planted("bad.sh", "#!/bin/sh\necho $1\n")), "one without quotes")
    t.check(shellcheck(), "no shell script at all")
    scratch = t.dir / "pyc"
    t.equal(python_problem(planted("good.py", "x = 1\n"), scratch), "", "a good Python file")
    t.check(python_problem(planted("bad.py", "x = \n"), scratch), "one with a syntax error")
    t.check(python_problem(planted("env.py", "#!/usr/bin/env python3\n"), scratch),
            "one with another #! line")

    t.equal(text_problems(ours, "int x;\n"), [], "plain text")
    t.check(text_problems(ours, "int x; \n"), "a blank at a line's end")
    t.check(text_problems(ours, "/* FIXME */\n"), "a leftover")
    t.check(text_problems(Path("x.py"), "    t.check(True, 'done')\n"), "a claim that cannot fail")

    stage2 = Path("module/memory/stage2.c")
    t.equal(cache_calls(stage2, "\tflush_to_memory(va, PAGE_SIZE);\n"), [], "our own function")
    t.equal(cache_calls(CACHE_FILE, "\t__cpuc_flush_dcache_area(va, size);\n"), [], "its inside")
    for name in ("__cpuc_flush_dcache_area", "v7_flush_kern_dcache_area", "flush_dcache_page"):
        t.check(cache_calls(stage2, f"\t{name}(va, PAGE_SIZE);\n"), f"{name} elsewhere")

    there = {Path("docs/y.md"): "# Y\n\n## On a `board`\n"}.get
    good = "[a](y.md) [b](y.md#on-a-board) [c](#here) [d](https://x.org/z#q)\n\n## Here\n"
    t.equal(broken_links(Path("docs/x.md"), good, there), [], "links that lead somewhere")
    for target in ("z.md", "y.md#off", "#there", "docs/y.md"):
        t.check(broken_links(Path("docs/x.md"), f"[a]({target})\n", there), f"a link to {target}")
    t.equal(unlinked({Path("README.md"): "[x](docs/x.md)", Path("docs/x.md"): ""}), [], "linked")
    for text in ("", "[here](x.md#top)\n", "[up](../README.md)\n"):
        t.check(unlinked({Path("README.md"): "", Path("docs/x.md"): text}), f"not by {text}")
    t.equal(unlinked({Path("README.md"): "[x](docs/y/x.md) [y](docs/y/README.md)",
                      Path("docs/y/README.md"): "", Path("docs/y/x.md"): ""}),
            [Path("docs/y/x.md")], "an index that lacks a document")

    page, patch, row = Path("docs/results/x.md"), Path("tests/mutants/x.patch"), "|" + 100 * "x"
    t.equal(wide_lines(ours, 100 * "x" + "\n"), [], "100 columns")
    t.check(wide_lines(ours, 101 * "x" + "\n"), "101 columns")
    t.check(wide_lines(ours, "\t" + 93 * "x" + "\n"), "a tab is 8 columns")
    t.equal(wide_lines(page, row + "\n"), [], "a row of a table of results")
    t.check(wide_lines(page, "\n" + row[1:] + "x\n"), "other text of such a page")
    t.check(wide_lines(Path("docs/x.md"), row + "\n"), "a row of another document")
    head = "Why: x\n\ndiff --git a/x b/x\n"
    t.equal(wide_lines(patch, head + "+" + row + "\n"), [], "the diff of a mutant")
    t.check(wide_lines(patch, head.replace("x", row, 1)), "the header of a mutant")
    for name in ("docs/registers.md", "docs/differences.md", "tests/oracle/differences.tsv",
                 "LICENSES/x.txt", "tests/fuzz/corpus/001"):
        t.check(WIDE.search(name), f"{name} may be wide")
    for name in ("README.md", "docs/uapi.md", "tests/spin/ownership.pml", "v7dbg/v7dbg_regs.def"):
        t.check(not WIDE.search(name), f"{name} may not")
