// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The filter over a whole file of slots, and where a slot is on a CPU. */
#include "filter.h"

/* Breakpoints that another breakpoint or a watchpoint may name in LBN. */
static uint32_t linkable(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs)
{
	uint32_t links = 0;
	unsigned int n;

	for (n = caps->nr_brps - caps->nr_ctx; n < caps->nr_brps; n++)
		if (v7dbg_brp_linkable(regs->bcr[n]))
			links |= 1u << n;
	return links;
}

void v7dbg_filter(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs, uint16_t *brp,
		  uint16_t *wrp)
{
	uint32_t links = linkable(caps, regs), breakpoints = 0, watchpoints = 0;
	unsigned int n;

	for (n = 0; n < caps->nr_brps; n++)
		if (v7dbg_brp_effective(regs->bcr[n], regs->bvr[n], v7dbg_is_ctx(caps, n), links))
			breakpoints |= 1u << n;
	for (n = 0; n < caps->nr_wrps; n++)
		if (v7dbg_wrp_effective(regs->wcr[n], regs->wvr[n], links))
			watchpoints |= 1u << n;
	*brp = (uint16_t)breakpoints;
	*wrp = (uint16_t)watchpoints;
}

/*
 * Context-aware breakpoints are counted from the top of each CPU's file, the
 * others from the bottom.  As caps are the minimum, the two cannot meet, and what
 * is context-aware for the guest is so on the CPU.
 */
unsigned int v7dbg_physical_brp(const struct v7dbg_caps *caps, const struct v7dbg_cpu *cpu,
				unsigned int n)
{
	return v7dbg_is_ctx(caps, n) ? cpu->nr_brps - (caps->nr_brps - n) : n;
}
