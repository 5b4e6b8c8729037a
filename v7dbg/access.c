// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A guest's CP14 access, from the trap to its result. */
#include "v7dbg_int.h"

/* Trace, ThumbEE or Jazelle by its opc1 (A3.4). */
static bool not_debug(const struct v7dbg_access *acc)
{
	return acc->form != V7DBG_FORM_LDC_STC &&
	       (acc->opc1 == 1 || acc->opc1 == 6 || acc->opc1 == 7);
}

static bool find_accessed(const struct v7dbg_access *acc, struct v7dbg_row *row)
{
	switch (acc->form) {
	case V7DBG_FORM_MRC_MCR:
		return v7dbg_find(V7DBG_ENC(acc->opc1, acc->crn, acc->crm, acc->opc2), acc->write,
				  row);
	case V7DBG_FORM_LDC_STC:
		return v7dbg_find(V7DBG_ENC(0, 0, 5, 0), acc->write, row);
	case V7DBG_FORM_MRRC_MCRR:
		return v7dbg_find64(acc->opc1, acc->crm, row);
	default:
		return false;
	}
}

/*
 * C6.4: is it not UNDEFINED, whatever slots there are?  UDCCdis is the guest's: with the
 * CPU's own set, PL0 accesses are UNDEFINED before they trap.
 */
static bool access_allowed(const struct v7dbg_vcpu *vcpu, const struct v7dbg_access *acc,
			   const struct v7dbg_row *row)
{
	if (!(row->flags & (acc->write ? V7DBG_ACCESS_WRITE : V7DBG_ACCESS_READ)))
		return false;
	return !acc->pl0 || ((row->flags & V7DBG_ACCESS_PL0) && !(vcpu->dscr & DBGDSCR_UDCCDIS));
}

static enum v7dbg_verdict count_undefined(struct v7dbg_vcpu *vcpu)
{
	vcpu->stats.undefs++;
	return V7DBG_UNDEF;
}

static void write_and_settle(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
			     const struct v7dbg_access *acc, const struct v7dbg_row *row,
			     struct v7dbg_plan *plan)
{
	bool was_active = vcpu->active;

	if (!v7dbg_write(vcpu, row, acc->value))
		return;
	v7dbg_refresh(vcpu);
	if (vcpu->active && !was_active)
		vcpu->stats.activations++;
	/* The writes of a guest without points leave the CPU alone. */
	if (vcpu->active || was_active)
		v7dbg_settle(vcpu, cpu, acc->dscr, plan);
}

static enum v7dbg_verdict emulate_access(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
					 const struct v7dbg_access *acc,
					 struct v7dbg_result *result)
{
	struct v7dbg_row row;

	result->value = 0;
	result->value2 = 0;
	v7dbg_plan_clear(&result->plan);
	v7dbg_sync_moe(vcpu, cpu, acc->dscr);
	if (not_debug(acc))
		return V7DBG_NOT_MINE;

	vcpu->stats.traps++;
	if (!find_accessed(acc, &row) || !access_allowed(vcpu, acc, &row))
		return count_undefined(vcpu);
	/* All registers are RAZ/WI then, and all slots. */
	if (vcpu->caps.absent)
		return V7DBG_DONE;
	if (!v7dbg_has_slot(&vcpu->caps, &row))
		return count_undefined(vcpu);
	if (acc->write)
		write_and_settle(vcpu, cpu, acc, &row, &result->plan);
	else
		result->value = v7dbg_read(vcpu, &row);
	return V7DBG_DONE;
}

#ifdef V7DBG_DEBUG
static bool accesses_dscr(const struct v7dbg_access *acc)
{
	return acc->form == V7DBG_FORM_MRC_MCR && !acc->opc1 && !acc->crn &&
	       ((acc->crm == 2 && acc->opc2 == 2) || (acc->crm == 1 && !acc->opc2));
}
#endif

enum v7dbg_verdict v7dbg_trap(struct v7dbg_vcpu *vcpu, struct v7dbg_cpu *cpu,
			      const struct v7dbg_access *acc, struct v7dbg_result *result)
{
	enum v7dbg_verdict verdict;

	V7DBG_STEP_BEGIN(vcpu, cpu);
	verdict = emulate_access(vcpu, cpu, acc, result);
	V7DBG_STEP_END(V7DBG_STEP_TRAP, vcpu, cpu, acc->dscr,
		       verdict == V7DBG_DONE && acc->write && accesses_dscr(acc) &&
				       !vcpu->caps.absent
			       ? DBGDSCR_MOE(acc->value)
			       : V7DBG_MOE_BEFORE(acc->dscr),
		       &result->plan);
	V7DBG_ASSERT(verdict != V7DBG_DONE || acc->write || !accesses_dscr(acc) ||
			     vcpu->caps.absent || DBGDSCR_MOE(result->value) == vcpu->moe,
		     "I10 moe: the guest reads another one than M");
	return verdict;
}
