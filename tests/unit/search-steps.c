// SPDX-License-Identifier: GPL-2.0-only
/* What may happen in the world of search.c, and the invariants that search.c lists. */
#include "search.h"

struct seen seen;

const struct v7dbg_regs user_points = {
	.brp = { .value = { USER_VALUE }, .control = { BCR_ON } },
	.wrp = { .value = { USER_VALUE }, .control = { WCR_ON } },
};

static void carry_out(struct world *w, unsigned int c, const struct v7dbg_plan *plan)
{
	struct sim *cpu = &w->cpu[c];

	if (plan->save_host)
		CHECK(!memcmp(&cpu->hw, &w->host[c], sizeof(cpu->hw)),
		      "save: what is saved is not the host's");
	if (plan->brp.save & 1)
		CHECK(cpu->hw.brp.value[0] == HOST_VALUE, "save: DBGBVR0 is not the host's");
	if (plan->wrp.save & 1)
		CHECK(cpu->hw.wrp.value[0] == HOST_VALUE, "save: DBGWVR0 is not the host's");
	CHECK(!((plan->brp.write.values | plan->brp.clear | plan->brp.write.controls |
		 plan->wrp.write.values | plan->wrp.clear | plan->wrp.write.controls) &
		~1u),
	      "loaded: a slot that is not there");
	sim_apply(cpu, plan);
}

static unsigned int p_of(const struct world *w, unsigned int c)
{
	return DBGDSCR_MOE(w->cpu[c].dscr);
}

static void set_p(struct world *w, unsigned int c, unsigned int moe)
{
	w->cpu[c].dscr = (w->cpu[c].dscr & ~DBGDSCR_MOE_MASK) | MOE(moe);
}

static uint32_t guest_access(struct world *w, unsigned int c, uint16_t enc, bool write,
			     uint32_t value)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[w->on[c]];
	struct sim *cpu = &w->cpu[c];
	struct v7dbg_access acc = { .form = V7DBG_FORM_MRC_MCR,
				    .crm = (enc >> 3) & 0xf,
				    .opc2 = enc & 7,
				    .write = write,
				    .value = value,
				    .dscr = 0xffffffff };
	bool was_active = vcpu->active, was_parked = cpu->cpu.owner == V7DBG_OWNER_PARKED;
	struct v7dbg_result result;

	if (v7dbg_needs_dscr(&cpu->cpu, &acc))
		acc.dscr = cpu->dscr;
	memset(&result, 0x5a, sizeof(result));
	CHECK(v7dbg_trap(vcpu, &cpu->cpu, &acc, &result) == V7DBG_DONE, "access refused");
	if (!was_active && !vcpu->active)
		CHECK(v7dbg_plan_empty(&result.plan) && !result.plan.tde_changed,
		      "untouched: an inactive guest's access has a plan");
	carry_out(w, c, &result.plan);
	seen.rearmed += was_parked && cpu->cpu.owner == V7DBG_OWNER_GUEST;
	return result.value;
}

/* A debug exception of the guest's instructions; P is set by hardware. */
static void exception(struct world *w, unsigned int c, enum v7dbg_event_class class,
		      unsigned int moe, bool set, uint32_t value)
{
	unsigned int v = (unsigned int)w->on[c];
	struct v7dbg_vcpu *vcpu = &w->vcpu[v];
	struct v7dbg_plan plan;
	enum v7dbg_answer answer;
	bool bkpt = moe == V7DBG_MOE_BKPT;

	if (set)
		set_p(w, c, moe);
	if (set && !w->cpu[c].cpu.tde) {
		CHECK(!vcpu->user_on, "delivery: taken by a guest that the VMM debugs");
		CHECK(bkpt || value == GUEST_VALUE(v), "delivery: a guest got what is not its own");
		w->moe[v] = (uint8_t)moe;
		seen.direct++;
		return;
	}
	memset(&plan, 0x5a, sizeof(plan));
	answer = v7dbg_event(vcpu, &w->cpu[c].cpu, class, w->cpu[c].dscr, &plan);
	carry_out(w, c, &plan);
	switch (answer) {
	case V7DBG_REFLECT:
		CHECK(bkpt ? !vcpu->user_bkpt : value == GUEST_VALUE(v),
		      "delivery: reflected what is not its own");
		w->moe[v] = (uint8_t)moe;
		seen.reflected++;
		break;
	case V7DBG_RESUME:
		CHECK(!bkpt && value == HOST_VALUE, "delivery: the host got what is not its own");
		CHECK(!((w->cpu[c].hw.wrp.control[0] | w->cpu[c].hw.brp.control[0]) & 1),
		      "delivery: resumed with a host point still on");
		seen.resumed++;
		break;
	case V7DBG_TO_USER:
		CHECK(bkpt ? vcpu->user_bkpt : value == USER_VALUE,
		      "delivery: the VMM got what is not its own");
		seen.to_user++;
		break;
	default:
		CHECK(false, "delivery: rejected a real event");
	}
}

static void enter(struct world *w, unsigned int c, unsigned int v)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[v];
	struct v7dbg_plan plan;

	w->on[c] = (int8_t)v;
	CHECK(v7dbg_needs_enter(vcpu) ==
		      (vcpu->user_on ||
		       ((vcpu->regs.brp.control[0] | vcpu->regs.wrp.control[0]) & 1)),
	      "untouched: an inactive guest's entry has work to do, or an active one's none");
	if (!v7dbg_needs_enter(vcpu))
		return;
	memset(&plan, 0x5a, sizeof(plan));
	v7dbg_enter(vcpu, &w->cpu[c].cpu, w->cpu[c].dscr, &plan);
	carry_out(w, c, &plan);
	seen.held += vcpu->held;
}

static void leave(struct world *w, unsigned int c)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[w->on[c]];
	struct v7dbg_cpu *cpu = &w->cpu[c].cpu;
	struct v7dbg_plan plan;

	memset(&plan, 0x5a, sizeof(plan));
	if (v7dbg_needs_exit(cpu)) {
		v7dbg_exit(vcpu, cpu, cpu->tde ? 0xffffffff : w->cpu[c].dscr, &plan);
		carry_out(w, c, &plan);
	}
	w->on[c] = -1;
	sim_poison(cpu);
}

bool cpu_step(struct world *w, const struct universe *u, unsigned int c, enum action action)
{
	struct sim *cpu = &w->cpu[c];
	struct v7dbg_vcpu *vcpu = w->on[c] < 0 ? NULL : &w->vcpu[w->on[c]];
	bool monitor = cpu->dscr & MDBGEN;
	unsigned int v;

	if ((action <= ENTER_1) != (vcpu == NULL))
		return false;
	switch (action) {
	case HOST_POINTS:
		w->host[c].brp.control[0] ^= BCR_REST ^ BCR_ON;
		w->host[c].wrp.control[0] ^= WCR_REST ^ WCR_ON;
		cpu->hw.brp.control[0] = w->host[c].brp.control[0];
		cpu->hw.wrp.control[0] = w->host[c].wrp.control[0];
		return true;
	case HOST_MOE_1:
		if (!u->breakpoints)
			return false;
		set_p(w, c, 1);
		return true;
	case HOST_MOE_3:
		set_p(w, c, 3);
		return true;
	case HOST_MOE_10:
		set_p(w, c, 10);
		return true;
	case HOST_MONITOR:
		cpu->dscr ^= MDBGEN;
		return u->user;
	case ENTER_0:
	case ENTER_1:
		v = action - ENTER_0;
		if (w->on[!c] == (int)v)
			return false;
		enter(w, c, v);
		return true;
	case EXIT:
		leave(w, c);
		return true;
	case READ_MOE:
		CHECK(DBGDSCR_MOE(guest_access(w, c, DSCRINT, false, 0)) == w->moe[w->on[c]],
		      "moe: a guest read another MOE than its own");
		return true;
	case SWITCH_BCR:
		if (!u->breakpoints)
			return false;
		guest_access(w, c, BCR(0), true, vcpu->regs.brp.control[0] ^ 1);
		return true;
	case SWITCH_WCR:
		guest_access(w, c, WCR(0), true, vcpu->regs.wrp.control[0] ^ 1);
		return true;
	case WRITE_MOE_0:
	case WRITE_MOE_3:
		w->moe[w->on[c]] = action == WRITE_MOE_0 ? 0 : 3;
		guest_access(w, c, DSCREXT, true, MDBGEN | MOE(w->moe[w->on[c]]));
		return true;
	case HIT_BREAKPOINT:
		if (!monitor || !(cpu->hw.brp.control[0] & 1))
			return false;
		exception(w, c, V7DBG_EVENT_PREFETCH, 1, true, cpu->hw.brp.value[0]);
		return true;
	case HIT_WATCHPOINT:
		if (!monitor || !(cpu->hw.wrp.control[0] & 1))
			return false;
		exception(w, c, V7DBG_EVENT_DATA, 10, true, cpu->hw.wrp.value[0]);
		return true;
	case HIT_BKPT:
		exception(w, c, V7DBG_EVENT_PREFETCH, 3, true, 0);
		return true;
	case HIT_MMIO:
		v = (unsigned int)w->on[c];
		if (!v7dbg_mmio_watch(vcpu, GUEST_VALUE(v), 4, true, true, 0, NULL))
			return false;
		CHECK(vcpu->regs.wrp.control[0] & 1, "delivery: a watch that is off");
		exception(w, c, V7DBG_EVENT_DATA, 10, false, GUEST_VALUE(v));
		return true;
	default:
		return false;
	}
}

bool vcpu_step(struct world *w, const struct universe *u, unsigned int v, enum action action)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[v];

	if (w->on[0] == (int)v || w->on[1] == (int)v)
		return false;
	switch (action) {
	case SET_MOE_3:
		w->moe[v] = 3;
		return !v7dbg_set(vcpu, DSCREXT, MDBGEN | MOE(3));
	case USER_SWITCH:
		if (!u->user)
			return false;
		/* Off, on, on with BKPT, off. */
		if (vcpu->user_on && !vcpu->user_bkpt)
			v7dbg_user_bkpt(vcpu, true);
		else
			v7dbg_user(vcpu, vcpu->user_on ? NULL : &user_points);
		return true;
	case TAKE_MMIO:
		if (!v7dbg_mmio_watch(vcpu, GUEST_VALUE(v), 4, true, true, 0, NULL))
			return false;
		v7dbg_watch_taken(vcpu);
		w->moe[v] = 10;
		return true;
	default:
		return false;
	}
}

/* ---- invariants ---------------------------------------------------------------- */

static bool is_on(uint32_t control, uint32_t value, bool wanted, uint32_t hw, uint32_t hw_value)
{
	return wanted ? control == hw && value == hw_value : !(control & 1);
}

static void check_cpu(const struct world *w, unsigned int c)
{
	const struct v7dbg_cpu *cpu = &w->cpu[c].cpu;
	const struct v7dbg_regs *hw = &w->cpu[c].hw;
	bool monitor = w->cpu[c].dscr & MDBGEN, points;
	const struct v7dbg_vcpu *vcpu;
	unsigned int v;

	if (w->on[c] < 0) {
		CHECK(cpu->owner == V7DBG_OWNER_HOST && cpu->tde, "restore: owner or TDE");
		CHECK(!memcmp(hw, &w->host[c], sizeof(*hw)), "restore: not what the host wrote");
		return;
	}
	v = (unsigned int)w->on[c];
	vcpu = &w->vcpu[v];
	points = (vcpu->regs.brp.control[0] | vcpu->regs.wrp.control[0]) & 1;
	if (!cpu->tde) {
		CHECK(cpu->owner == V7DBG_OWNER_GUEST && points,
		      "tde: clear for an inactive guest");
		CHECK(p_of(w, c) == w->moe[v], "tde: clear while P is not the guest's");
	} else {
		CHECK(vcpu->moe == w->moe[v], "moe: M is wrong while TDE is set");
	}
	switch (cpu->owner) {
	case V7DBG_OWNER_HOST:
		CHECK(!memcmp(hw, &w->host[c], sizeof(*hw)), "untouched: HOST owns, but not all");
		CHECK(!monitor || !(points || vcpu->user_on), "loaded: a point is not armed");
		break;
	case V7DBG_OWNER_PARKED:
		CHECK(!((hw->brp.control[0] | hw->wrp.control[0]) & 1) && !hw->vcr,
		      "loaded: on while parked");
		CHECK(!monitor || !points, "loaded: a point is not armed");
		break;
	case V7DBG_OWNER_GUEST:
		CHECK(points && monitor && !vcpu->user_on, "loaded: GUEST owns for no reason");
		CHECK(is_on(hw->brp.control[0], hw->brp.value[0], vcpu->regs.brp.control[0] & 1,
			    BCR_HW, GUEST_VALUE(v)),
		      "loaded: breakpoint");
		CHECK(is_on(hw->wrp.control[0], hw->wrp.value[0], vcpu->regs.wrp.control[0] & 1,
			    WCR_HW, GUEST_VALUE(v)),
		      "loaded: watchpoint");
		break;
	default:
		CHECK(vcpu->user_on && monitor, "loaded: USER owns for no reason");
		CHECK(is_on(hw->brp.control[0], hw->brp.value[0], true, BCR_HW, USER_VALUE) &&
			      is_on(hw->wrp.control[0], hw->wrp.value[0], true, WCR_HW, USER_VALUE),
		      "loaded: the VMM's points");
		break;
	}
}

void check(const struct world *w)
{
	unsigned int v;

	check_cpu(w, 0);
	check_cpu(w, 1);
	for (v = 0; v < 2; v++)
		if (w->on[0] != (int)v && w->on[1] != (int)v)
			CHECK(w->vcpu[v].moe == w->moe[v], "moe: M is wrong while not loaded");
}
