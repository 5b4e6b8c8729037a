#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The HYP image runs at an address that is unknown when it is linked: every relocation
# left in it must be relative to its own place.
set -eu
objdump=${OBJDUMP:-objdump}

bad=$("$objdump" -r "$1" | awk '
	/^RELOCATION RECORDS FOR/ { section = $4 }
	section ~ /\.debug/ { next }
	$2 !~ /^R_ARM_/ { next }
	$2 !~ /^R_ARM_(CALL|JUMP24|REL32|V4BX|NONE|PREL31|GOTPC|THM_CALL)$/ { print section, $0 }')
if [ -n "$bad" ]; then
	echo "$1: these relocations depend on the address at which the image runs:" >&2
	echo "$bad" >&2
	rm -f "$1"
	exit 1
fi
