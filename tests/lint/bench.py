# SPDX-License-Identifier: GPL-2.0-only
"""bench/table and bench/chart, on a made-up log."""

from __future__ import annotations

import csv
import subprocess
from xml.etree import ElementTree

from lib import Context, case
from lib.registry import TOP

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
