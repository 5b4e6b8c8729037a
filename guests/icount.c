// SPDX-License-Identifier: GPL-2.0-only
/*
 * What exits cost, in counter ticks around loops.  Ticks are exact under the emulator's
 * -icount; they are printed as notes, for the test that runs this program to compare.
 * `active=1` on the command line sets a watchpoint meanwhile, `rounds=N` sets the length
 * of the loops.
 */
#include "lib/bootargs.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/targets.h"
#include "lib/timer.h"

static void no_exit(void)
{
	__asm__ volatile("nop");
}

static void hvc(void)
{
	hvc_unknown();
}

static void gic_read(void)
{
	read32(GICD_TYPER);
}

static void uart_read(void)
{
	read32(UART_BASE + 0x18);
}

static void id_register(void)
{
	MRC(REG_ACTLR);
}

static void cp14_read(void)
{
	MRC_(14, 0, 0, 0, 4);
}

static void cp14_write(void)
{
	MCR_(14, 0, 0, 1, 4, 0);
}

/*
 * Each loop is measured in parts, and the fastest part counts: no interrupt of the host fell
 * into that one.
 */
#define PARTS 8

static const struct {
	const char *name;
	void (*fn)(void);
} loops[] = {
	{ "nothing", no_exit },		{ "hvc", hvc },
	{ "gic-read", gic_read },	{ "uart-read", uart_read },
	{ "actlr-read", id_register },	{ "dbgbvr-read", cp14_read },
	{ "dbgbvr-write", cp14_write },
};

void guest_main(void)
{
	u32 rounds = bootargs_number("rounds", 200), active = bootargs_number("active", 0);
	u32 i, n, part;

	mmu_on(MMU_SHORT);
	if (active) {
		report(debug_enable(), "monitor mode can be turned on");
		watch_set(0, (u32)break_elsewhere, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
	}
	for (i = 0; i < ARRAY_SIZE(loops); i++) {
		u64 start, ticks, all = 0, least = ~0ull;

		/* Run once first: translations, caches, untouched pages. */
		loops[i].fn();
		for (part = 0; part < PARTS; part++) {
			start = timer_now();
			for (n = 0; n < rounds / PARTS; n++)
				loops[i].fn();
			ticks = timer_now() - start;
			all += ticks;
			least = ticks < least ? ticks : least;
		}
		report(all, "%s is measured", loops[i].name);
		note("icount %s rounds=%u ticks=%llu", loops[i].name, rounds, PARTS * least);
	}
}
