# SPDX-License-Identifier: GPL-2.0-only
"""module/ is laid out in rooms: includes and calls go down, and none of them in a circle."""

from __future__ import annotations

import posixpath
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from lib import Context, case
from lib.registry import TOP

from harness.paths import BUILD, CROSS, FLAVOURS

# From the top down, as docs/architecture.md draws it; files of one room may use each other.
ROOMS = ("main.c", "selftest", "api", "run", "debug", "io", "irq", "memory", "core", "machine",
         "compat", "hyp", "v7dbg")
# Descriptors hold references to each other: the one circle of calls that stays.
KNOT = {"api/vm-fd", "api/vcpu-fd", "api/vgic-device"}

Graph = Mapping[str, Iterable[str]]


def room(name: str) -> str:
    return "main.c" if re.fullmatch(r"main(\.c)?", name) else name.split("/")[0]


def going_up(graph: Graph) -> list[str]:
    return [f"{name} -> {other}" for name in sorted(graph) for other in sorted(graph[name])
            if ROOMS.index(room(name)) > ROOMS.index(room(other))]


def circles(graph: Graph) -> list[set[str]]:
    """Sets of two and more nodes that reach each other, and nodes that reach themselves."""
    reach: dict[str, set[str]] = {}
    for start in graph:
        seen: set[str] = set()
        todo = list(graph[start])
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += graph.get(node, ())
        reach[start] = seen
    found = []
    for node in sorted(graph):
        circle = {n for n in reach[node] if node in reach.get(n, ())}
        if node in reach[node] and circle not in found:
            found.append(circle)
    return found


def include_graph(module: Path) -> dict[str, set[str]]:
    """What each source and header of module/ includes by a quoted name, from module/ on."""
    graph: dict[str, set[str]] = {}
    for path in sorted(p for p in module.rglob("*") if p.suffix in (".c", ".h", ".S", ".def")):
        name = path.relative_to(module).as_posix()
        graph[name] = set()
        for included in re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(name), included))
            target = beside if (module / beside).is_file() else included
            if not (module / target).is_file():
                raise ValueError(f"module/{name} includes {included}, which is not there")
            graph[name].add(target.removeprefix("../"))
    return graph


def call_graph(names: Mapping[str, tuple[set[str], set[str]]]) -> dict[str, set[str]]:
    """From (defined, used) symbols of each object to which object needs which."""
    owner = {symbol: name for name, (defined, _) in names.items() for symbol in defined}
    return {name: {owner[s] for s in used if s in owner} - {name}
            for name, (_, used) in names.items()}


def symbols(module: Path) -> dict[str, tuple[set[str], set[str]]]:
    """The global symbols of each object that the module is linked from."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for line in (module / "kvm_armv7.mod").read_text().split():
        path = Path(posixpath.normpath(line))
        name = posixpath.relpath(path, module).removeprefix("../").removesuffix(".o")
        rows = subprocess.run([CROSS + "nm", "-P", str(path)], capture_output=True, text=True,
                              check=True, cwd=module).stdout.splitlines()
        kinds = [row.split()[:2] for row in rows]
        found[name] = ({s for s, kind in kinds if kind.isupper() and kind != "U"},
                       {s for s, kind in kinds if kind == "U"})
    return found


@case("lint/includes-go-down", tier="check")
def includes_go_down(t: Context) -> None:
    graph = include_graph(TOP / "module")
    t.check(all(room(name) in ROOMS for name in graph),
            f"each file is in a room: {sorted({room(n) for n in graph} - set(ROOMS))}")
    t.equal(going_up(graph), [], "no file includes one of a room above it")
    t.equal(circles(graph), [], "no file includes itself, by way of others or not")
    sources = {n for n in graph if n.endswith(".c") and room(n) not in ("hyp", "main.c")}
    bare = {n for n in sources if n.replace(".c", ".h") not in graph[n]}
    t.equal(bare, set(), "each source of the kernel side includes the header that offers it")


@case("lint/calls-go-down", tier="check")
def calls_go_down(t: Context) -> None:
    for flavour in FLAVOURS:
        graph = call_graph(symbols(BUILD / "module" / flavour / "src/module"))
        t.check("run/vcpu-run" in graph.get("api/vcpu-fd", ()),
                f"{flavour}: KVM_RUN's call is in the graph of {len(graph)} objects")
        t.equal(going_up(graph), [], f"{flavour}: no object uses a room above it")
        t.equal(circles(graph), [KNOT], f"{flavour}: only descriptors call each other in a circle")


@case("lint/layers-can-fail", tier="check")
def layers_can_fail(t: Context) -> None:
    """Each rule above is trusted because it finds its violation."""
    clean = {"api/a.c": {"core/b.h"}, "core/b.h": {"hyp/c.h"}, "hyp/c.h": {"v7dbg/d.h"}}
    t.equal((going_up(clean), circles(clean)), ([], []), "nothing is wrong with what is right")
    t.equal(going_up(clean | {"irq/e.c": {"run/f.h"}}), ["irq/e.c -> run/f.h"], "an include up")
    t.equal(circles(clean | {"hyp/c.h": {"core/b.h"}}), [{"core/b.h", "hyp/c.h"}], "a circle")
    t.equal(circles({"core/b.h": {"core/b.h"}}), [{"core/b.h"}], "a file that includes itself")
    calls = call_graph({"run/a": ({"a"}, {"b", "printk"}), "irq/b": ({"b"}, {"a"})})
    t.equal(calls, {"run/a": {"irq/b"}, "irq/b": {"run/a"}}, "calls are found by their symbols")
    t.equal(going_up(calls), ["irq/b -> run/a"], "a call up")
    for name, text in (("core/b.h", ""), ("irq/e.c", '#include "core/b.h"\n')):
        path = t.dir / "module" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    t.equal(include_graph(t.dir / "module"), {"core/b.h": set(), "irq/e.c": {"core/b.h"}},
            "includes are read from files")
