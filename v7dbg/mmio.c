// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Watchpoints on accesses that hardware does not compare.  One that aborts at stage 2 never
 * reaches the watchpoint unit, so a hypervisor that emulates it asks here.
 */
#include "v7dbg_int.h"

/* Does an effective watchpoint cover this byte?  C3.4.2. */
static bool watch_covers(uint32_t wvr, uint32_t wcr, uint32_t va)
{
	unsigned int mask = DBGCR_MASK(wcr), bas = DBGWCR_BAS(wcr);

	if (mask)
		return !((va ^ wvr) >> mask);
	if (wvr & 4)
		return !((va ^ wvr) >> 2) && ((bas >> (va & 3)) & 1);
	return !((va ^ wvr) >> 3) && ((bas >> (va & 7)) & 1);
}

/* Direction, privilege and context: is this watchpoint for such accesses? */
static bool watch_matches(const struct v7dbg_regs *regs, uint32_t wcr, bool write, bool pl0,
			  uint32_t contextidr)
{
	if (!(DBGWCR_LSC(wcr) & (write ? DBGWCR_LSC_STORE : DBGWCR_LSC_LOAD)))
		return false;
	if (!(DBGCR_PMC(wcr) & (pl0 ? 2u : 1u)))
		return false;
	return !(wcr & DBGWCR_WT) || regs->brp.value[DBGCR_LBN(wcr)] == contextidr;
}

/* far: the first byte that one of them watches. */
static bool any_watch_matches(const struct v7dbg_regs *regs, uint32_t wrp, uint32_t va,
			      unsigned int size, bool write, bool pl0, uint32_t contextidr,
			      uint32_t *far)
{
	unsigned int n, i, first = size;

	for (n = 0; wrp >> n; n++) {
		if (!((wrp >> n) & 1) ||
		    !watch_matches(regs, regs->wrp.control[n], write, pl0, contextidr))
			continue;
		for (i = 0; i < first; i++)
			if (watch_covers(regs->wrp.value[n], regs->wrp.control[n], va + i))
				first = i;
	}
	if (first == size)
		return false;
	if (far)
		*far = va + first;
	return true;
}

bool v7dbg_mmio_watch(const struct v7dbg_vcpu *vcpu, uint32_t va, unsigned int size, bool write,
		      bool pl0, uint32_t contextidr, uint32_t *far)
{
	return !vcpu->user_on && !vcpu->held &&
	       any_watch_matches(&vcpu->regs, vcpu->eff.wrp, va, size, write, pl0, contextidr, far);
}

bool v7dbg_user_watch(const struct v7dbg_vcpu *vcpu, uint32_t va, unsigned int size, bool write,
		      bool pl0, uint32_t contextidr, uint32_t *far)
{
	return vcpu->user_on && !vcpu->held &&
	       any_watch_matches(&vcpu->user, vcpu->user_eff.wrp, va, size, write, pl0, contextidr,
				 far);
}
