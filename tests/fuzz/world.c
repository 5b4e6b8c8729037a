// SPDX-License-Identifier: GPL-2.0-only
/* CPUs, the host and the VMM, and the oracle, which checks all of it after each step. */
#include "world.h"

/* CPUs that differ in counts, MASK, monitor mode and mismatch breakpoints. */
static const struct v7dbg_cpu_id ids[] = {
	{ 0x3515f021, DEVID(0xf, 1), 1, 0, MDBGEN, true },
	{ DIDR(16, 4, 16), DEVID(1, 1), 1, 0, MDBGEN, true },
	{ DIDR(4, 1, 2), DEVID(0xf, 0xf), 1, 0, MDBGEN, true },
	{ DIDR(1, 1, 1), DEVID(1, 1), 0, 0, MDBGEN, true },
	{ DIDR(16, 16, 1), DEVID(0, 0), 0, 0, MDBGEN, false },
	{ DIDR(7, 3, 16), DEVID(1, 0xf), 0, 0, MDBGEN, true },
	{ DIDR(2, 2, 4), DEVID(1, 1), 0, 0, 0, false },
	{ DIDR(6, 2, 4), DEVID(1, 1), 0, 0, MDBGEN | HDBGEN, true },
};

/* A CPU that guests see.  DBGDEVID, C11.11.12: BPAddrMask 1, WPAddrMask not 0xf. */
static void told_of(struct world *w, const struct v7dbg_cpu_id *id)
{
	unsigned int brps = DBGDIDR_NR_BRPS(id->dbgdidr), wrps = DBGDIDR_NR_WRPS(id->dbgdidr);

	w->bcr_mask &= DBGDEVID_BPADDRMASK(id->dbgdevid) == DBGDEVID_ADDRMASK_YES;
	w->wcr_mask &= DBGDEVID_WPADDRMASK(id->dbgdevid) != DBGDEVID_ADDRMASK_NO;
	w->brps = brps < w->brps ? brps : w->brps;
	w->wrps = wrps < w->wrps ? wrps : w->wrps;
}

void world_init(struct world *w, struct input *in)
{
	uint8_t config = byte(in), more = byte(in);
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->bcr_mask = w->wcr_mask = true;
	w->brps = w->wrps = V7DBG_MAX_SLOTS;
	for (i = 0; i < CPUS; i++) {
		sim_init(&w->cpu[i], &ids[config >> 3 * i & 7]);
		sim_poison(&w->cpu[i].cpu);
		w->on[i] = NOBODY;
	}
	/* Some inputs bring the second CPU up after the caps were made. */
	v7dbg_caps_init(&w->caps, more == 0xff);
	HOLDS(v7dbg_caps_add(&w->caps, &ids[config & 7]) == V7DBG_OK, "the first CPU is refused");
	told_of(w, &ids[config & 7]);
	if (!(config & 0x40)) {
		HOLDS(v7dbg_caps_add(&w->caps, &ids[config >> 3 & 7]) == V7DBG_OK,
		      "the second CPU is refused");
		told_of(w, &ids[config >> 3 & 7]);
	}
	for (i = 0; i < VCPUS; i++) {
		v7dbg_init(&w->vcpu[i], &w->caps);
		if (more & 1 << i) {
			v7dbg_set(&w->vcpu[i], OSLAR, 0);
			v7dbg_set(&w->vcpu[i], DSCREXT, MDBGEN);
		}
	}
}

/* ---- the CPU ------------------------------------------------------------------- */

/* Is there a control with E, or a vector catch, of the VMM or else of the guest? */
static bool wants(const struct v7dbg_vcpu *vcpu)
{
	const struct v7dbg_regs *regs = vcpu->user_on ? &vcpu->user : &vcpu->regs;
	uint32_t on = regs->vcr & 0xc6000000;
	unsigned int n;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++)
		on |= (regs->brp.control[n] | regs->wrp.control[n]) & 1;
	return on;
}

/* By the quick way and by a plan. */
static void same_way(const struct v7dbg_vcpu *quick_vcpu, const struct sim *quick,
		     const struct v7dbg_vcpu *vcpu, const struct sim *cpu)
{
	const char *differs = sim_ways_differ(quick_vcpu, quick, vcpu, cpu);

	HOLDS(!differs, differs);
}

static void enter(struct world *w, unsigned int c, unsigned int v)
{
	struct sim *cpu = &w->cpu[c];
	struct v7dbg_vcpu quick_vcpu;
	struct v7dbg_plan plan;
	struct sim quick;

	w->on[c] = (int)v;
	if (!v7dbg_needs_enter(&w->vcpu[v]))
		return;
	quick = *cpu;
	quick_vcpu = w->vcpu[v];
	memset(&plan, 0x5a, sizeof(plan));
	v7dbg_enter(&w->vcpu[v], &cpu->cpu, cpu->dscr, &plan);
	HOLDS(plan.tde_changed == !cpu->cpu.tde, "the plan tells of TDE");
	HOLDS(wants(&w->vcpu[v]) || (v7dbg_plan_empty(&plan) && cpu->cpu.owner == V7DBG_OWNER_HOST),
	      "an entry without a point touched something");
	sim_apply(cpu, &plan);
	if (sim_quick_enter(&quick_vcpu, &quick))
		same_way(&quick_vcpu, &quick, &w->vcpu[v], cpu);
}

static void leave(struct world *w, unsigned int c)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[w->on[c]];
	struct sim *cpu = &w->cpu[c], quick = *cpu;
	uint32_t dscr = cpu->cpu.tde ? 0xffffffff : cpu->dscr;
	struct v7dbg_vcpu quick_vcpu = *vcpu;
	struct v7dbg_plan plan;

	if (v7dbg_needs_exit(&cpu->cpu)) {
		memset(&plan, 0x5a, sizeof(plan));
		v7dbg_exit(vcpu, &cpu->cpu, dscr, &plan);
		sim_apply(cpu, &plan);
		if (sim_quick_exit(&quick_vcpu, &quick, dscr))
			same_way(&quick_vcpu, &quick, vcpu, cpu);
	}
	memset(&cpu->saved, 0, sizeof(cpu->saved));
	w->on[c] = NOBODY;
	sim_poison(&cpu->cpu);
}

static void host(struct world *w, unsigned int c, struct input *in)
{
	struct v7dbg_regs *hw = &w->cpu[c].hw;
	uint8_t what = byte(in), n = what & 0xf;

	switch (what >> 4 & 7) {
	case 0:
		w->cpu[c].dscr ^= MDBGEN;
		break;
	case 1:
		w->cpu[c].dscr ^= HDBGEN;
		break;
	case 2: /* a debug exception of its own */
		w->cpu[c].dscr = (w->cpu[c].dscr & ~DBGDSCR_MOE_MASK) | MOE(n);
		break;
	case 3:
		hw->vcr = word(in) & 0xde00dcdf;
		break;
	case 4:
	case 5:
		n %= w->cpu[c].cpu.brp.count;
		hw->brp.value[n] = word(in);
		hw->brp.control[n] = plausible_control(in, false);
		break;
	default:
		n %= w->cpu[c].cpu.wrp.count;
		hw->wrp.value[n] = word(in);
		hw->wrp.control[n] = plausible_control(in, true);
		break;
	}
	w->host[c] = *hw;
}

/* ---- a vCPU that is not running ----------------------------------------------------- */

/* All registers, saved and restored backwards into another vCPU: it is the same. */
static void migrate(struct world *w, unsigned int v)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[v], copy;
	uint16_t encs[256];
	unsigned int n = v7dbg_list(vcpu, encs, 256);
	uint32_t value;

	if (vcpu->user_on || w->caps.absent)
		return;
	v7dbg_init(&copy, &w->caps);
	while (n--) {
		HOLDS(!v7dbg_get(vcpu, encs[n], &value), "a register of the list cannot be read");
		HOLDS(!v7dbg_set(&copy, encs[n], value),
		      "a register of the list cannot be written");
	}
	HOLDS(!memcmp(&copy.regs, &vcpu->regs, sizeof(copy.regs)) && copy.dscr == vcpu->dscr &&
		      copy.moe == vcpu->moe && copy.oslock == vcpu->oslock &&
		      copy.osdlr == vcpu->osdlr && copy.corenpdrq == vcpu->corenpdrq &&
		      copy.claim == vcpu->claim && copy.active == vcpu->active &&
		      copy.eff.brp == vcpu->eff.brp && copy.eff.wrp == vcpu->eff.wrp &&
		      copy.eff.vcr == vcpu->eff.vcr,
	      "ONE_REG: saved and restored it is not the same");
	*vcpu = copy;
}

/* The VMM steps at 0x8000 or 0x8002; C3.3.2 and C11.11.2 say what that is in a slot. */
static void step(struct world *w, unsigned int v, bool thumb, bool upper)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[v];
	unsigned int n, others = 0;

	/* The slot of the last step does not count. */
	for (n = 0; n < w->caps.nr_brps; n++)
		others += (vcpu->user.brp.control[n] & 1) && n + 1 != vcpu->user_step;
	w->step[v].on = v7dbg_user_step(vcpu, 0x8000 | (thumb && upper) << 1, thumb) == V7DBG_OK;
	w->step[v].value = 0x8000;
	w->step[v].control = 0x00400007 | (!thumb ? 0x1e0 : upper ? 0x180 : 0x060);
	HOLDS(w->step[v].on == (vcpu->user_on && w->caps.mismatch && others < w->caps.nr_brps),
	      "USER: a step where there can be none, or none where there can be one");
}

static void user(struct world *w, unsigned int v, struct input *in)
{
	struct v7dbg_vcpu *vcpu = &w->vcpu[v];
	struct v7dbg_regs points = { 0 };
	uint8_t how = byte(in), n;

	if ((how & 9) == 9) { /* on from where it stopped */
		step(w, v, how & 0x40, how & 0x80);
		return;
	}
	w->step[v].on = false;
	if (how & 1) {
		v7dbg_user(vcpu, NULL);
		return;
	}
	for (n = how >> 4 & 3; n; n--) {
		uint8_t slot = byte(in);

		if (slot & 0x10) {
			points.wrp.value[slot & 0xf] = plausible_value(in);
			points.wrp.control[slot & 0xf] = plausible_control(in, true);
		} else {
			points.brp.value[slot & 0xf] = plausible_value(in);
			points.brp.control[slot & 0xf] = plausible_control(in, false);
		}
	}
	if (how & 2)
		points.vcr = word(in);
	v7dbg_user(vcpu, &points);
	v7dbg_user_bkpt(vcpu, how & 4);
	if (how & 8)
		step(w, v, how & 0x40, how & 0x80);
}

static void one_reg(struct world *w, unsigned int v, struct input *in)
{
	uint16_t encs[256], enc = (uint16_t)word(in);
	unsigned int n = v7dbg_list(&w->vcpu[v], encs, 256);
	uint32_t value = word(in), read;

	if (n && !(enc & 0x8000))
		enc = encs[enc % n];
	switch (v7dbg_set(&w->vcpu[v], enc, value)) {
	case V7DBG_OK:
		break;
	case V7DBG_ERR_CONSTANT:
		HOLDS(!v7dbg_get(&w->vcpu[v], enc, &read) && read != value,
		      "ONE_REG: a constant refuses its own value");
		return;
	default:
		HOLDS(v7dbg_get(&w->vcpu[v], enc, &read) == V7DBG_ERR_NO_REGISTER,
		      "ONE_REG: only to be read");
		return;
	}
	if (enc == DSCREXT)
		w->moe[v] = DBGDSCR_MOE(value);
	HOLDS(!v7dbg_get(&w->vcpu[v], enc, &read), "ONE_REG: only to be written");
	HOLDS(!v7dbg_set(&w->vcpu[v], enc, read), "ONE_REG: not to be written again");
}

/* A device emulated by the host, after the exit. */
static void device(struct world *w, unsigned int v, struct input *in)
{
	uint32_t va = plausible_value(in);
	uint8_t how = byte(in);
	uint32_t size = 1u << (how & 3);
	bool guest = v7dbg_mmio_watch(&w->vcpu[v], va, size, how & 4, how & 8, how >> 4, NULL);
	bool vmm = v7dbg_user_watch(&w->vcpu[v], va, size, how & 4, how & 8, how >> 4, NULL);

	HOLDS(!guest || w->vcpu[v].active, "a watchpoint of an inactive guest matched");
	HOLDS(!(guest && vmm) && (!vmm || w->vcpu[v].user_on), "USER: whose watchpoint is it");
	if (guest) {
		v7dbg_watch_taken(&w->vcpu[v]);
		w->moe[v] = V7DBG_MOE_WATCHPOINT;
	}
}

static void outside(struct world *w, unsigned int v, uint8_t op, struct input *in)
{
	switch (op) {
	case 0:
	case 1:
	case 2:
		one_reg(w, v, in);
		break;
	case 3:
	case 4:
		user(w, v, in);
		break;
	case 5:
		device(w, v, in);
		break;
	case 6: /* not too often: it is dozens of writes */
		if (byte(in) % 8 == 0)
			migrate(w, v);
		break;
	default:
		if (byte(in) & 1) {
			v7dbg_bkpt_taken(&w->vcpu[v]);
			w->moe[v] = V7DBG_MOE_BKPT;
		} else {
			v7dbg_reset(&w->vcpu[v]);
			w->moe[v] = 0;
		}
	}
}

static void guest(struct world *w, unsigned int c, uint8_t op, struct input *in)
{
	switch (op) {
	case 0:
		leave(w, c);
		break;
	case 1:
		guest_access(w, c, in);
		break;
	case 2:
	case 3:
		guest_point(w, c, in);
		break;
	case 4:
		guest_locks(w, c, in);
		break;
	case 5:
		guest_hit(w, c, in);
		break;
	case 6:
		guest_bkpt(w, c);
		guest_device(w, c, in);
		break;
	default:
		guest_spurious(w, c, in);
		break;
	}
}

/* A step's first byte: [2:0] what happens, [3] to a vCPU or a CPU, [4] which, [7:5] with whom. */
bool world_step(struct world *w, struct input *in)
{
	uint8_t op;
	unsigned int which, v;

	if (in->at >= in->end)
		return false;
	op = byte(in);
	which = op >> 4 & 1;
	if (op & 8) {
		if (w->on[0] != (int)which && w->on[1] != (int)which)
			outside(w, which, op & 7, in);
		return true;
	}
	if (w->on[which] != NOBODY) {
		guest(w, which, op & 7, in);
		return true;
	}
	v = op >> 5 & 1;
	if ((op & 7) >= 4)
		host(w, which, in);
	else if (w->on[!which] != (int)v)
		enter(w, which, v);
	return true;
}

/* ---- the oracle ----------------------------------------------------------------------- */

/* C11.11.2, C11.11.44: HMC 0 and SSC 0b01 are Non-secure PL1 and PL0 alone. */
static bool confined(uint32_t control, bool watch)
{
	if (!(control & 1))
		return true;
	/* A linked context one matches nothing by itself: HMC 0, SSC 0b00, PMC 0b11, C11.11.2. */
	if (!watch && (control >> 20 & 0xf) == 3)
		return (control & 0xe006) == 0x0006;
	return !(control & 1u << 13) && (control >> 14 & 3) == 1 &&
	       (watch || (control >> 20 & 0xf) < 6);
}

/* What is on in hardware was enabled in a slot with that value. */
static bool asked_for(const uint32_t *values, const uint32_t *controls, uint32_t value,
		      uint32_t control)
{
	unsigned int n;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++)
		/* E and PMC or PAC go to hardware as they are, and of BAS nothing is added. */
		if ((controls[n] & 7) == (control & 7) && values[n] == value &&
		    !(control & ~controls[n] & 0x1fe0))
			return true;
	return false;
}

static void check_points(const struct world *w, unsigned int c, const struct v7dbg_regs *regs)
{
	const struct v7dbg_regs *hw = &w->cpu[c].hw;
	unsigned int n;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++) {
		HOLDS(confined(hw->brp.control[n], false) && confined(hw->wrp.control[n], true),
		      "what is loaded can match in HYP or Secure state");
		HOLDS(!(hw->brp.control[n] & 1) || asked_for(regs->brp.value, regs->brp.control,
							     hw->brp.value[n], hw->brp.control[n]),
		      "a breakpoint that nobody asked for");
		HOLDS(!(hw->wrp.control[n] & 1) || asked_for(regs->wrp.value, regs->wrp.control,
							     hw->wrp.value[n], hw->wrp.control[n]),
		      "a watchpoint that nobody asked for");
	}
	HOLDS(!(hw->vcr & ~(regs->vcr & 0xc6000000)), "a vector catch that nobody asked for");
}

/* The step is on in a slot of this CPU. */
static void check_step(const struct world *w, unsigned int c, const struct step *step)
{
	const struct v7dbg_regs *hw = &w->cpu[c].hw;
	unsigned int n, found = 0;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++)
		found += hw->brp.value[n] == step->value &&
			 hw->brp.control[n] == (step->control | 1u << 14);
	HOLDS(!step->on || found, "USER owns, and the step is not loaded");
}

static void check_loaded(const struct world *w, unsigned int c)
{
	const struct v7dbg_cpu *cpu = &w->cpu[c].cpu;
	const struct v7dbg_regs *hw = &w->cpu[c].hw;
	unsigned int v = (unsigned int)w->on[c], n;
	const struct v7dbg_vcpu *vcpu = &w->vcpu[v];
	bool points = (vcpu->dscr & MDBGEN) && !vcpu->oslock;

	switch (cpu->owner) {
	case V7DBG_OWNER_HOST:
		HOLDS(!memcmp(hw, &w->host[c], sizeof(*hw)),
		      "HOST owns, and not all is the host's");
		break;
	case V7DBG_OWNER_PARKED:
		for (n = 0; n < V7DBG_MAX_SLOTS; n++)
			HOLDS(!((hw->brp.control[n] | hw->wrp.control[n]) & 1),
			      "PARKED, and a slot is on");
		HOLDS(!hw->vcr, "PARKED, and a vector catch is on");
		break;
	case V7DBG_OWNER_GUEST:
		HOLDS(points && !vcpu->user_on, "GUEST owns without MDBGen, locked, or debugged");
		check_points(w, c, &vcpu->regs);
		break;
	default:
		HOLDS(vcpu->user_on, "USER owns, and nobody debugs");
		check_points(w, c, &vcpu->user);
		check_step(w, c, &w->step[v]);
		break;
	}
	if (cpu->tde)
		HOLDS(vcpu->moe == w->moe[v], "MOE: TDE is set, and M is not the guest's");
	else
		HOLDS(cpu->owner == V7DBG_OWNER_GUEST && DBGDSCR_MOE(w->cpu[c].dscr) == w->moe[v],
		      "MOE: TDE is clear, and P is not the guest's");
}

/*
 * C11.11.2, C11.11.3, C11.11.42, C11.11.44, C11.11.45: a register keeps no bit that is
 * reserved or that one of the CPUs lacks, and a slot that does not exist keeps nothing.
 */
static void check_bits(const struct world *w, const struct v7dbg_regs *regs)
{
	uint32_t bcr = w->bcr_mask ? 0x1fffe1e7 : 0x00ffe1e7;
	uint32_t wcr = w->wcr_mask ? 0x1f1fffff : 0x001fffff;
	unsigned int n;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++) {
		HOLDS(n < w->brps ? !(regs->brp.control[n] & ~bcr)
				  : !regs->brp.control[n] && !regs->brp.value[n],
		      "a breakpoint keeps bits that there are not");
		HOLDS(n < w->wrps ? !(regs->wrp.control[n] & ~wcr) && !(regs->wrp.value[n] & 3)
				  : !regs->wrp.control[n] && !regs->wrp.value[n],
		      "a watchpoint keeps bits that there are not");
	}
	HOLDS(!(regs->vcr & ~0xde00dcdfu), "DBGVCR keeps bits that there are not");
}

void world_check(const struct world *w)
{
	unsigned int i;

	for (i = 0; i < CPUS; i++) {
		if (w->on[i] != NOBODY) {
			check_loaded(w, i);
			continue;
		}
		HOLDS(w->cpu[i].cpu.owner == V7DBG_OWNER_HOST && w->cpu[i].cpu.tde,
		      "the host runs, and does not own");
		HOLDS(!memcmp(&w->cpu[i].hw, &w->host[i], sizeof(w->host[i])),
		      "the host runs, and its registers are not as it left them");
	}
	for (i = 0; i < VCPUS; i++)
		check_bits(w, &w->vcpu[i].regs);
	for (i = 0; i < VCPUS; i++)
		if (w->on[0] != (int)i && w->on[1] != (int)i)
			HOLDS(w->vcpu[i].moe == w->moe[i], "MOE: M got lost while not loaded");
}
