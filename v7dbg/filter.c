// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The filter over a file of registers, and where a slot is on a CPU. */
#include "filter.h"

/* Breakpoints that another breakpoint or a watchpoint may name in LBN. */
static uint32_t linkable_slots(const struct v7dbg_caps *caps, const struct v7dbg_bank *brp)
{
	uint32_t links = 0;
	unsigned int n;

	for (n = caps->nr_brps - caps->nr_ctx; n < caps->nr_brps; n++)
		if (v7dbg_brp_linkable(brp->control[n]))
			links |= 1u << n;
	return links;
}

void v7dbg_filter(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs,
		  struct v7dbg_points *points)
{
	const struct v7dbg_bank *brp = &regs->brp, *wrp = &regs->wrp;
	uint32_t links = linkable_slots(caps, brp), breakpoints = 0, watchpoints = 0;
	unsigned int n;

	for (n = 0; n < caps->nr_brps; n++)
		if (v7dbg_brp_effective(brp->control[n], brp->value[n], v7dbg_is_ctx(caps, n),
					links))
			breakpoints |= 1u << n;
	for (n = 0; n < caps->nr_wrps; n++)
		if (v7dbg_wrp_effective(wrp->control[n], wrp->value[n], links))
			watchpoints |= 1u << n;
	points->brp = (uint16_t)breakpoints;
	points->wrp = (uint16_t)watchpoints;
	points->vcr = regs->vcr & VCR_HARDWARE;
}

void v7dbg_prepare(struct v7dbg_vcpu *vcpu)
{
	const struct v7dbg_bank *brp = &vcpu->regs.brp, *wrp = &vcpu->regs.wrp;
	unsigned int n;

	for (n = 0; n < vcpu->caps.nr_brps; n++)
		vcpu->brp_hardware[n] =
			(vcpu->eff.brp >> n) & 1
				? v7dbg_brp_hardware(brp->control[n], DBGCR_LBN(brp->control[n]))
				: 0;
	for (n = 0; n < vcpu->caps.nr_wrps; n++)
		vcpu->wrp_hardware[n] = (vcpu->eff.wrp >> n) & 1
						? v7dbg_wrp_hardware(wrp->control[n], wrp->value[n],
								     DBGCR_LBN(wrp->control[n]))
						: 0;
}

/*
 * Context-aware breakpoints are counted from the top of each CPU's bank, the others from
 * the bottom.  Since caps are the minimum the two do not meet, and a breakpoint that is
 * context-aware for the guest is so on the CPU.
 */
unsigned int v7dbg_physical_brp(const struct v7dbg_caps *caps, const struct v7dbg_cpu *cpu,
				unsigned int n)
{
	return v7dbg_is_ctx(caps, n) ? cpu->brp.count - (caps->nr_brps - n) : n;
}
