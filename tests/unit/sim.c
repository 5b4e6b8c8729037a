// SPDX-License-Identifier: GPL-2.0-only
#include "sim.h"

const struct v7dbg_cpu_id cortex_a15 = { 0x3515f021, DEVID(0xf, 1), 1, 0, MDBGEN };
const struct v7dbg_cpu_id big = { DIDR(16, 4, 16), DEVID(1, 1), 1, 0, MDBGEN };
const struct v7dbg_cpu_id small = { DIDR(4, 1, 2), DEVID(0xf, 0xf), 1, 0, MDBGEN };

void sim_init(struct sim *sim, const struct v7dbg_cpu_id *id)
{
	memset(sim, 0, sizeof(*sim));
	v7dbg_cpu_init(&sim->cpu, id);
	sim->dscr = id->dbgdscr;
}

jmp_buf *on_broken;
char broken_text[128];

void v7dbg_broken(const char *invariant)
{
	snprintf(broken_text, sizeof(broken_text), "%s", invariant);
	if (on_broken)
		longjmp(*on_broken, 1);
	fail_msg("invariant %s", invariant);
	abort();
}

/* The lowest slot of a mask, which is removed from it. */
int sim_take(uint16_t *mask)
{
	int n = __builtin_ctz(*mask);

	*mask &= (uint16_t)(*mask - 1);
	return n;
}

/* Before each access to a register: false if the hypervisor faults there. */
bool sim_goes_on(struct sim *sim)
{
	if (!sim->lost && sim->fault_at && !--sim->fault_at)
		sim->lost = true;
	return !sim->lost;
}

/* must_be_off: the controls of the values that are written. */
void sim_write_each(struct sim *sim, uint32_t *regs, uint16_t slots, const uint32_t *from,
		    unsigned int count, const uint32_t *must_be_off)
{
	while (slots && sim_goes_on(sim)) {
		int n = sim_take(&slots);

		assert_true((unsigned int)n < count);
		if (must_be_off)
			assert_false(must_be_off[n] & 1);
		regs[n] = from ? from[n] : 0;
		sim->writes++;
	}
}

/* Each control is noted after it was read, and then switched off. */
static void save_controls(struct sim *sim, struct v7dbg_bank *hw, struct v7dbg_cpu_bank *bank,
			  struct v7dbg_slots *saved)
{
	unsigned int n;

	for (n = 0; n < bank->count && sim_goes_on(sim); n++) {
		bank->host.control[n] = hw->control[n];
		saved->controls |= (uint16_t)(1u << n);
		if ((hw->control[n] & 1) && sim_goes_on(sim))
			hw->control[n] = 0;
	}
}

void sim_save_host(struct sim *sim)
{
	struct v7dbg_regs *hw = &sim->hw;
	struct v7dbg_cpu *cpu = &sim->cpu;

	sim->saves++;
	save_controls(sim, &hw->brp, &cpu->brp, &sim->saved.brp);
	save_controls(sim, &hw->wrp, &cpu->wrp, &sim->saved.wrp);
	if (!sim_goes_on(sim))
		return;
	cpu->host_vcr = hw->vcr;
	sim->saved.vcr = true;
	if (sim_goes_on(sim))
		hw->vcr = 0;
}

void sim_save_values(struct sim *sim, const struct v7dbg_bank *hw, struct v7dbg_cpu_bank *bank,
		     uint16_t slots, struct v7dbg_slots *saved)
{
	while (slots && sim_goes_on(sim)) {
		int n = sim_take(&slots);

		bank->host.value[n] = hw->value[n];
		saved->values |= (uint16_t)(1u << n);
	}
}

static void clear(struct sim *sim, struct v7dbg_bank *hw, const struct v7dbg_cpu_bank *bank,
		  const struct v7dbg_bank_plan *plan)
{
	sim_write_each(sim, hw->control, plan->clear, NULL, bank->count, NULL);
}

static void write_values(struct sim *sim, struct v7dbg_bank *hw, const struct v7dbg_cpu_bank *bank,
			 const struct v7dbg_bank_plan *plan)
{
	sim_write_each(sim, hw->value, plan->write.values, plan->regs.value, bank->count,
		       hw->control);
}

static void write_controls(struct sim *sim, struct v7dbg_bank *hw,
			   const struct v7dbg_cpu_bank *bank, const struct v7dbg_bank_plan *plan)
{
	sim_write_each(sim, hw->control, plan->write.controls, plan->regs.control, bank->count,
		       NULL);
}

void sim_apply(struct sim *sim, const struct v7dbg_plan *plan)
{
	struct v7dbg_bank *brp = &sim->hw.brp, *wrp = &sim->hw.wrp;
	struct v7dbg_cpu *cpu = &sim->cpu;

	if (plan->save_host)
		sim_save_host(sim);
	sim_save_values(sim, brp, &cpu->brp, plan->brp.save, &sim->saved.brp);
	sim_save_values(sim, wrp, &cpu->wrp, plan->wrp.save, &sim->saved.wrp);
	clear(sim, brp, &cpu->brp, &plan->brp);
	clear(sim, wrp, &cpu->wrp, &plan->wrp);
	write_values(sim, brp, &cpu->brp, &plan->brp);
	write_values(sim, wrp, &cpu->wrp, &plan->wrp);
	write_controls(sim, brp, &cpu->brp, &plan->brp);
	write_controls(sim, wrp, &cpu->wrp, &plan->wrp);
	if (plan->write_vcr && sim_goes_on(sim)) {
		sim->hw.vcr = plan->vcr;
		sim->writes++;
	}
}

static void poison_bank(struct v7dbg_cpu_bank *bank)
{
	memset(&bank->host, 0xa5, sizeof(bank->host));
	memset(&bank->loaded, 0xa5, sizeof(bank->loaded));
	bank->on = bank->saved = 0xa5a5;
	bank->written.values = bank->written.controls = 0xa5a5;
}

void sim_poison(struct v7dbg_cpu *cpu)
{
	if (cpu->owner != V7DBG_OWNER_HOST)
		return;
	poison_bank(&cpu->brp);
	poison_bank(&cpu->wrp);
	cpu->host_vcr = cpu->loaded_vcr = 0xa5a5a5a5;
	cpu->vcr_written = true;
}

struct v7dbg_caps caps_of(const struct v7dbg_cpu_id *a, const struct v7dbg_cpu_id *b)
{
	struct v7dbg_caps caps;

	v7dbg_caps_init(&caps, false);
	assert_int_equal(v7dbg_caps_add(&caps, a), V7DBG_OK);
	if (b)
		assert_int_equal(v7dbg_caps_add(&caps, b), V7DBG_OK);
	return caps;
}

void ready(struct v7dbg_vcpu *vcpu, const struct v7dbg_caps *caps)
{
	v7dbg_init(vcpu, caps);
	assert_int_equal(v7dbg_set(vcpu, OSLAR, 0), 0);
	assert_int_equal(v7dbg_set(vcpu, DSCREXT, MDBGEN), 0);
}

struct v7dbg_access sim_access(uint16_t enc, bool write, uint32_t value)
{
	return (struct v7dbg_access){
		.form = V7DBG_FORM_MRC_MCR,
		.opc1 = enc >> 11,
		.crn = (enc >> 7) & 0xf,
		.crm = (enc >> 3) & 0xf,
		.opc2 = enc & 7,
		.write = write,
		.value = value,
		/* Garbage, where v7dbg must not use it. */
		.dscr = 0xffffffff,
	};
}

void sim_enter(struct v7dbg_vcpu *vcpu, struct sim *sim)
{
	struct v7dbg_vcpu quick_vcpu = *vcpu;
	struct sim quick_sim = *sim;
	struct v7dbg_plan plan;

	assert_int_equal(sim->cpu.owner, V7DBG_OWNER_HOST);
	assert_true(sim->cpu.tde);
	memset(&plan, 0x5a, sizeof(plan));
	if (!v7dbg_needs_enter(vcpu) || (sim->quick && sim_quick_enter(vcpu, sim)))
		return;
	v7dbg_enter(vcpu, &sim->cpu, sim->dscr, &plan);
	assert_int_equal(plan.tde_changed, !sim->cpu.tde);
	sim_apply(sim, &plan);
	if (!sim->lost && sim_quick_enter(&quick_vcpu, &quick_sim))
		sim_must_agree(&quick_vcpu, &quick_sim, vcpu, sim);
}

void sim_exit(struct v7dbg_vcpu *vcpu, struct sim *sim)
{
	uint32_t dscr = sim->cpu.tde ? 0xffffffff : sim->dscr;
	struct v7dbg_vcpu quick_vcpu = *vcpu;
	struct sim quick_sim = *sim;
	struct v7dbg_plan plan;

	memset(&plan, 0x5a, sizeof(plan));
	if (v7dbg_needs_exit(&sim->cpu) && !(sim->quick && sim_quick_exit(vcpu, sim, dscr))) {
		sim_spell_out(vcpu, sim);
		v7dbg_exit(vcpu, &sim->cpu, dscr, &plan);
		sim_apply(sim, &plan);
		if (sim_quick_exit(&quick_vcpu, &quick_sim, dscr))
			sim_must_agree(&quick_vcpu, &quick_sim, vcpu, sim);
	}
	assert_int_equal(sim->cpu.owner, V7DBG_OWNER_HOST);
	assert_true(sim->cpu.tde);
	memset(&sim->saved, 0, sizeof(sim->saved));
}

static enum v7dbg_verdict trap(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc, bool write,
			       uint32_t *value)
{
	struct v7dbg_access acc = sim_access(enc, write, *value);
	struct v7dbg_result result;
	enum v7dbg_verdict verdict;
	bool tde = sim->cpu.tde;
	struct quick quick = sim_quick(vcpu, &sim->cpu, &acc);
	struct v7dbg_vcpu quick_vcpu = *vcpu;
	struct sim quick_sim = *sim;
	const char *differs;

	if (sim->quick && !quick.served) {
		bool implied = sim->cpu.owner == V7DBG_OWNER_IMPLIED;

		/* No point is written while what is loaded is only implied. */
		if (sim_quick_point(vcpu, sim, &acc)) {
			assert_false(implied);
			return V7DBG_DONE;
		}
	}
	sim_spell_out(vcpu, sim);
	sim_spell_out(vcpu, &quick_sim);
	if (v7dbg_needs_dscr(&sim->cpu, &acc))
		acc.dscr = sim->dscr;
	memset(&result, 0x5a, sizeof(result));
	verdict = v7dbg_trap(vcpu, &sim->cpu, &acc, &result);
	differs = sim_quick_differs(&quick, vcpu, &acc, verdict, &result);
	if (differs)
		fail_msg("%s", differs);
	assert_int_equal(result.plan.tde_changed, tde != sim->cpu.tde);
	sim_apply(sim, &result.plan);
	if (!sim->lost && !quick.served && sim_quick_point(&quick_vcpu, &quick_sim, &acc))
		sim_must_agree(&quick_vcpu, &quick_sim, vcpu, sim);
	*value = result.value;
	return verdict;
}

enum v7dbg_verdict mcr(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc, uint32_t value)
{
	return trap(vcpu, sim, enc, true, &value);
}

enum v7dbg_verdict mrc(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc, uint32_t *value)
{
	*value = 0;
	return trap(vcpu, sim, enc, false, value);
}

void put(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc, uint32_t value)
{
	assert_int_equal(mcr(vcpu, sim, enc, value), V7DBG_DONE);
}

uint32_t get(struct v7dbg_vcpu *vcpu, struct sim *sim, uint16_t enc)
{
	uint32_t value;

	assert_int_equal(mrc(vcpu, sim, enc, &value), V7DBG_DONE);
	return value;
}

void sim_exit_lost(struct v7dbg_vcpu *vcpu, struct sim *sim)
{
	struct v7dbg_plan plan;

	assert_true(sim->lost);
	sim->lost = false;
	memset(&plan, 0x5a, sizeof(plan));
	sim_spell_out(vcpu, sim);
	if (v7dbg_needs_exit(&sim->cpu)) {
		v7dbg_exit_lost(vcpu, &sim->cpu, sim->cpu.tde ? 0xffffffff : sim->dscr, &sim->saved,
				&plan);
		sim_apply(sim, &plan);
	}
	memset(&sim->saved, 0, sizeof(sim->saved));
}

enum v7dbg_answer sim_event(struct v7dbg_vcpu *vcpu, struct sim *sim, enum v7dbg_event_class class,
			    unsigned int moe)
{
	struct v7dbg_plan plan;
	enum v7dbg_answer answer;
	bool tde = sim->cpu.tde;
	const char *differs;
	struct quick_event quick;

	memset(&plan, 0x5a, sizeof(plan));
	sim->dscr = (sim->dscr & ~DBGDSCR_MOE_MASK) | MOE(moe);
	quick = sim_quick_event(vcpu, &sim->cpu, class, sim->dscr);
	sim_spell_out(vcpu, sim);
	answer = v7dbg_event(vcpu, &sim->cpu, class, sim->dscr, &plan);
	assert_int_equal(plan.tde_changed, tde != sim->cpu.tde);
	differs = sim_event_differs(&quick, vcpu, &sim->cpu, answer, &plan);
	if (differs)
		fail_msg("%s", differs);
	sim_apply(sim, &plan);
	return answer;
}
