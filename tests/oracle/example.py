# SPDX-License-Identifier: GPL-2.0-only
"""v7dbg as other projects use it: installed, measured, and in the hypervisor of v7dbg/example."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP
from oracle import _compare as compare

from harness import bare  # noqa: E402  (lib extends the path)
from harness.paths import BUILD, CROSS, outside_make

V7DBG = TOP / "v7dbg"
BUDGET = TOP / "bench" / "v7dbg-budget"
IMAGES = {"example": 42, "madeup": 89}  # and how many verdicts each gives
BARE_SECONDS = 60


def run(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env={**outside_make(), **env})


def must(t: Context, *argv: str, **env: str) -> str:
    done = run(*argv, **env)
    t.log(f"$ {' '.join(argv)}\n{done.stdout}{done.stderr}")
    if done.returncode:
        t.fail(f"{' '.join(argv)[:200]}: status {done.returncode}\n"
               f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


# ---- on the bare board ----


def boot(t: Context, image: Path, cpu: str) -> compare.Output:
    try:
        text = bare.run(image, f"oracle-{image.stem}", cpu, BARE_SECONDS)
    except bare.Broken as what:
        return t.fail(f"{what}\n{what.text[-2000:]}")
    t.log(f"-- {image} on {cpu}\n{text}")
    try:
        return compare.parse(image.stem, text)
    except compare.Malformed as what:
        return t.fail(f"{image.stem} on {cpu}: {what}\n{text[-2000:]}")


def verdicts(t: Context, out: Path, cpu: str, *words: str) -> None:
    must(t, "make", "-C", "v7dbg/example", f"OUT={out}", *words)
    for name, count in IMAGES.items():
        seen = boot(t, out / f"{name}.elf", cpu).verdicts
        bad = [text for text, word in seen.items() if word != "PASS"]
        t.equal(len(seen), count, f"{name} on {cpu} gives all of its verdicts")
        t.check(not bad, f"{name} on {cpu}: all verdicts are PASS; others: {bad}")


@case("oracle/example", timeout=4 * BARE_SECONDS)
def example(t: Context) -> None:
    """The mini hypervisor: a guest with points, on the CPU's debug unit and on a made-up one."""
    verdicts(t, BUILD / "v7dbg-example", "cortex-a15")


@case("oracle/example-asserted", timeout=4 * BARE_SECONDS)
def asserted(t: Context) -> None:
    """The same on another CPU, in Thumb, with a library that asserts its invariants."""
    verdicts(t, BUILD / "v7dbg-example-asserted", "cortex-a7", "DEBUG=1", "STATE=thumb")


# ---- installed ----

USER = """#include <v7dbg.h>
int main(void)
{
	struct v7dbg_cpu_id id = { 0x3515f021, 0, 0, 0, 0x8000 };
	struct v7dbg_caps caps;

	v7dbg_caps_init(&caps, false);
	return v7dbg_caps_add(&caps, &id) == V7DBG_OK && caps.monitor && caps.nr_brps == 6 ? 0 : 1;
}
"""
HARDWARE = (r"^ +[0-9a-f]+:\t[0-9a-f ]+\t(mcrr?|mrrc?|mrc|ldc|stc|cdp|msr|mrs|cps|svc|hvc|smc|eret|"
            r"wf[ei]|isb|dsb|dmb)")
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


@case("lint/v7dbg-installed", tier="check")
def installed(t: Context) -> None:
    """make install honours DESTDIR, PREFIX, CC and CFLAGS; what it installs is usable."""
    stage, out = t.dir / "stage", t.dir / "out"
    where = [f"DESTDIR={stage}", "PREFIX=/opt/x", f"OUT={out}"]
    must(t, "make", "-C", "v7dbg", "install", *where)
    files = {str(p.relative_to(stage)) for p in stage.rglob("*") if p.is_file()}
    t.equal(files, {"opt/x/lib/libv7dbg.a", "opt/x/include/v7dbg.h", "opt/x/include/v7dbg_quick.h",
                    "opt/x/include/v7dbg_fields.h", "opt/x/lib/pkgconfig/v7dbg.pc"},
            "a library, three headers and a pkg-config file, nothing else")

    header = stage / "opt/x/include/v7dbg.h"
    include = f"-I{header.parent}"
    fields = header.with_name("v7dbg_fields.h")
    t.check('#include "' not in header.read_text(), "the header needs no other of ours")
    t.check("#include" not in fields.read_text(), "v7dbg_fields.h includes nothing")
    compilers = {"c11": ["gcc", "-std=c11", "-ffreestanding"], "c++11": ["g++", "-std=c++11"],
                 "c++20": ["g++", "-std=c++20"], "arm": [CROSS + "gcc", "-std=c11"]}
    for name, compiler in compilers.items():
        source = t.dir / f"{name}.{'cpp' if 'c++' in name else 'c'}"
        source.write_text(2 * "#include <v7dbg.h>\n#include <v7dbg_fields.h>\n")
        done = run(*compiler, *STRICT, include, "-fsyntax-only", str(source))
        t.check(done.returncode == 0, f"the headers compile alone as {name}\n{done.stderr}")

    # Another environment, which provides only these types; the compiler's headers are not used.
    (t.dir / "types.h").write_text(
        "typedef __UINT8_TYPE__ uint8_t;\ntypedef __UINT16_TYPE__ uint16_t;\n"
        "typedef __UINT32_TYPE__ uint32_t;\n#define bool _Bool\n"
        "#define true 1\n#define false 0\n")
    environment = ["-nostdinc", f"-I{t.dir}", include, "-fsyntax-only", str(t.dir / "c11.c")]
    own = run("gcc", "-std=c11", *STRICT, '-DV7DBG_ENV="types.h"', *environment)
    t.check(own.returncode == 0, f"V7DBG_ENV replaces the environment\n{own.stderr}")
    t.check(run("gcc", "-std=c11", *STRICT, *environment).returncode != 0,
            "without V7DBG_ENV it does not compile there")

    def pkg_config(*argv: str) -> str:
        return must(t, "pkg-config", *argv, "v7dbg", PKG_CONFIG_SYSROOT_DIR=str(stage),
                    PKG_CONFIG_LIBDIR=str(stage / "opt/x/lib/pkgconfig")).strip()

    (t.dir / "version.c").write_text("#include <v7dbg.h>\nversion V7DBG_VERSION\n")
    text = must(t, "gcc", "-E", "-P", include, str(t.dir / "version.c"))
    version = re.search(r"^version (.+)$", text, re.M)
    t.equal(pkg_config("--modversion"), version and version[1],
            "pkg-config's version is V7DBG_VERSION")
    flags = pkg_config("--cflags", "--libs").split()
    t.equal(flags, [f"-I{stage}/opt/x/include", f"-L{stage}/opt/x/lib", "-lv7dbg"],
            "pkg-config's flags")
    for suffix, compiler in {"c": "gcc", "cpp": "g++"}.items():
        source, program = t.dir / f"user.{suffix}", t.dir / f"user-{suffix}"
        source.write_text(USER)
        must(t, compiler, str(source), "-o", str(program), *flags)
        t.equal(run(str(program)).returncode, 0,
                f"a program in {suffix} is linked with it and gets the right answer")

    def machine() -> set[str]:
        library = stage / "opt/x/lib/libv7dbg.a"
        return set(re.findall(r"file format (\S+)", must(t, CROSS + "objdump", "-f", str(library))))

    for state, length in {"arm": 8, "thumb": 4}.items():
        must(t, "make", "-C", "v7dbg", "install", *where, f"CC={CROSS}gcc", f"CFLAGS=-Os -m{state}")
        t.equal(machine(), {"elf32-littlearm"},
                "CC is honoured, even over objects of another compiler")
        code = must(t, CROSS + "objdump", "-d", str(stage / "opt/x/lib/libv7dbg.a"))
        lengths = {len(word) for word in re.findall(r"^ +[0-9a-f]+:\t([0-9a-f]+) ", code, re.M)}
        t.check(length in lengths and (state == "thumb" or 4 not in lengths),
                f"CFLAGS are honoured: -m{state}")
    hardware = re.findall(HARDWARE, code, re.M)
    t.check(not hardware, f"the library has no instruction that touches hardware: {hardware[:5]}")
    (t.dir / "cp14.S").write_text("mrc p14, 0, r0, c0, c1, 0\nisb\n")
    must(t, CROSS + "gcc", "-c", str(t.dir / "cp14.S"), "-o", str(t.dir / "cp14.o"))
    found = re.findall(HARDWARE, must(t, CROSS + "objdump", "-d", str(t.dir / "cp14.o")), re.M)
    t.equal(found, ["mrc", "isb"], "such instructions are found where there are some")
    must(t, "make", "-C", "v7dbg", "uninstall", *where)
    t.check(not [p for p in stage.rglob("*") if p.is_file()], "uninstall leaves no file")


# ---- size and stack ----

NODE = re.compile(r'^node: \{ title: "([^"]+)" label: "[^"]*?'
                  r'(?:\\n(\d+) bytes \((\w+)[^"]*?)?"', re.M)
EDGE = re.compile(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', re.M)


class Unbounded(Exception):
    """The stack has no known limit; the message says why."""


def deepest(graphs: list[str]) -> dict[str, tuple[int, list[str]]]:
    """Bytes of stack that each function needs with what it calls, and its deepest call chain."""
    frames: dict[str, int] = {}
    calls: dict[str, set[str]] = {}
    for text in graphs:
        for name, size, kind in NODE.findall(text):
            if size:
                frames[name] = int(size)
                if kind != "static":
                    raise Unbounded(f"{name} has a frame of {kind} size")
        for caller, callee in EDGE.findall(text):
            calls.setdefault(caller, set()).add(callee)
    known: dict[str, tuple[int, list[str]]] = {}

    def walk(name: str, above: list[str]) -> tuple[int, list[str]]:
        if name in above:
            raise Unbounded(f"recursion: {' '.join([*above, name])}")
        if name not in frames:
            raise Unbounded(f"{above[-1] if above else ''} calls {name}, whose frame is not known")
        if name not in known:
            below = max((walk(one, [*above, name]) for one in calls.get(name, ())),
                        default=(0, []))
            known[name] = frames[name] + below[0], [name, *below[1]]
        return known[name]

    for name in frames:
        walk(name, [])
    return known


def budget() -> dict[str, tuple[int, int]]:
    lines = (line.split("#")[0].split() for line in BUDGET.read_text(encoding="utf-8").splitlines())
    return {words[0]: (int(words[1]), int(words[2])) for words in lines if words}


def sources() -> list[str]:
    text = (V7DBG / "sources.mk").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.search(r"^V7DBG_SRCS := (.+)$", text, re.M)[1].split()


@case("lint/v7dbg-size-and-stack", tier="check")
def size_and_stack(t: Context) -> None:
    """-Os, as A32 and as T32: bytes of text and constants, and the deepest call chain's stack."""
    limits = budget()
    t.equal(set(limits), {"arm", "thumb"}, f"{BUDGET.name} has both forms")
    for form, (bytes_limit, stack_limit) in limits.items():
        out = t.dir / form
        out.mkdir()
        for name in sources():
            must(t, CROSS + "gcc", "-std=c11", "-ffreestanding", "-fvisibility=hidden", "-fPIE",
                 "-Os", f"-m{form}", "-march=armv7-a+fp", "-mgeneral-regs-only",
                 "-fno-stack-protector", "-fcallgraph-info=su,da", "-c", str(V7DBG / name),
                 "-o", str(out / f"{Path(name).stem}.o"))
        sections = must(t, CROSS + "size", "-A", *map(str, sorted(out.glob("*.o"))))
        sizes = re.findall(r"^\.(?:text|rodata)\S*\s+(\d+)", sections, re.M)
        used = sum(int(size) for size in sizes)
        graphs = [path.read_text() for path in sorted(out.glob("*.ci"))]
        t.equal(len(graphs), len(sources()), "each source has its call graph")
        try:
            stacks = {name: one for name, one in deepest(graphs).items()
                      if name.startswith("v7dbg_")}
        except Unbounded as what:
            t.fail(f"{form}: {what}")
        stack, chain = max(stacks.values())
        for name, (need, _) in sorted(stacks.items()):
            t.log(f"{form}: {name}: {need} bytes of stack")
        t.check(0 < used <= bytes_limit, f"{form}: {used} bytes, its budget is {bytes_limit}")
        t.check(0 < stack <= stack_limit,
                f"{form}: {stack} bytes of stack by {' '.join(Path(n).name for n in chain)}, "
                f"its budget is {stack_limit}")


def _graph(frames: str, calls: str) -> str:
    nodes = (word.split(":") for word in frames.split())
    edges = (word.split(">") for word in calls.split())
    lines = [f'node: {{ title: "{name}" label: "{name}\\nx.c:1:1\\n{size} bytes '
             f'({(kind or ["static"])[0]})\\n0 dynamic objects" }}' for name, size, *kind in nodes]
    lines += [f'edge: {{ sourcename: "{a}" targetname: "{b}" label: "x" }}' for a, b in edges]
    return "\n".join(lines)


@case("lint/v7dbg-stack-can-fail", tier="check")
def stack_can_fail(t: Context) -> None:
    """The measurement itself, on made-up call graphs."""
    def needs(*graphs: str) -> int | str:
        try:
            return deepest(list(graphs))["a"][0]
        except Unbounded as what:
            return str(what)

    t.equal(needs(_graph("a:8 b:16 c:4", "a>b a>c")), 24, "the deeper of two calls counts")
    t.equal(needs(_graph("a:8 b:1", "a>b b>c"), _graph("c:100", "")), 109,
            "a chain through two files counts")
    t.equal(needs(_graph("a:8 b:16 c:4", "b>c")), 8,
            "a function that calls nothing needs its own frame")
    t.contains(str(needs(_graph("a:8 b:16", "a>b b>a"))), "recursion", "recursion is found")
    t.contains(str(needs(_graph("a:8", "a>memcpy"))), "memcpy", "so is an external function")
    t.contains(str(needs(_graph("a:8:dynamic", ""))), "dynamic", "so is a frame of unknown size")
