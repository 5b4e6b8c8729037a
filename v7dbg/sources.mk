# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# The sources of v7dbg, for its own Makefile and for programs that build them in.
V7DBG_SRCS := table.c names.c caps.c dscr.c filter.c state.c access.c owner.c point.c mmio.c \
	onereg.c reflect.c invariant.c invariant-points.c
