// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* A guest that debugs itself with the CPU's own breakpoints and watchpoints. */
#include "guest.h"
#include "unit.h"

const char program_name[] = "example";

#define DEVICE (*(volatile uint32_t *)0x80000000u)
#define ROUNDS 10u

static volatile uint32_t watched, neighbour;

/* Instructions to stop at, and to return from. */
void target(void);
void other_target(void);
__asm__(".text\ntarget:\n\tbx lr\nother_target:\n\tbx lr\n");

void disarm(void)
{
	CP14_WRITE(DBGBCR0, 0);
	CP14_WRITE(DBGWCR0, 0);
	CP14_WRITE_(0, 0, 1, 7, 0);
	CP14_WRITE_(0, 0, 2, 7, 0);
	CP14_WRITE_(0, 0, 3, 7, 0);
	isb();
}

static uint32_t address(const volatile void *pointer)
{
	return (uint32_t)(uintptr_t)pointer;
}

static void break_at(uint32_t where)
{
	CP14_WRITE(DBGBVR0, where);
	CP14_WRITE(DBGBCR0, BCR_WORD | CR_PL1 | DBGCR_E);
	isb();
}

static void watch(const volatile void *where, uint32_t what)
{
	CP14_WRITE(DBGWVR0, address(where));
	CP14_WRITE(DBGWCR0, WCR_WORD | what | CR_PL1 | DBGCR_E);
	isb();
}

/* Was there exactly one exception since then, of that kind and MOE? */
static bool took(unsigned int before, enum kind kind, uint32_t moe)
{
	return taken.count == before + 1 && taken.kind == kind && taken.moe == moe;
}

/* Print the last exception. */
static void note_taken(void)
{
	note("MOE %u, PC %x, fault status %x, DFAR %x", taken.moe, taken.pc, taken.fsr, taken.far);
}

static void without_points(void)
{
	unsigned int before = taken.count;

	CP14_WRITE(DBGOSLAR, 0);
	CP14_WRITE(DBGDSCRext, CP14_READ(DBGDSCRint) | DBGDSCR_MDBGEN);
	note("DBGDIDR %x, DBGDSCRint %x", CP14_READ(DBGDIDR), CP14_READ(DBGDSCRint));
	report(CP14_READ(DBGDSCRint) & DBGDSCR_MDBGEN, "MDBGen sticks");
	report_equal(CP14_READ(DBGBVR0) | CP14_READ(DBGBCR0) | CP14_READ(DBGWVR0) |
			     CP14_READ(DBGWCR0),
		     0, "nothing of the hypervisor's is in the guest's registers");

	host_watched = 5;
	report(taken.count == before && host_watched == 5,
	       "a store to what the hypervisor watches is only a store");

	__asm__ volatile("bkpt #0");
	note_taken();
	report(took(before, KIND_PREFETCH, V7DBG_MOE_BKPT), "BKPT without any point");

	before = taken.count;
	CP14_READ(DBGBCR15);
	report(taken.count == before + 1 && taken.kind == KIND_UNDEF, "DBGBCR15 is undefined");
}

static void breakpoints(void)
{
	unsigned int before = taken.count, n, hits = 0;

	break_at(address(target));
	other_target();
	report(taken.count == before, "no breakpoint at another instruction");
	target();
	note_taken();
	report(took(before, KIND_PREFETCH, V7DBG_MOE_BREAKPOINT) && taken.pc == address(target) &&
		       (taken.fsr & FSR_BITS) == FSR_DEBUG,
	       "a breakpoint");

	before = taken.count;
	target();
	report(taken.count == before, "no breakpoint when it is off");

	for (n = 0; n < ROUNDS; n++) {
		break_at(address(target));
		target();
		hits += taken.moe == V7DBG_MOE_BREAKPOINT && taken.pc == address(target);
	}
	report(taken.count == before + ROUNDS && hits == ROUNDS, "%u breakpoints in a row", hits);

	before = taken.count;
	__asm__ volatile("bkpt #0");
	report(took(before, KIND_PREFETCH, V7DBG_MOE_BKPT), "BKPT after the last breakpoint");
}

static void watchpoints(void)
{
	unsigned int before = taken.count;
	uint32_t value;

	watched = 7;
	watch(&watched, WCR_STORE);
	value = watched;
	neighbour = 1;
	report(taken.count == before && value == 7,
	       "no watchpoint on a load, nor on the word beside it");
	watched = 8;
	note_taken();
	report(took(before, KIND_DATA, V7DBG_MOE_WATCHPOINT) && taken.far == address(&watched) &&
		       (taken.fsr & FSR_BITS) == FSR_DEBUG,
	       "a watchpoint on a store");
	report_equal(watched, 8, "the store is made once the watchpoint is off");

	before = taken.count;
	watch(&watched, WCR_LOAD);
	value = watched;
	note_taken();
	report(took(before, KIND_DATA, V7DBG_MOE_WATCHPOINT) && taken.far == address(&watched) &&
		       value == 8,
	       "a watchpoint on a load");

	before = taken.count;
	watch(&watched, WCR_STORE);
	host_watched = 6;
	report(taken.count == before && host_watched == 6,
	       "the hypervisor's point is off while the guest has one");
	disarm();
}

/* Whenever the guest yields, the hypervisor's own task takes a watchpoint. */
static void stopped_in_between(void)
{
	unsigned int before = taken.count, n, right = 0;

	for (n = 0; n < ROUNDS; n++) {
		break_at(address(target));
		yields_before_moe = 1;
		target();
		right += taken.moe == V7DBG_MOE_BREAKPOINT;
	}
	report(taken.count == before + ROUNDS && right == ROUNDS,
	       "MOE is the guest's own after %u of %u exits", right, ROUNDS);

	before = taken.count;
	break_at(address(target));
	yield();
	target();
	report(took(before, KIND_PREFETCH, V7DBG_MOE_BREAKPOINT),
	       "a breakpoint that was set before an exit");

	before = taken.count;
	watch(&watched, WCR_STORE);
	yield();
	watched = 9;
	report(took(before, KIND_DATA, V7DBG_MOE_WATCHPOINT) && watched == 9,
	       "a watchpoint that was set before an exit");
}

/* Watchpoint n, one of the four that these CPUs have, on an access to the device. */
#define DEVICE_WATCHED_BY(n, control)                         \
	do {                                                  \
		CP14_WRITE_(0, 0, n, 6, address(&DEVICE));    \
		CP14_WRITE_(0, 0, n, 7, (control) | DBGCR_E); \
		isb();                                        \
	} while (0)

/* Which access, of which bytes, from which level: a load in each slot, then what differs. */
static void device_watchpoints_elsewhere(void)
{
	const uint32_t load = WCR_LOAD | CR_PL1;
	volatile uint8_t *byte = (volatile uint8_t *)&DEVICE;
	unsigned int before = taken.count, hits = 0;
	uint32_t value;

#define HIT() \
	(taken.far == address(&DEVICE) && taken.moe == V7DBG_MOE_WATCHPOINT && value == ~0x5678u)
	DEVICE_WATCHED_BY(0, WCR_WORD | load);
	value = DEVICE;
	hits += HIT();
	DEVICE_WATCHED_BY(1, WCR_WORD | load);
	value = DEVICE;
	hits += HIT();
	DEVICE_WATCHED_BY(2, WCR_WORD | load);
	value = DEVICE;
	hits += HIT();
	DEVICE_WATCHED_BY(3, WCR_WORD | load);
	value = DEVICE;
	hits += HIT();
	report(taken.count == before + 4 && hits == 4, "a load from it hits in %u of 4 slots",
	       hits);

	before = taken.count;
	DEVICE_WATCHED_BY(3, WCR_WORD | WCR_LOAD | WCR_STORE | CR_PL0);
	DEVICE = 0x5678;
	value = DEVICE;
	report(taken.count == before && value == ~0x5678u, "no watchpoint of PL0 at PL1");
	DEVICE_WATCHED_BY(3, 0xcu << DBGCR_BAS_SHIFT | load);
	(void)*byte;
	report(taken.count == before, "no watchpoint on a byte that is not watched");
	value = DEVICE;
	note_taken();
	report(took(before, KIND_DATA, V7DBG_MOE_WATCHPOINT) && taken.far == address(&DEVICE) + 2,
	       "a watchpoint on bytes 2 and 3 of a word: DFAR tells the first of them");
	before = taken.count;
	DEVICE_WATCHED_BY(2, 0x1u << DBGCR_BAS_SHIFT | load);
	(void)*byte;
	report(took(before, KIND_DATA, V7DBG_MOE_WATCHPOINT) && taken.far == address(&DEVICE),
	       "a watchpoint on the byte");
}

static void device_watchpoint(void)
{
	unsigned int before;

	/* MOE says breakpoint from here on, and has to change. */
	break_at(address(target));
	target();
	before = taken.count;
	DEVICE = 0x1234;
	report(DEVICE == ~0x1234u && taken.count == before, "an emulated device");
	watch(&DEVICE, WCR_STORE);
	(void)DEVICE;
	report(taken.count == before, "no watchpoint on a load from it");
	DEVICE = 0x5678;
	note_taken();
	report(took(before, KIND_DATA, V7DBG_MOE_WATCHPOINT) && taken.far == address(&DEVICE) &&
		       (taken.fsr & FSR_BITS) == FSR_DEBUG,
	       "a watchpoint on a store to it");
	report_equal(DEVICE, ~0x5678u, "the device got the store after that");
}

/* By the hypervisor: the guest notices only that its own points are off. */
static void debugged_from_outside(void)
{
	unsigned int before = taken.count;

	break_at(address(other_target));
	debug_me(address(target));
	other_target();
	report(taken.count == before, "no breakpoint while the hypervisor debugs the guest");
	target();
	report(taken.count == before, "the hypervisor's breakpoint is nothing to the guest");
	other_target();
	report(took(before, KIND_PREFETCH, V7DBG_MOE_BREAKPOINT) &&
		       taken.pc == address(other_target),
	       "the guest's own is back after that");
}

/* After it asked, its own breakpoint is still on. */
static void not_stepped(void)
{
	unsigned int before = taken.count;

	break_at(address(target));
	report_equal(step_me(address(target)), 0,
		     "no step where the CPU has no mismatch breakpoints");
	target();
	report(took(before, KIND_PREFETCH, V7DBG_MOE_BREAKPOINT), "the guest's points stay on");
}

void guest_main(void)
{
	without_points();
	breakpoints();
	watchpoints();
	stopped_in_between();
	device_watchpoint();
	device_watchpoints_elsewhere();
	debugged_from_outside();
	not_stepped();
	report_equal(taken.count, 18 + 2 * ROUNDS,
		     "the guest took as many exceptions as it should");
}
