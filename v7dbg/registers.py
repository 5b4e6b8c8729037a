#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Make docs/registers.md from v7dbg_regs.def, or check that it is up to date."""

import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = {
    "V7DBG_REG": "name opc1 crn crm opc2 access pl0 trap reset section note",
    "V7DBG_TWIN": "name opc1 crn crm opc2 access pl0 trap reset section note",
    "V7DBG_REG64": "name opc1 crm access pl0 trap reset section note",
    "V7DBG_BANK": "name opc1 crn opc2 count access trap reset section note",
}
SLOTS = {"BRP": "each breakpoint", "WRP": "each watchpoint", "CTX": "each context-aware breakpoint"}
HEAD = """<!-- SPDX-License-Identifier: GPL-2.0-only -->
# The debug registers of a guest

`make -C v7dbg docs` makes this page from `v7dbg/v7dbg_regs.def`; do not edit it. The registers are
those of coprocessor 14; sections are of the ARMv7-A/R manual, DDI 0406C. An encoding that is not
here is UNDEFINED, and so is the direction that *access* does not name. *PL0*: accessible from User
mode while DBGDSCR.UDCCdis is 0, else UNDEFINED. *Trap*: the HDCR bit. *Reset*: what a guest reads
after reset; CAPS is a constant that depends on the host's CPUs. With the module parameter `debug=0`
all of them read as zero and ignore writes.

| register | opc1, CRn, CRm, opc2 | access | PL0 | trap | reset | section | note |
|---|---|---|---|---|---|---|---|
"""


def rows(text):
    """Every row of the list, as (macro, {column: value})."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    found = re.findall(r"^(V7DBG_\w+)\(([^)]*)\)$", text, re.M)
    if len(found) != len(re.findall(r"^V7DBG_", text, re.M)):
        sys.exit("v7dbg_regs.def: a row that this script cannot read; notes have no parentheses")
    for macro, args in found:
        values = [v.strip().strip('"') for v in re.findall(r'\s*("[^"]*"|[^,]+)', args)]
        names = COLUMNS[macro].split()
        if len(values) != len(names):
            sys.exit(f"v7dbg_regs.def: a row has {len(values)} columns, not {len(names)}: {args}")
        yield macro, dict(zip(names, values))


def table_line(macro, row):
    name, pl0 = row["name"], "yes" if row.get("pl0") == "PL0" else "no"
    if macro == "V7DBG_REG64":
        where = f"MRRC {row['opc1']}, c{row['crm']}"
        name += " (64 bits)"
    elif macro == "V7DBG_BANK":
        where = f"{row['opc1']}, c{row['crn']}, cn, {row['opc2']}"
        name += f"n, {SLOTS[row['count']]}"
    else:
        where = f"{row['opc1']}, c{row['crn']}, c{row['crm']}, {row['opc2']}"
    cells = (name, where, row["access"], pl0, row["trap"], row["reset"], row["section"],
             row["note"])
    return "| " + " | ".join(cells) + " |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the file is not up to date")
    parser.add_argument("file", type=pathlib.Path)
    args = parser.parse_args()
    lines = [table_line(*row) for row in rows((HERE / "v7dbg_regs.def").read_text())]
    if not lines:
        sys.exit("v7dbg_regs.def: no rows found")
    text = HEAD + "".join(lines)
    if not args.check:
        args.file.write_text(text)
    elif not args.file.exists() or args.file.read_text() != text:
        sys.exit(f"{args.file} is not up to date with v7dbg_regs.def: run make -C v7dbg docs")


if __name__ == "__main__":
    main()
