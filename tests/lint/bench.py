# SPDX-License-Identifier: GPL-2.0-only
"""What bench/ makes of logs and traces, on made-up ones."""

from __future__ import annotations

import csv
import struct
import subprocess
import sys
from xml.etree import ElementTree

from lib import Context, case
from lib.registry import TOP

from harness.paths import CROSS

sys.path.insert(0, str(TOP / "bench"))
import costly  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"
LOG = """hvc: 700.4 instructions; debug=0 700.4; with a watchpoint 857.0
made-up: 70.0 instructions
ok: hvc: 700.4, its budget is 701
"""


def bench(*argv: str) -> int:
    return subprocess.run(argv, cwd=TOP / "bench", capture_output=True, check=False).returncode


@case("lint/bench", tier="check")
def table_and_chart(t: Context) -> None:
    log, table, chart = (t.dir / name for name in ("log.txt", "bench.csv", "bench.svg"))
    log.write_text(LOG, encoding="utf-8")
    t.equal(bench("./table", str(log), str(table)), 0, "bench/table takes the log")
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    t.equal([(row["operation"], row["instructions"]) for row in rows],
            [("hvc", "700"), ("made-up", "70")], "the table has what was measured")
    t.equal([row["old KVM/arm"] for row in rows], ["1174", ""], "and what is known of the old")
    t.equal(bench("./chart", str(table), str(chart)), 0, "bench/chart takes the table")
    bars = {bar.findtext(f"{SVG}title"): float(bar.get("width", 0))
            for bar in ElementTree.parse(chart).iter(f"{SVG}rect") if len(bar)}
    t.equal(set(bars), {"hvc: 700", "hvc, old: 1174", "made-up: 70"}, "each has its bar")
    t.check(bars["made-up: 70"] < bars["hvc: 700"] < bars["hvc, old: 1174"],
            f"what takes more is longer: {bars}")
    log.write_text("nothing\n", encoding="utf-8")
    t.equal(bench("./table", str(log), str(table)), 1, "a log without measurements is an error")


GROWN = """growth vcpus 1 exit 1840
growth vcpus 8 exit 1850
growth ram 16 tables-bytes 36864
ok: more vCPUs do not make an exit dearer
"""


@case("lint/bench-growth", tier="check")
def growth_chart(t: Context) -> None:
    table, log, chart = (t.dir / name for name in ("bench.csv", "log.txt", "growth.svg"))
    table.write_text("operation,instructions\nhvc,574\nhvc-1-armed,862\n", encoding="utf-8")
    log.write_text(GROWN, encoding="utf-8")
    t.equal(bench("./growth-chart", str(table), str(log), str(chart)), 0, "growth-chart takes both")
    root = ElementTree.parse(chart)
    lines = {line.findtext(f"{SVG}title"): len(line.get("points", "").split())
             for line in root.iter(f"{SVG}polyline")}
    t.equal(lines, {"armed": 2, "pending": 1, "vcpus exit": 2, "ram tables-bytes": 1},
            "each cost has a line with its points")
    log.write_text("growth new 1 cost 2\n", encoding="utf-8")
    t.equal(bench("./growth-chart", str(table), str(log), str(chart)), 1,
            "a cost without a title is an error")


@case("lint/bench-lines", tier="check")
def lines_of_code(t: Context) -> None:
    def counted() -> dict[str, int]:
        done = subprocess.run([TOP / "bench" / "lines", t.dir], capture_output=True, text=True,
                              check=False)
        return {row.split()[0]: int(row.split()[1]) for row in done.stdout.splitlines()}

    (t.dir / "part").mkdir(exist_ok=True)
    (t.dir / "a.c").write_text('int a; /* one\n * two */ int b;\n\n// three\nchar *c = "/*";\n'
                               "char d = '\\'', e = '\"'; // four\n/* five */\n", "utf-8")
    (t.dir / "part" / "b.h").write_text("#define B 1\n", "utf-8")
    (t.dir / "part" / "text.py").write_text("pass\n", "utf-8")
    (t.dir / "made.c").write_text("int made;\n", "utf-8")
    subprocess.run(["git", "init", "-q", t.dir], check=True)
    subprocess.run(["git", "-C", t.dir, "add", "a.c", "part"], check=True)
    t.equal(counted(), {".": 4, "part": 1, "all": 5},
            "what git tracks, without comments and blank lines")
    (t.dir / ".a.o.d").write_text("a.o: a.c \\\n /usr/include/stdio.h\n", "utf-8")
    t.equal(counted(), {".": 4, "all": 4}, "of what was built, only what the program is made of")
    (t.dir / ".a.o.d").write_text("b.o: b.c\n", "utf-8")
    t.equal(counted(), {}, "nothing at all is an error")


# What the assembler makes of each, and the kind that bench/costly.py sees.
COSTLY = {
    "isb": "isb", "dsb sy": "dsb", "dmb ishst": "dmb",
    "mcr p15, 0, r0, c7, c5, 4": "isb", "mcr p15, 0, r0, c7, c10, 4": "dsb",
    "mcr p15, 0, r0, c7, c10, 5": "dmb",
    "mcr p15, 0, r0, c8, c3, 0": "tlbi", "mcr p15, 4, r0, c8, c7, 4": "tlbi",
    "mcr p15, 0, r0, c7, c5, 0": "cache", "mcr p15, 0, r0, c7, c14, 1": "cache",
    "mcr p15, 0, r0, c7, c5, 6": "bp", "mcr p15, 0, r0, c7, c8, 0": "cp15",
    "mrc p15, 0, r0, c7, c4, 0": "cp15", "mrcne p15, 0, r0, c1, c0, 0": "cp15",
    "mrrc p15, 6, r0, r1, c2": "cp15", "mcr p14, 0, r0, c0, c0, 7": "cp14",
    "mrrc p14, 0, r0, r1, c1": "cp14", "vmrs r0, fpscr": "", "add r0, r1, r2": "",
    "ldr r0, [r1]": "", "svc #0": "", "clrex": "",
}


@case("lint/bench-costly", tier="check")
def costly_kinds(t: Context) -> None:
    source, program, raw = (t.dir / name for name in ("costly.s", "costly.o", "costly.bin"))
    lines = [".arch armv7-a", ".fpu vfpv3", ".arm", *COSTLY]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run([f"{CROSS}as", "-o", program, source], check=True)
    subprocess.run([f"{CROSS}objcopy", "-O", "binary", program, raw], check=True)
    words = struct.unpack(f"<{len(COSTLY)}I", raw.read_bytes())
    t.equal({text: costly.kind(word) for text, word in zip(COSTLY, words)}, COSTLY,
            "each instruction is of its kind")
