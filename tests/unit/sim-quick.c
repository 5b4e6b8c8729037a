// SPDX-License-Identifier: GPL-2.0-only
/* The quick ways on a simulated CPU, and whether they do what the others do. */
#include "sim.h"

/* HSR of an MRC or MCR that is executed always, B3.13.6. */
static uint32_t syndrome(const struct v7dbg_access *acc)
{
	return 0x17e00000u | (uint32_t)acc->opc2 << 17 | (uint32_t)acc->opc1 << 14 |
	       (uint32_t)acc->crn << 10 | (uint32_t)acc->rt << 5 | (uint32_t)acc->crm << 1 |
	       !acc->write;
}

struct quick sim_quick(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu,
		       const struct v7dbg_access *acc)
{
	struct quick quick = { .vcpu = *vcpu, .rt = acc->write ? acc->value : 0xdeadbeef };

	/* It is not called from User mode. */
	if (acc->form == V7DBG_FORM_MRC_MCR && !acc->pl0)
		quick.served = v7dbg_quick(&quick.vcpu, cpu, syndrome(acc), &quick.rt);
	return quick;
}

const char *sim_quick_differs(const struct quick *quick, const struct v7dbg_vcpu *vcpu,
			      const struct v7dbg_access *acc, enum v7dbg_verdict verdict,
			      const struct v7dbg_result *result)
{
	if (!quick->served)
		return NULL;
	if (verdict != V7DBG_DONE)
		return "quick: an access that is refused was served";
	if (!v7dbg_plan_empty(&result->plan) || result->plan.tde_changed)
		return "quick: an access that has a plan was served";
	if (quick->rt != (acc->write ? acc->value : result->value))
		return "quick: another value";
	if (memcmp(&quick->vcpu, vcpu, sizeof(*vcpu)))
		return "quick: another state";
	return NULL;
}

struct quick_event sim_quick_event(const struct v7dbg_vcpu *vcpu, const struct v7dbg_cpu *cpu,
				   enum v7dbg_event_class class, uint32_t dscr)
{
	struct quick_event quick = { .vcpu = *vcpu };
	struct v7dbg_cpu after = *cpu;

	quick.served = class == V7DBG_EVENT_DATA ? v7dbg_quick_watch(&quick.vcpu, &after, dscr)
						 : v7dbg_quick_bkpt(&quick.vcpu, &after, dscr);
	quick.tde = after.tde;
	after.tde = cpu->tde;
	quick.more = memcmp(&after, cpu, sizeof(after));
	return quick;
}

const char *sim_event_differs(const struct quick_event *quick, const struct v7dbg_vcpu *vcpu,
			      const struct v7dbg_cpu *cpu, enum v7dbg_answer answer,
			      const struct v7dbg_plan *plan)
{
	if (quick->more)
		return "quick: an event has changed more of the CPU's state than TDE";
	if (!quick->served)
		return NULL;
	if (answer != V7DBG_REFLECT)
		return "quick: an event that is not the guest's was reflected";
	if (!v7dbg_plan_empty(plan))
		return "quick: an event that has a plan was reflected";
	if (quick->tde != cpu->tde)
		return "quick: another TDE after an event";
	if (memcmp(&quick->vcpu, vcpu, sizeof(*vcpu)))
		return "quick: another state after an event";
	return NULL;
}

/* Accesses of the quick way in have their counter, like a plan's. */
static void read_each(struct sim *sim, uint32_t *to, const uint32_t *regs, uint16_t slots)
{
	while (slots && sim_goes_on(sim)) {
		int n = sim_take(&slots);

		to[n] = regs[n];
	}
}

/* Had the host a point on when its controls were read? */
static bool host_had_points(const struct v7dbg_cpu *cpu)
{
	uint32_t any = cpu->host_vcr;
	unsigned int n;

	for (n = 0; n < cpu->brp.count; n++)
		any |= cpu->brp.host.control[n] & 1;
	for (n = 0; n < cpu->wrp.count; n++)
		any |= cpu->wrp.host.control[n] & 1;
	return any;
}

static uint16_t all_slots(const struct v7dbg_cpu_bank *bank)
{
	return (uint16_t)((1u << bank->count) - 1);
}

bool sim_quick_enter(struct v7dbg_vcpu *vcpu, struct sim *sim)
{
	const struct v7dbg_points eff = vcpu->eff;
	struct v7dbg_bank *brp = &sim->hw.brp, *wrp = &sim->hw.wrp;
	struct v7dbg_cpu *cpu = &sim->cpu;
	struct sim before = *sim;

	if (!v7dbg_may_enter_quickly(vcpu, cpu, sim->dscr))
		return false;
	read_each(sim, cpu->brp.host.control, brp->control, all_slots(&cpu->brp));
	read_each(sim, cpu->wrp.host.control, wrp->control, all_slots(&cpu->wrp));
	if (!sim_goes_on(sim))
		return true;
	cpu->host_vcr = sim->hw.vcr;
	if (host_had_points(cpu)) {
		*sim = before;
		return false;
	}
	sim->saves++;
	read_each(sim, cpu->brp.host.value, brp->value, eff.brp);
	read_each(sim, cpu->wrp.host.value, wrp->value, eff.wrp);
	if (sim->lost)
		return true;
	v7dbg_quick_enter(vcpu, cpu, sim->dscr);
	sim_write_each(sim, brp->value, eff.brp, vcpu->regs.brp.value, cpu->brp.count,
		       brp->control);
	sim_write_each(sim, wrp->value, eff.wrp, vcpu->regs.wrp.value, cpu->wrp.count,
		       wrp->control);
	sim_write_each(sim, brp->control, eff.brp, vcpu->brp_hardware, cpu->brp.count, NULL);
	sim_write_each(sim, wrp->control, eff.wrp, vcpu->wrp_hardware, cpu->wrp.count, NULL);
	if (eff.vcr && sim_goes_on(sim)) {
		sim->hw.vcr = eff.vcr;
		sim->writes++;
	}
	return true;
}

void sim_spell_out(const struct v7dbg_vcpu *vcpu, struct sim *sim)
{
	v7dbg_spell_out(vcpu, &sim->cpu, &sim->saved);
}

bool sim_quick_exit(struct v7dbg_vcpu *vcpu, struct sim *sim, uint32_t dscr)
{
	struct v7dbg_bank *brp = &sim->hw.brp, *wrp = &sim->hw.wrp;
	struct v7dbg_cpu *cpu = &sim->cpu;
	bool implied = cpu->owner == V7DBG_OWNER_IMPLIED;
	struct v7dbg_slots brps = { vcpu->eff.brp, vcpu->eff.brp };
	struct v7dbg_slots wrps = { vcpu->eff.wrp, vcpu->eff.wrp };

	if (host_had_points(cpu))
		return false;
	if (!implied) {
		brps = cpu->brp.written;
		wrps = cpu->wrp.written;
	}
	sim_write_each(sim, brp->control, brps.controls, cpu->brp.host.control, cpu->brp.count,
		       NULL);
	sim_write_each(sim, wrp->control, wrps.controls, cpu->wrp.host.control, cpu->wrp.count,
		       NULL);
	sim_write_each(sim, brp->value, brps.values, cpu->brp.host.value, cpu->brp.count,
		       brp->control);
	sim_write_each(sim, wrp->value, wrps.values, cpu->wrp.host.value, cpu->wrp.count,
		       wrp->control);
	if (implied ? vcpu->eff.vcr : cpu->vcr_written)
		sim->hw.vcr = 0;
	v7dbg_quick_exit(vcpu, cpu, dscr);
	return true;
}

/* One bank of a move, like sim_apply(). */
static void apply_move(struct sim *sim, struct v7dbg_bank *hw, struct v7dbg_cpu_bank *bank,
		       const struct v7dbg_move *move, struct v7dbg_slots *saved)
{
	sim_save_values(sim, hw, bank, move->save, saved);
	sim_write_each(sim, hw->control, move->clear, NULL, bank->count, NULL);
	sim_write_each(sim, hw->value, move->write.values, bank->loaded.value, bank->count,
		       hw->control);
	sim_write_each(sim, hw->control, move->write.controls, bank->loaded.control, bank->count,
		       NULL);
}

bool sim_quick_point(struct v7dbg_vcpu *vcpu, struct sim *sim, const struct v7dbg_access *acc)
{
	struct v7dbg_move move;
	bool tde = sim->cpu.tde;

	if (acc->form != V7DBG_FORM_MRC_MCR || acc->pl0 || acc->rt == 15)
		return false;
	memset(&move, 0x5a, sizeof(move));
	if (!v7dbg_quick_point(vcpu, &sim->cpu, syndrome(acc), acc->value, sim->dscr, &move))
		return false;
	assert_int_equal(move.tde_changed, tde != sim->cpu.tde);
	if (move.save_host)
		sim_save_host(sim);
	if (move.wrp)
		apply_move(sim, &sim->hw.wrp, &sim->cpu.wrp, &move, &sim->saved.wrp);
	else
		apply_move(sim, &sim->hw.brp, &sim->cpu.brp, &move, &sim->saved.brp);
	return true;
}

/* Out of what the quick way in has loaded, by both ways; meanwhile the guest took an exception. */
static const char *exits_differ(struct v7dbg_vcpu quick_vcpu, struct sim quick,
				struct v7dbg_vcpu vcpu, struct sim sim)
{
	uint32_t dscr = sim.cpu.tde ? 0xffffffff : sim.dscr ^ MOE(8);
	struct v7dbg_plan plan;

	sim.fault_at = quick.fault_at = 0;
	v7dbg_exit(&vcpu, &sim.cpu, dscr, &plan);
	sim_apply(&sim, &plan);
	if (!sim_quick_exit(&quick_vcpu, &quick, dscr))
		return "quick: in, while the host has points";
	if (quick.cpu.owner != sim.cpu.owner || quick.cpu.tde != sim.cpu.tde)
		return "quick: another owner or TDE after the exit";
	if (memcmp(&quick_vcpu, &vcpu, sizeof(vcpu)))
		return "quick: another state of the vCPU after the exit";
	if (memcmp(&quick.hw, &sim.hw, sizeof(sim.hw)))
		return "quick: other registers after the exit";
	return NULL;
}

const char *sim_ways_differ(const struct v7dbg_vcpu *quick_vcpu, const struct sim *quick_sim,
			    const struct v7dbg_vcpu *vcpu, const struct sim *sim)
{
	struct sim quick = *quick_sim;
	struct v7dbg_cpu cpu = sim->cpu;

	sim_spell_out(quick_vcpu, &quick);
	/* What is not valid while the host owns may differ. */
	sim_poison(&quick.cpu);
	sim_poison(&cpu);
	if (memcmp(quick_vcpu, vcpu, sizeof(*vcpu)))
		return "quick: another state of the vCPU";
	if (memcmp(&quick.hw, &sim->hw, sizeof(sim->hw)))
		return "quick: other registers";
	if (memcmp(&quick.cpu, &cpu, sizeof(cpu)))
		return "quick: another state of the CPU";
	if (memcmp(&quick.saved, &sim->saved, sizeof(sim->saved)))
		return "quick: something else is saved";
	if (quick_sim->cpu.owner == V7DBG_OWNER_IMPLIED)
		return exits_differ(*quick_vcpu, *quick_sim, *vcpu, *sim);
	return NULL;
}

void sim_must_agree(const struct v7dbg_vcpu *quick_vcpu, const struct sim *quick_sim,
		    const struct v7dbg_vcpu *vcpu, const struct sim *sim)
{
	const char *differs = sim_ways_differ(quick_vcpu, quick_sim, vcpu, sim);

	if (differs)
		fail_msg("%s", differs);
}
