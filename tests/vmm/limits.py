# SPDX-License-Identifier: GPL-2.0-only
"""How long to wait."""

# For what has to come, in seconds by the clock. Only a hang takes that long, even on a busy
# machine: unit/armvm's own limit, of time that the machine gave, is not much higher.
HANG = 300
