# SPDX-License-Identifier: GPL-2.0-only
"""What the tests say of themselves: cases that are named somewhere exist, mutants apply."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lib import Context, case, sources
from lib.registry import TESTS, TOP, allowed, load

MUTANTS = TESTS / "mutants"


@case("lint/skips", tier="check")
def skips(t: Context) -> None:
    rows = allowed()
    t.equal(set(rows) - set(load()), set(), f"the {len(rows)} cases in tests/skips exist")
    t.equal([name for name, (_, reason) in rows.items() if len(reason) <= 20], [],
            "each has a reason, which is a sentence")
    (t.dir / "skips").write_text("SKIP host/hostile\n")
    refused = False
    try:
        allowed(t.dir / "skips")
    except ValueError:
        refused = True
    t.check(refused, "a row without a reason is refused")


def applies(patch: Path) -> str:
    """Why a patch does not apply to today's tree; nothing if it does."""
    done = subprocess.run(["git", "apply", "--check", str(patch)], cwd=TOP, capture_output=True,
                          text=True, check=False)
    return done.stderr if done.returncode else ""


@case("lint/mutants", tier="check")
def mutants(t: Context) -> None:
    """Each mutant applies to today's tree, names cases that exist, and is in the model's table."""
    names = set(load())
    model = (TOP / "docs" / "debug-model.md").read_text(encoding="utf-8")
    patches = sorted(MUTANTS.iterdir())
    t.check(patches, f"there are {len(patches)} mutants")
    for path in patches:
        short = path.stem.removeprefix("v7dbg-")
        t.check(re.search(rf"(?<![a-z0-9-]){re.escape(short)}(?![a-z0-9-])", model),
                f"{path.stem}: debug-model.md says what it breaks")
        text = path.read_text()
        for word in ("Test", "Requirement", "Why"):
            t.check(re.search(rf"^{word}: \S", text, re.M), f"{path.name}: a line `{word}:`")
        test = re.search(r"^Test: (.+)", text, re.M)
        t.check(test and set(test[1].split()) <= names, f"{path.name}: its tests exist")
        t.equal(applies(path), "", f"{path.name}: applies")
    stale = t.dir / "stale.patch"
    stale.write_text(patches[0].read_text().replace("\n-", "\n-was here once: "))
    t.check(applies(stale), "a patch whose code has changed does not apply")


@case("lint/digests", tier="check")
def digests(t: Context) -> None:
    """The sources behind a unit test (tests/lib/sources.py) are all that it is built from."""
    files = sources.listed()
    t.equal([one for one in sources.LIBRARY if not any(f.startswith(one) for f in files)], [],
            "every name in LIBRARY is a file or a folder of this tree")
    text = "".join((TOP / f).read_text(errors="replace") for f in files
                   if f.startswith(("tests/unit/", "tests/fuzz/")) and f.endswith((".c", ".h", "Makefile")))
    outside = set(re.findall(r"\b(?:module|vmm|guests|include)/[\w./-]+\.h\b", text))
    t.check(outside, f"unit tests read headers of other folders: {sorted(outside)}")
    t.equal(outside, {f for f in outside if f.startswith(sources.LIBRARY)}, "LIBRARY names each of them")
