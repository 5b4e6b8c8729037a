# SPDX-License-Identifier: GPL-2.0-only
"""Lints that compile or disassemble. None needs a boot."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP

from harness import instruments
from harness.paths import BUILD, CROSS, FLAVOURS, outside_make

GCC = CROSS + "gcc"
VMM_FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", '-DARMVM_VERSION="lint"',
             "-isystem", str(BUILD / "vmm/include"), "-Iinclude/uapi", "-Ivmm",
             "-isystem", str(BUILD / "armhf/sysroot/usr/include")]
GUEST_FLAGS = ["-std=gnu11", "-ffreestanding", "-marm", "-mcpu=cortex-a15", "-mgeneral-regs-only",
               "-Iguests", "-Iguests/lib", "-Iv7dbg"]
AGENT_FLAGS = ["-std=gnu11", "-D_GNU_SOURCE"]


def run(*argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env={**outside_make(), **env})


def sparse_flags() -> list[str]:
    """Make sparse read the cross compiler's headers, not the build machine's."""
    include = run(GCC, "-print-file-name=include").stdout.strip()
    return ["--arch=arm", "-D__ARM_PCS_VFP=1", "-D__ARM_ARCH=7", "-D__ARM_ARCH_7A__", "-nostdinc",
            "-isystem", include, "-isystem", f"/usr/{CROSS.rstrip('-')}/include"]


def sparse(t: Context, folder: str, flags: list[str]) -> None:
    files = sorted((TOP / folder).rglob("*.c"))
    t.check(files, f"{folder} has sources")
    for path in files:
        ours = [flag for flag in flags if not flag.startswith("-m")]
        done = run("sparse", *sparse_flags(), *ours, str(path))
        said = done.stdout + done.stderr
        t.check(done.returncode == 0 and not said.strip(),
                f"sparse {path.relative_to(TOP)}: {said}")


@case("lint/sparse-vmm", tier="check")
def sparse_vmm(t: Context) -> None:
    sparse(t, "vmm", VMM_FLAGS)


@case("lint/sparse-guests", tier="check")
def sparse_guests(t: Context) -> None:
    sparse(t, "guests", GUEST_FLAGS)


@case("lint/sparse-v7dbg", tier="check")
def sparse_v7dbg(t: Context) -> None:
    sparse(t, "v7dbg", ["-std=gnu11", "-ffreestanding", "-Iv7dbg"])


@case("lint/sparse-hyp", tier="check")
def sparse_hyp(t: Context) -> None:
    sparse(t, "module/hyp", ["-std=gnu11", "-ffreestanding", "-Iv7dbg"])


@case("lint/sparse-agent", tier="check")
def sparse_agent(t: Context) -> None:
    sparse(t, "tools/agent", AGENT_FLAGS)


def headers(t: Context, folder: str, flags: list[str], compiler: str = GCC) -> None:
    """Each header compiles alone, and when it is included twice."""
    files = sorted((TOP / folder).rglob("*.h"))
    t.check(files, f"{folder} has headers")
    for path in files:
        source = t.dir / "alone.c"
        source.write_text(f'#include "{path}"\n#include "{path}"\n')
        done = run(compiler, *flags, "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
                   "-fsyntax-only", str(source))
        t.check(done.returncode == 0, f"{path.relative_to(TOP)} compiles alone\n{done.stderr}")


@case("lint/headers-alone", tier="check")
def headers_alone(t: Context) -> None:
    headers(t, "vmm", VMM_FLAGS)
    headers(t, "guests", GUEST_FLAGS)
    headers(t, "v7dbg", ["-std=c11", "-ffreestanding", "-Iv7dbg"])
    headers(t, "v7dbg", ["-std=c11", "-ffreestanding", "-Iv7dbg"], "gcc")
    headers(t, "include/uapi", ["-std=gnu11", "-Iinclude/uapi"])
    headers(t, "tools/agent", AGENT_FLAGS)


@case("lint/v7dbg-portable", tier="check", timeout=900)
def v7dbg_portable(t: Context) -> None:
    done = run("make", "-C", "v7dbg", "check")
    t.log(done.stdout)
    verdict = re.search(r"^v7dbg: portable, version \d+$", done.stdout, re.M)
    t.check(done.returncode == 0 and verdict,
            f"make -C v7dbg check\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def module_objects(flavour: str) -> tuple[Path, Path, Path, Path]:
    out = BUILD / "module" / flavour
    hyp = out / "src/module/hyp"
    return out / "kvm_armv7.ko", out / "hyp.elf", hyp / "debug-sr.hyp.o", hyp / "debug-probe.hyp.o"


@case("lint/cp14-only-in-debug-sr", tier="check")
def cp14(t: Context) -> None:
    """No write to DBGDSCRext anywhere, no cp14 instruction outside debug-sr and debug-probe."""
    for flavour in FLAVOURS:
        done = run("tools/check-cp14", *map(str, module_objects(flavour)))
        t.check(done.returncode == 0, f"{flavour}: {done.stdout}{done.stderr}")


BAD = {
    "write-ext": "mcr p14, 0, r3, c0, c2, 2",
    "write-ext-if": "mcrne p14, 0, r3, c0, c2, 2",
    "write-int": "mcr p14, 0, r3, c0, c1, 0",
    "read-elsewhere": "mrc p14, 0, r3, c0, c1, 0",
    "stc": "stc p14, c5, [r1], #4",
    "mrrc": "mrrc p14, 0, r1, r2, c1",
}


@case("lint/cp14-check-catches", tier="check")
def cp14_catches(t: Context) -> None:
    """lint/cp14-only-in-debug-sr finds each bad instruction, alone in a large program."""
    def build(name: str, body: str) -> str:
        source, out = t.dir / f"{name}.S", t.dir / f"{name}.o"
        source.write_text(f".arch armv7-a\n.text\n.arm\n{body}\n")
        done = run(GCC, "-c", str(source), "-o", str(out))
        t.check(done.returncode == 0, f"{name} assembles{done.stderr}")
        return str(out)

    filler = "fill:\n" + "add r0, r0, r1\n" * 200
    sr = "debug_sr:\nmrc p14, 0, r3, c0, c1, 0\nmcr p14, 0, r3, c0, c0, 5\nbx lr\n"
    probe = "debug_probe:\nmrc p14, 0, r3, c0, c0, 0\nbx lr\n"
    good = sr + probe
    debug_sr, debug_probe = build("debug-sr", sr), build("debug-probe", probe)
    clean, hyp = build("clean", filler), build("hyp", good + filler)
    done = run("tools/check-cp14", clean, hyp, debug_sr, debug_probe)
    t.check(done.returncode == 0, f"a good program passes: {done.stdout}{done.stderr}")
    for name, text in BAD.items():
        other = build(name, filler + f"elsewhere:\n{text}\n")
        done = run("tools/check-cp14", other, hyp, debug_sr, debug_probe)
        t.check(done.returncode == 1 and "elsewhere" in done.stdout,
                f"{text} in the module is found")
        other = build(name + "-hyp", good + filler + f"elsewhere:\n{text}\n")
        done = run("tools/check-cp14", clean, other, debug_sr, debug_probe)
        t.check(done.returncode == 1 and "elsewhere" in done.stdout, f"{text} in HYP is found")
    for before, after, where in ((sr, probe, "debug-sr"), (probe, sr, "debug-probe")):
        other = build(f"in-{where}", before + "mcr p14, 0, r3, c0, c2, 2\n" + after + filler)
        done = run("tools/check-cp14", clean, other, debug_sr, debug_probe)
        t.check(done.returncode == 1 and "writes DBGDSCRext" in done.stdout,
                f"a write to DBGDSCRext is found in {where} too")
        done = run("tools/check-cp14", clean, build(f"only-{where}", before + filler + after),
                   *(2 * [debug_sr if where == "debug-sr" else debug_probe]))
        t.check(done.returncode == 1 and "cp14 outside" in done.stdout,
                f"{where} alone may not do what the other does")


@case("lint/hyp-image", tier="check")
def hyp_image(t: Context) -> None:
    for flavour in FLAVOURS:
        done = run("make", "-C", "module", "hyp-check", f"FLAVOUR={flavour}")
        t.log(done.stdout)
        verdict = re.search(r"/hyp\.elf: \d+ functions, self-contained, ", done.stdout)
        t.check(done.returncode == 0 and verdict,
                f"hyp-check {flavour}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


@case("lint/hyp-sync", tier="check")
def hyp_sync(t: Context) -> None:
    """No write or operation is pending where it must not be, and each barrier is there for that.

    docs/silicon.md argues for those that tools/check-sync does not miss when they are deleted.
    """
    text = (TOP / "docs" / "silicon.md").read_text(encoding="utf-8")
    argued = set(re.findall(r"^\| `(\w+)` (\w+ \d+) \|", text, re.M))
    t.check(argued, "docs/silicon.md has its table")
    for flavour in FLAVOURS:
        done = run("tools/check-sync", str(BUILD / "module" / flavour / "hyp.elf"))
        t.equal(done.returncode, 0, f"{flavour}: {done.stdout[:2000]}{done.stderr}")
    done = run("tools/check-sync", "--barriers", str(BUILD / "module" / FLAVOURS[0] / "hyp.elf"))
    t.log(done.stdout + done.stderr)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    free = {tuple(name.split(" ", 1)) for name, noticed in rows if noticed == "-"}
    t.equal(free, argued, f"of {len(rows)}, those that can be deleted unnoticed are argued")


@case("lint/instruments", tier="check")
def instruments_names(t: Context) -> None:
    """The functions at whose return the instruments judge are in the module: make test has no case
    with instruments, which would notice."""
    for flavour in FLAVOURS:
        t.equal(set(instruments.PROMISES) - set(instruments.function_sizes(flavour)), set(),
                f"{flavour}: every function that promises something exists")


@case("lint/kernel-barriers", tier="check", timeout=300)
def kernel_barriers(t: Context) -> None:
    """Each barrier of the kernel's part has a row in docs/silicon.md, which says what misses it."""
    done = run("tools/check-barriers", str(BUILD / "module" / FLAVOURS[0] / "kvm_armv7.ko"))
    t.log(done.stdout + done.stderr)
    counts = re.search(r"^(\d+) barriers .*: (\d+) by the flow, (\d+) by the model, (\d+) by "
                       r"instruments, (\d+) argued; 0 problems$", done.stdout, re.M)
    t.check(done.returncode == 0 and counts, f"{done.stdout[:3000]}{done.stderr[-2000:]}")
    text = " ".join((TOP / "docs" / "silicon.md").read_text(encoding="utf-8").split())
    numbers = "There are {}: {} by the flow, {} by the model, {} by the instruments, {} argued."
    t.contains(text, numbers.format(*(counts.groups() if counts else "?????")),
               "docs/silicon.md has the numbers")


@case("lint/kernel-barriers-can-fail", tier="check")
def kernel_barriers_can_fail(t: Context) -> None:
    """A barrier that is new, one that has gone, and a row that names nothing are found."""
    tree = t.dir / "tree"
    for folder in ("module", "tools", "tests/spin", "tests/mutants", "docs"):
        shutil.copytree(TOP / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    page, source = tree / "docs/silicon.md", tree / "module/core/kick.c"
    page.write_text(page.read_text(encoding="utf-8").replace("| KICK_MB |", "| KICK_WB |"),
                    encoding="utf-8")
    source.write_text(source.read_text(encoding="utf-8").replace(
        "\tif (!atomic_dec_and_test(&vm->pause))",
        "\tsmp_wmb();\n\tif (!atomic_dec_and_test(&vm->pause))").replace(
        "\tsmp_rmb(); /* pairs", "\t/* pairs"), encoding="utf-8")
    done = run(str(tree / "tools/check-barriers"), "--table")
    for line in ("core/kick.c vm_resume_others wmb 1: docs/silicon.md has no row for it",
                 "core/kick.c vcpu_kick rmb 1: docs/silicon.md has a row, the source does not have "
                 "it",
                 "core/kick.c vcpu_kick mb 1: nothing is called KICK_WB"):
        t.check(line in done.stdout.splitlines(), f"{line}\n{done.stdout}{done.stderr}")
    t.equal(done.returncode, 1, "and it fails")


def kbuild_sources() -> set[str]:
    """The C sources of kvm_armv7.ko, except the HYP image, which is built by a rule of ours."""
    module = {str(path.relative_to(TOP)) for path in (TOP / "module").rglob("*.c")
              if "hyp" not in path.parts}
    listed = (TOP / "v7dbg/sources.mk").read_text(encoding="utf-8").replace("\\\n", " ")
    names = re.search(r"^V7DBG_SRCS := (.+)$", listed, re.M)
    return module | {f"v7dbg/{name}" for name in names[1].split()}


@case("lint/sparse-module", tier="check", timeout=900)
def sparse_module(t: Context) -> None:
    """Kbuild runs sparse on each source (C=2). Warnings about the kernel's headers are ignored."""
    for flavour in FLAVOURS:
        # A build folder of its own: other builds are not disturbed, and every source is checked.
        out = BUILD / "lint" / flavour
        done = run("make", "-C", "module", f"FLAVOUR={flavour}", f"OUT={out}",
                   "KFLAGS=C=2 CF=-Wsparse-error")
        said = done.stdout + done.stderr
        t.log(said)
        ours = [line for line in said.splitlines()
                if str(out) in line and ("warning:" in line or "error:" in line)]
        t.check(done.returncode == 0, f"{flavour}: sparse ran\n{said[-2000:]}")
        checked = {os.path.relpath(path, out / "src")
                   for path in re.findall(r"^ +CHECK +(\S+)$", said, re.M)}
        t.equal(checked, kbuild_sources(), f"{flavour}: on each source that Kbuild compiles")
        t.check(not ours, f"{flavour}: sparse warns about\n" + "\n".join(ours))
