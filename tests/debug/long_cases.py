# SPDX-License-Identifier: GPL-2.0-only
"""Cases host/NAME of the tier long that do what no other case does, as debug/NAME.

They drive the notifiers, the locks of the page tables, and the end of a VMM at any moment.
"""

from __future__ import annotations

from dataclasses import replace

from debug import _kernel as kernel
from lib import Context, case, registry
from lib.registry import Case

NAMES = ("host/kills", "host/thousand-vms", "host/pressure-mappings", "host/pressure-files",
         "host/pressure-pages", "host/pressure-memcg")
# What a small board has more than on other kernels, in MiB: KASAN's shadow, and what KASAN keeps of
# freed memory.
SMALL, MORE = 1024, 256


def register(one: Case) -> None:
    needs = one.needs
    assert needs
    memory = needs.memory + (MORE if needs.memory < SMALL else 0)

    @case(one.name.replace("host/", "debug/", 1), tier="long", shard="long",
          timeout=one.timeout + kernel.BUILD_SECONDS,
          needs=replace(needs, flavour=kernel.FLAVOUR, memory=memory,
                        allowed=(*needs.allowed, kernel.KNOWN)))
    def run(t: Context) -> None:
        kernel.build(t)
        with kernel.watched(t):
            one.function(t)


for _name in NAMES:
    register(registry.CASES[_name])
