# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tests/run-matrix and tests/run-long: what they keep, run again, count and order."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lib import Context, case, results
from lib.registry import TESTS

# Steps of a tool whose sources, cells or parts, and runner are made up. The directory has
#   now     what the digest of the sources is
#   fails   the names that fail
#   edits   what a run leaves in `now`
#   ran     the names that ran
# and each step prints [status, last line, names that ran, page].
DRIVER = """
import contextlib, importlib.machinery, importlib.util, io, json, sys
from pathlib import Path

tests, top, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(tests))
loader = importlib.machinery.SourceFileLoader("tool", str(tests / name))
tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("tool", loader))
loader.exec_module(tool)
tool.TESTS, tool.TOP, tool.PAGE = top / "tests", top, top / "page.md"
tool.results.TOP = top
tool.logs.commit, tool.logs.versions = lambda: "c0ffee1", lambda flavour: "# made up"
tool.results.sources.digest = lambda names: ((top / "now").read_text() + 12 * "0")
releases = {"a": "6.1", "b": "7.2", "c": ""}
tool.release = releases.get
names = ["matrix/a/a15-1", "matrix/a/a15-2", "matrix/b/a7-1", "matrix/b/a15-2"]
tool.cells = lambda: names
tool.parts = lambda: {"test": [], "unit/*": ["unit/x", "unit/y"], "mutants": []}

def step(*words, **files):
    (top / "ran").write_text("")
    for file, text in files.items():
        (top / file).write_text(text)
    sys.argv = ["tool", *words]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = tool.main()
    print(json.dumps([status, said.getvalue().splitlines()[-1], (top / "ran").read_text().split(),
                      tool.PAGE.read_text()]))
"""
MATRIX = """
step(now="1", fails="matrix/b/a7-1")
step(fails="")
step()
step("a/a15-2", now="2")
names.append("matrix/c/a15-1")
step("a/a15-1", "c/")
step("b/a15-2", fails="matrix/b/a15-2")
step("b/a15-2", fails="")
releases["b"] = "7.3"
step("b/a15-2")
step("b/a7-1", edits="3")
step("b/a7-1", now="2", edits="2")
"""
LONG = """
step("--history", now="1")
step("unit/")
step("test", now="2", fails="test")
step(fails="")
step()
step(now="3", edits="4")
step(now="3", edits="3")
"""
RUN = """#!/bin/sh
cd {top}
name=$1
[ "$name" != --tier ] || name=test
case $0 in *-mutants) name=mutants ;; esac
echo "$name" >>ran
[ ! -e edits ] || cp edits now
if grep -qxF "$name" fails; then
	echo "FAIL  $name  (1 s): what|failed"
	echo '0 passed, 1 failed'
	exit 1
fi
echo '1 passed, 0 failed'
"""
OLDER = """| part | verdict | what it said last | minutes | commit | date |
|---|---|---|---|---|---|
"""


# Which results of a commit still hold after an edit of one file, or with ! once it is deleted. Each
# line is [file, whether they hold].
COMMIT = """
import json, sys
from pathlib import Path

tests, top = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(tests))
from lib import results, sources

sources.TOP = top
CASES = ["host/a"], ["debug/a"], ["matrix/debug/a15-2"], ["unit/x"]

def say(name, commit=sys.argv[3], digest=12 * "f"):
    sources.cases_in.cache_clear()
    sources.cases_with.cache_clear()
    one = results.Result("PASS", "", "1.0", commit, "2026-11-30", digest)
    print(json.dumps([name, [results.current(one, cases) for cases in CASES]]))

say("nothing")
say("-dirty", sys.argv[3] + "-dirty")
say("no digest", digest=results.NO_DIGEST)
for name in sys.argv[4:]:
    path = top / name.lstrip("!")
    old = path.read_bytes() if path.exists() else None
    if name.startswith("!"):
        path.unlink()
    else:
        path.write_bytes((old or b"") + b"new")
    say(name)
    path.unlink(missing_ok=True)
    if old is not None:
        path.write_bytes(old)
"""


def committed(top: Path, *names: str) -> str:
    """Commit these files in a repository of its own; return the commit's short name."""
    for words in (["init", "-q"], ["add", *names],
                  ["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=top, check=True, stdin=subprocess.DEVNULL)
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=top, check=True, text=True,
                          capture_output=True).stdout.strip()


def steps(t: Context, tool: str, script: str) -> list[list]:
    """Run the steps; return what each printed."""
    top = t.dir / tool
    (top / "tests").mkdir(parents=True)
    (top / "fails").write_text("")
    for name in ("run", "run-mutants"):
        (top / "tests" / name).write_text(RUN.format(top=top))
        (top / "tests" / name).chmod(0o755)
    for text in ("| test | PASS | old | 1.0 | aaaaaaa | 2026-11-25 |\n"
                 "| unit/* (2 cases) | PASS | 2 passed, 0 failed | 1.0 | aaaaaaa | 2026-11-25 |\n",
                 "| test | PASS | newer | 1.0 | bbbbbbb | 2026-11-26 |\n",
                 "| test | FAIL | bad | 1.0 | ccccccc | 2026-11-27 |\n"
                 "| gone | PASS | x | 1.0 | ccccccc | 2026-11-27 |\n",
                 ""):
        (top / "page.md").write_text(OLDER + text)
        committed(top, "page.md")
    done = subprocess.run([sys.executable, "-c", DRIVER + script, str(TESTS), str(top), tool],
                          text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    t.log(done.stdout.replace("\\n", "\n") + done.stderr)
    t.equal(done.returncode, 0, f"the steps of {tool} end {done.stderr[-1000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def verdicts(page: str) -> dict[str, str]:
    """The names and verdicts of the page's rows of results, with stars."""
    rows = map(results.cells, page.splitlines())
    return {row[0]: row[1] for row in rows if row[1:] and row[1][:4] in ("PASS", "FAIL")}


@case("lint/results-table", tier="check")
def table(t: Context) -> None:
    """What is written to a page is read from it."""
    one = results.Result("FAIL", "a | b", "1.5", "c0ffee1", "2026-11-30", "123456789abc", "7.2")
    head = "| cell | verdict | .. |\n|---|---|---|\n"
    for star in (False, True):
        line = results.row("x/y", one, star)
        t.equal(results.read(head + line), {"x/y": one}, f"a row with a bar in its text, {star=}")
        t.equal(verdicts(line), {"x/y": "FAIL*" if star else "FAIL"}, "the star is shown")
    t.equal(results.read(head + "| x | not run | | | | | |"), {}, "what did not run is no result")
    t.equal(results.read("| kernel | release | A15 |\n|---|---|---|\n| x | PASS | PASS |\n"), {},
            "nor is a row of another table")
    old = results.read(OLDER + "| x | PASS | y | 0.0 | c | d |\n")
    t.equal(old["x"].sources, results.NO_DIGEST, "a page without digests says nothing of sources")


@case("lint/results-matrix", tier="check")
def matrix(t: Context) -> None:
    """Cells: which run, in which order, which count, and which are marked as older."""
    done = steps(t, "run-matrix", MATRIX)
    (first, again, rest, newer, added, failed, mended, moved, edited, back) = done
    t.equal(first[:3], [1, "3 passed, 1 failed",
                        ["matrix/a/a15-2", "matrix/b/a15-2", "matrix/b/a7-1", "matrix/a/a15-1"]],
            "all run, one kind of board after the other")
    t.contains(first[3], "| b | 7.2 | - | PASS | - | - | FAIL | - | - | - | c0ffee1 |",
               "a kernel has a row")
    t.contains(first[3], "| matrix/b/a7-1 | FAIL | what\\|failed |", "the page says what failed")
    t.equal(again[:3], [0, "4 passed, 0 failed", ["matrix/b/a7-1"]], "what failed runs again")
    t.equal(rest[:3], [0, "4 passed, 0 failed", []], "what has passed does not")
    t.equal(newer[:3], [0, "1 passed, 0 failed", ["matrix/a/a15-2"]], "newer sources: it does")
    t.equal(verdicts(newer[3]), {"matrix/a/a15-2": "PASS", "matrix/a/a15-1": "PASS*",
                                 "matrix/b/a7-1": "PASS*", "matrix/b/a15-2": "PASS*"},
            "the others are kept, and marked as older")
    t.contains(newer[3], "| a | 6.1 | PASS* | PASS | - ", "in the row of their kernel, too")
    t.contains(newer[3].replace("\n", " "), "of 4 cells 1 had passed on the sources of that time, "
               "3 on older ones, 0 had failed, and 0 had never run", "the page counts them")
    t.equal(added[:3], [0, "2 passed, 0 failed", ["matrix/c/a15-1", "matrix/a/a15-1"]],
            "a cell that never ran comes first")
    t.equal((failed[:3], verdicts(failed[3])["matrix/b/a15-2"]),
            ([1, "0 passed, 1 failed", ["matrix/b/a15-2"]], "FAIL"),
            "a failure takes the place of an older PASS")
    t.equal(mended[:3], [0, "1 passed, 0 failed", ["matrix/b/a15-2"]], "and a PASS that of a FAIL")
    t.equal(moved[:3], [0, "1 passed, 0 failed", ["matrix/b/a15-2"]], "a newer kernel: it runs")
    t.equal((edited[:3], verdicts(edited[3])["matrix/b/a7-1"]),
            ([1, "0 passed, 1 failed", ["matrix/b/a7-1"]], "PASS*"),
            "if the sources change while a cell runs, its PASS does not count")
    t.equal(back[:3], [0, "1 passed, 0 failed", ["matrix/b/a7-1"]],
            "not even once they are what they were")


@case("lint/results-long", tier="check")
def long(t: Context) -> None:
    """Parts of the long tier: which run, which count, and what the page says of older ones."""
    history, unit, test, rest, done, edited, back = steps(t, "run-long", LONG)
    t.equal(results.read(history[3]),
            {"test": results.Result("PASS", "newer", "1.0", "bbbbbbb", "2026-11-26"),
             "unit/*": results.Result("PASS", "2 passed, 0 failed", "1.0", "aaaaaaa",
                                      "2026-11-25")},
            "--history finds the newest PASS of each part that there still is")
    t.equal((history[0], history[2], verdicts(history[3])),
            (0, [], {"test": "PASS*", "unit/*": "PASS*"}), "which runs nothing, and is older")
    t.equal(unit[:3], [0, "1 passed, 0 failed", ["unit/x"]], "an older PASS does not count")
    t.equal(verdicts(unit[3]), {"test": "PASS*", "unit/*": "PASS"}, "the new result is not older")
    t.equal(test[:3], [1, "0 passed, 1 failed", ["test"]], "a failed part counts as failed")
    t.equal(verdicts(test[3]), {"test": "FAIL", "unit/*": "PASS*"}, "on newer sources")
    t.contains(test[3].replace("\n", " "), "of 3 parts 1 had run on the sources of that time, 1 on "
               "older ones, and 1 never. Of the results 1 are a FAIL.", "the page counts them")
    t.equal(rest[:3], [0, "3 passed, 0 failed", ["test", "unit/x", "mutants"]],
            "all run that have not passed on these sources")
    t.equal(done[:3], [0, "3 passed, 0 failed", []], "then none")
    t.equal(edited[1], "2 passed, 1 failed",
            "if the sources change while a part runs, its PASS does not count")
    t.equal(back[1:3], ["3 passed, 0 failed", ["test", "unit/x", "mutants"]],
            "not even once they are what they were")


@case("lint/results-pages", tier="check")
def pages(t: Context) -> None:
    """The pages that are here can be read."""
    for tool in ("matrix", "long"):
        text = (TESTS.parent / "docs" / "results" / f"{tool}.md").read_text(encoding="utf-8")
        t.equal(set(results.read(text)), set(verdicts(text)),
                f"{tool}.md: each row with a verdict is a result")


@case("lint/results-commits", tier="check")
def commits(t: Context) -> None:
    """A result also holds as long as the sources behind it are those of its commit."""
    top = t.dir / "tree"
    for name, text in {"docs/x.md": "", "tests/host/_of_a.py": "", "tests/host/_of_b.py": "",
                       "tests/host/_of_all.py": "",
                       "tests/host/a.py": 'from host import (_b,\n  _of_a)\n@case("host/a")\n',
                       "tests/host/b.py": 'from host._of_b import b\n@case("host/b")\n',
                       "tests/unit/x.c": "", "module/m.c": "", "vmm/v.c": ""}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    commit = committed(top, ".")
    # A file that is gone could have been anybody's.
    expected = {"nothing": [True, True, True, True], "-dirty": [False, False, False, False],
                "no digest": [False, False, False, False], "docs/x.md": [True, True, True, True],
                "tests/host/a.py": [False, False, True, True],
                "tests/host/b.py": [True, True, True, True],
                "!tests/host/b.py": [False, False, True, True],
                "tests/host/_of_a.py": [False, False, True, True],
                "tests/host/_of_b.py": [True, True, True, True],
                # Imported by no case that is known.
                "tests/host/_of_all.py": [False, False, True, True],
                "tests/unit/x.c": [True, True, True, False],
                "module/m.c": [False, False, False, True], "vmm/v.c": [False, True, True, True],
                "tests/host/c.c": [False, False, True, True],
                "module/n.c": [False, False, False, True]}
    done = subprocess.run([sys.executable, "-c", COMMIT, str(TESTS), str(top), commit,
                           *list(expected)[3:]], text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL)
    t.equal(dict(map(json.loads, done.stdout.splitlines())), expected,
            f"host/a, debug/a, a cell of the matrix, unit/x {done.stderr[-1000:]}")
