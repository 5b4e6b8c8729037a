// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exhaustive search of ownership and MOE: every state that two CPUs, two vCPUs and the host
 * can reach by any order of steps, breadth first.
 *
 * Each CPU has one breakpoint, one watchpoint, its MOE (P) and HDCR.TDE, and plans are
 * carried out on it.  Beside v7dbg's state the search keeps the truth: what the host wrote,
 * and which MOE each vCPU has to see.  A value in hardware says whose the point is.
 *
 * Invariants, checked after every step:
 *   restore   while the host runs, every register is bit-exactly what it wrote
 *   save      the host's state is saved only while it is in the registers
 *   delivery  a guest's point goes to that guest, a host's to the host, a VMM's to it
 *   loaded    what is on is what the owner asked for, all of it and nothing else
 *   moe       a guest reads the MOE of its own last debug exception or write
 *   tde       clear only for a guest with points, and P is the MOE that it has to see
 *   untouched entry, accesses and exit of a guest without points touch no register
 */

#include "search.h"

static const struct v7dbg_cpu_id tiny = { DIDR(1, 1, 1), 0, 0, 0, MDBGEN };

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

#define MAX_PACKED 208
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
 * Pack what changes in a world during a search into bytes, or unpack it.  The rest is as in
 * the template; check_packing() proves that.
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
#define BANK(bank)                                        \
	do {                                              \
		FIELD(cpu[i].hw.bank.value[0]);           \
		FIELD(cpu[i].hw.bank.control[0]);         \
		FIELD(cpu[i].cpu.bank.host.value[0]);     \
		FIELD(cpu[i].cpu.bank.host.control[0]);   \
		FIELD(cpu[i].cpu.bank.loaded.value[0]);   \
		FIELD(cpu[i].cpu.bank.loaded.control[0]); \
		FIELD(cpu[i].cpu.bank.on);                \
		FIELD(cpu[i].cpu.bank.saved);             \
		FIELD(cpu[i].cpu.bank.written);           \
	} while (0)
	for (i = 0; i < 2; i++) {
		FIELD(on[i]);
		FIELD(moe[i]);
		FIELD(host[i].brp.control[0]);
		FIELD(host[i].wrp.control[0]);
		BANK(brp);
		BANK(wrp);
		FIELD(cpu[i].dscr);
		FIELD(cpu[i].cpu.owner);
		FIELD(cpu[i].cpu.tde);
		FIELD(cpu[i].cpu.host_vcr);
		FIELD(cpu[i].cpu.vcr_written);
		FIELD(cpu[i].cpu.loaded_vcr);
		FIELD(vcpu[i].regs.brp.control[0]);
		FIELD(vcpu[i].regs.wrp.control[0]);
		FIELD(vcpu[i].moe);
		FIELD(vcpu[i].held);
		FIELD(vcpu[i].user_on);
		FIELD(vcpu[i].user_bkpt);
	}
#undef BANK
#undef FIELD
	return (size_t)(at - bytes);
}

/* What hardware gets of a control here: SSC 0b01, and the rest as it is. */
static uint32_t in_guest(uint32_t control)
{
	return control & DBGCR_E ? control | DBGCR_SSC_NONSECURE << DBGCR_SSC_SHIFT : 0;
}

static void unpack(struct world *w, uint8_t *bytes)
{
	unsigned int v;

	transfer(w, bytes, true);
	for (v = 0; v < 2; v++) {
		uint16_t on = w->vcpu[v].user_on, b = w->vcpu[v].regs.brp.control[0] & 1;
		uint16_t wp = w->vcpu[v].regs.wrp.control[0] & 1;

		memset(&w->vcpu[v].stats, 0, sizeof(w->vcpu[v].stats));
		/* These follow from what was packed. */
		w->vcpu[v].eff.brp = b;
		w->vcpu[v].eff.wrp = wp;
		w->vcpu[v].active = b || wp;
		w->vcpu[v].brp_hardware[0] = in_guest(w->vcpu[v].regs.brp.control[0]);
		w->vcpu[v].wrp_hardware[0] = in_guest(w->vcpu[v].regs.wrp.control[0]);
		if (w->vcpu[v].user_eff.brp != on) {
			bool held = w->vcpu[v].held, bkpt = w->vcpu[v].user_bkpt;

			v7dbg_user(&w->vcpu[v], on ? &user_points : NULL);
			w->vcpu[v].held = held;
			w->vcpu[v].user_bkpt = bkpt;
		}
		w->cpu[v].writes = 0;
		w->cpu[v].saves = 0;
		memset(&w->cpu[v].saved, 0,
		       sizeof(w->cpu[v].saved)); /* no plan is interrupted here */
	}
}

/* The current step has the number that a new state would get. */
_Noreturn void broken(const char *invariant)
{
	static uint32_t path[4096];
	uint32_t state = states;
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

/* ---- the search ------------------------------------------------------------------- */

/* Add the state to those found; true if it is new. */
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
		w->host[i].brp.value[0] = w->host[i].wrp.value[0] = HOST_VALUE;
		w->host[i].brp.control[0] = BCR_REST;
		w->host[i].wrp.control[0] = WCR_REST;
		w->cpu[i].hw = w->host[i];
		sim_poison(&w->cpu[i].cpu);
		ready(&w->vcpu[i], &caps);
		v7dbg_set(&w->vcpu[i], BVR(0), GUEST_VALUE(i));
		v7dbg_set(&w->vcpu[i], BCR(0), BCR_ON & ~1u);
		v7dbg_set(&w->vcpu[i], WVR(0), GUEST_VALUE(i));
		v7dbg_set(&w->vcpu[i], WCR(0), WCR_ON & ~1u);
	}
}

/* Is everything that changed packed?  If not, different states would count as equal. */
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
		again.cpu[i].saved = w->cpu[i].saved;
		/* Garbage in slots that the CPU does not have. */
		again.cpu[i].cpu.brp.host = w->cpu[i].cpu.brp.host;
		again.cpu[i].cpu.brp.loaded = w->cpu[i].cpu.brp.loaded;
		again.cpu[i].cpu.wrp.host = w->cpu[i].cpu.wrp.host;
		again.cpu[i].cpu.wrp.loaded = w->cpu[i].cpu.wrp.loaded;
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
