// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raises a random sequence of debug events, counts them, and checks DBGDSCR.MOE for each.
 * Between the exception and that check, and at other points, it leaves the CPU, so that
 * the host can interfere there.  The command line selects what it does:
 *
 *   events=N  seed=N
 *   kinds=M   1 breakpoints, 2 watchpoints, 4 BKPT, 8 none: then no event may come
 *   doors=M   where it leaves the CPU: 1 armed, 2 in the handler before MOE is read,
 *             4 before MOE is read again, 8 after the event
 *   ways=M    how: 1 a store to the test device (offset: which door; value: the number
 *             of events so far), 2 WFE, 4 HVC, 8 spinning for 100 us
 *   full=1    all other slots are on too, at addresses that nothing touches
 *   touch=M   1 it executes at both places, 2 it stores there; default: both
 *   pl=N      it does so at PL0 or PL1; default: a random level each time
 *
 * Whatever the event, it executes at and stores to the same places, in random order.
 */
#include "lib/bootargs.h"
#include "lib/cpu.h"
#include "lib/debug.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/targets.h"
#include "lib/timer.h"

/* Hosts that watch the same addresses rely on these values. */
#define WATCHED 0x41000000u
#define NOWHERE 0x41100000u
#define PLACES	2
#define APART	0x1000u

enum kind {
	BREAK,
	WATCH,
	BKPT,
	NONE,
	KINDS
};
enum door {
	ARMED = 1,
	TAKEN = 2,
	AGAIN = 4,
	AFTER = 8
};
enum way {
	STORE_WAY = 1,
	WFE_WAY = 2,
	HVC_WAY = 4,
	SPIN_WAY = 8
};

enum touch {
	EXECUTES = 1,
	STORES = 2
};

static const u32 moes[KINDS] = { MOE_BREAKPOINT, MOE_WATCHPOINT, MOE_BKPT, 0 };

extern u8 events_0[], events_1[], events_bkpt[], events_nowhere[], events_vectors[];
static u8 *const code[PLACES] = { events_0, events_1 };
void events_abort(u32 type, u32 pc);

/*
 * Its own abort vectors, because the library's handler reads DBGDSCR and events_abort()
 * must be the first to do so.
 */
__asm__(".arm\n"
	".balign 32\n"
	"events_vectors:\n"
	"b .\n"
	"b vectors + 4\n"
	"b vectors + 8\n"
	"b 1f\n"
	"b 2f\n"
	"b .\n"
	"b vectors + 24\n"
	"b vectors + 28\n"
	"1: sub lr, lr, #4\n"
	"push {r0-r3, r12, lr}\n"
	"mov r0, #3\n" /* EXC_PABT */
	"b 3f\n"
	"2: sub lr, lr, #8\n"
	"push {r0-r3, r12, lr}\n"
	"mov r0, #4\n" /* EXC_DABT */
	"3: mov r1, lr\n"
	"bl events_abort\n"
	"ldmfd sp!, {r0-r3, r12, pc}^\n"
	"events_bkpt: bkpt #0\n"
	/* In pages of their own: an emulator runs a page that has breakpoints slowly. */
	".global events_0, events_1\n"
	".balign 4096\n"
	"events_0: add r0, r0, #3\n"
	"bx lr\n"
	".balign 4096\n"
	"events_1: add r0, r0, #3\n"
	"bx lr\n"
	"events_nowhere: bx lr\n"
	".balign 4096\n");

static u32 doors, ways, full, touches, only_pl, state;
static enum kind kind;
static u32 slot, place, came, taken;
static u32 lost, misread, spurious, changed;

static u32 random(u32 below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 12) % below;
}

/* A random bit of a mask. */
static u32 one_of(u32 mask)
{
	u32 n = random((u32)__builtin_popcount(mask));

	while (n--)
		mask &= mask - 1;
	return mask & -mask;
}

static void leave_cpu(enum door door)
{
	u64 end;

	if (!(doors & door))
		return;
	switch (one_of(ways)) {
	case STORE_WAY:
		*(volatile u32 *)(TESTDEV_BASE + door * 4) = came;
		break;
	case WFE_WAY:
		wfe();
		break;
	case HVC_WAY:
		hvc_unknown();
		break;
	default:
		for (end = timer_now() + timer_us(100); timer_now() < end;)
			;
	}
}

static void decoy(bool is_break, u32 n)
{
	if (is_break)
		break_set(n, (u32)events_nowhere, full ? CR_E | CR_ANY | BCR_BAS(0xf) : 0);
	else
		watch_set(n, NOWHERE,
			  full ? CR_E | CR_ANY | WCR_LOAD | WCR_STORE | WCR_BAS(0xff) : 0);
}

static u32 read_moe(void)
{
	return DSCR_MOE(MRC(REG_DBGDSCRINT));
}

void events_abort(u32 type, u32 pc)
{
	u32 first, second;

	leave_cpu(TAKEN);
	first = read_moe();
	leave_cpu(AGAIN);
	second = read_moe();
	if (first != moes[kind] || second != moes[kind]) {
		if (!misread++)
			note("event %u is of kind %u, MOE %u, later %u", came, kind, first, second);
	}
	came++;
	taken++;
	if (kind == BREAK && type == EXC_PABT && is_debug_fsr(MRC(REG_IFSR)) &&
	    pc == (u32)code[place]) {
		decoy(true, slot);
	} else if (kind == WATCH && type == EXC_DABT && is_debug_fsr(MRC(REG_DFSR)) &&
		   MRC(REG_DFAR) == WATCHED + place * APART) {
		decoy(false, slot);
	} else if (kind == BKPT && type == EXC_PABT && pc == (u32)events_bkpt) {
		*(volatile u32 *)events_bkpt = 0xe12fff1e; /* bx lr, until arm_event() */
		MCR(REG_DCCMVAU, events_bkpt);
		dsb();
		MCR(REG_ICIMVAU, events_bkpt);
		dsb();
		isb();
	} else {
		note("exception %u at 0x%x, ifsr 0x%x dfsr 0x%x dfar 0x%x, MOE %u", type, pc,
		     MRC(REG_IFSR), MRC(REG_DFSR), MRC(REG_DFAR), first);
		spurious++;
		finish("an unexplained exception");
	}
}

static void arm_event(void)
{
	u32 control = random(2) ? CR_ANY : 0;

	place = random(PLACES);
	switch (kind) {
	case BREAK:
		slot = random(debug_brps());
		break_set(slot, (u32)code[place], CR_E | CR_ANY | BCR_BAS(0xf));
		break;
	case WATCH:
		slot = random(debug_wrps());
		watch_set(slot, WATCHED + place * APART,
			  CR_E | CR_ANY | (control ? WCR_STORE : WCR_STORE | WCR_LOAD) |
				  WCR_BAS(0xf));
		break;
	case BKPT:
		*(volatile u32 *)events_bkpt = 0xe1200070;
		MCR(REG_DCCMVAU, events_bkpt);
		dsb();
		MCR(REG_ICIMVAU, events_bkpt);
		dsb();
		isb();
		break;
	default:
		break;
	}
}

static void store(u32 pl, u32 n, u32 value)
{
	if (!(touches & STORES))
		return;
	*(volatile u32 *)(WATCHED + n * APART + 4) = value;
	call_at(pl, (u32)access_str, WATCHED + n * APART);
	changed += *(volatile u32 *)(WATCHED + n * APART + 4) != value;
}

static void execute(u32 pl, u32 n, u32 value)
{
	if (touches & EXECUTES)
		changed += call_at(pl, (u32)code[n], value) != value + 3;
}

/*
 * The first access that meets a host's point there is the one that parks the vCPU.  The order
 * is random, so that each kind of access comes first at some time.
 */
static void touch_places(u32 value)
{
	u32 pl = only_pl, n;

	for (n = 0; n < PLACES; n++) {
		u32 order = random(2);

		if (only_pl > 1)
			pl = random(2);
		if (order)
			execute(pl, n, value);
		store(pl, n, value);
		if (!order)
			execute(pl, n, value);
	}
	if (kind == BKPT)
		call_at(pl, (u32)events_bkpt, 0);
}

void guest_main(void)
{
	u32 events = bootargs_number("events", 1000), kinds = bootargs_number("kinds", 15);
	u32 seed = bootargs_number("seed", 1), seen[KINDS] = {}, n;

	doors = bootargs_number("doors", 0);
	ways = bootargs_number("ways", WFE_WAY | HVC_WAY);
	full = bootargs_number("full", 0);
	touches = bootargs_number("touch", EXECUTES | STORES);
	only_pl = bootargs_number("pl", 2);
	state = seed;
	mmu_on(MMU_SHORT);
	MCR(REG_VBAR, events_vectors);
	isb();
	report(debug_enable(), "monitor mode can be turned on");
	for (n = 0; full && n < debug_brps(); n++)
		decoy(true, n);
	for (n = 0; full && n < debug_wrps(); n++)
		decoy(false, n);
	for (n = 0; n < events; n++) {
		kind = (enum kind)__builtin_ctz(one_of(kinds));
		arm_event();
		leave_cpu(ARMED);
		taken = 0;
		touch_places(seed << 20 | n);
		seen[kind]++;
		if (kind != NONE && !taken) {
			lost++;
			decoy(true, slot);
			if (slot < debug_wrps())
				decoy(false, slot);
		}
		spurious += kind == NONE ? taken : taken > 1;
		leave_cpu(AFTER);
	}
	report(!lost, "every event comes");
	report(!spurious, "each event comes once, and no other comes");
	report(!misread, "MOE is right for each event");
	report(!changed, "nobody else changes its memory");
	say("seed = %u", seed);
	say("events = %u", came);
	say("kinds = %u %u %u %u", seen[BREAK], seen[WATCH], seen[BKPT], seen[NONE]);
	say("lost = %u, spurious %u, misread %u", lost, spurious, misread);
}
