// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A vCPU's debug registers: reset, the VMM's points, reading and writing. */
#include "v7dbg_int.h"

#define CLAIM_TAGS 0xffu /* eight are implemented */

void v7dbg_init(struct v7dbg_vcpu *vcpu, const struct v7dbg_caps *caps)
{
	V7DBG_STATIC_ASSERT(sizeof(*vcpu) % sizeof(uint32_t) == 0, "cleared by words");
	V7DBG_STATIC_ASSERT(sizeof(*caps) % sizeof(uint32_t) == 0, "copied by words");

	v7dbg_clear_words(vcpu, sizeof(*vcpu));
	v7dbg_copy_words(&vcpu->caps, caps, sizeof(*caps));
	vcpu->layout = v7dbg_layout(caps->nr_brps, caps->nr_ctx, caps->nr_wrps,
				    v7dbg_has_bcr_mask(caps->dbgdevid),
				    v7dbg_has_wcr_mask(caps->dbgdevid));
	v7dbg_reset(vcpu);
}

/*
 * UNKNOWN reset values are 0.  The OS lock is set (C11.11.32): software has to clear it
 * before its first breakpoint or watchpoint, as on the CPU.  The VMM's points are not the
 * guest's, so they stay.
 */
void v7dbg_reset(struct v7dbg_vcpu *vcpu)
{
	V7DBG_STATIC_ASSERT(sizeof(vcpu->regs) % sizeof(uint32_t) == 0, "cleared by words");
	V7DBG_STATIC_ASSERT(sizeof(vcpu->bxvr) % sizeof(uint32_t) == 0, "cleared by words");

	v7dbg_clear_words(&vcpu->regs, sizeof(vcpu->regs));
	v7dbg_clear_words(vcpu->bxvr, sizeof(vcpu->bxvr));
	vcpu->dscr = 0;
	vcpu->moe = 0;
	vcpu->oslock = true;
	vcpu->osdlr = false;
	vcpu->corenpdrq = false;
	vcpu->claim = 0;
	vcpu->dtrtx = 0;
	vcpu->wfar = 0;
	vcpu->held = false;
	v7dbg_refresh(vcpu);
	V7DBG_CHECK_VCPU(vcpu);
}

static void clear_points(struct v7dbg_points *points)
{
	points->brp = 0;
	points->wrp = 0;
	points->vcr = 0;
}

void v7dbg_refresh(struct v7dbg_vcpu *vcpu)
{
	if (v7dbg_points_allowed(vcpu)) {
		v7dbg_filter(&vcpu->caps, &vcpu->regs, &vcpu->eff);
	} else {
		clear_points(&vcpu->eff);
	}
	vcpu->active = v7dbg_any(&vcpu->eff);
	v7dbg_prepare(vcpu);
}

/*
 * The VMM's points need neither the guest's MDBGen nor its OS lock, only a CPU in Monitor
 * debug-mode, which entry checks.
 */
void v7dbg_user(struct v7dbg_vcpu *vcpu, const struct v7dbg_regs *points)
{
	const struct v7dbg_caps *caps = &vcpu->caps;
	struct v7dbg_regs *user = &vcpu->user;
	unsigned int n;

	v7dbg_clear_words(user, sizeof(*user));
	clear_points(&vcpu->user_eff);
	vcpu->user_step = 0;
	vcpu->user_on = points != NULL;
	/* held was about the points that the last entry could not load. */
	vcpu->held = false;
	if (!points) {
		vcpu->user_bkpt = false;
		V7DBG_CHECK_VCPU(vcpu);
		return;
	}
	for (n = 0; n < caps->nr_brps; n++) {
		user->brp.value[n] = points->brp.value[n] & v7dbg_bvr_bits(caps, n);
		user->brp.control[n] = points->brp.control[n] & v7dbg_bcr_bits(caps);
	}
	for (n = 0; n < caps->nr_wrps; n++) {
		user->wrp.value[n] = points->wrp.value[n] & ~3u;
		user->wrp.control[n] = points->wrp.control[n] & v7dbg_wcr_bits(caps);
	}
	user->vcr = points->vcr & VCR_HARDWARE;
	v7dbg_filter(caps, user, &vcpu->user_eff);
	V7DBG_CHECK_VCPU(vcpu);
}

void v7dbg_user_bkpt(struct v7dbg_vcpu *vcpu, bool on)
{
	vcpu->user_bkpt = vcpu->user_on && on;
	V7DBG_CHECK_VCPU(vcpu);
}

/*
 * BAS is the word at pc in ARM state and its halfword in Thumb state.  The address of a
 * Thumb instruction of 32 bits is that of its first halfword.
 */
static enum v7dbg_error add_step(struct v7dbg_vcpu *vcpu, uint32_t pc, bool thumb)
{
	struct v7dbg_bank *brp = &vcpu->user.brp;
	uint32_t bas = thumb ? 0x3u << (pc & 2) : 0xf;
	unsigned int n;

	if (!vcpu->caps.mismatch)
		return V7DBG_ERR_NO_MISMATCH;
	/* The first free slot: the context-aware ones, which can do more, come last. */
	for (n = 0; n < vcpu->caps.nr_brps; n++)
		if (!(brp->control[n] & DBGCR_E))
			break;
	if (n == vcpu->caps.nr_brps)
		return V7DBG_ERR_NO_SLOT;
	brp->value[n] = pc & ~3u;
	brp->control[n] = DBGBCR_BT_MISMATCH << DBGBCR_BT_SHIFT | bas << DBGCR_BAS_SHIFT |
			  DBGCR_PMC_MASK | DBGCR_E;
	vcpu->user_step = (uint8_t)(n + 1);
	return V7DBG_OK;
}

enum v7dbg_error v7dbg_user_step(struct v7dbg_vcpu *vcpu, uint32_t pc, bool thumb)
{
	struct v7dbg_bank *brp = &vcpu->user.brp;
	enum v7dbg_error error = V7DBG_ERR_NOT_DEBUGGED;

	if (vcpu->user_step)
		brp->control[vcpu->user_step - 1] = 0;
	vcpu->user_step = 0;
	if (vcpu->user_on) {
		error = add_step(vcpu, pc, thumb);
		v7dbg_filter(&vcpu->caps, &vcpu->user, &vcpu->user_eff);
	}
	V7DBG_CHECK_VCPU(vcpu);
	return error;
}

uint32_t v7dbg_read(const struct v7dbg_vcpu *vcpu, const struct v7dbg_row *row)
{
	const struct v7dbg_caps *caps = &vcpu->caps;

	switch (row->id) {
	case V7DBG_ROW_DBGDIDR:
		return caps->dbgdidr;
	case V7DBG_ROW_DBGDSCRint:
	case V7DBG_ROW_DBGDSCRext:
		return v7dbg_dscr_read(vcpu);
	case V7DBG_ROW_DBGWFAR:
		return vcpu->wfar;
	case V7DBG_ROW_DBGVCR:
		return vcpu->regs.vcr;
	case V7DBG_ROW_DBGDTRTXext:
		return vcpu->dtrtx;
	case V7DBG_ROW_DBGBVR:
		return vcpu->regs.brp.value[row->n];
	case V7DBG_ROW_DBGBCR:
		return vcpu->regs.brp.control[row->n];
	case V7DBG_ROW_DBGWVR:
		return vcpu->regs.wrp.value[row->n];
	case V7DBG_ROW_DBGWCR:
		return vcpu->regs.wrp.control[row->n];
	case V7DBG_ROW_DBGBXVR:
		return vcpu->bxvr[row->n];
	case V7DBG_ROW_DBGOSLSR:
		return DBGOSLSR_OSLM_V7_1 | (vcpu->oslock ? DBGOSLSR_OSLK : 0);
	case V7DBG_ROW_DBGOSDLR:
		return vcpu->osdlr;
	case V7DBG_ROW_DBGPRCR:
		return vcpu->corenpdrq;
	case V7DBG_ROW_DBGCLAIMSET:
		return CLAIM_TAGS;
	case V7DBG_ROW_DBGCLAIMCLR:
		return vcpu->claim;
	case V7DBG_ROW_DBGAUTHSTATUS:
		return DBGAUTHSTATUS_S_DISABLED |
		       (caps->monitor ? DBGAUTHSTATUS_NS_ENABLED : DBGAUTHSTATUS_NS_DISABLED);
	case V7DBG_ROW_DBGDEVID:
		return caps->dbgdidr & DBGDIDR_DEVID_IMP ? caps->dbgdevid : 0;
	case V7DBG_ROW_DBGDEVID1:
		return caps->dbgdevid1;
	case V7DBG_ROW_DBGDEVID2:
		return caps->dbgdevid2;
	default: /* RAZ, and write-only registers */
		return 0;
	}
}

/*
 * control: the slot's control, of a write of it the old value or'ed with the new one.
 * Nothing that is effective can change while E stays 0.  Returns whether it can.
 */
static bool write_slot(uint32_t *reg, uint32_t value, uint32_t control)
{
	*reg = value;
	return control & DBGCR_E;
}

bool v7dbg_write(struct v7dbg_vcpu *vcpu, const struct v7dbg_row *row, uint32_t value)
{
	const struct v7dbg_caps *caps = &vcpu->caps;
	struct v7dbg_regs *regs = &vcpu->regs;
	unsigned int n = row->n;

	switch (row->id) {
	case V7DBG_ROW_DBGDTRTXint:
		vcpu->dtrtx = value;
		vcpu->dscr |= DBGDSCR_TXFULL;
		return false;
	case V7DBG_ROW_DBGDTRTXext:
		vcpu->dtrtx = value;
		return false;
	case V7DBG_ROW_DBGWFAR:
		vcpu->wfar = value;
		return false;
	case V7DBG_ROW_DBGBXVR:
		vcpu->bxvr[n] = (uint8_t)value;
		return false;
	case V7DBG_ROW_DBGCLAIMSET:
		vcpu->claim |= value & CLAIM_TAGS;
		return false;
	case V7DBG_ROW_DBGCLAIMCLR:
		vcpu->claim &= ~value & CLAIM_TAGS;
		return false;
	case V7DBG_ROW_DBGVCR:
		regs->vcr = value & VCR_IMPLEMENTED;
		return true;
	case V7DBG_ROW_DBGBVR:
		return write_slot(&regs->brp.value[n], value & v7dbg_bvr_bits(caps, n),
				  regs->brp.control[n]);
	case V7DBG_ROW_DBGBCR:
		value &= v7dbg_bcr_bits(caps);
		return write_slot(&regs->brp.control[n], value, regs->brp.control[n] | value);
	case V7DBG_ROW_DBGWVR:
		return write_slot(&regs->wrp.value[n], value & ~3u, regs->wrp.control[n]);
	case V7DBG_ROW_DBGWCR:
		value &= v7dbg_wcr_bits(caps);
		return write_slot(&regs->wrp.control[n], value, regs->wrp.control[n] | value);
	case V7DBG_ROW_DBGDSCRext:
		v7dbg_dscr_write(vcpu, value, vcpu->oslock);
		return true;
	case V7DBG_ROW_DBGOSLAR:
		vcpu->oslock = value == DBGOSLAR_KEY;
		return true;
	case V7DBG_ROW_DBGOSDLR:
		vcpu->osdlr = value & DBGOSDLR_DLK;
		return true;
	case V7DBG_ROW_DBGPRCR:
		vcpu->corenpdrq = value & DBGPRCR_CORENPDRQ;
		return true;
	default: /* WI */
		return false;
	}
}
