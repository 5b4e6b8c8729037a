// SPDX-License-Identifier: GPL-2.0-only
/*
 * DBGDSCR.MOE: it says which debug event caused the last debug exception, whatever happens
 * between the exception and the read of MOE.
 */
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/targets.h"
#include "lib/timer.h"

extern u8 moe_bkpt[];
__asm__(".arm\n.balign 4\nmoe_bkpt: bkpt #0\nbx lr\n");

static u32 word[2] __attribute__((aligned(8)));

enum event {
	BREAK,
	WATCH,
	BKPT,
	EVENTS
};
static const struct {
	const char *name;
	u32 moe;
} events[EVENTS] = {
	{ "breakpoint", MOE_BREAKPOINT },
	{ "watchpoint", MOE_WATCHPOINT },
	{ "BKPT", MOE_BKPT },
};

static u32 read_moe(void)
{
	return DSCR_MOE(MRC(REG_DBGDSCRINT));
}

/* What happens between an exception and the read of MOE. */
static void do_nothing(void)
{
}

static void hvc(void)
{
	hvc_unknown();
}

static void mmio(void)
{
	read32(UART_BASE + 0x18);
}

static void sleep(void)
{
	/* A pending interrupt ends WFI even while it is masked. */
	timer_set(timer_now() + timer_us(200), CNTV_CTL_ENABLE);
	wfi();
	timer_off();
}

static void preemption(void)
{
	/* Long enough for the host to run something else here. */
	timer_delay_ms(8);
}

static void id_register(void)
{
	MRC(REG_ACTLR);
}

static void cp14_writes(void)
{
	/* Set and clear a point: the hypervisor may load and unload registers for it. */
	break_set(3, (u32)break_elsewhere, CR_E | CR_ANY | BCR_BAS(0xf));
	bcr_write(3, 0);
	isb();
}

static void rewrite_dscr(void)
{
	/* What Linux does at each CPU_PM_EXIT: read DBGDSCR, set MDBGen, write it back. */
	MCR(REG_DBGDSCREXT, MRC(REG_DBGDSCRINT) | DSCR_MDBGEN);
	isb();
}

static const struct {
	const char *name;
	void (*fn)(void);
} between[] = {
	{ "nothing", do_nothing },
	{ "an HVC", hvc },
	{ "an MMIO read", mmio },
	{ "a WFI", sleep },
	{ "8 ms of spinning", preemption },
	{ "a trapped ID register", id_register },
	{ "a point set and cleared", cp14_writes },
	{ "DBGDSCR written back", rewrite_dscr },
};

static u32 in_handler;
static void (*handler_does)(void);

static void hook(struct frame *frame)
{
	handler_does();
	in_handler = read_moe();
	if (frame->type == EXC_PABT && this_cpu()->exc.moe == MOE_BREAKPOINT)
		bcr_write(0, 0);
	else if (frame->type == EXC_DABT)
		wcr_write(0, 0);
	else
		exc_skip(frame);
	isb();
}

static bool raise(enum event event, u32 pl)
{
	switch (event) {
	case BREAK:
		break_set(0, break_targets[0].at, CR_E | CR_ANY | BCR_BAS(0xf));
		exc_expect(hook);
		call_at(pl, break_targets[0].fn, 0);
		break;
	case WATCH:
		watch_set(0, (u32)word, CR_E | CR_ANY | WCR_STORE | WCR_BAS(0xff));
		exc_expect(hook);
		call_at(pl, (u32)access_str, (u32)word);
		break;
	default:
		exc_expect(hook);
		call_at(pl, (u32)moe_bkpt, 0);
	}
	return exc_done()->count == 1 && this_cpu()->exc.moe == events[event].moe;
}

static void one_event(u32 i, enum event event)
{
	bool first = true, inside = true, after = true, later = true;
	u32 pl;

	for (pl = 0; pl < 2; pl++) {
		handler_does = between[i].fn;
		first &= raise(event, pl);
		inside &= in_handler == events[event].moe;
		after &= read_moe() == events[event].moe;
		between[i].fn();
		later &= read_moe() == events[event].moe;
	}
	report(first && inside && after && later, "%s, with %s between: MOE is right",
	       events[event].name, between[i].name);
	if (!(first && inside && after && later))
		note("first %d inside %d after %d later %d, moe %u", first, inside, after, later,
		     read_moe());
}

/* Each event follows each other event often: nothing of the previous one may remain. */
static void alternate(void)
{
	u32 seed = 1, rounds = 2000, good = 0, i;

	handler_does = do_nothing;
	for (i = 0; i < rounds; i++) {
		seed = seed * 1103515245 + 12345;
		good += raise((seed >> 16) % EVENTS, seed >> 30 & 1) &&
			in_handler == this_cpu()->exc.moe;
	}
	report(good == rounds, "%u events in random order, none misread", rounds);
	if (good != rounds)
		note("%u misread", rounds - good);
}

/* An exception that is not a debug exception leaves MOE unchanged. */
static void other_exceptions(void)
{
	raise(WATCH, 1);
	TRAP(__asm__ volatile("udf #0"));
	report(read_moe() == MOE_WATCHPOINT, "an UNDEFINED instruction leaves MOE alone");
	TRAP((void)*(volatile u32 *)UNMAPPED_ADDRESS);
	report(read_moe() == MOE_WATCHPOINT, "a translation fault leaves MOE alone");
	TRAP(__asm__ volatile("svc #1" ::: "lr"));
	report(read_moe() == MOE_WATCHPOINT, "an SVC leaves MOE alone");
	/* MOE is kept even once no point is enabled. */
	debug_clear();
	debug_monitor(false);
	hvc_unknown();
	report(read_moe() == MOE_WATCHPOINT, "MOE is kept with all points off and MDBGen clear");
	debug_monitor(true);
}

void guest_main(void)
{
	u32 i;
	enum event event;

	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_VTIMER, true);
	report(debug_enable(), "monitor mode can be turned on");
	for (i = 0; i < ARRAY_SIZE(between); i++)
		for (event = BREAK; event < EVENTS; event++)
			one_event(i, event);
	alternate();
	other_exceptions();
}
