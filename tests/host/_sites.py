# SPDX-License-Identifier: GPL-2.0-only
"""The calls in the module that may fail: memory is short, or user space has none there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ENOMEM, EFAULT, VM_FAULT_OOM = 12, 14, 1
# What a function returns when it fails. Of a copy it is how many bytes are left.
FAILURES = (
    (r"kmalloc_trace|kmem_cache_alloc\w*|__kmalloc|kmemdup|kvmalloc_node|get_zeroed_page"
     r"|__get_free_pages|alloc_pages_exact|__alloc_percpu_gfp|ioremap|get_user_pages_fast_only", 0),
    (r"vmemdup_user|anon_inode_getf(d|ile)|get_unused_fd_flags|debugfs_create_(dir|file)"
     r"|ida_alloc_range|mmu_notifier_register|misc_register|__request_percpu_irq"
     r"|__cpuhp_setup_state|perf_event_create_kernel_counter|vm_mmap|get_user_pages_fast",
     -ENOMEM),
    (r"handle_mm_fault", VM_FAULT_OOM),
    (r"arm_copy_(from|to)_user", 1),
    (r"__(get|put)_user_\d", -EFAULT),
)
# Those that allocate, for the kernel's own fault injection. kvmalloc_node() tries vmalloc() after
# kmalloc(); a failure there is found, too.
ALLOCATES = re.compile(FAILURES[0][0].replace("|ioremap|get_user_pages_fast_only", "") + "|"
                       + FAILURES[1][0].replace("|vm_mmap|get_user_pages_fast", "").replace(
                           "|get_unused_fd_flags", "") + "|handle_mm_fault")
FUNCTION = re.compile(r"^([0-9a-f]+) <([\w.]+)>:$")
CALL = re.compile(r"^\s+([0-9a-f]+): R_ARM_CALL\s+([\w.]+)")
# A function and the offset of the call in it.
Site = tuple[str, int]
# `where from function+0xOFFSET/0xSIZE [kvm_armv7]`: the line of the module that is nearest to the
# allocator comes first, and has the return address.
FROM = re.compile(r" from ([\w.]+)\+0x([0-9a-f]+)/0x[0-9a-f]+ \[kvm_armv7\]")


def failure_of(function: str) -> int | None:
    return next((value for names, value in FAILURES if re.fullmatch(names, function)), None)


def calls(path: Path) -> dict[Site, str]:
    """Each call in the module to another function, by its disassembly."""
    text = subprocess.run(["arm-linux-gnueabihf-objdump", "-dr", str(path)], check=True,
                          capture_output=True, text=True).stdout
    found: dict[Site, str] = {}
    name, start = "", 0
    for line in text.splitlines():
        if match := FUNCTION.match(line):
            start, name = int(match[1], 16), match[2]
        elif match := CALL.match(line):
            found[name, int(match[1], 16) - start] = match[2]
    return found


def of_module(path: Path) -> dict[Site, str]:
    """Each call of a function that may fail."""
    return {site: name for site, name in calls(path).items() if failure_of(name) is not None}


def failed(log: str) -> set[Site]:
    """Those that failed, by the stacks that the kernel's fault injection logs."""
    found = set()
    for part in log.split("FAULT_INJECTION: forcing a failure")[1:]:
        if match := FROM.search(part):
            found.add((match[1], int(match[2], 16) - 4))
    return found


def show(site: Site, function: str) -> str:
    return f"{function} in {site[0]}+{site[1]:#x}"
