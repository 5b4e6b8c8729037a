#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# Check what v7dbg promises of its objects in each form that it is used in: A32 and T32 at
# -O2 and -Os (HYP code), for the build machine, and with __KERNEL__ (kernel objects).
set -eu

fail()
{
	echo "v7dbg: $*" >&2
	exit 1
}

dir=$OUT/portability
rm -rf "$dir"
mkdir -p "$dir"

# Every undefined symbol is one of v7dbg's own: no libgcc, no libc.
check_symbols()
{
	nm=$1 what=$2
	shift 2
	$nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u >"$dir/defined"
	$nm -u "$@" | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u >"$dir/undefined"
	alien=$(grep -vxFf "$dir/defined" "$dir/undefined" | grep -vx _GLOBAL_OFFSET_TABLE_ || true)
	[ -z "$alien" ] || fail "$what needs symbols from outside: $alien"
	bad=$(grep -v '^v7dbg_' "$dir/defined" || true)
	[ -z "$bad" ] || fail "$what exports names that do not start with v7dbg_: $bad"
}

# Position-independent: no absolute address in text or data, and no writable data.
check_objects()
{
	what=$1
	shift
	bad=$("${CROSS_COMPILE}readelf" -rW "$@" |
		grep -E 'R_ARM_(ABS|TARGET1|MOVW_ABS|MOVT_ABS|THM_MOV[WT]_ABS|GOT)' |
		grep -v debug || true)
	[ -z "$bad" ] || fail "$what has absolute relocations: $bad"
	"${CROSS_COMPILE}size" "$@" | awk -v what="$what" 'NR > 1 && ($2 || $3) {
		print "v7dbg: " what " has writable data: " $0; bad = 1 } END { exit bad }' >&2
	# Floating point and SIMD registers are the guest's.
	bad=$("${CROSS_COMPILE}objdump" -d "$@" |
		grep -E '	v(ldr|str|mov|add|push|pop)' || true)
	[ -z "$bad" ] || fail "$what touches VFP registers: $bad"
}

for state in arm thumb; do
	for opt in -O2 -Os; do
		objs=
		for src in $SRCS; do
			obj=$dir/${src%.c}.$state$opt.o
			# shellcheck disable=SC2086 # flags are words
			"${CROSS_COMPILE}gcc" $ARMFLAGS -m$state $opt -fstack-usage \
				-c "$src" -o "$obj"
			objs="$objs $obj"
		done
		# shellcheck disable=SC2086
		check_symbols "${CROSS_COMPILE}nm" "$state $opt" $objs
		# shellcheck disable=SC2086
		check_objects "$state $opt" $objs
		# shellcheck disable=SC2086
		text=$("${CROSS_COMPILE}size" $objs | awk 'NR > 1 { sum += $1 } END { print sum }')
		stack=$(cat "$dir"/*."$state$opt".su | awk '
			$NF != "static" { print "unbounded: " $0 > "/dev/stderr"; bad = 1 }
			$(NF - 1) > max { max = $(NF - 1) } END { print max; exit bad }') ||
			fail "$state $opt has a frame of unknown size"
		[ "$stack" -le 160 ] || fail "$state $opt has a frame of $stack bytes"
		echo "v7dbg: $state $opt: $text bytes, largest frame $stack"
	done
done

objs=
for src in $SRCS; do
	obj=$dir/${src%.c}.host.o
	# shellcheck disable=SC2086
	$CC $FREE $WARN -O2 -fno-stack-protector -c "$src" -o "$obj"
	objs="$objs $obj"
done
# shellcheck disable=SC2086
check_symbols nm "the build machine's" $objs

# The assertions need nothing but v7dbg_broken(), and without V7DBG_DEBUG there is no code
# for them.
# shellcheck disable=SC2086
if nm $objs | grep -E 'v7dbg_(broken|check|before|wants|may)'; then
	fail "assertions without V7DBG_DEBUG"
fi
for src in $SRCS; do
	# shellcheck disable=SC2086
	"${CROSS_COMPILE}gcc" $ARMFLAGS -marm -O2 -DV7DBG_DEBUG \
		-c "$src" -o "$dir/${src%.c}.debug.o"
done
alien=$("${CROSS_COMPILE}nm" -u "$dir"/*.debug.o |
	grep -v ' v7dbg_\|_GLOBAL_OFFSET_TABLE_\|^$\|:$' || true)
[ -z "$alien" ] || fail "assertions need symbols from outside: $alien"
"${CROSS_COMPILE}nm" -u "$dir"/*.debug.o | grep -q v7dbg_broken ||
	fail "V7DBG_DEBUG asserts nothing"

# With __KERNEL__ the types come from <linux/types.h>.  A stand-in that has nothing else
# proves that v7dbg takes nothing else.
mkdir -p "$dir/include/linux"
printf '%s\n' '#define NULL ((void *)0)' '#define offsetof __builtin_offsetof' \
	>"$dir/include/linux/stddef.h"
printf '%s\n' 'typedef unsigned char uint8_t;' 'typedef unsigned short uint16_t;' \
	'typedef unsigned int uint32_t;' 'typedef _Bool bool;' 'typedef __SIZE_TYPE__ size_t;' \
	'enum { false = 0, true = 1 };' >"$dir/include/linux/types.h"
for src in $SRCS; do
	# shellcheck disable=SC2086
	"${CROSS_COMPILE}gcc" $ARMFLAGS -std=gnu11 -Os -nostdinc -D__KERNEL__ -I"$dir/include" \
		-c "$src" -o "$dir/${src%.c}.kernel.o"
done

# Each header alone.
for header in v7dbg.h v7dbg_state.h v7dbg_quick.h v7dbg_fields.h v7dbg_env.h v7dbg_int.h \
	filter.h reflect.h point.h; do
	# shellcheck disable=SC2086
	printf '#include "%s"\n' "$header" | $CC $FREE $WARN -I. -x c -fsyntax-only -
done

# Raise the version here too, after embedding.md says what it changes.
version=$(printf '#include "v7dbg.h"\nV7DBG_VERSION\n' | $CC -I. -E -P -x c - | tail -n 1)
[ "$version" = "5" ] || fail "V7DBG_VERSION is $version; this check knows 5"
echo "v7dbg: portable, version $version"
