# SPDX-License-Identifier: GPL-2.0-only
"""The list of cases: how @case adds to it, how files are found, how cases are grouped."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

TESTS = Path(__file__).resolve().parents[1]
TOP = TESTS.parent
sys.path.insert(0, str(TOP / "tools"))

from harness.machine import Config  # noqa: E402

if TYPE_CHECKING:
    from .context import Context

FOLDERS = ("lint", "unit", "oracle", "linux", "host", "silicon", "matrix", "debug")
TIERS = ("check", "test", "silicon", "long", "matrix")
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(/[a-zA-Z0-9][a-zA-Z0-9_.-]*)+")

board = Config


@dataclass(frozen=True, eq=False)
class Case:
    name: str
    function: Callable[[Context], None]
    needs: Config | None
    tier: str
    timeout: float
    shard: str

    @property
    def group(self) -> str:
        """Cases of one group run one after another, and share a board if they need one."""
        if self.needs is None:
            return f"{self.tier}:{self.shard or self.name.split('/')[0]}"
        return f"board:{self.needs!r}:{self.shard}"


CASES: dict[str, Case] = {}


def case(name: str, *, needs: Config | None = None, tier: str = "test", timeout: float = 120,
         shard: str = "") -> Callable[[Callable[[Context], None]], Callable[[Context], None]]:
    """Register a function as the case NAME."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a case name: it must be folder/subject")
    if name in CASES:
        raise ValueError(f"two cases are called {name}")
    if tier not in TIERS:
        raise ValueError(f"{tier!r} is no tier: use one of {', '.join(TIERS)}")

    def register(function: Callable[[Context], None]) -> Callable[[Context], None]:
        CASES[name] = Case(name, function, needs, tier, timeout, shard)
        return function
    return register


def load() -> dict[str, Case]:
    """Import every test file once. A file that does not import ends the run."""
    if CASES:
        return CASES
    for folder in FOLDERS:
        for path in sorted((TESTS / folder).glob("*.py")):
            if path.name.startswith("_"):
                continue  # A helper for the cases of that folder.
            name = f"tests.{folder}.{path.stem}"
            spec = importlib.util.spec_from_file_location(name, path)
            assert spec and spec.loader
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
    return CASES


def select(tier: str, pattern: str) -> list[Case]:
    """Return the cases of TIER and the tiers below it, or those that PATTERN names."""
    cases = load().values()
    if pattern:
        exact = [c for c in cases if c.name == pattern]
        return exact or [c for c in cases if pattern in c.name
                         and (c.tier != "matrix" or pattern.startswith("matrix/"))]
    return [c for c in cases if TIERS.index(c.tier) <= TIERS.index(tier)]


def groups(cases: Sequence[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for one in cases:
        found.setdefault(one.group, []).append(one)
    return found


def allowed(path: Path = TESTS / "skips") -> dict[str, tuple[str, str]]:
    """Read tests/skips: case -> (SKIP or XFAIL, reason)."""
    rows: dict[str, tuple[str, str]] = {}
    text = re.sub(r"\n[ \t]+", " ", path.read_text(encoding="utf-8"))
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(SKIP|XFAIL) (\S+): (.+)", line)
        if not match:
            raise ValueError(f"{path.name}: {line!r} is neither `SKIP name: reason` "
                             "nor `XFAIL name: reason`")
        rows[match[2]] = (match[1], match[3])
    return rows
