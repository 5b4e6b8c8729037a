// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that attacks the hypervisor: `mode=N` on the command line selects how.  It uses
 * two CPUs if it has them.  It never ends; the lines that it prints show that both CPUs
 * still make progress.
 *
 *   0   floods of accesses; on the first CPU every MRC and MCR of coprocessor 14
 *   1   every slot constantly rewritten with random values, legal or not
 *   2   the OS lock and MDBGen toggled while points are on
 *   3   a debug exception whose vector cannot be fetched
 *   4   a breakpoint on the vector that breakpoints use
 *   5   writes to MOE, with values that no event produces
 *   6   BKPT in the handler of BKPT, endlessly
 *   7   mismatch breakpoints on everything that runs, at every level
 *   8   vector catch on every vector
 *   9   an unlinked context breakpoint at every level
 */
#include "lib/bootargs.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/report.h"
#include "lib/smp.h"
#include "lib/targets.h"

#define ROUNDS	    300 /* between two lines of output */
#define ENCODINGS   (8u * 16 * 16 * 8)
#define DSCR_MOES   (15u << 2)
#define BT_CONTEXT  2u
#define BT_MISMATCH 4u

enum mode {
	FLOOD,
	SLOTS,
	LOCK,
	NO_VECTOR,
	ON_VECTOR,
	MOE,
	BKPT,
	MISMATCH,
	VECTOR_CATCH,
	CONTEXT
};

extern u8 vectors[], hostile_bkpt_vectors[];
__asm__(".arm\n"
	".balign 32\n"
	"hostile_bkpt_vectors:\n"
	"b .\n"
	"b vectors + 4\n"
	"b vectors + 8\n"
	"bkpt #1\n"
	"b vectors + 16\n"
	"b .\n"
	"b vectors + 24\n"
	"b vectors + 28\n");

static enum mode mode;
static u32 words[4] __attribute__((aligned(16)));
static volatile u32 aborts[2], rounds_done[2];
static u32 encoding, wraps; /* used by flood() */

static u32 random(u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8 | *state << 24;
}

static void all_off(void)
{
	u32 n;

	MCR(REG_DBGVCR, 0);
	for (n = 0; n < debug_brps(); n++)
		bcr_write(n, 0);
	for (n = 0; n < debug_wrps(); n++)
		wcr_write(n, 0);
	isb();
}

/* Whatever exception it was, continue the program. */
static void hook(struct frame *frame)
{
	this_cpu()->exc.count = 0;
	if (frame->type == EXC_PABT || frame->type == EXC_DABT) {
		aborts[smp_number()]++;
		if (this_cpu()->exc.moe == MOE_BKPT)
			exc_skip(frame);
		all_off();
	} else {
		exc_skip(frame);
	}
}

static void flood(u32 *state)
{
	u32 r = random(state), value, n;

	/* Only the first CPU: the CPUs share the one place for a generated instruction. */
	for (n = 0; smp_number() == 0 && n < 4; n++) {
		u32 opc1 = encoding >> 11, crn = encoding >> 7 & 15, crm = encoding >> 3 & 15;
		u32 opc2 = encoding & 7;

		cp_write(14, opc1, crn, crm, opc2, random(state));
		cp_read(14, opc1, crn, crm, opc2, &value);
		exc_expect(hook);
		encoding = (encoding + 1) % ENCODINGS;
		wraps += !encoding;
	}
	for (value = 0; value < 16; value++) {
		MRC(REG_DBGDSCRINT);
		bvr_write(value % debug_brps(), r);
		wcr_write(value % debug_wrps(), r & ~CR_E);
	}
}

static void rewrite_slots(u32 *state)
{
	u32 n = random(state), r = random(state), at;

	/* Half of the points are where it executes or stores. */
	at = n & 64 ? (u32)words + (r & 12) : (u32)break_targets[r & 3].at;
	bcr_write(n % debug_brps(), 0);
	bvr_write(n % debug_brps(), n & 128 ? at & ~3u : r);
	bcr_write(n % debug_brps(), n & 512 ? CR_E | CR_ANY | BCR_BAS(0xf) : random(state) | CR_E);
	wvr_write(n % debug_wrps(), n & 256 ? at & ~3u : r);
	wcr_write(n % debug_wrps(),
		  n & 1024 ? CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff) : random(state) | CR_E);
	isb();
	words[n & 3] = n;
	call_at(n >> 16 & 1, break_targets[n >> 17 & 3].fn, 0);
	call_at(n >> 19 & 1, (u32)access_str, (u32)words);
}

static void toggle_lock(u32 *state)
{
	u32 r = random(state);

	break_set(r & 1, break_targets[0].at, CR_E | CR_ANY | BCR_BAS(0xf));
	watch_set(r >> 1 & 1, (u32)words, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xf));
	MCR(REG_DBGOSLAR, r & 4 ? OSLAR_KEY : r);
	debug_monitor(r & 8);
	isb();
	call_at(r >> 4 & 1, break_targets[0].fn, 0);
	call_at(r >> 5 & 1, (u32)access_str, (u32)words);
	MCR(REG_DBGOSLAR, 0);
	debug_monitor(true);
	call_at(r >> 6 & 1, break_targets[0].fn, 0);
}

static void write_moe(u32 *state)
{
	u32 r = random(state);

	MCR(REG_DBGOSLAR, r & 1 ? OSLAR_KEY : 0);
	MCR(REG_DBGDSCREXT, (MRC(REG_DBGDSCRINT) & ~DSCR_MOES) | (r & DSCR_MOES));
	MCR(REG_DBGOSLAR, 0);
	watch_set(0, (u32)words, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xf));
	MCR(REG_DBGDSCREXT, (MRC(REG_DBGDSCRINT) & ~DSCR_MOES) | (r >> 8 & DSCR_MOES));
	call_at(r >> 2 & 1, (u32)access_str, (u32)words);
	if (r & 2)
		__asm__ volatile("bkpt #0");
}

static void mismatch_points(u32 *state)
{
	u32 r = random(state);

	/* For the levels that the filter allows: none, PL0, PL1 or both. */
	break_set(r % debug_brps(), (u32)break_elsewhere,
		  CR_E | (r >> 8 & 6) | BCR_BAS(0xf) | BCR_TYPE(BT_MISMATCH));
	call_at(r >> 16 & 1, break_targets[r >> 17 & 3].fn, 0);
	all_off();
}

static void catch_vectors(u32 *state)
{
	MCR(REG_DBGVCR, random(state));
	isb();
	__asm__ volatile("svc #1" ::: "lr");
	__asm__ volatile("udf #0");
	MCR(REG_DBGVCR, 0);
	isb();
}

static void context_point(u32 *state)
{
	u32 n = debug_brps() - 1 - random(state) % debug_ctx_brps();

	MCR(REG_CONTEXTIDR, n);
	bcr_write(n, 0);
	bvr_write(n, n);
	bcr_write(n, CR_E | CR_ANY | BCR_BAS(0xf) | BCR_TYPE(BT_CONTEXT));
	isb();
	call_at(0, break_targets[0].fn, 0);
	all_off();
}

/* These never return: the CPU takes one exception after another. */
static void trap_for_ever(void)
{
	switch (mode) {
	case NO_VECTOR:
		MCR(REG_VBAR, UNMAPPED_ADDRESS);
		break;
	case ON_VECTOR:
		break_set(0, (u32)vectors + 12, CR_E | CR_ANY | BCR_BAS(0xf));
		break;
	default:
		MCR(REG_VBAR, hostile_bkpt_vectors);
	}
	isb();
	watch_set(0, (u32)words, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xf));
	__asm__ volatile("bkpt #0");
}

static void attack(void)
{
	static void (*const rounds[])(u32 * state) = {
		[FLOOD] = flood,
		[SLOTS] = rewrite_slots,
		[LOCK] = toggle_lock,
		[MOE] = write_moe,
		[MISMATCH] = mismatch_points,
		[VECTOR_CATCH] = catch_vectors,
		[CONTEXT] = context_point,
	};
	u32 number = smp_number(), state = number + 1, n;

	debug_enable();
	exc_expect(hook);
	if (mode >= ARRAY_SIZE(rounds) || !rounds[mode])
		trap_for_ever();
	for (;;) {
		for (n = 0; n < ROUNDS; n++) {
			rounds[mode](&state);
			rounds_done[number]++;
		}
		/* Only one CPU prints: they share the console. */
		if (!number)
			say("rounds = %u %u, aborts %u %u, wraps %u", rounds_done[0],
			    rounds_done[1], aborts[0], aborts[1], wraps);
	}
}

static void secondary(void)
{
	mmu_on_secondary();
	attack();
}

void guest_main(void)
{
	mode = (enum mode)bootargs_number("mode", FLOOD);
	mmu_on(MMU_SHORT);
	say("mode = %u", (u32)mode);
	smp_start(1, secondary);
	attack();
}
