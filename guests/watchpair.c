// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the hits of its own break- and watchpoints.  Every instance uses the same addresses,
 * and `seed=N` on the command line decides how often it hits.  Two instances at once must
 * each see exactly their own hits.  `rounds=N` sets the length of the run.
 */
#include "lib/bootargs.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/targets.h"
#include "lib/timer.h"

/* The same address in every run, however the program is linked. */
#define WATCHED 0x41000000u

static u32 hits, breaks, wrong;

static void hook(struct frame *frame)
{
	const struct exc *exc = &this_cpu()->exc;

	if (frame->type == EXC_DABT && exc->moe == MOE_WATCHPOINT && exc->dfar == WATCHED) {
		hits++;
		wcr_write(0, 0);
	} else if (frame->type == EXC_PABT && exc->moe == MOE_BREAKPOINT) {
		breaks++;
		bcr_write(0, 0);
	} else {
		wrong++;
		exc_skip(frame);
	}
	isb();
}

void guest_main(void)
{
	u32 seed = bootargs_number("seed", 1), rounds = bootargs_number("rounds", 1000);
	u32 x = seed, i, want_hits = 0, want_breaks = 0, value = 0, changed = 0;

	mmu_on(MMU_SHORT);
	report(debug_enable(), "monitor mode can be turned on");
	*(volatile u32 *)WATCHED = 0;
	for (i = 0; i < rounds; i++) {
		u32 what;

		x = x * 1103515245 + 12345;
		what = x >> 16 & 15;
		/* What another guest writes to the same address must not show here. */
		if (*(volatile u32 *)WATCHED != value)
			changed++;
		if (what & 1)
			watch_set(0, WATCHED, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xf));
		if (what & 2)
			break_set(0, break_targets[0].at, CR_E | CR_ANY | BCR_BAS(0xf));
		exc_expect(hook);
		value = seed << 16 | i;
		if (x >> 21 & 1)
			call_at(x >> 20 & 1, break_targets[0].fn, 0);
		*(volatile u32 *)WATCHED = value;
		if (!(x >> 21 & 1))
			call_at(x >> 20 & 1, break_targets[0].fn, 0);
		exc_done();
		want_hits += what & 1;
		want_breaks += what >> 1 & 1;
		bcr_write(0, 0);
		wcr_write(0, 0);
		isb();
		if (what & 4)
			hvc_unknown();
		if (what == 8)
			timer_delay_ms(1);
	}
	report(hits == want_hits, "it takes each of its own watchpoints");
	report(breaks == want_breaks, "it takes each of its own breakpoints");
	report(!wrong, "and no other exception");
	report(!changed, "nobody else changes its memory");
	say("seed = %u", seed);
	say("hits = %u of %u, %u of %u, others %u", hits, want_hits, breaks, want_breaks, wrong);
}
