// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generator.  It generates what the manual defines and the emulated board implements.
 * It leaves out:
 *
 *  - mismatch, unlinked context ID and VMID breakpoints, vector catch, the effects of the OS
 *    lock and of UDCCdis: the emulator does not have them.
 *  - what is UNPREDICTABLE: reserved {HMC, SSC, PMC}, DBGBCR.BAS that selects no instruction,
 *    MASK with BAS other than all ones, links to a slot that is not a context breakpoint.
 *  - DBGWCR.BAS with gaps on a device: the emulator watches only the first run of bytes; a
 *    hypervisor that emulates the device checks all of them.
 *  - DBGBCR.PMC 0b00, "User, System and Supervisor": the emulator does not have it.
 *  - MASK of more than 512 bytes: the range would include the stack of an exception, and the
 *    emulator takes an access to one watchpoint's range for a hit of another that has just
 *    hit.  watchpoints.c tests every MASK, one at a time.
 *  - two watchpoints in one doubleword: if both match, DFAR depends in the emulator on the
 *    order in which they were written, and a hypervisor writes them in another order.
 *  - LDRT and STRT: with stage 2 on, the emulator forgets that they are unprivileged
 *    (differences.tsv, watchpoints).
 *  - STREX: whether the emulator checks watchpoints depends on how it happens to implement the
 *    atomic access.
 *  - unaligned LDREX, LDREX of unmapped memory, WFI: a program with them may never end.
 *  - a coprocessor access at the end of an IT block: the emulator does not advance ITSTATE
 *    (differences.tsv, trapped).
 *  - reads of registers that have a row in differences.tsv for sweep.
 */
#include "fuzz.h"

#include "actions.h"
#include "arm.h"
#include "debug.h"
#include "gic.h"
#include "insn.h"

u8 fuzz_area[3 * 4096] __attribute__((aligned(4096)));

static u32 state;

/* Xorshift; a number below n. */
static u32 rnd(u32 n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return (state >> 3) % n;
}

static bool one_in(u32 n)
{
	return !rnd(n);
}

/* What the steps of one seed share, so that accesses meet points. */
static u32 cast[2], place[2], fresh, counts[3];
static u32 last_watch; /* 0: none yet */

static u32 any_place(u32 run, u32 step)
{
	switch (rnd(12)) {
	case 0:
		return UNMAPPED_ADDRESS;
	case 1:
		fresh = FUZZ_FRESH + (run * 32 + step) % FUZZ_FRESH_PAGES * 4096;
		return fresh;
	case 2:
		return fresh;
	case 3:
	case 4:
		return GICD_IPRIORITYR(8);
	case 5:
		return place[1];
	default:
		return place[0];
	}
}

/* PMC or PAC, HMC and SSC: any value that is not reserved, most often HMC and SSC zero. */
static u32 random_states(void)
{
	static const u8 hmc_ssc[] = { 0, 0, 0, 0, 0, 1, 1, 1, 2, 4, 5 };
	u32 pick = hmc_ssc[rnd(ARRAY_SIZE(hmc_ssc))], pmc = rnd(3) ? 3 : rnd(2) + 1;

	if (pick & 4)
		pmc |= 1;
	return pmc << 1 | (pick & 3) << 14 | (pick >> 2) << 13;
}

static u32 context_slot(void)
{
	return counts[0] - 1 - rnd(counts[2]);
}

static void make_break(struct fuzz_step *step)
{
	const struct action *action = &actions[cast[rnd(2)]];
	u32 at = one_in(3) ? action->next : action->at;

	step->op = FUZZ_BREAK;
	step->n = rnd(counts[0]);
	step->value = at & ~3u;
	step->control = random_states() | BCR_BAS(one_in(8) ? 0xf : action_bas(action, at));
	if (!one_in(8))
		step->control |= CR_E;
	if (one_in(8))
		step->control |= BCR_TYPE(1) | CR_LBN(context_slot());
}

/* The doublewords that the watchpoints of this program cover at any time. */
static struct range {
	u32 slot, first, last;
} watched[32];
static u32 ranges;

/*
 * No two slots may cover the same doubleword.  A range that overlaps ranges of one other slot
 * moves to that slot; if it overlaps ranges of several, it is disabled.
 */
static void keep_apart(struct fuzz_step *step, u32 size)
{
	u32 first = step->value >> 3, last = (step->value + size - 1) >> 3, n, slots = 0;

	for (n = 0; n < ranges; n++)
		if (watched[n].first <= last && watched[n].last >= first)
			slots |= 1u << watched[n].slot;
	if (slots & (slots - 1)) {
		step->control &= ~CR_E;
		return;
	}
	last_watch = step->value;
	if (slots)
		step->n = (u32)__builtin_ctz(slots);
	watched[ranges++] = (struct range){ step->n, first, last };
}

static void make_watch(struct fuzz_step *step, u32 around)
{
	u32 size, first, mask, at = around + (rnd(3) - 1) * 4;

	step->op = FUZZ_WATCH;
	step->n = rnd(counts[1]);
	step->control = random_states() | (1 + rnd(3)) << 3;
	if (!one_in(8))
		step->control |= CR_E;
	if (one_in(8))
		step->control |= WCR_LINKED | CR_LBN(context_slot());
	if (one_in(4)) {
		mask = 3 + rnd(7);
		step->control |= WCR_BAS(0xff) | CR_MASK(mask);
		step->value = around & ~((1u << mask) - 1);
		keep_apart(step, 1u << mask);
		return;
	}
	if (one_in(3))
		at &= ~7u;
	step->value = at;
	if (around >= RAM_BASE && one_in(4)) {
		step->control |= WCR_BAS(1 + rnd(at & 4 ? 15 : 255));
	} else {
		size = 1 + rnd(at & 4 ? 4 : 8);
		first = rnd((at & 4 ? 4 : 8) - size + 1);
		step->control |= WCR_BAS(((1u << size) - 1) << first);
	}
	keep_apart(step, at & 4 ? 4 : 8);
}

static bool left_out(const struct memory_access *access, u32 around)
{
	u32 i = (u32)(access - memory_accesses);

	if (i == MEM_ldrt || i == MEM_strt || i == MEM_t_ldrt || i == MEM_t_strt)
		return true;
	if (around < RAM_BASE)
		return !access->device;
	return access->exclusive && (access->dir & STORE || around >> 28 != RAM_BASE >> 28);
}

static void make_access(struct fuzz_step *step, u32 around)
{
	const struct memory_access *access;
	u32 spread = 14, back = 6;

	if (last_watch && !one_in(3)) {
		around = last_watch;
		spread = 8;
		back = 0;
	}
	step->op = FUZZ_ACCESS;
	step->device = around < RAM_BASE;
	do {
		step->n = rnd(MEM_OPS);
		access = &memory_accesses[step->n];
	} while (left_out(access, around));
	step->value = around + rnd(spread) - back;
	if (step->device)
		step->value = around + (rnd(8) & ~(access->size - 1u));
	else if (access->exclusive)
		step->value &= ~(access->size - 1u);
}

static void make_action(struct fuzz_step *step)
{
	step->op = FUZZ_ACTION;
	step->n = cast[rnd(2)];
	step->value = place[rnd(2)] + 4 * rnd(3);
}

static void make_cp14(struct fuzz_step *step)
{
	static const u8 different[][4] = { { 0, 0, 1, 0 }, { 0, 0, 2, 0 }, { 0, 0, 2, 2 },
					   { 0, 0, 7, 0 }, { 0, 7, 0, 0 }, { 0, 7, 0, 1 },
					   { 0, 7, 0, 2 } };
	u32 opc1 = one_in(4) ? rnd(8) : 0, crn = one_in(3) ? rnd(16) : 0, crm = rnd(16);
	u32 opc2 = rnd(8), i;

	step->op = FUZZ_CP14;
	step->control = rnd(16) & (one_in(2) ? 15u : 3u);
	/* INSN_EQ or INSN_NE, not both. */
	if ((step->control & 12) == 12)
		step->control &= ~4u;
	for (i = 0; i < ARRAY_SIZE(different); i++)
		if (opc1 == different[i][0] && crn == different[i][1] && crm == different[i][2] &&
		    opc2 == different[i][3])
			opc2 = 4;
	step->value = INSN_MRC(14, opc1, crn, crm, opc2, 0);
}

/*
 * Writes patterns, most often to slots: of a control register all bits that both the board and
 * a guest keep, except E.  The other targets are registers that ignore the write and encodings
 * without a register.
 */
static void make_cp14_write(struct fuzz_step *step)
{
	static const u32 patterns[] = { 0,	    ~0u,	0x55555555, 0xaaaaaaaa,
					0x80000001, 0x12345678, 0x0000fffe, 0x7fff0000 };
	static const u32 kept[] = { ~3u, 0x00ffe1e6, ~3u, 0x1f1ffffe };
	/* Writes whose effect or value differs between the board and a guest. */
	static const u8 different[][4] = { { 0, 0, 2, 0 }, { 0, 0, 2, 2 }, { 0, 0, 7, 0 },
					   { 0, 1, 3, 4 }, { 0, 7, 0, 0 }, { 0, 7, 0, 1 },
					   { 0, 7, 0, 2 }, { 0, 0, 1, 0 } };
	u32 opc1 = 0, crn = 0, crm = rnd(16), opc2 = 4 + rnd(4), i;

	step->op = FUZZ_CP14_WRITE;
	step->data = patterns[rnd(ARRAY_SIZE(patterns))];
	step->control = rnd(4);
	step->n = 0;
	step->slot = crm;
	if (rnd(4)) {
		step->data &= kept[opc2 - 4];
		/* The emulator keeps a breakpoint's BAS in pairs of bits, as ARMv8 does. */
		if (opc2 == 5)
			step->data = (step->data & ~(5u << 6)) | (step->data & 5u << 5) << 1;
		step->n = opc2 & 6;
	} else {
		/* Not opc1 6, ThumbEE, which a guest does not have. */
		opc1 = one_in(4) ? rnd(6) : 0;
		crn = 1 + rnd(15);
		opc2 = rnd(8);
		if (one_in(4)) {
			crn = 0;
			opc2 = rnd(4);
		}
	}
	for (i = 0; i < ARRAY_SIZE(different); i++)
		if (opc1 == different[i][0] && crn == different[i][1] && crm == different[i][2] &&
		    opc2 == different[i][3])
			opc1 = 5;
	step->value = INSN_MRC(14, opc1, crn, crm, opc2, 0);
}

static void make_step(struct fuzz_step *step, u32 run, u32 number)
{
	step->pl = rnd(2);
	step->n = rnd(16);
	step->device = false;
	switch (rnd(32)) {
	case 0 ... 6:
		make_break(step);
		break;
	case 7 ... 12:
		make_watch(step, any_place(run, number));
		break;
	case 13 ... 19:
		make_access(step, any_place(run, number));
		break;
	case 20 ... 24:
		make_action(step);
		break;
	case 25:
		step->op = FUZZ_CONTEXT;
		step->n = context_slot();
		step->value = rnd(3);
		break;
	case 26:
		step->op = FUZZ_CONTEXTIDR;
		step->value = rnd(3);
		break;
	case 27:
		step->op = FUZZ_MONITOR;
		step->value = !one_in(3);
		break;
	case 28:
		step->op = FUZZ_MOE;
		step->value = rnd(16);
		break;
	case 29:
		if (one_in(2))
			make_cp14(step);
		else
			make_cp14_write(step);
		break;
	case 30:
		step->op = one_in(2) ? FUZZ_CLEAR : FUZZ_READ_BACK;
		break;
	default:
		step->op = FUZZ_EXIT;
	}
}

const struct fuzz_program *fuzz_generate(u32 seed, u32 run)
{
	static struct fuzz_program program;
	u32 i;

	state = seed * 2654435761u ^ 0x9e3779b9u;
	if (!state)
		state = 1;
	for (i = 0; i < 8; i++)
		rnd(2);
	counts[0] = debug_brps();
	counts[1] = debug_wrps();
	counts[2] = debug_ctx_brps();
	for (i = 0; i < ARRAY_SIZE(cast); i++)
		do
			cast[i] = rnd(ACTIONS);
		while (cast[i] == ACT_wfi || cast[i] == ACT_t_wfi || cast[i] == ACT_t_itcp14);
	for (i = 0; i < ARRAY_SIZE(place); i++)
		place[i] = (u32)fuzz_area + 4096 * (1 + rnd(2)) + (one_in(2) ? 0 : 64 * rnd(4));
	fresh = place[0];
	ranges = 0;
	last_watch = 0;

	program.format = one_in(2) ? MMU_LPAE : MMU_SHORT;
	program.high = one_in(4);
	program.thumb = one_in(4);
	program.count = 16 + rnd(17);
	for (i = 0; i < program.count; i++)
		make_step(&program.steps[i], run, i);
	return &program;
}
