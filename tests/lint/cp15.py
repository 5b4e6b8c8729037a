# SPDX-License-Identifier: GPL-2.0-only
"""The one list of CP15 registers: the compiler checks its order, this checks its page."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from lib import Context, case
from lib.registry import TOP

from harness.paths import CROSS

HYP = TOP / "module/hyp"
PAGE = TOP / "docs/world-switch.md"


def listed(text: str) -> list[str]:
    """The registers of cp15.def; rows of reserved encodings have no name."""
    return re.findall(r"^CP15_(?!RESERVED)\w+\(\s*(\w+),.*\)$", text, re.M)


def operands(text: str) -> list[str]:
    """The names of sysreg.h, and those that assembly gives its MCR and MRC in a comment."""
    return (re.findall(r"^#define (\w+)\s+CP15(?:_D)?\(\d", text, re.M)
            + re.findall(r"^\s+m(?:cr|rc|crr|rrc)\s+p15,[^@\n]*@ ([A-Z]\w+)", text, re.M))


def missing(names: list[str], page: str) -> list[str]:
    return sorted({name for name in names if not re.search(rf"\b{name}\b", page)})


@case("lint/cp15-documented", tier="check")
def documented(t: Context) -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = listed((HYP / "cp15.def").read_text(encoding="utf-8"))
    t.check({"MIDR", "TTBR0", "DCISW", "PMOVSSET", "CNTV_CTL"} <= set(names),
            f"{len(names)} rows of cp15.def were read")
    t.equal(missing(names, page), [], "each register of cp15.def is in world-switch.md")
    for path in sorted({*HYP.glob("*.S"), HYP / "sysreg.h"}):
        t.equal(missing(operands(path.read_text(encoding="utf-8")), page), [],
                f"each register that {path.name} names is there")
    t.check({"HCR", "VTTBR"} <= set(operands((HYP / "sysreg.h").read_text(encoding="utf-8")))
            and {"HTCR", "HTTBR"} <= set(operands((HYP / "entry.S").read_text(encoding="utf-8"))),
            "names of both widths were read, from C and from assembly")
    t.equal(missing(["HCR", "HCRX"], page), ["HCRX"], "a register that is not there is found")


def compile_list(t: Context, name: str, rows: str) -> str:
    """What the compiler says of cp15.h with these rows."""
    hyp = t.dir / name / "module/hyp"
    hyp.mkdir(parents=True)
    (t.dir / name / "v7dbg").mkdir()
    shutil.copy(TOP / "v7dbg/v7dbg_env.h", t.dir / name / "v7dbg")
    shutil.copy(HYP / "cp15.h", hyp)
    (hyp / "cp15.def").write_text(rows, encoding="utf-8")
    source = Path(hyp / "list.c")
    source.write_text('#include "cp15.h"\n', encoding="utf-8")
    done = subprocess.run([CROSS + "gcc", "-std=gnu11", "-ffreestanding", "-Wall", "-Wextra",
                           "-Werror", "-fsyntax-only", str(source)], capture_output=True,
                          text=True, check=False)
    return done.stderr if done.returncode else ""


@case("lint/cp15-order-can-fail", tier="check")
def order_can_fail(t: Context) -> None:
    """The order of cp15.def is trusted because the compiler refuses each of these."""
    good = (HYP / "cp15.def").read_text(encoding="utf-8")
    dacr = re.search(r"^CP15_SWITCHED32\(DACR,.*\n", good, re.M)
    ttbr = re.search(r"^CP15_SWITCHED64\(TTBR1,.*\n", good, re.M)
    reserved = re.search(r"^CP15_RESERVED32\( *0, *0, *3,.*\n", good, re.M)
    assert dacr and ttbr and reserved
    t.equal(compile_list(t, "as-it-is", good), "", "the list as it is compiles")
    for name, bad, words in (
            ("late", good.replace(dacr[0], "").replace("\n#undef", "\n" + dacr[0] + "#undef", 1),
             "_DACR is out of order"),
            ("wide", good.replace(ttbr[0], "").replace(dacr[0], dacr[0] + ttbr[0]),
             "_TTBR1 is out of order"),
            ("twice", good.replace(dacr[0], dacr[0] + dacr[0].replace("DACR", "DACR2")
                                   .replace("dacr", "dacr2")), "_DACR2 is out of order"),
            ("range", good.replace(reserved[0], reserved[0]
                                   + "CP15_ID32(INSIDE, 0, 0, 3, 5, RO, TID3, NONE)\n"),
             "_INSIDE is out of order")):
        t.contains(compile_list(t, name, bad), words, f"{name}: refused")
