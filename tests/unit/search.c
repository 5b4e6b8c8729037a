// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exhaustive search of ownership and MOE: every state that two CPUs, two vCPUs and
 * the host can reach, in any order of what they may do, breadth first.
 *
 * Each CPU has one breakpoint, one watchpoint, its MOE (P) and HDCR.TDE; plans are
 * carried out on it.  Beside the state there is the truth: what the host wrote,
 * and which MOE each vCPU has to see.  Values tell whose a point in hardware is.
 *
 * Invariants, checked after every step:
 *   restore   while the host runs, every register is bit-exactly what it wrote
 *   save      the host's state is saved only while it is there
 *   delivery  a guest's point goes to that guest, a host's to the host, a VMM's to it
 *   loaded    what is on is what the owner asked for, all of it and nothing else
 *   moe       a guest reads the MOE of its own last debug exception or write
 *   tde       clear only for an active guest, with P the MOE that it has to see
 *   untouched an inactive guest's entry, accesses and exit touch no register
 */
#include "sim.h"

#define HOST_VALUE     0x10000u
#define GUEST_VALUE(v) (0x20000u + 0x10000u * (v))
#define USER_VALUE     0x70000u
#define BCR_ON	       0x1e7u
#define WCR_ON	       0x1fffu
#define BCR_HW	       0x41e7u
#define WCR_HW	       0x5fffu
/* Left by the host with E clear: bit-exact means these too. */
#define BCR_REST 0x1e6u
#define WCR_REST 0x1fe0u

static const struct v7dbg_cpu_id tiny = { DIDR(1, 1, 1), 0, 0, 0, MDBGEN };

struct world {
	struct sim cpu[2];
	int8_t on[2];		   /* the vCPU that runs there, or -1: the host runs */
	struct v7dbg_regs host[2]; /* the truth: what the host wrote */
	struct v7dbg_vcpu vcpu[2];
	uint8_t moe[2]; /* the truth: what the guest has to read */
};

/* What may happen in a search; both together are too many states. */
struct universe {
	const char *name;
	bool breakpoints; /* guests use breakpoints, too */
	bool user;	  /* the VMM debugs vCPUs, CPUs leave and enter monitor mode */
};

enum action {
	HOST_POINTS, /* switches its points on or off */
	HOST_MOE_1,  /* takes a debug exception */
	HOST_MOE_3,
	HOST_MOE_10,
	HOST_MONITOR, /* MDBGen changes under us */
	ENTER_0,
	ENTER_1,
	EXIT,
	READ_MOE,
	SWITCH_BCR,
	SWITCH_WCR,
	WRITE_MOE_0,
	WRITE_MOE_3,
	HIT_BREAKPOINT,
	HIT_WATCHPOINT,
	HIT_BKPT,
	HIT_MMIO, /* emulated in HYP */
	CPU_ACTIONS,
	/* Of a vCPU that runs nowhere. */
	SET_MOE_3 = CPU_ACTIONS,
	USER_SWITCH,
	TAKE_MMIO, /* emulated by the host */
	ACTIONS,
};
static const char *const action_names[ACTIONS] = {
	"host switches its points",
	"host takes MOE 1",
	"host takes MOE 3",
	"host takes MOE 10",
	"monitor mode changes",
	"enter vcpu 0",
	"enter vcpu 1",
	"exit",
	"guest reads DBGDSCR",
	"guest switches DBGBCR",
	"guest switches DBGWCR",
	"guest writes MOE 0",
	"guest writes MOE 3",
	"breakpoint hits",
	"watchpoint hits",
	"BKPT",
	"MMIO watch in HYP",
	"ONE_REG sets MOE 3",
	"VMM switches debugging",
	"MMIO watch in the host",
};

/* ---- the states found ------------------------------------------------------ */

#define MAX_PACKED 200
#define MAX_STATES (6u << 20)
#define TABLE_SIZE (16u << 20)

static uint8_t (*packed)[MAX_PACKED];
static struct {
	uint32_t from;
	uint8_t action, who;
} * edges;
static uint32_t *table, states;
static size_t packed_size;

static struct world template;

/*
 * What of a world changes during a search, into bytes or out of them.  The rest
 * is what the template says; packing is checked for that.
 */
static size_t transfer(struct world *w, uint8_t *bytes, bool in)
{
	uint8_t *at = bytes;
	unsigned int i;

#define FIELD(member)                                              \
	do {                                                       \
		if (in)                                            \
			memcpy(&w->member, at, sizeof(w->member)); \
		else                                               \
			memcpy(at, &w->member, sizeof(w->member)); \
		at += sizeof(w->member);                           \
	} while (0)
	for (i = 0; i < 2; i++) {
		FIELD(on[i]);
		FIELD(moe[i]);
		FIELD(host[i].bcr[0]);
		FIELD(host[i].wcr[0]);
		FIELD(cpu[i].hw.bvr[0]);
		FIELD(cpu[i].hw.bcr[0]);
		FIELD(cpu[i].hw.wvr[0]);
		FIELD(cpu[i].hw.wcr[0]);
		FIELD(cpu[i].dscr);
		FIELD(cpu[i].cpu.owner);
		FIELD(cpu[i].cpu.tde);
		FIELD(cpu[i].cpu.host.bcr[0]);
		FIELD(cpu[i].cpu.host.wcr[0]);
		FIELD(cpu[i].cpu.host.bvr[0]);
		FIELD(cpu[i].cpu.host.wvr[0]);
		FIELD(cpu[i].cpu.host.vcr);
		FIELD(cpu[i].cpu.host_bvr);
		FIELD(cpu[i].cpu.host_wvr);
		FIELD(cpu[i].cpu.dirty_bcr);
		FIELD(cpu[i].cpu.dirty_wcr);
		FIELD(cpu[i].cpu.dirty_bvr);
		FIELD(cpu[i].cpu.dirty_wvr);
		FIELD(cpu[i].cpu.dirty_vcr);
		FIELD(cpu[i].cpu.on_brp);
		FIELD(cpu[i].cpu.on_wrp);
		FIELD(cpu[i].cpu.loaded.bvr[0]);
		FIELD(cpu[i].cpu.loaded.bcr[0]);
		FIELD(cpu[i].cpu.loaded.wvr[0]);
		FIELD(cpu[i].cpu.loaded.wcr[0]);
		FIELD(cpu[i].cpu.loaded.vcr);
		FIELD(vcpu[i].regs.bcr[0]);
		FIELD(vcpu[i].regs.wcr[0]);
		FIELD(vcpu[i].moe);
		FIELD(vcpu[i].held);
		FIELD(vcpu[i].user_on);
	}
#undef FIELD
	return (size_t)(at - bytes);
}

static void unpack(struct world *w, uint8_t *bytes)
{
	static const struct v7dbg_regs points = {
		.bvr = { USER_VALUE }, .bcr = { BCR_ON }, .wvr = { USER_VALUE }, .wcr = { WCR_ON }
	};
	unsigned int v;

	transfer(w, bytes, true);
	for (v = 0; v < 2; v++) {
		uint16_t on = w->vcpu[v].user_on, b = w->vcpu[v].regs.bcr[0] & 1;
		uint16_t wp = w->vcpu[v].regs.wcr[0] & 1;

		memset(&w->vcpu[v].stats, 0, sizeof(w->vcpu[v].stats));
		/* These follow from what was packed. */
		w->vcpu[v].eff_brp = b;
		w->vcpu[v].eff_wrp = wp;
		w->vcpu[v].active = b || wp;
		if (w->vcpu[v].user_brp != on)
			v7dbg_user(&w->vcpu[v], on ? &points : NULL);
		w->cpu[v].writes = 0;
		w->cpu[v].saves = 0;
	}
}

/* Members that are not valid while the host owns a CPU: any rubbish may be there. */
static void poison(struct v7dbg_cpu *cpu)
{
	if (cpu->owner != V7DBG_OWNER_HOST)
		return;
	memset(&cpu->host, 0xa5, sizeof(cpu->host));
	memset(&cpu->loaded, 0xa5, sizeof(cpu->loaded));
	cpu->host_bvr = cpu->host_wvr = 0xa5a5;
	cpu->dirty_bcr = cpu->dirty_wcr = cpu->dirty_bvr = cpu->dirty_wvr = 0xa5a5;
	cpu->on_brp = cpu->on_wrp = 0xa5a5;
	cpu->dirty_vcr = true;
}

static _Noreturn void broken(uint32_t state, const char *invariant)
{
	static uint32_t path[4096];
	unsigned int n = 0;

	while (state && n < 4096) {
		path[n++] = state;
		state = edges[state].from;
	}
	print_message("broken: %s, after %u steps:\n", invariant, n);
	while (n--)
		print_message("  %s %u: %s\n", edges[path[n]].action < CPU_ACTIONS ? "cpu" : "vcpu",
			      edges[path[n]].who, action_names[edges[path[n]].action]);
	fail_msg("invariant: %s", invariant);
	abort();
}

/* The step under way has the number that a new state would get. */
#define CHECK(condition, invariant)                \
	do {                                       \
		if (!(condition))                  \
			broken(states, invariant); \
	} while (0)

/* ---- steps ------------------------------------------------------------------- */

static struct {
	unsigned int reflected, resumed, to_user, direct, rearmed, migrated, held;
} seen;

static void carry_out(struct world *w, unsigned int c, const struct v7dbg_plan *plan)
{
	struct sim *cpu = &w->cpu[c];

	if (plan->save_host)
		CHECK(!memcmp(&cpu->hw, &w->host[c], sizeof(cpu->hw)),
		      "save: what is saved is not the host's");
	if (plan->save_bvr & 1)
		CHECK(cpu->hw.bvr[0] == HOST_VALUE, "save: DBGBVR0 is not the host's");
	if (plan->save_wvr & 1)
		CHECK(cpu->hw.wvr[0] == HOST_VALUE, "save: DBGWVR0 is not the host's");
	CHECK(!((plan->write_bvr | plan->clear_bcr | plan->write_bcr | plan->write_wvr |
		 plan->clear_wcr | plan->write_wcr) &
		~1u),
	      "loaded: a slot that is not there");
	sim_apply(cpu, plan);
}

static unsigned int p_of(const struct world *w, unsigned int c)
{
	return (w->cpu[c].dscr >> 2) & 0xf;
}

static void set_p(struct world *w, unsigned int c, unsigned int moe)
{
	w->cpu[c].dscr = (w->cpu[c].dscr & ~MOE(0xf)) | MOE(moe);
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
		CHECK(bkpt || value == GUEST_VALUE(v), "delivery: reflected what is not its own");
		w->moe[v] = (uint8_t)moe;
		seen.reflected++;
		break;
	case V7DBG_RESUME:
		CHECK(!bkpt && value == HOST_VALUE, "delivery: the host got what is not its own");
		CHECK(!((w->cpu[c].hw.wcr[0] | w->cpu[c].hw.bcr[0]) & 1),
		      "delivery: resumed with a host point still on");
		seen.resumed++;
		break;
	case V7DBG_TO_USER:
		CHECK(!bkpt && value == USER_VALUE, "delivery: the VMM got what is not its own");
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
		      (vcpu->user_on || ((vcpu->regs.bcr[0] | vcpu->regs.wcr[0]) & 1)),
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
	poison(cpu);
}

/* One step of a CPU.  False where it is not possible now. */
static bool cpu_step(struct world *w, const struct universe *u, unsigned int c, enum action action)
{
	struct sim *cpu = &w->cpu[c];
	struct v7dbg_vcpu *vcpu = w->on[c] < 0 ? NULL : &w->vcpu[w->on[c]];
	bool monitor = cpu->dscr & MDBGEN;
	unsigned int v;

	if ((action <= ENTER_1) != (vcpu == NULL))
		return false;
	switch (action) {
	case HOST_POINTS:
		w->host[c].bcr[0] ^= BCR_REST ^ BCR_ON;
		w->host[c].wcr[0] ^= WCR_REST ^ WCR_ON;
		cpu->hw.bcr[0] = w->host[c].bcr[0];
		cpu->hw.wcr[0] = w->host[c].wcr[0];
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
		CHECK(((guest_access(w, c, DSCRINT, false, 0) >> 2) & 0xf) == w->moe[w->on[c]],
		      "moe: a guest read another MOE than its own");
		return true;
	case SWITCH_BCR:
		if (!u->breakpoints)
			return false;
		guest_access(w, c, BCR(0), true, vcpu->regs.bcr[0] ^ 1);
		return true;
	case SWITCH_WCR:
		guest_access(w, c, WCR(0), true, vcpu->regs.wcr[0] ^ 1);
		return true;
	case WRITE_MOE_0:
	case WRITE_MOE_3:
		w->moe[w->on[c]] = action == WRITE_MOE_0 ? 0 : 3;
		guest_access(w, c, DSCREXT, true, MDBGEN | MOE(w->moe[w->on[c]]));
		return true;
	case HIT_BREAKPOINT:
		if (!monitor || !(cpu->hw.bcr[0] & 1))
			return false;
		exception(w, c, V7DBG_EVENT_PREFETCH, 1, true, cpu->hw.bvr[0]);
		return true;
	case HIT_WATCHPOINT:
		if (!monitor || !(cpu->hw.wcr[0] & 1))
			return false;
		exception(w, c, V7DBG_EVENT_DATA, 10, true, cpu->hw.wvr[0]);
		return true;
	case HIT_BKPT:
		exception(w, c, V7DBG_EVENT_PREFETCH, 3, true, 0);
		return true;
	case HIT_MMIO:
		v = (unsigned int)w->on[c];
		if (!v7dbg_mmio_watch(vcpu, GUEST_VALUE(v), 4, true, true, 0))
			return false;
		CHECK(vcpu->regs.wcr[0] & 1, "delivery: a watch that is off");
		exception(w, c, V7DBG_EVENT_DATA, 10, false, GUEST_VALUE(v));
		return true;
	default:
		return false;
	}
}

static bool vcpu_step(struct world *w, const struct universe *u, unsigned int v, enum action action)
{
	static const struct v7dbg_regs points = {
		.bvr = { USER_VALUE }, .bcr = { BCR_ON }, .wvr = { USER_VALUE }, .wcr = { WCR_ON }
	};
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
		v7dbg_user(vcpu, vcpu->user_on ? NULL : &points);
		return true;
	case TAKE_MMIO:
		if (!v7dbg_mmio_watch(vcpu, GUEST_VALUE(v), 4, true, true, 0))
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
	points = (vcpu->regs.bcr[0] | vcpu->regs.wcr[0]) & 1;
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
		CHECK(!((hw->bcr[0] | hw->wcr[0]) & 1) && !hw->vcr, "loaded: on while parked");
		CHECK(!monitor || !points, "loaded: a point is not armed");
		break;
	case V7DBG_OWNER_GUEST:
		CHECK(points && monitor && !vcpu->user_on, "loaded: GUEST owns for no reason");
		CHECK(is_on(hw->bcr[0], hw->bvr[0], vcpu->regs.bcr[0] & 1, BCR_HW, GUEST_VALUE(v)),
		      "loaded: breakpoint");
		CHECK(is_on(hw->wcr[0], hw->wvr[0], vcpu->regs.wcr[0] & 1, WCR_HW, GUEST_VALUE(v)),
		      "loaded: watchpoint");
		break;
	default:
		CHECK(vcpu->user_on && monitor, "loaded: USER owns for no reason");
		CHECK(is_on(hw->bcr[0], hw->bvr[0], true, BCR_HW, USER_VALUE) &&
			      is_on(hw->wcr[0], hw->wvr[0], true, WCR_HW, USER_VALUE),
		      "loaded: the VMM's points");
		break;
	}
}

static void check(const struct world *w)
{
	unsigned int v;

	check_cpu(w, 0);
	check_cpu(w, 1);
	for (v = 0; v < 2; v++)
		if (w->on[0] != (int)v && w->on[1] != (int)v)
			CHECK(w->vcpu[v].moe == w->moe[v], "moe: M is wrong while not loaded");
}

/* ---- the search ------------------------------------------------------------------- */

/* Adds the state to those found; true where it is new. */
static bool add(struct world *w, uint32_t from, enum action action, unsigned int who)
{
	uint64_t hash = 0xcbf29ce484222325;
	uint8_t *bytes = packed[states];
	uint32_t slot;
	size_t i;

	packed_size = transfer(w, bytes, false);
	assert_true(packed_size <= MAX_PACKED);
	for (i = 0; i < packed_size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	hash ^= hash >> 32;
	for (slot = (uint32_t)hash & (TABLE_SIZE - 1); table[slot];
	     slot = (slot + 1) & (TABLE_SIZE - 1))
		if (!memcmp(packed[table[slot] - 1], bytes, packed_size))
			return false;
	assert_true(states < MAX_STATES - 1);
	edges[states].from = from;
	edges[states].action = (uint8_t)action;
	edges[states].who = (uint8_t)who;
	table[slot] = ++states;
	return true;
}

static void start(struct world *w, const struct universe *u)
{
	struct v7dbg_caps caps = caps_of(&tiny, NULL);
	unsigned int i;

	(void)u;
	memset(w, 0, sizeof(*w));
	for (i = 0; i < 2; i++) {
		sim_init(&w->cpu[i], &tiny);
		w->on[i] = -1;
		w->host[i].bvr[0] = w->host[i].wvr[0] = HOST_VALUE;
		w->host[i].bcr[0] = BCR_REST;
		w->host[i].wcr[0] = WCR_REST;
		w->cpu[i].hw = w->host[i];
		poison(&w->cpu[i].cpu);
		ready(&w->vcpu[i], &caps);
		v7dbg_set(&w->vcpu[i], BVR(0), GUEST_VALUE(i));
		v7dbg_set(&w->vcpu[i], BCR(0), BCR_ON & ~1u);
		v7dbg_set(&w->vcpu[i], WVR(0), GUEST_VALUE(i));
		v7dbg_set(&w->vcpu[i], WCR(0), WCR_ON & ~1u);
	}
}

/* Is all that changed in what is packed?  Otherwise states would be taken for equal. */
static void check_packing(struct world *w)
{
	static struct world again;
	uint8_t bytes[MAX_PACKED];
	unsigned int i;

	transfer(w, bytes, false);
	again = template;
	unpack(&again, bytes);
	for (i = 0; i < 2; i++) {
		again.vcpu[i].stats = w->vcpu[i].stats;
		again.cpu[i].writes = w->cpu[i].writes;
		again.cpu[i].saves = w->cpu[i].saves;
		/* Rubbish of the slots that the CPU has not. */
		again.cpu[i].cpu.host = w->cpu[i].cpu.host;
		again.cpu[i].cpu.loaded = w->cpu[i].cpu.loaded;
	}
	assert_memory_equal(&again, w, sizeof(again));
}

static void search(const struct universe *u)
{
	static struct world w;
	uint32_t at;
	unsigned int action, who;

	memset(table, 0, TABLE_SIZE * sizeof(*table));
	memset(&seen, 0, sizeof(seen));
	states = 0;
	start(&template, u);
	w = template;
	add(&w, 0, 0, 0);
	for (at = 0; at < states; at++) {
		for (action = 0; action < ACTIONS; action++) {
			for (who = 0; who < 2; who++) {
				unpack(&w, packed[at]);
				edges[states].from = at;
				edges[states].action = (uint8_t)action;
				edges[states].who = (uint8_t)who;
				if (action < CPU_ACTIONS
					    ? !cpu_step(&w, u, who, (enum action)action)
					    : !vcpu_step(&w, u, who, (enum action)action))
					continue;
				check(&w);
				if (add(&w, at, (enum action)action, who) && states % 997 == 0)
					check_packing(&w);
			}
		}
	}
	print_message("%s: %u states; %u taken by the guest, %u reflected, %u parked, %u to the "
		      "VMM, %u re-armed after parking, %u entries held\n",
		      u->name, states, seen.direct, seen.reflected, seen.resumed, seen.to_user,
		      seen.rearmed, seen.held);
}

static void points_and_moe(void **state)
{
	static const struct universe u = { "points and MOE", true, false };

	(void)state;
	search(&u);
	assert_true(seen.direct && seen.reflected && seen.resumed && seen.rearmed);
	assert_true(states > 100000);
}

static void vmm_and_monitor(void **state)
{
	static const struct universe u = { "VMM and monitor mode", false, true };

	(void)state;
	search(&u);
	assert_true(seen.direct && seen.reflected && seen.resumed && seen.rearmed);
	assert_true(seen.to_user && seen.held);
	assert_true(states > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_and_moe),
		cmocka_unit_test(vmm_and_monitor),
	};

	packed = calloc(MAX_STATES, sizeof(*packed));
	edges = calloc(MAX_STATES, sizeof(*edges));
	table = calloc(TABLE_SIZE, sizeof(*table));
	if (!packed || !edges || !table)
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
