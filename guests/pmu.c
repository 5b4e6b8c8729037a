// SPDX-License-Identifier: GPL-2.0-only
/* The performance monitors: C12.  How many cycles something takes is never compared. */
#include "lib/exception.h"
#include "lib/gic.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/timer.h"

#define PMCR	   15, 0, 9, 12, 0
#define PMCNTENSET 15, 0, 9, 12, 1
#define PMCNTENCLR 15, 0, 9, 12, 2
#define PMOVSR	   15, 0, 9, 12, 3
#define PMSWINC	   15, 0, 9, 12, 4
#define PMSELR	   15, 0, 9, 12, 5
#define PMCCNTR	   15, 0, 9, 13, 0
#define PMXEVTYPER 15, 0, 9, 13, 1
#define PMXEVCNTR  15, 0, 9, 13, 2
#define PMUSERENR  15, 0, 9, 14, 0
#define PMINTENSET 15, 0, 9, 14, 1
#define PMINTENCLR 15, 0, 9, 14, 2
#define PMOVSSET   15, 0, 9, 14, 3

#define PMCR_E	     (1u << 0)
#define PMCR_P	     (1u << 1)
#define PMCR_C	     (1u << 2)
#define PMCR_D	     (1u << 3)
#define CYCLES	     (1u << 31)
#define TYPE_NOT_PL1 (1u << 31)
#define TYPE_NOT_PL0 (1u << 30)
#define EV_SW_INCR   0x00u
#define EV_CYCLES    0x11u

static void select(u32 n)
{
	MCR(PMSELR, n);
	isb();
}

static void set_type(u32 n, u32 type)
{
	select(n);
	MCR(PMXEVTYPER, type);
	isb();
}

static u32 value(u32 n)
{
	select(n);
	return MRC(PMXEVCNTR);
}

static void set_value(u32 n, u32 v)
{
	select(n);
	MCR(PMXEVCNTR, v);
	isb();
}

static void all_off(void)
{
	MCR(PMCR, PMCR_P | PMCR_C);
	MCR(PMCNTENCLR, ~0u);
	MCR(PMINTENCLR, ~0u);
	MCR(PMOVSR, ~0u);
	MCR(PMUSERENR, 0);
	set_type(31, 0);
	isb();
}

static void spend(void)
{
	u32 n;

	for (n = 0; n < 20000; n++)
		__asm__ volatile("nop");
}

static void registers(void)
{
	u32 n = MRC(PMCR) >> 11 & 0x1f, mask = CYCLES | ((1u << n) - 1);

	say("PMCR = 0x%08x", MRC(PMCR) & ~0x3fu);
	MCR(PMCNTENSET, ~0u);
	report(MRC(PMCNTENSET) == mask && MRC(PMCNTENCLR) == mask,
	       "PMCNTENSET sets one bit for each counter");
	MCR(PMCNTENCLR, CYCLES);
	report(MRC(PMCNTENSET) == (mask & ~CYCLES), "PMCNTENCLR clears one");
	MCR(PMINTENSET, ~0u);
	report(MRC(PMINTENSET) == mask && MRC(PMINTENCLR) == mask, "PMINTENSET likewise");
	MCR(PMINTENCLR, ~0u);
	report(!MRC(PMINTENSET), "PMINTENCLR");
	MCR(PMOVSSET, ~0u);
	report(MRC(PMOVSR) == mask, "PMOVSSET sets flags");
	MCR(PMOVSR, 1);
	report(MRC(PMOVSR) == (mask & ~1u), "a 1 in PMOVSR clears one");
	MCR(PMUSERENR, ~0u);
	report(MRC(PMUSERENR) == 1, "PMUSERENR has one bit");
	set_type(0, EV_CYCLES | TYPE_NOT_PL0);
	set_type(1, EV_SW_INCR | TYPE_NOT_PL1);
	select(0);
	report(MRC(PMXEVTYPER) == (EV_CYCLES | TYPE_NOT_PL0), "each counter has its PMXEVTYPER");
	set_value(0, 0x12345678);
	set_value(1, 0x9abcdef0);
	report(value(0) == 0x12345678 && value(1) == 0x9abcdef0, "and its PMXEVCNTR");
	MCR(PMCCNTR, 0x55aa55aa);
	report(MRC(PMCCNTR) == 0x55aa55aa, "PMCCNTR keeps a value while it is off");
	MCR(PMCR, PMCR_P);
	report(!value(0) && !value(1) && MRC(PMCCNTR) == 0x55aa55aa,
	       "PMCR.P resets the event counters only");
	MCR(PMCR, PMCR_C);
	report(!MRC(PMCCNTR), "PMCR.C resets the cycle counter");
	all_off();
}

static void software(void)
{
	set_type(0, EV_SW_INCR);
	set_type(1, EV_SW_INCR | TYPE_NOT_PL1);
	MCR(PMCNTENSET, 3);
	MCR(PMSWINC, 3);
	report(!value(0), "PMSWINC with PMCR.E clear");
	MCR(PMCR, PMCR_E);
	MCR(PMSWINC, 3);
	MCR(PMSWINC, 1);
	report(value(0) == 2, "PMSWINC counts");
	report(!value(1), "but not where the filter excludes PL1");
	set_value(0, ~0u);
	MCR(PMSWINC, 1);
	report(!value(0) && MRC(PMOVSR) == 1, "it wraps and sets its overflow flag");
	all_off();
}

static bool cycles_advance(void)
{
	u32 before = MRC(PMCCNTR);

	spend();
	return MRC(PMCCNTR) != before;
}

static void cycles(void)
{
	u32 before, fast, slow;

	report(!cycles_advance(), "no cycle is counted while all is off");
	MCR(PMCNTENSET, CYCLES);
	report(!cycles_advance(), "nor with PMCR.E clear");
	MCR(PMCR, PMCR_E);
	isb();
	report(cycles_advance(), "with both, they are");
	before = MRC(PMCCNTR);
	spend();
	fast = MRC(PMCCNTR) - before;
	report(fast >= 10000, "at least as many as makes sense");
	MCR(PMCR, PMCR_E | PMCR_D);
	isb();
	before = MRC(PMCCNTR);
	spend();
	slow = MRC(PMCCNTR) - before;
	report(slow >= 150 && slow < 0x80000000u, "PMCR.D: one in 64");
	MCR(PMCR, PMCR_E);
	set_type(31, TYPE_NOT_PL1);
	report(!cycles_advance(), "the filter excludes PL1");
	set_type(31, TYPE_NOT_PL0);
	report(cycles_advance(), "and PL1 counts when it excludes PL0");
	set_type(31, 0);
	set_type(0, EV_CYCLES);
	MCR(PMCNTENSET, 1);
	isb();
	before = value(0);
	spend();
	report(value(0) - before >= 10000, "an event counter counts cycles too");
	all_off();
}

/* What a hypervisor does for the guest, and other programs meanwhile, is not the guest's. */
static void host_excluded(void)
{
	u32 n, before, cycles, ns;
	u64 start;

	MCR(PMCNTENSET, CYCLES);
	MCR(PMCR, PMCR_E);
	isb();
	start = timer_now();
	before = MRC(PMCCNTR);
	for (n = 0; n < 2000; n++)
		hvc_unknown();
	cycles = MRC(PMCCNTR) - before;
	ns = (u32)(timer_now() - start) * (1000000000 / MRC(REG_CNTFRQ));
	note("%u cycles in %u ns", cycles, ns);
	guest_only(true);
	report(cycles && cycles < ns / 2, "an exit takes much time, and few of the guest's cycles");
	guest_only(false);
	all_off();
}

static void overflow(void)
{
	u32 iar;

	MCR(PMCCNTR, 0u - 20000u);
	MCR(PMINTENSET, CYCLES);
	MCR(PMCNTENSET, CYCLES);
	MCR(PMCR, PMCR_E);
	isb();
	iar = gic_wait();
	report(iar == IRQ_PMU, "an overflow is interrupt 23");
	report(MRC(PMOVSR) & CYCLES, "its flag is set");
	report(gic_quiet(), "while it is active it is not taken again");
	gic_eoi(iar);
	iar = gic_wait();
	report(iar == IRQ_PMU, "level-sensitive: with the flag set, it comes again");
	MCR(PMOVSR, CYCLES);
	isb();
	gic_eoi(iar);
	report(gic_quiet(), "with the flag clear, it does not");
	MCR(PMOVSSET, CYCLES);
	isb();
	iar = gic_wait();
	report(iar == IRQ_PMU, "PMOVSSET raises it");
	MCR(PMINTENCLR, CYCLES);
	isb();
	gic_eoi(iar);
	report(gic_quiet(), "PMINTENCLR ends it");
	all_off();
}

static void from_pl0(void)
{
	static const struct {
		const char *name;
		u32 insn;
		bool open[2]; /* with PMUSERENR.EN clear and set */
	} tries[] = {
		{ "read of PMCR", INSN_MRC(15, 0, 9, 12, 0, 0), { false, true } },
		{ "read of PMCCNTR", INSN_MRC(15, 0, 9, 13, 0, 0), { false, true } },
		{ "write of PMCNTENCLR", INSN_MCR(15, 0, 9, 12, 2, 0), { false, true } },
		{ "read of PMUSERENR", INSN_MRC(15, 0, 9, 14, 0, 0), { true, true } },
		{ "write of PMUSERENR", INSN_MCR(15, 0, 9, 14, 0, 0), { false, false } },
		{ "read of PMINTENSET", INSN_MRC(15, 0, 9, 14, 1, 0), { false, false } },
		{ "write of PMINTENCLR", INSN_MCR(15, 0, 9, 14, 2, 0), { false, false } },
	};
	u32 i, on, r0, r1 = 0;

	for (i = 0; i < ARRAY_SIZE(tries); i++)
		for (on = 0; on < 2; on++) {
			MCR(PMUSERENR, on);
			isb();
			r0 = 0;
			report(insn_run(tries[i].insn, INSN_PL0, &r0, &r1) ==
				       (tries[i].open[on] ? 0 : EXC_UND),
			       "PL0: %s with PMUSERENR.EN %u", tries[i].name, on);
		}
	all_off();
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_PMU, true);
	say("ID_DFR0.PerfMon = %u", MRC_(15, 0, 0, 1, 2) >> 24 & 0xf);
	all_off();
	registers();
	software();
	cycles();
	if (in_guest())
		host_excluded();
	overflow();
	from_pl0();
}
