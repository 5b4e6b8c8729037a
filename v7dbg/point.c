// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "point.h"

bool v7dbg_quick_point(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu, uint32_t hsr, uint32_t value,
		       uint32_t dscr, struct v7dbg_move *move)
{
	if (V7DBG_IS_WRITE_OF(hsr, V7DBG_HSR_DBGWCR))
		return v7dbg_make_point(vcpu, cpu, true, hsr, value, dscr, move);
	return V7DBG_IS_WRITE_OF(hsr, V7DBG_HSR_DBGBCR) &&
	       v7dbg_make_point(vcpu, cpu, false, hsr, value, dscr, move);
}

/* One bank of v7dbg_spell_out(): on this CPU each slot has the guest's number. */
static void spell_out_bank(struct v7dbg_cpu_bank *bank, uint16_t slots,
			   const struct v7dbg_bank *regs, const uint32_t *hardware,
			   struct v7dbg_slots *saved)
{
	unsigned int n;

	bank->on = slots;
	bank->saved = slots;
	bank->written.values = slots;
	bank->written.controls = slots;
	for (n = 0; slots >> n; n++) {
		if (!((slots >> n) & 1))
			continue;
		bank->loaded.value[n] = regs->value[n];
		bank->loaded.control[n] = hardware[n];
	}
	if (!saved)
		return;
	saved->values = slots;
	saved->controls = (uint16_t)((1u << bank->count) - 1);
}

/*
 * eff, and the registers of the points in it, are what they were at the entry: what changes
 * them has the CPU as an argument, and so comes after this.
 */
void v7dbg_spell_out(const struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
		     struct v7dbg_saved *saved)
{
	const struct v7dbg_points *eff = &vcpu->eff;

	if (cpu->owner != V7DBG_OWNER_IMPLIED)
		return;
	spell_out_bank(&cpu->brp, eff->brp, &vcpu->regs.brp, vcpu->brp_hardware,
		       saved ? &saved->brp : NULL);
	spell_out_bank(&cpu->wrp, eff->wrp, &vcpu->regs.wrp, vcpu->wrp_hardware,
		       saved ? &saved->wrp : NULL);
	if (saved)
		saved->vcr = true;
	cpu->loaded_vcr = eff->vcr;
	cpu->vcr_written = eff->vcr;
	cpu->owner = V7DBG_OWNER_GUEST;
}
