# SPDX-License-Identifier: GPL-2.0-only
"""Each case host/NAME of the tier test again, as debug/NAME: on the debug kernel.

A new case is here by itself if it has a board that it shares with others (`needs`).
"""

from __future__ import annotations

from dataclasses import replace

from debug import _kernel as kernel
from lib import Context, case, registry
from lib.registry import Case

# Cases that say nothing on this kernel, and why.
LEFT_OUT = {
    "host/memory-blocks": "without LPAE the kernel has no huge pages, so no blocks",
    "host/memory-blocks-young": "as host/memory-blocks",
}


def chosen() -> list[Case]:
    """Those that tests/skips names need what the emulator does not have."""
    skipped = registry.allowed()
    return [one for one in registry.CASES.values() if one.name.startswith("host/")
            and one.tier == "test" and one.needs and one.name not in {*LEFT_OUT, *skipped}]


def register(one: Case) -> None:
    # One boot for each file of cases, so that two workers have something to do, and a splat,
    # after which lockdep is off, costs the others nothing.
    shard = one.function.__module__.rpartition(".")[2]

    @case(one.name.replace("host/", "debug/", 1), tier="long", shard=shard,
          timeout=one.timeout + kernel.BUILD_SECONDS,
          needs=replace(one.needs, flavour=kernel.FLAVOUR,
                        allowed=(*one.needs.allowed, kernel.KNOWN)))
    def run(t: Context) -> None:
        kernel.build(t, with_checks=shard == "checked")
        with kernel.watched(t):
            one.function(t)


for _one in chosen():
    register(_one)
