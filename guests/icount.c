// SPDX-License-Identifier: GPL-2.0-only
/*
 * What exits cost, in counter ticks around loops.  Ticks are exact under the emulator's
 * -icount; they are printed as notes, for the test that runs this program to compare.
 * `active=1` on the command line sets a watchpoint meanwhile, `rounds=N` sets the length
 * of the loops.  With `present=N` faults are measured, too; N is the offset in RAM, in pages,
 * of memory that the VMM has written: an initial RAM disk.
 */
#include "lib/bootargs.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/targets.h"
#include "lib/timer.h"

#define FREE_SPI 44u /* and the three after it: no device drives them */

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

static void gic_read_enabled(void)
{
	read32(GICD_ISENABLER(1));
}

static void gic_read_pending(void)
{
	read32(GICD_ISPENDR(1));
}

static void uart_read(void)
{
	read32(UART_BASE + 0x18);
}

static void id_register(void)
{
	MRC(REG_ACTLR);
}

/* PMCCNTR: armvm gives its guests no performance monitors, unless told to. */
static void absent_register(void)
{
	MRC_(15, 0, 9, 13, 0);
}

static void hvc_version(void)
{
	psci_call(PSCI_VERSION, 0, 0, 0);
}

static void dscr_read(void)
{
	MRC(REG_DBGDSCRINT);
}

static void cp14_read(void)
{
	MRC_(14, 0, 0, 0, 4);
}

static void cp14_write(void)
{
	MCR_(14, 0, 0, 1, 4, 0);
}

/* Pages that nobody has touched yet, neither guest nor VMM. */
#define ABSENT (RAM_BASE + (16u << 20))

static u32 page;

static void page_read(void)
{
	read32(page);
	page += 4096;
}

static void page_write(void)
{
	write32(page, 1);
	page += 4096;
}

static void absent_pages(void)
{
	page = page < ABSENT ? ABSENT : page;
}

static void present_pages(void)
{
	page = RAM_BASE + bootargs_number("present", 0) * 4096;
}

/* All 32 are enabled after the first time. */
static void gic_enable_word(void)
{
	write32(GICD_ISENABLER(1), ~0u);
}

/* What a driver's masking and unmasking of its interrupt costs. */
static void gic_mask_unmask(void)
{
	write32(GICD_ICENABLER(1), 1u << (FREE_SPI - 32));
	write32(GICD_ISENABLER(1), 1u << (FREE_SPI - 32));
}

/* Its own address, for bench/trace to tell it from hvc(); so has hvc_armed(). */
static __attribute__((no_icf)) void hvc_pending(void)
{
	hvc_unknown();
}

static void make_pending(u32 count)
{
	u32 mask = ((1u << count) - 1) << (FREE_SPI - 32);

	gic_init();
	write32(GICD_ICFGR(FREE_SPI / 16), 0xaa000000u); /* 44 to 47: edge */
	write32(GICD_ITARGETSR(FREE_SPI / 4), 0x01010101u);
	write32(GICD_ISENABLER(1), mask);
	write32(GICD_ISPENDR(1), mask);
}

static void one_pending(void)
{
	make_pending(1);
}

static void two_pending(void)
{
	make_pending(2);
}

static void three_pending(void)
{
	make_pending(3);
}

static void four_pending(void)
{
	make_pending(4);
}

static void none_pending(void)
{
	write32(GICD_ICPENDR(1), ~0u);
	write32(GICD_ICENABLER(1), ~0u);
}

static void sgi_on(void)
{
	gic_init();
	gic_enable(0, true);
}

/* Interrupts are masked: the guest polls. */
static void sgi_to_self(void)
{
	gic_sgi(SGI_SELF, 0);
	gic_eoi(read32(GICC_IAR));
}

static void timer_on(void)
{
	gic_init();
	gic_enable(IRQ_VTIMER, true);
}

/* From a deadline that has passed until the interrupt is acknowledged. */
static void timer_to_iar(void)
{
	u32 iar;

	timer_set(timer_now(), CNTV_CTL_ENABLE);
	do {
		iar = read32(GICC_IAR);
	} while (iar == IRQ_SPURIOUS);
	timer_off();
	gic_eoi(iar);
}

static void timer_disable(void)
{
	gic_enable(IRQ_VTIMER, false);
}

/*
 * A vector table whose two handlers return: LR_abt is the address after the BKPT, and 4 more than
 * the one after the store that hit a watchpoint (B1.8.3).
 */
extern u8 debug_vectors[];
__asm__(".arm\n.balign 32\n"
	"debug_vectors: .rept 3\nb .\n.endr\n"
	"subs pc, lr, #0\n"
	"subs pc, lr, #4\n"
	".rept 3\nb .\n.endr\n");

static u32 vectors;

static void vectors_on(void)
{
	vectors = MRC(REG_VBAR);
	MCR(REG_VBAR, (u32)debug_vectors);
	isb();
}

static void vectors_off(void)
{
	MCR(REG_VBAR, vectors);
	isb();
}

/* To the handler and back. */
static void bkpt(void)
{
	__asm__ volatile("bkpt #0" ::: "lr", "memory");
}

#define ARMED (CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff))

static void arm(u32 count)
{
	u32 n;

	debug_enable();
	for (n = 0; n < count; n++)
		watch_set(n, (u32)break_elsewhere, ARMED);
}

static void arm_none(void)
{
	arm(0);
}

static void arm_one(void)
{
	arm(1);
}

static void arm_two(void)
{
	arm(2);
}

static void arm_three(void)
{
	arm(3);
}

static void arm_four(void)
{
	arm(4);
}

/* One write that arms, one that disarms; with no exit to the host in between. */
static void arm_disarm(void)
{
	MCR_(14, 0, 0, 0, 7, ARMED);
	MCR_(14, 0, 0, 0, 7, 0);
}

static __attribute__((no_icf)) void hvc_armed(void)
{
	hvc_unknown();
}

static u64 watched;
static u32 watch_loops; /* so that each verdict has its own words */

static void watch_on(void)
{
	watch_loops++;
	vectors_on();
	MCR(REG_DFSR, 0);
	debug_enable();
	watch_set(0, (u32)&watched, ARMED);
}

static void watch_off(void)
{
	/* B3.13.3 */
	report((MRC(REG_DFSR) & 0x40f) == 0x002, "the watchpoint of loop %u was hit", watch_loops);
	debug_clear();
	vectors_off();
}

/* To the handler and back.  MOE is the guest's own from the first hit on: none of them exits. */
static void watch_hit(void)
{
	write32((u32)&watched, 1);
}

static u32 moe_none, moe_watchpoint; /* DBGDSCRext with each of them */

static void watch_on_with_dscr(void)
{
	watch_on();
	watch_hit();
	moe_watchpoint = MRC(REG_DBGDSCREXT);
	moe_none = moe_watchpoint & ~(15u << 2);
	report(DSCR_MOE(moe_watchpoint) == MOE_WATCHPOINT, "MOE has the hit of loop %u",
	       watch_loops);
}

/* MOE becomes another one than the CPU's, and back. */
static void moe_write(void)
{
	MCR(REG_DBGDSCREXT, moe_none);
	MCR(REG_DBGDSCREXT, moe_watchpoint);
}

/* The same, but it is the hit that brings it back, so HYP takes it. */
static void watch_hit_moved(void)
{
	MCR(REG_DBGDSCREXT, moe_none);
	watch_hit();
}

/*
 * Each loop is measured in parts, and the fastest part counts: no interrupt of the host fell
 * into that one.
 */
#define PARTS 8

static const struct {
	const char *name;
	void (*fn)(void);
	void (*before)(void);
	void (*after)(void);
} loops[] = {
	{ "nothing", no_exit, NULL, NULL },
	{ "hvc", hvc, NULL, NULL },
	{ "gic-read", gic_read, NULL, NULL },
	{ "gic-read-enabled", gic_read_enabled, NULL, NULL },
	{ "gic-read-pending", gic_read_pending, NULL, NULL },
	{ "uart-read", uart_read, NULL, NULL },
	{ "hvc-version", hvc_version, NULL, NULL },
	{ "actlr-read", id_register, NULL, NULL },
	{ "pmccntr-read", absent_register, NULL, NULL },
	{ "dbgdscr-read", dscr_read, NULL, NULL },
	{ "dbgbvr-read", cp14_read, NULL, NULL },
	{ "dbgbvr-write", cp14_write, NULL, NULL },
	{ "gic-enable", gic_enable_word, NULL, none_pending },
	{ "gic-mask-unmask", gic_mask_unmask, NULL, none_pending },
	/* They stay pending, because interrupts are masked. */
	{ "hvc-4-pending", hvc_pending, four_pending, none_pending },
	{ "hvc-1-pending", hvc_pending, one_pending, none_pending },
	{ "hvc-2-pending", hvc_pending, two_pending, none_pending },
	{ "hvc-3-pending", hvc_pending, three_pending, none_pending },
	{ "sgi-self", sgi_to_self, sgi_on, NULL },
	{ "timer", timer_to_iar, timer_on, timer_disable },
	{ "bkpt", bkpt, vectors_on, vectors_off },
	{ "arm-disarm", arm_disarm, arm_none, debug_clear },
	{ "hvc-1-armed", hvc_armed, arm_one, debug_clear },
	{ "hvc-2-armed", hvc_armed, arm_two, debug_clear },
	{ "hvc-3-armed", hvc_armed, arm_three, debug_clear },
	{ "hvc-4-armed", hvc_armed, arm_four, debug_clear },
	{ "watch-hit", watch_hit, watch_on, watch_off },
	{ "moe-write", moe_write, watch_on_with_dscr, watch_off },
	{ "watch-hit-moved", watch_hit_moved, watch_on_with_dscr, watch_off },
	{ "page-read", page_read, absent_pages, NULL },
	{ "page-write", page_write, absent_pages, NULL },
	{ "page-present", page_read, present_pages, NULL },
};

#define FAULTS 3 /* the last loops */

void guest_main(void)
{
	u32 rounds = bootargs_number("rounds", 200), active = bootargs_number("active", 0);
	u32 count = ARRAY_SIZE(loops) - (bootargs_number("present", 0) ? 0 : FAULTS);
	u32 i, n, part;

	mmu_on(MMU_SHORT);
	if (active) {
		report(debug_enable(), "monitor mode can be turned on");
		watch_set(0, (u32)break_elsewhere, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
	}
	for (i = 0; i < count; i++) {
		u64 start, ticks, all = 0, least = ~0ull;

		if (loops[i].before)
			loops[i].before();
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
		if (loops[i].after)
			loops[i].after();
		report(all, "%s is measured", loops[i].name);
		note("icount %s rounds=%u ticks=%llu", loops[i].name, rounds, PARTS * least);
	}
}
