// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Whether a vCPU has points, told a second time: by the manual's rules from its
 * registers alone, not by filter.h and not by eff, active or user_eff, which v7dbg
 * derives.  The invariants I9 and I13 ask here, so they also hold the filter to its
 * word.  Without V7DBG_DEBUG nothing.
 */
#include "v7dbg_int.h"

#ifdef V7DBG_DEBUG

/* {HMC, SSC, PMC} selects Non-secure PL1 or PL0, C3.3.1 and C3.4.1. */
static bool selects_guest(uint32_t control, bool watch)
{
	if (DBGCR_SSC(control) > DBGCR_SSC_NONSECURE) /* Secure, Hyp or reserved */
		return false;
	if (control & DBGCR_HMC)
		return DBGCR_PMC(control) & DBGCR_PMC_PL1;
	return DBGCR_PMC(control) || !watch;
}

/* MASK 0b00011 to 0b11111 with all of BAS, and a value that is clear below it. */
static bool masks(uint32_t control, uint32_t value, bool all_bytes)
{
	unsigned int mask = DBGCR_MASK(control);

	return all_bytes && mask > 2 && (value >> mask) << mask == value;
}

/*
 * LBN names a breakpoint that is context-aware, on, of type 0b0011 and with SSC 0b00 or
 * 0b01, HMC 0, BAS 0b1111, PMC 0b11, MASK 0: C3.3.3, C11.11.2.
 */
static bool link_holds(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs,
		       uint32_t control)
{
	unsigned int n = DBGCR_LBN(control);

	return n + caps->nr_ctx >= caps->nr_brps && n < caps->nr_brps &&
	       (regs->brp.control[n] & 0x1ff0a1e7) == 0x003001e7;
}

static bool wants_breakpoint(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs,
			     unsigned int n)
{
	uint32_t control = regs->brp.control[n], value = regs->brp.value[n];
	unsigned int bas = DBGBCR_BAS(control);
	bool mismatch = false;

	if (!(control & DBGCR_E) || !selects_guest(control, false))
		return false;
	switch (DBGBCR_BT(control)) {
	case DBGBCR_BT_CONTEXT:
		return n + caps->nr_ctx >= caps->nr_brps && bas == 0xf && !DBGCR_MASK(control);
	case DBGBCR_BT_CONTEXT_LINKED: /* a link to itself would hold */
		return link_holds(caps, regs, n << DBGCR_LBN_SHIFT);
	case DBGBCR_BT_MISMATCH_LINKED:
		mismatch = true;
		/* fall through */
	case DBGBCR_BT_ADDRESS_LINKED:
		if (!link_holds(caps, regs, control))
			return false;
		break;
	case DBGBCR_BT_MISMATCH:
		mismatch = true;
		break;
	case DBGBCR_BT_ADDRESS:
		break;
	default:
		return false;
	}
	if (value & 3)
		return false;
	if (DBGCR_MASK(control))
		return masks(control, value, bas == 0xf);
	/* Both bytes of a halfword or none; of no halfword a mismatch is everything. */
	return (bas & 5) << 1 == (bas & 10) && (bas || mismatch);
}

static bool wants_watchpoint(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs,
			     unsigned int n)
{
	uint32_t control = regs->wrp.control[n], value = regs->wrp.value[n];
	unsigned int bas = DBGWCR_BAS(control);

	if (value & 4) /* a word: BAS[7:4] are not used */
		bas &= 0xf;
	if (!(control & DBGCR_E) || !DBGWCR_LSC(control) || !selects_guest(control, true))
		return false;
	if ((control & DBGWCR_WT) && !link_holds(caps, regs, control))
		return false;
	return DBGCR_MASK(control) ? masks(control, value, bas == 0xff) : bas != 0;
}

/* C7.2.1, C7.2.4: MDBGen is set and neither the OS lock nor the double lock is. */
bool v7dbg_may_debug(const struct v7dbg_vcpu *vcpu)
{
	return (vcpu->dscr & DBGDSCR_MDBGEN) && !vcpu->oslock && (!vcpu->osdlr || vcpu->corenpdrq);
}

bool v7dbg_wants_points(const struct v7dbg_vcpu *vcpu)
{
	const struct v7dbg_regs *regs = vcpu->user_on ? &vcpu->user : &vcpu->regs;
	bool wants = regs->vcr & (DBGVCR_NSF | DBGVCR_NSI | DBGVCR_NSS | DBGVCR_NSU);
	unsigned int n;

	for (n = 0; n < vcpu->caps.nr_brps; n++)
		wants = wants || wants_breakpoint(&vcpu->caps, regs, n);
	for (n = 0; n < vcpu->caps.nr_wrps; n++)
		wants = wants || wants_watchpoint(&vcpu->caps, regs, n);
	return wants && (vcpu->user_on || v7dbg_may_debug(vcpu));
}

#endif /* V7DBG_DEBUG */
