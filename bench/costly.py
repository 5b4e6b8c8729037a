# SPDX-License-Identifier: GPL-2.0-only
"""What of a trace costs a chip more than other instructions do.

An instruction of A32 is sorted by its encoding (DDI 0406C A8.8 and B3.17). Those of armvm are left
out: it is Thumb code, and at PL0 only barriers are allowed.
"""

from __future__ import annotations

from collections import Counter

from tracing import Round

# In the order of the GIC's regions in trace-plugin.c. GICC is what the host's kernel uses, GICV
# what the guest does.
REGIONS = ("gicd", "gicc", "gich", "gicv")
KINDS = ("isb", "dsb", "dmb", "tlbi", "cache", "bp", "cp15", "cp14", *REGIONS)
CACHE_OPERATIONS = {(1, 0), (5, 0), (5, 1), (6, 1), (6, 2), (10, 1), (10, 2), (11, 1), (14, 1),
                    (14, 2)}  # c7, by CRm and opc2 (B4.2.1)
PREDICTOR_OPERATIONS = {(1, 6), (5, 6), (5, 7)}
BARRIERS = {(5, 4): "isb", (10, 4): "dsb", (10, 5): "dmb"}
UNCONDITIONAL_BARRIERS = {0xF57FF040: "dsb", 0xF57FF050: "dmb", 0xF57FF060: "isb"}


def kind_of_move(code: int) -> str:
    """Of an MCR or MRC."""
    coprocessor, crn = code >> 8 & 15, code >> 16 & 15
    if coprocessor != 15:
        return "cp14" if coprocessor == 14 else ""
    if not code >> 20 & 1 and crn == 7:
        operation = (code & 15, code >> 5 & 7)
        if operation in CACHE_OPERATIONS:
            return "cache"
        return "bp" if operation in PREDICTOR_OPERATIONS else BARRIERS.get(operation, "cp15")
    return "tlbi" if crn == 8 else "cp15"


def kind(code: int) -> str:
    """The kind of an instruction, or nothing."""
    if code & 0xFFFFFFF0 in UNCONDITIONAL_BARRIERS:
        return UNCONDITIONAL_BARRIERS[code & 0xFFFFFFF0]
    if code >> 28 == 15:
        return ""
    if code & 0x0F000010 == 0x0E000010:
        return kind_of_move(code)
    if code & 0x0FE00000 == 0x0C400000:  # MCRR, MRRC
        return {14: "cp14", 15: "cp15"}.get(code >> 8 & 15, "")
    return ""


def count(one: Round) -> Counter[str]:
    """How many of each kind a round has."""
    kinds = Counter(kind(code) for _, code, where, _ in one.instructions
                    if not where.startswith("armvm:"))
    kinds += Counter(REGIONS[region] for region, _ in one.accesses)
    del kinds[""]
    return kinds


def table(rounds: dict[str, Round]) -> str:
    """The counts of all rounds, a line for each."""
    width = max(map(len, rounds))
    lines = [" ".join(["operation".ljust(width), *(f"{name:>5}" for name in KINDS)])]
    for name, one in rounds.items():
        kinds = count(one)
        lines.append(" ".join([name.ljust(width), *(f"{kinds[k] or '':>5}" for k in KINDS)]))
    return "\n".join(line.rstrip() for line in lines)
