// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A hypervisor for one guest and one CPU, without an operating system: it sets up Hyp mode
 * on QEMU's `virt` board, runs the guest, and checks its own debug registers each time the
 * guest stops.
 */
#include "debug.h"
#include "guest.h"
#include "print.h"
#include "unit.h"

#define HCR_VM	   (1u << 0)
#define HCPTR_TTA  (1u << 20)
#define HSTR_TTEE  (1u << 16)
#define HSTR_TJDBX (1u << 17)

/* An emulated device: nothing is mapped there. */
#define DEVICE 0x80000000u

/* How many steps the debugger makes. */
#define STEPS 5u

/* A guest that stops more often runs in a circle. */
#define EXITS 100u

void hypervisor_main(void);
void hypervisor_fault(uint32_t pc, uint32_t hsr);
bool handle_trap(struct guest *guest);
void power_off(void);
extern const char guest_start[];

static struct guest guest, own = { .own = true };
static uint32_t device;

/*
 * Stage 2: device memory below 1 GB, RAM above that, nothing from 2 GB on.  Four entries of
 * 1 GB each, B3.6: VTCR.T0SZ 0 and SL0 1.  The table is written and walked without caches,
 * so it needs no maintenance; the TLB does (B3.10.1).
 */
static uint64_t stage2[4] __attribute__((aligned(32)));

#define BLOCK	    0x1u
#define ATTR_DEVICE (0x1u << 2)
#define ATTR_NORMAL (0x5u << 2)
#define S2AP_RW	    (0x3u << 6)
#define INNER_SHARE (0x3u << 8)
#define ACCESS_FLAG (0x1u << 10)
#define VTCR_VALUE  (1u << 31 | 1u << 6)

static void start_hyp(void)
{
	uint64_t base = (uintptr_t)stage2;

	stage2[0] = BLOCK | ATTR_DEVICE | S2AP_RW | ACCESS_FLAG;
	stage2[1] = 0x40000000u | BLOCK | ATTR_NORMAL | S2AP_RW | INNER_SHARE | ACCESS_FLAG;
	dsb();
	WRITE(VTCR, VTCR_VALUE);
	__asm__ volatile("mcrr p15, 6, %Q0, %R0, c2" : : "r"(base)); /* VTTBR */
	WRITE(HCR, HCR_VM);
	/* Trace, ThumbEE, Jazelle: coprocessor 14 too, but not for v7dbg. */
	WRITE(HCPTR, HCPTR_TTA);
	WRITE(HSTR, HSTR_TTEE | HSTR_TJDBX);
	isb();
	WRITE(TLBIALLNSNH, 0);
	dsb();
	isb();
}

/* Every debug register of the CPU that the hypervisor owns. */
struct unit_state {
	struct v7dbg_regs regs;
	uint32_t hdcr;
};

static void read_unit(struct unit_state *state)
{
	struct v7dbg_cpu_id id;
	unsigned int n;

	unit_identify(&id);
	for (n = 0; n < DBGDIDR_NR_BRPS(id.dbgdidr); n++) {
		state->regs.brp.value[n] = unit_read(BVR, n);
		state->regs.brp.control[n] = unit_read(BCR, n);
	}
	for (n = 0; n < DBGDIDR_NR_WRPS(id.dbgdidr); n++) {
		state->regs.wrp.value[n] = unit_read(WVR, n);
		state->regs.wrp.control[n] = unit_read(WCR, n);
	}
	state->regs.vcr = unit_read_vcr();
	state->hdcr = READ(HDCR);
}

static bool same_state(const struct unit_state *a, const struct unit_state *b)
{
	const uint32_t *left = (const uint32_t *)a, *right = (const uint32_t *)b;
	unsigned int n;

	for (n = 0; n < sizeof(*a) / sizeof(*left); n++)
		if (left[n] != right[n])
			return false;
	return true;
}

/* Does the hypervisor's own point work?  HDCR.TDE brings its events here. */
static bool host_point_fires(void)
{
	uint32_t hdcr = READ(HDCR);

	WRITE(HDCR, hdcr | HDCR_TDE);
	own.own_hits = 0;
	own.pc = (uint32_t)(uintptr_t)host_task;
	own.cpsr = PSR_A | PSR_I | PSR_F | MODE_SVC;
	run_guest(&own);
	WRITE(HDCR, hdcr);
	return own.own_hits == 1;
}

/* An emulated register: it reads as the inverse of what was written. */
static bool emulate_mmio(struct guest *g, uint32_t hsr)
{
	uint32_t va = READ(HDFAR), ipa = (READ(HPFAR) & ~0xfu) << 8 | (va & 0xfff);

	if (!(hsr & HSR_ISV) || ipa != DEVICE)
		return false;
	/* The watchpoint unit has not seen this access: ask v7dbg first. */
	if (debug_mmio(g, hsr, va))
		return true;
	if (hsr & HSR_WNR)
		device = guest_reg(g, HSR_SRT(hsr));
	else
		guest_set_reg(g, HSR_SRT(hsr), ~device);
	guest_skip(g, hsr);
	return true;
}

/* Called by start.S when the guest stopped.  Returns whether it runs on. */
bool handle_trap(struct guest *g)
{
	uint32_t hsr = READ(HSR);
	bool served = false;

	switch (HSR_EC(hsr)) {
	case EC_CP14_32:
	case EC_CP14_LS:
	case EC_CP14_64:
		debug_access(g, hsr);
		return true;
	case EC_PABT:
		if (HSR_FSC(hsr) == FSC_DEBUG)
			served = debug_event(g, V7DBG_EVENT_PREFETCH, hsr, 0);
		break;
	case EC_DABT:
		if (HSR_FSC(hsr) == FSC_DEBUG && g->own) {
			g->own_hits++;
			g->pc += 4; /* A32; HSR.IL does not tell after a watchpoint */
			return true;
		}
		if (HSR_FSC(hsr) == FSC_DEBUG)
			served = debug_event(g, V7DBG_EVENT_DATA, hsr, READ(HDFAR));
		else if (FSC_IS_TRANSLATION(HSR_FSC(hsr)))
			served = emulate_mmio(g, hsr);
		break;
	case EC_HVC:
		g->done = (hsr & 0xffff) == CALL_DONE;
		g->debug_me = (hsr & 0xffff) == CALL_DEBUG;
		g->step_me = (hsr & 0xffff) == CALL_STEP;
		if (g->done || g->debug_me || g->step_me || (hsr & 0xffff) == CALL_YIELD)
			return false;
		served = unit_call(g, hsr & 0xffff);
		break;
	}
	if (!served && !g->to_user) {
		report(false, "an unexpected trap: HSR %x, PC %x, guest's DBGDSCR.MOE %u", hsr,
		       g->pc, g->debug.moe);
		g->done = true;
	}
	return served;
}

void hypervisor_fault(uint32_t pc, uint32_t hsr)
{
	report(false, "an exception in Hyp mode: PC %x, HSR %x", pc, hsr);
	print_end();
}

#ifdef V7DBG_DEBUG
/* v7dbg's assertions end here. */
void v7dbg_broken(const char *invariant)
{
	report(false, "v7dbg: %s", invariant);
	print_end();
	power_off();
}
#endif

/*
 * A debugger in the hypervisor, with one breakpoint.  While it debugs the guest, the guest's
 * own points are suspended.  Returns whether the guest stopped at the breakpoint.
 */
static bool debug_guest(struct guest *g)
{
	static struct v7dbg_regs points;
	bool stopped = g->to_user;

	if (g->debug_me) {
		points.brp.value[0] = g->r[0];
		points.brp.control[0] = BCR_WORD | CR_PL1 | DBGCR_E;
		v7dbg_user(&g->debug, &points);
	} else if (stopped) {
		note("the guest stopped at %x", g->pc);
		v7dbg_user(&g->debug, NULL);
	}
	g->debug_me = false;
	g->to_user = false;
	return stopped;
}

/*
 * The same debugger steps.  Bit 0 of where: Thumb.  It has no other points then, so each CPU
 * with mismatch breakpoints has a slot for the step.
 */
static bool step_from(struct guest *g, uint32_t where)
{
	return v7dbg_user_step(&g->debug, where & ~1u, where & 1) == V7DBG_OK;
}

/* Returns whether the guest stopped at a step. */
static bool step_guest(struct guest *g)
{
	static const struct v7dbg_regs none;
	static unsigned int left;
	bool stopped = left && g->to_user;

	if (g->step_me) {
		v7dbg_user(&g->debug, &none);
		left = step_from(g, g->r[0]) ? STEPS : 0;
		g->r[0] = left != 0;
	} else if (stopped) {
		note("the guest is at %x", unit_pc(g));
		g->to_user = false;
		if (--left)
			step_from(g, unit_pc(g));
	}
	if ((g->step_me || stopped) && !left)
		v7dbg_user(&g->debug, NULL);
	g->step_me = false;
	return stopped;
}

void hypervisor_main(void)
{
	static struct unit_state before, after;
	struct v7dbg_stats *stats = &guest.debug.stats;
	unsigned int exits = 0, intact = 0, fires = 0, stops = 0, steps = 0;
	struct v7dbg_cpu_id id;

	print_start();
	start_hyp();
	unit_start();
	debug_init_cpu();
	debug_init_guest(&guest);

	unit_set_host_point();
	report(host_point_fires(), "the hypervisor's own point fires before there is a guest");

	guest.pc = (uint32_t)(uintptr_t)guest_start;
	guest.cpsr = PSR_A | PSR_I | PSR_F | MODE_SVC;
	while (!guest.done && exits < EXITS) {
		read_unit(&before);
		debug_enter(&guest);
		run_guest(&guest);
		debug_exit(&guest);
		read_unit(&after);
		exits++;
		intact += same_state(&before, &after);
		fires += host_point_fires();
		steps += step_guest(&guest);
		stops += debug_guest(&guest);
	}
	note("%u accesses, %u undefined, %u activations, %u loads, %u reflections, %u parkings",
	     stats->traps, stats->undefs, stats->activations, stats->loads, stats->reflections,
	     stats->parkings);
	report(guest.done, "the guest ran to its end");
	report(exits > 1 && intact == exits,
	       "after %u of %u exits the hypervisor's debug registers are bit-exactly back", intact,
	       exits);
	report(fires == exits, "after %u of %u exits the hypervisor's own point fires", fires,
	       exits);
	report_equal(stats->parkings, 1,
		     "the guest hit the hypervisor's point once, and it was parked");
	report_equal(stops, 1, "the guest stopped at the breakpoint of the hypervisor's debugger");
	unit_identify(&id);
	report_equal(steps, id.mismatch ? STEPS : 0, "its debugger stepped as often as it can");
	report_equal(stats->rejected, 0, "every debug exception was somebody's");
	report(stats->reflections < taken.count - taken.undefined,
	       "some of the guest's debug exceptions are between it and the CPU");
	print_end();
}
