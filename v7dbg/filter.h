/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The filter, slot by slot: may this control go to hardware, and as what.  It disables and
 * never converts: what passes matches exactly where the guest asked for a match in
 * Non-secure PL1 and PL0, without the Secure and Hyp parts of what it asked for.  C3.3 and
 * C3.4 (breakpoints, watchpoints), C11.11.2 and C11.11.44 (fields).
 */
#ifndef V7DBG_FILTER_H
#define V7DBG_FILTER_H

#include "v7dbg_int.h"

/*
 * The combinations of {HMC, SSC, PMC} that select Non-secure PL1 or PL0, one bit
 * each, numbered HMC * 16 + SSC * 4 + PMC (tables in C3.3.1 and C3.4.1):
 *   HMC 0, SSC 00 (both states) or 01 (Non-secure), any PMC; PMC 00 is User,
 *   System and Supervisor modes, and exists for breakpoints only;
 *   HMC 1, SSC 00 or 01, PMC 01 (PL1 and PL2) or 11 (all): the PL2 part is dropped.
 * The rest is Secure only, Hyp only or reserved.
 */
#define V7DBG_STATES_BRP 0x00aa00ffu
#define V7DBG_STATES_WRP 0x00aa00eeu
/* The state fields of what goes to hardware, with HMC 0. */
#define V7DBG_NONSECURE (DBGCR_SSC_NONSECURE << DBGCR_SSC_SHIFT)

static inline bool v7dbg_state_selected(uint32_t states, uint32_t cr)
{
	return (states >> ((cr & DBGCR_HMC ? 16 : 0) + DBGCR_SSC(cr) * 4 + DBGCR_PMC(cr))) & 1;
}

/*
 * May others link to this context-aware breakpoint?  Without E, BT 0b0011, BAS 0b1111,
 * PMC 0b11, HMC 0 and MASK 0 matching is UNPREDICTABLE.  SSC should be 0b00; 0b01 asks
 * for no more and is accepted.
 */
static inline bool v7dbg_brp_linkable(uint32_t bcr)
{
	return (bcr & (DBGCR_E | DBGCR_PMC_MASK | DBGBCR_BAS_MASK | DBGCR_HMC |
		       2u << DBGCR_SSC_SHIFT | DBGBCR_BT_MASK | DBGCR_MASK_MASK)) ==
	       (DBGCR_E | DBGCR_PMC_MASK | DBGBCR_BAS_MASK |
		DBGBCR_BT_CONTEXT_LINKED << DBGBCR_BT_SHIFT);
}

/* The value has to be clear below MASK; MASK 1 and 2 are reserved. */
static inline bool v7dbg_mask_legal(unsigned int mask, uint32_t value)
{
	return mask >= 3 && !(value & ((1u << mask) - 1));
}

/*
 * ctx: the breakpoint is context-aware.  links: the breakpoints that are linkable.  BAS of
 * an address is a halfword or the word; of a mismatch also 0b0000, which matches every
 * instruction (C3.3.2).
 */
static inline bool v7dbg_brp_effective(uint32_t bcr, uint32_t bvr, bool ctx, uint32_t links)
{
	unsigned int bt = DBGBCR_BT(bcr), bas = DBGBCR_BAS(bcr), mask = DBGCR_MASK(bcr);

	if (!(bcr & DBGCR_E) || !v7dbg_state_selected(V7DBG_STATES_BRP, bcr))
		return false;
	switch (bt) {
	case DBGBCR_BT_ADDRESS_LINKED:
	case DBGBCR_BT_MISMATCH_LINKED:
		if (!((links >> DBGCR_LBN(bcr)) & 1))
			return false;
		break;
	case DBGBCR_BT_ADDRESS:
	case DBGBCR_BT_MISMATCH:
		break;
	case DBGBCR_BT_CONTEXT:
		return ctx && bas == 0xf && !mask;
	case DBGBCR_BT_CONTEXT_LINKED:
		return ctx && v7dbg_brp_linkable(bcr);
	default: /* VMID and reserved types */
		return false;
	}
	if (bvr & 3)
		return false;
	if (mask)
		return bas == 0xf && v7dbg_mask_legal(mask, bvr);
	return bas == 0x3 || bas == 0xc || bas == 0xf || (!bas && bt >= DBGBCR_BT_MISMATCH);
}

/* Where DBGWVR[2] is 1, only BAS[3:0] is used. */
static inline unsigned int v7dbg_wrp_bas(uint32_t wcr, uint32_t wvr)
{
	return DBGWCR_BAS(wcr) & (wvr & 4 ? 0x0f : 0xff);
}

static inline bool v7dbg_wrp_effective(uint32_t wcr, uint32_t wvr, uint32_t links)
{
	unsigned int bas = v7dbg_wrp_bas(wcr, wvr), mask = DBGCR_MASK(wcr);

	if (!(wcr & DBGCR_E) || !v7dbg_state_selected(V7DBG_STATES_WRP, wcr) || !DBGWCR_LSC(wcr))
		return false;
	if ((wcr & DBGWCR_WT) && !((links >> DBGCR_LBN(wcr)) & 1))
		return false;
	if (mask)
		return bas == 0xff && v7dbg_mask_legal(mask, wvr);
	/* Each bit selects a byte: gaps are legal here, unlike in ARMv8. */
	return bas;
}

/* What hardware gets of an effective breakpoint.  lbn: the physical number. */
static inline uint32_t v7dbg_brp_hardware(uint32_t bcr, unsigned int lbn)
{
	unsigned int bt = DBGBCR_BT(bcr);
	uint32_t hw = bcr & (DBGCR_E | DBGCR_PMC_MASK | DBGBCR_BAS_MASK | DBGBCR_BT_MASK |
			     DBGCR_MASK_MASK);

	/*
	 * A linked context breakpoint matches nothing by itself: the state fields of what
	 * links to it decide.  Its own have to be SSC 0b00, HMC 0, PMC 0b11 (C11.11.2).
	 */
	if (bt == DBGBCR_BT_CONTEXT_LINKED)
		return hw;
	hw |= V7DBG_NONSECURE;
	if (bt & 1)
		hw |= lbn << DBGCR_LBN_SHIFT;
	return hw;
}

static inline uint32_t v7dbg_wrp_hardware(uint32_t wcr, uint32_t wvr, unsigned int lbn)
{
	uint32_t hw = wcr &
		      (DBGCR_E | DBGCR_PMC_MASK | DBGWCR_LSC_MASK | DBGWCR_WT | DBGCR_MASK_MASK);

	hw |= (uint32_t)v7dbg_wrp_bas(wcr, wvr) << DBGCR_BAS_SHIFT | V7DBG_NONSECURE;
	if (wcr & DBGWCR_WT)
		hw |= lbn << DBGCR_LBN_SHIFT;
	return hw;
}

#endif /* V7DBG_FILTER_H */
