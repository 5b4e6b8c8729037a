# SPDX-License-Identifier: GPL-2.0-only
"""The fuzzer of ioctls makes each call that the module knows, and uapi.md names each of them."""

from __future__ import annotations

import re

from lib import Context, case
from lib.registry import TOP

TABLE = TOP / "tests" / "host" / "fuzz-ioctl" / "calls.def"
# Whose descriptor a function serves.
KINDS = {"dev_ioctl": "SYSTEM", "vm_ioctl": "VM", "vcpu_ioctl": "VCPU", "device_ioctl": "DEVICE"}


def bodies(source: str, name: str) -> str:
    """The function NAME, and those of the same file whose names begin with NAME_."""
    return "".join(re.findall(rf"^[^\n]*\b{name}(?:_\w+)?\([^;]*?\n{{\n.*?\n}}\n", source,
                              re.M | re.S))


def known(sources: list[str]) -> set[tuple[str, str]]:
    """The calls that these sources of the module know, by kind of descriptor."""
    found = set()
    for source in sources:
        for name in re.findall(r"\.unlocked_ioctl = (\w+),", source):
            kind = KINDS.get(name, name)
            found |= {(kind, call) for call in
                      re.findall(r"(?:case |cmd == )(KVM_\w+)", bodies(source, name))}
    return found


def fuzzed(table: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^CALL\((\w+), (KVM_\w+), \w+, [1-9]\d*, \w+\)$", table, re.M))


@case("lint/fuzz-ioctl-calls", tier="check")
def calls(t: Context) -> None:
    sources = [path.read_text("utf-8") for path in sorted((TOP / "module").rglob("*.c"))]
    every, table = known(sources), TABLE.read_text("utf-8")
    t.equal({kind for kind, _ in every}, set(KINDS.values()), "each kind of descriptor is found")
    t.check(len(every) > 40, f"the module knows {len(every)} calls")
    t.equal(fuzzed(table), every, "calls.def has these calls and no others")
    t.equal(table.count("CALL(") - 1, len(every), "each once")
    uapi = (TOP / "docs" / "uapi.md").read_text("utf-8")
    t.equal(sorted({call for _, call in every if not re.search(rf"\b{call}\b", uapi)}), [],
            "uapi.md names each of them")


@case("lint/fuzz-ioctl-calls-can-fail", tier="check")
def calls_can_fail(t: Context) -> None:
    source = ("static long vm_ioctl_more(int cmd)\n{\n\tcase KVM_OLD:\n}\n\n"
              "static long vm_ioctl(int cmd,\n\t\tlong arg)\n{\n\tcase KVM_NEW:\n}\n\n"
              "static int other(void)\n{\n\tcase KVM_OTHER:\n}\n"
              "\t.unlocked_ioctl = vm_ioctl,\n")
    t.equal(known([source]), {("VM", "KVM_OLD"), ("VM", "KVM_NEW")}, "a call is found")
    t.equal(known([source.replace("vm_", "new_")]),
            {("new_ioctl", "KVM_OLD"), ("new_ioctl", "KVM_NEW")},
            "so is that of a new kind of descriptor")
    t.equal(fuzzed("CALL(VM, KVM_OLD, make, 1, 0)\nCALL(VM, KVM_NEW, make, 0, 0)\n"),
            {("VM", "KVM_OLD")}, "a row that is never chosen is none")
