// SPDX-License-Identifier: GPL-2.0-only
/* What a guest does: accesses of every form, points, locks, and debug exceptions. */
#include "world.h"

static struct v7dbg_vcpu *running(struct world *w, unsigned int c)
{
	return &w->vcpu[w->on[c]];
}

static unsigned int p_of(const struct world *w, unsigned int c)
{
	return DBGDSCR_MOE(w->cpu[c].dscr);
}

static void set_p(struct world *w, unsigned int c, unsigned int moe)
{
	w->cpu[c].dscr = (w->cpu[c].dscr & ~DBGDSCR_MOE_MASK) | MOE(moe);
}

/* DBGDSCRint and DBGDSCRext by MRC, DBGDSCRext by MCR. */
static bool of_dscr(const struct v7dbg_access *acc)
{
	uint16_t enc = V7DBG_ENC(acc->opc1, acc->crn, acc->crm, acc->opc2);

	return acc->form == V7DBG_FORM_MRC_MCR &&
	       (enc == DSCREXT || (enc == DSCRINT && !acc->write));
}

/* Whether an access exists is not the oracle's subject: unit/access proves that. */
static void trap(struct world *w, unsigned int c, struct v7dbg_access *acc)
{
	struct v7dbg_vcpu *vcpu = running(w, c);
	struct sim *cpu = &w->cpu[c];
	bool tde = cpu->cpu.tde, was_active = vcpu->active;
	uint8_t owner = cpu->cpu.owner;
	struct quick quick = sim_quick(vcpu, &cpu->cpu, acc);
	struct v7dbg_vcpu quick_vcpu = *vcpu;
	struct v7dbg_result result;
	enum v7dbg_verdict verdict;
	struct sim quick_cpu = *cpu;
	const char *differs;

	acc->dscr = v7dbg_needs_dscr(&cpu->cpu, acc) ? cpu->dscr : 0xffffffff;
	memset(&result, 0x5a, sizeof(result));
	verdict = v7dbg_trap(vcpu, &cpu->cpu, acc, &result);
	differs = sim_quick_differs(&quick, vcpu, acc, verdict, &result);
	HOLDS(!differs, differs);
	HOLDS(result.plan.tde_changed == (tde != cpu->cpu.tde), "the plan tells of TDE");
	/* There was no point before it and there is none after it. */
	if (!was_active && !vcpu->active)
		HOLDS(v7dbg_plan_empty(&result.plan) && cpu->cpu.owner == owner,
		      "an inactive guest's access touched something");
	if (verdict != V7DBG_DONE)
		HOLDS(v7dbg_plan_empty(&result.plan),
		      "an access that is refused touched something");
	sim_apply(cpu, &result.plan);
	if (!quick.served && sim_quick_point(&quick_vcpu, &quick_cpu, acc)) {
		differs = sim_ways_differ(&quick_vcpu, &quick_cpu, vcpu, cpu);
		HOLDS(verdict == V7DBG_DONE && !differs, differs ? differs : "quick: refused");
	}
	if (verdict != V7DBG_DONE || !of_dscr(acc) || w->caps.absent)
		return;
	if (acc->write)
		w->moe[w->on[c]] = DBGDSCR_MOE(acc->value);
	else
		HOLDS(DBGDSCR_MOE(result.value) == w->moe[w->on[c]],
		      "MOE: a guest reads another one than its own");
}

static void write_enc(struct world *w, unsigned int c, uint16_t enc, uint32_t value)
{
	struct v7dbg_access acc = sim_access(enc, true, value);

	trap(w, c, &acc);
}

/* Any syndrome, of any form and encoding. */
void guest_access(struct world *w, unsigned int c, struct input *in)
{
	static const uint8_t classes[4] = { 0x05, 0x05, 0x06, 0x0c };
	struct v7dbg_access acc = { 0 };
	char name[V7DBG_ACCESS_NAME_MAX];
	uint32_t hsr = word(in);

	/* Mostly one that exists: opc1 0, CRn 0, 1 or 7. */
	if (!(hsr & 1u << 31))
		hsr &= ~(7u << 14 | 8u << 10);
	hsr = (hsr & 0x03ffffff) | (uint32_t)classes[byte(in) & 3] << 26;
	HOLDS(v7dbg_decode(hsr, &acc), "a class of CP14 was not decoded");
	HOLDS(strlen(v7dbg_access_name(&acc, name)) >= sizeof("DBGVCR") - 1,
	      "an access has no name");
	acc.pl0 = byte(in) % 4 == 0;
	acc.value = acc.write ? word(in) : 0;
	trap(w, c, &acc);
}

uint32_t plausible_control(struct input *in, bool watch)
{
	uint32_t choice = byte(in), control = word(in);

	if (choice & 1) /* anything at all */
		return control;
	/* Enabled, PL0 and PL1, all bytes; then a few bits of it otherwise. */
	control &= watch ? 0x001f003eu : 0x003f0006u;
	control |= watch ? 0x00001fe1u : 0x000001e1u;
	return choice & 2 ? control : control & ~0x00f00000u;
}

uint32_t plausible_value(struct input *in)
{
	uint32_t choice = byte(in);

	return choice & 0x80 ? word(in) : 0x8000 + (choice & 0x1f) * 4;
}

void guest_point(struct world *w, unsigned int c, struct input *in)
{
	uint8_t which = byte(in), n = which & 0xf;
	bool watch = which & 0x10;

	if (which & 0x20)
		write_enc(w, c, watch ? WVR(n) : BVR(n), plausible_value(in));
	write_enc(w, c, watch ? WCR(n) : BCR(n), which & 0x40 ? 0 : plausible_control(in, watch));
}

void guest_locks(struct world *w, unsigned int c, struct input *in)
{
	uint8_t how = byte(in);

	switch (how & 7) {
	case 0:
		write_enc(w, c, OSLAR, how & 8 ? DBGOSLAR_KEY : 0);
		break;
	case 1:
		write_enc(w, c, OSDLR, how >> 3 & 1);
		break;
	case 2:
		write_enc(w, c, PRCR, how >> 3 & 1);
		break;
	case 3:
		write_enc(w, c, VCR, word(in));
		break;
	case 4:
		write_enc(w, c, DSCREXT, MOE(how >> 4));
		break;
	default:
		write_enc(w, c, DSCREXT, MDBGEN | MOE(how >> 4));
		break;
	}
}

/* In HYP. */
static enum v7dbg_answer event(struct world *w, unsigned int c, enum v7dbg_event_class class)
{
	struct sim *cpu = &w->cpu[c];
	struct v7dbg_vcpu *vcpu = running(w, c);
	struct v7dbg_plan plan;
	enum v7dbg_answer answer;
	struct quick_event quick;
	bool tde = cpu->cpu.tde;
	const char *differs;

	memset(&plan, 0x5a, sizeof(plan));
	quick = sim_quick_event(vcpu, &cpu->cpu, class, cpu->dscr);
	answer = v7dbg_event(vcpu, &cpu->cpu, class, cpu->dscr, &plan);
	differs = sim_event_differs(&quick, vcpu, &cpu->cpu, answer, &plan);
	HOLDS(!differs, differs);
	HOLDS(plan.tde_changed == (tde != cpu->cpu.tde), "the plan tells of TDE");
	sim_apply(cpu, &plan);
	if (answer == V7DBG_REFLECT)
		w->moe[w->on[c]] = class == V7DBG_EVENT_DATA ? 10 : (uint8_t)p_of(w, c);
	return answer;
}

/* What is enabled in hardware fires.  TDE and the owner say to whom it goes. */
static void fires(struct world *w, unsigned int c, enum v7dbg_event_class class, unsigned int moe)
{
	struct v7dbg_cpu *cpu = &w->cpu[c].cpu;
	uint8_t owner = cpu->owner;
	enum v7dbg_answer answer;

	set_p(w, c, moe);
	if (!cpu->tde) {
		HOLDS(owner == V7DBG_OWNER_GUEST, "the guest takes what is not its own");
		w->moe[w->on[c]] = (uint8_t)moe;
		return;
	}
	answer = event(w, c, class);
	switch (owner) {
	case V7DBG_OWNER_HOST:
		HOLDS(answer == V7DBG_RESUME && cpu->owner == V7DBG_OWNER_PARKED,
		      "a host point was not parked");
		break;
	case V7DBG_OWNER_GUEST:
		HOLDS(answer == V7DBG_REFLECT, "a guest's point did not reach it");
		break;
	case V7DBG_OWNER_USER:
		HOLDS(answer == V7DBG_TO_USER, "USER: the VMM's point did not reach it");
		break;
	default:
		HOLDS(false, "PARKED: something was enabled");
	}
}

void guest_hit(struct world *w, unsigned int c, struct input *in)
{
	const struct v7dbg_regs *hw = &w->cpu[c].hw;
	uint8_t which = byte(in), n = which & 0xf;

	if (!(w->cpu[c].dscr & MDBGEN))
		return;
	if (which & 0x80) {
		if (hw->vcr)
			fires(w, c, V7DBG_EVENT_PREFETCH, V7DBG_MOE_VECTOR_CATCH);
	} else if (which & 0x10) {
		if (hw->wrp.control[n] & 1)
			fires(w, c, V7DBG_EVENT_DATA, V7DBG_MOE_WATCHPOINT);
	} else if (hw->brp.control[n] & 1) {
		fires(w, c, V7DBG_EVENT_PREFETCH, V7DBG_MOE_BREAKPOINT);
	}
}

void guest_bkpt(struct world *w, unsigned int c)
{
	const struct v7dbg_vcpu *vcpu = running(w, c);
	uint8_t owner = w->cpu[c].cpu.owner;
	enum v7dbg_answer answer;

	set_p(w, c, V7DBG_MOE_BKPT);
	if (!w->cpu[c].cpu.tde) {
		HOLDS(!vcpu->user_on, "USER: a guest that is debugged takes its BKPT");
		w->moe[w->on[c]] = V7DBG_MOE_BKPT;
		return;
	}
	answer = event(w, c, V7DBG_EVENT_PREFETCH);
	HOLDS(answer == (vcpu->user_bkpt ? V7DBG_TO_USER : V7DBG_REFLECT), "BKPT went astray");
	HOLDS(w->cpu[c].cpu.owner == owner, "BKPT changed the owner");
}

/* A syndrome that no point explains never goes to a guest without points. */
void guest_spurious(struct world *w, unsigned int c, struct input *in)
{
	uint8_t what = byte(in);
	uint8_t owner = w->cpu[c].cpu.owner;
	enum v7dbg_answer answer;

	if (!w->cpu[c].cpu.tde || (what & 0xf) == V7DBG_MOE_BKPT)
		return;
	set_p(w, c, what & 0xf);
	answer = event(w, c, what & 0x10 ? V7DBG_EVENT_DATA : V7DBG_EVENT_PREFETCH);
	HOLDS(answer != V7DBG_REFLECT || owner == V7DBG_OWNER_GUEST,
	      "reflected to a guest without points");
	HOLDS(answer != V7DBG_RESUME || owner == V7DBG_OWNER_HOST, "resumed blindly");
	HOLDS(owner != V7DBG_OWNER_PARKED || answer == V7DBG_REJECT, "PARKED explains nothing");
}

/* A device that HYP emulates. */
void guest_device(struct world *w, unsigned int c, struct input *in)
{
	struct v7dbg_vcpu *vcpu = running(w, c);
	uint32_t va = plausible_value(in);
	uint8_t how = byte(in);
	uint32_t size = 1u << (how & 3), far = va + size;
	bool guest = v7dbg_mmio_watch(vcpu, va, size, how & 4, how & 8, how >> 4, &far);
	bool user = v7dbg_user_watch(vcpu, va, size, how & 4, how & 8, how >> 4, &far);

	HOLDS(guest || user ? far - va < size : far == va + size,
	      "DFAR at a device is none of the access's bytes");

	HOLDS(!guest || (w->cpu[c].cpu.owner == V7DBG_OWNER_GUEST && !user),
	      "a guest's watchpoint that is not loaded matched at a device");
	HOLDS(!user || w->cpu[c].cpu.owner == V7DBG_OWNER_USER,
	      "a VMM's watchpoint that is not loaded matched at a device");
	if (guest)
		HOLDS(event(w, c, V7DBG_EVENT_DATA) == V7DBG_REFLECT,
		      "a device's watchpoint got lost");
}
