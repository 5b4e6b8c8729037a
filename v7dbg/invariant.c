// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* The invariants I1 to I14 of v7dbg.h as assertions; without V7DBG_DEBUG nothing. */
#include "filter.h"

#ifdef V7DBG_DEBUG

/* ---- a vCPU ------------------------------------------------------------------ */

static void check_slots(const uint32_t *regs, unsigned int count, uint32_t bits)
{
	uint32_t have = 0, above = 0;
	unsigned int n;

	for (n = 0; n < count; n++)
		have |= regs[n];
	for (; n < V7DBG_MAX_SLOTS; n++)
		above |= regs[n];
	V7DBG_ASSERT(!(have & ~bits), "I14 bits: a slot's register has more than is implemented");
	V7DBG_ASSERT(!above, "I14 bits: a slot that is not there");
}

static void check_regs(const struct v7dbg_caps *caps, const struct v7dbg_regs *regs, uint32_t vcr)
{
	unsigned int n;

	check_slots(regs->brp.value, caps->nr_brps, ~0u);
	check_slots(regs->brp.control, caps->nr_brps, v7dbg_bcr_bits(caps));
	check_slots(regs->wrp.value, caps->nr_wrps, ~3u);
	check_slots(regs->wrp.control, caps->nr_wrps, v7dbg_wcr_bits(caps));
	for (n = 0; n < (unsigned int)(caps->nr_brps - caps->nr_ctx); n++)
		V7DBG_ASSERT(!(regs->brp.value[n] & 3),
			     "I14 bits: a context ID where there can be none");
	V7DBG_ASSERT(!(regs->vcr & ~vcr), "I14 bits: DBGVCR");
}

static void check_vcpu(const struct v7dbg_vcpu *vcpu)
{
	bool allowed = v7dbg_may_debug(vcpu);
	struct v7dbg_points points = { 0, 0, 0 };

	check_regs(&vcpu->caps, &vcpu->regs, VCR_IMPLEMENTED);
	check_regs(&vcpu->caps, &vcpu->user, VCR_HARDWARE);
	V7DBG_ASSERT(!(vcpu->dscr & ~(DBGDSCR_UDCCDIS | DBGDSCR_TXFULL |
				      (vcpu->caps.monitor ? DBGDSCR_MDBGEN : 0))),
		     "I14 bits: DBGDSCR");
	V7DBG_ASSERT(vcpu->moe < 16, "I14 bits: M");

	if (allowed)
		v7dbg_filter(&vcpu->caps, &vcpu->regs, &points);
	V7DBG_ASSERT(vcpu->eff.brp == points.brp, "I5 effective: breakpoints");
	V7DBG_ASSERT(vcpu->eff.wrp == points.wrp, "I5 effective: watchpoints");
	V7DBG_ASSERT(vcpu->eff.vcr == (allowed ? vcpu->regs.vcr & VCR_HARDWARE : 0),
		     "I5 effective: vector catch");
	V7DBG_ASSERT(vcpu->active == (points.brp || points.wrp || vcpu->eff.vcr),
		     "I5 effective: active");

	points.brp = 0;
	points.wrp = 0;
	if (vcpu->user_on)
		v7dbg_filter(&vcpu->caps, &vcpu->user, &points);
	V7DBG_ASSERT(vcpu->user_eff.brp == points.brp && vcpu->user_eff.wrp == points.wrp &&
			     vcpu->user_eff.vcr == (vcpu->user_on ? vcpu->user.vcr : 0),
		     "I5 effective: the VMM's points");
	V7DBG_ASSERT(vcpu->user_on || (!vcpu->user.vcr && !vcpu->user_bkpt && !vcpu->user_step),
		     "I8 user: a VMM that does not debug has something on");
	V7DBG_ASSERT(!vcpu->user_step || ((vcpu->user_eff.brp >> (vcpu->user_step - 1)) & 1),
		     "I8 user: the step is not among the VMM's points");
}

/* ---- a CPU that a vCPU is loaded on ------------------------------------------ */

/* Of a bank, what is on. */
static uint32_t on_control(const struct v7dbg_cpu_bank *bank, unsigned int n)
{
	return (bank->on >> n) & 1 ? bank->loaded.control[n] : 0;
}

static void check_confined(const struct v7dbg_cpu *cpu)
{
	unsigned int n;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++) {
		uint32_t bcr = on_control(&cpu->brp, n), wcr = on_control(&cpu->wrp, n);

		/*
		 * A linked context breakpoint matches nothing by itself; it has SSC 0b00
		 * and PMC 0b11 (C11.11.2).
		 */
		V7DBG_ASSERT(!bcr || (!(bcr & DBGCR_HMC) &&
				      DBGBCR_BT(bcr) <= DBGBCR_BT_MISMATCH_LINKED &&
				      (DBGBCR_BT(bcr) == DBGBCR_BT_CONTEXT_LINKED
					       ? !DBGCR_SSC(bcr) && DBGCR_PMC(bcr) == 3
					       : DBGCR_SSC(bcr) == 1)),
			     "I7 confined: a breakpoint");
		V7DBG_ASSERT(!wcr || (!(wcr & DBGCR_HMC) && DBGCR_SSC(wcr) == 1),
			     "I7 confined: a watchpoint");
	}
	V7DBG_ASSERT(!(cpu->loaded_vcr & ~VCR_HARDWARE), "I7 confined: vector catch");
}

/* Hardware has exactly these points of a file on, each slot as the filter makes it. */
static void check_loaded(const struct v7dbg_caps *caps, const struct v7dbg_cpu *cpu,
			 const struct v7dbg_regs *regs, const struct v7dbg_points *points)
{
	const struct v7dbg_bank *brp = &cpu->brp.loaded, *wrp = &cpu->wrp.loaded;
	uint32_t on_brp = 0, on_wrp = 0, value, control;
	unsigned int n, p, lbn;

	for (n = 0; n < caps->nr_brps; n++) {
		if (!((points->brp >> n) & 1))
			continue;
		value = regs->brp.value[n];
		control = regs->brp.control[n];
		p = v7dbg_physical_brp(caps, cpu, n);
		lbn = v7dbg_physical_brp(caps, cpu, DBGCR_LBN(control));
		on_brp |= 1u << p;
		V7DBG_ASSERT(brp->value[p] == value &&
				     brp->control[p] == v7dbg_brp_hardware(control, lbn),
			     "I6 loaded: a breakpoint is not what the owner asks for");
	}
	for (n = 0; n < caps->nr_wrps; n++) {
		if (!((points->wrp >> n) & 1))
			continue;
		value = regs->wrp.value[n];
		control = regs->wrp.control[n];
		lbn = v7dbg_physical_brp(caps, cpu, DBGCR_LBN(control));
		on_wrp |= 1u << n;
		V7DBG_ASSERT(wrp->value[n] == value &&
				     wrp->control[n] == v7dbg_wrp_hardware(control, value, lbn),
			     "I6 loaded: a watchpoint is not what the owner asks for");
	}
	V7DBG_ASSERT(cpu->brp.on == on_brp, "I6 loaded: other breakpoints than the owner's");
	V7DBG_ASSERT(cpu->wrp.on == on_wrp, "I6 loaded: other watchpoints than the owner's");
	V7DBG_ASSERT(cpu->loaded_vcr == points->vcr, "I6 loaded: vector catch");
}

static void check_noted(const struct v7dbg_cpu_bank *bank)
{
	V7DBG_ASSERT(!(bank->written.values & ~bank->saved),
		     "I11 restore: a value was overwritten and not saved");
	V7DBG_ASSERT(!(bank->on & ~bank->written.controls),
		     "I11 restore: a control was overwritten and not noted");
}

/* What the quick way in has loaded, and v7dbg_spell_out() would note. */
static void check_implied(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu)
{
	const struct v7dbg_bank *brp = &vcpu->regs.brp, *wrp = &vcpu->regs.wrp;
	unsigned int n;

	V7DBG_ASSERT(cpu->layout == vcpu->layout,
		     "I6 loaded: implied where slots have other numbers");
	for (n = 0; n < vcpu->caps.nr_brps; n++)
		V7DBG_ASSERT(!((vcpu->eff.brp >> n) & 1) ||
				     vcpu->brp_hardware[n] ==
					     v7dbg_brp_hardware(brp->control[n],
								DBGCR_LBN(brp->control[n])),
			     "I6 loaded: a breakpoint is not as the filter makes it");
	for (n = 0; n < vcpu->caps.nr_wrps; n++)
		V7DBG_ASSERT(!((vcpu->eff.wrp >> n) & 1) ||
				     vcpu->wrp_hardware[n] ==
					     v7dbg_wrp_hardware(wrp->control[n], wrp->value[n],
								DBGCR_LBN(wrp->control[n])),
			     "I6 loaded: a watchpoint is not as the filter makes it");
}

static void check_cpu(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu)
{
	bool implied = cpu->owner == V7DBG_OWNER_IMPLIED;

	V7DBG_ASSERT(cpu->tde || cpu->owner == V7DBG_OWNER_GUEST || implied,
		     "I2 tde: clear, and GUEST does not own");
	V7DBG_ASSERT(!vcpu->user_on || (cpu->tde && cpu->owner != V7DBG_OWNER_GUEST && !implied),
		     "I8 user: the VMM debugs, and GUEST owns or TDE is clear");
	V7DBG_ASSERT(cpu->owner != V7DBG_OWNER_USER || vcpu->user_on,
		     "I8 user: USER owns, and the VMM does not debug");
	V7DBG_ASSERT(!v7dbg_wants_points(vcpu) || vcpu->held || cpu->owner >= V7DBG_OWNER_GUEST,
		     "I9 held: points are not loaded, and it is not held");
	V7DBG_ASSERT(!vcpu->held || cpu->owner <= V7DBG_OWNER_PARKED,
		     "I9 held: it is, and points are loaded");
	if (implied) {
		check_implied(vcpu, cpu);
		return;
	}
	if (cpu->owner == V7DBG_OWNER_HOST)
		return;

	V7DBG_ASSERT(cpu->owner != V7DBG_OWNER_PARKED ||
			     (!cpu->brp.on && !cpu->wrp.on && !cpu->loaded_vcr),
		     "I4 parked: something is enabled");
	check_confined(cpu);
	if (cpu->owner == V7DBG_OWNER_GUEST)
		check_loaded(&vcpu->caps, cpu, &vcpu->regs, &vcpu->eff);
	if (cpu->owner == V7DBG_OWNER_USER)
		check_loaded(&vcpu->caps, cpu, &vcpu->user, &vcpu->user_eff);
	check_noted(&cpu->brp);
	check_noted(&cpu->wrp);
	V7DBG_ASSERT(!cpu->loaded_vcr || cpu->vcr_written,
		     "I11 restore: DBGVCR was overwritten and not noted");
}

void v7dbg_check(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu)
{
	check_vcpu(vcpu);
	if (cpu)
		check_cpu(vcpu, cpu);
}

/* ---- a step -------------------------------------------------------------------- */

struct v7dbg_before v7dbg_before(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu)
{
	bool valid = cpu->owner != V7DBG_OWNER_HOST;
	struct v7dbg_before before = {
		.owner = cpu->owner,
		.tde = cpu->tde,
		.moe = vcpu->moe,
		.on_brp = valid ? cpu->brp.on : 0,
		.on_wrp = valid ? cpu->wrp.on : 0,
	};

	V7DBG_ASSERT(cpu->owner != V7DBG_OWNER_IMPLIED, "I6 loaded: not spelt out before a step");
	return before;
}

/* on: what was on when the step began. */
static void check_order(uint32_t on, const struct v7dbg_cpu_bank *bank,
			const struct v7dbg_bank_plan *plan)
{
	uint32_t named = plan->save | plan->clear | plan->write.values | plan->write.controls;

	V7DBG_ASSERT(!(named >> bank->count), "I12 order: a slot that the CPU has not");
	V7DBG_ASSERT(!(plan->write.values & on & ~plan->clear),
		     "I12 order: a value changes under a control that is on");
}

/* The plan makes hardware what bank->on and bank->loaded say. */
static void check_carried_out(uint32_t on, const struct v7dbg_cpu_bank *bank,
			      const struct v7dbg_bank_plan *plan)
{
	unsigned int n;

	V7DBG_ASSERT(!(on & ~bank->on & ~plan->clear),
		     "I6 loaded: a slot goes off, and the plan leaves it on");
	V7DBG_ASSERT(!(bank->on & (~on | plan->clear) & ~plan->write.controls),
		     "I6 loaded: a slot goes on, and the plan leaves it off");
	for (n = 0; n < V7DBG_MAX_SLOTS; n++) {
		V7DBG_ASSERT(!((plan->write.values >> n) & 1) ||
				     plan->regs.value[n] == bank->loaded.value[n],
			     "I6 loaded: the plan has another value");
		V7DBG_ASSERT(!((plan->write.controls >> n) & 1) ||
				     plan->regs.control[n] == bank->loaded.control[n],
			     "I6 loaded: the plan has another control");
	}
}

static void check_values(const uint32_t *regs, const uint32_t *host, uint32_t mask, uint32_t dirty)
{
	unsigned int n;

	V7DBG_ASSERT(!(dirty & ~mask), "I11 restore: exit leaves out what was overwritten");
	for (n = 0; mask >> n; n++)
		V7DBG_ASSERT(!((mask >> n) & 1) || regs[n] == host[n],
			     "I11 restore: exit writes another value than the host's");
}

/* save_host switched these off. */
static uint32_t were_on(const struct v7dbg_cpu_bank *bank)
{
	uint32_t on = 0;
	unsigned int n;

	for (n = 0; n < bank->count; n++)
		on |= (bank->host.control[n] & DBGCR_E) << n;
	return on;
}

static void check_restore(const struct v7dbg_cpu_bank *bank, const struct v7dbg_bank_plan *plan)
{
	check_values(plan->regs.value, bank->host.value, plan->write.values, bank->written.values);
	check_values(plan->regs.control, bank->host.control, plan->write.controls,
		     bank->written.controls | were_on(bank));
}

void v7dbg_check_step(enum v7dbg_step step, const struct v7dbg_before *before,
		      const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu, uint32_t dscr,
		      unsigned int moe, const struct v7dbg_plan *plan)
{
	bool was_host = before->owner == V7DBG_OWNER_HOST;
	bool is_host = cpu->owner == V7DBG_OWNER_HOST;

	V7DBG_ASSERT(plan->tde_changed == (before->tde != cpu->tde),
		     "I2 tde: a change that the plan does not tell");
	V7DBG_ASSERT(vcpu->moe == moe, "I10 moe: M is not the MOE that the guest has to see");
	/* A step that leaves M alone need not have read P. */
	V7DBG_ASSERT(cpu->tde || DBGDSCR_MOE(dscr) == vcpu->moe ||
			     (!before->tde && before->moe == vcpu->moe),
		     "I2 tde: clear where P is not M");
	V7DBG_ASSERT(plan->save_host == (was_host && !is_host),
		     "I3 save: not by the step that leaves HOST, or by another");
	check_order(before->on_brp, &cpu->brp, &plan->brp);
	check_order(before->on_wrp, &cpu->wrp, &plan->wrp);
	if (step == V7DBG_STEP_EXIT) {
		V7DBG_ASSERT(is_host && cpu->tde, "I1 rest: exit leaves another owner or TDE");
		if (!was_host) {
			check_restore(&cpu->brp, &plan->brp);
			check_restore(&cpu->wrp, &plan->wrp);
			V7DBG_ASSERT(plan->write_vcr ? plan->vcr == cpu->host_vcr
						     : !cpu->vcr_written && !cpu->host_vcr,
				     "I11 restore: DBGVCR");
		}
		check_vcpu(vcpu);
		return;
	}
	v7dbg_check(vcpu, cpu);
	V7DBG_ASSERT(!was_host || !is_host || v7dbg_plan_empty(plan),
		     "I13 untouched: HOST owns, and a register is touched");
	V7DBG_ASSERT(!was_host || is_host || v7dbg_wants_points(vcpu) || step == V7DBG_STEP_EVENT,
		     "I13 untouched: a vCPU without points leaves HOST");
	if (is_host)
		return;
	check_carried_out(before->on_brp, &cpu->brp, &plan->brp);
	check_carried_out(before->on_wrp, &cpu->wrp, &plan->wrp);
	V7DBG_ASSERT(!plan->write_vcr || plan->vcr == cpu->loaded_vcr,
		     "I6 loaded: the plan has another DBGVCR");
}

#endif /* V7DBG_DEBUG */
