# SPDX-License-Identifier: GPL-2.0-only
"""The machines of QEMU on which a board may run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import kernel


@dataclass(frozen=True)
class Model:
    """One of QEMU's machines. TREE names Debian's device tree, if QEMU makes none itself."""

    options: str  # without HYP mode, and with it
    hyp_options: str
    console: str
    tree: str = ""


MODELS = {
    "virt": Model("virt,gic-version=2,virtualization=off", "virt,gic-version=2,virtualization=on",
                  "pl011,0x09000000"),
    # Firmware left the CPUs in Secure state: HVC is UNDEFINED there (DDI 0406C B9.3.4).
    "vexpress-a15": Model("vexpress-a15,secure=on",
                          "vexpress-a15,secure=off,virtualization=on",
                          "pl011,0x1c090000", "vexpress-v2p-ca15-tc1.dtb"),
}


def tree(model: Model, flavour: str) -> Path | None:
    """The device tree that a board of this model needs, or nothing."""
    return kernel.device_trees(flavour) / model.tree if model.tree else None
