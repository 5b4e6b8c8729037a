// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system control coprocessor: identification registers, registers that a
 * hypervisor switches, and registers and operations that it traps.
 */
#include "lib/arm.h"
#include "lib/insn.h"
#include "lib/exception.h"
#include "lib/gic.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/timer.h"

struct reg {
	const char *name;
	u8 opc1, crn, crm, opc2;
};

/* B4.1: what a program can learn about its CPU. */
static const struct reg ids[] = {
	{ "MIDR", 0, 0, 0, 0 },	    { "CTR", 0, 0, 0, 1 },	    { "TCMTR", 0, 0, 0, 2 },
	{ "TLBTR", 0, 0, 0, 3 },    { "MIDR alias 4", 0, 0, 0, 4 }, { "MPIDR", 0, 0, 0, 5 },
	{ "REVIDR", 0, 0, 0, 6 },   { "MIDR alias 7", 0, 0, 0, 7 }, { "ID_PFR0", 0, 0, 1, 0 },
	{ "ID_PFR1", 0, 0, 1, 1 },  { "ID_DFR0", 0, 0, 1, 2 },	    { "ID_AFR0", 0, 0, 1, 3 },
	{ "ID_MMFR0", 0, 0, 1, 4 }, { "ID_MMFR1", 0, 0, 1, 5 },	    { "ID_MMFR2", 0, 0, 1, 6 },
	{ "ID_MMFR3", 0, 0, 1, 7 }, { "ID_ISAR0", 0, 0, 2, 0 },	    { "ID_ISAR1", 0, 0, 2, 1 },
	{ "ID_ISAR2", 0, 0, 2, 2 }, { "ID_ISAR3", 0, 0, 2, 3 },	    { "ID_ISAR4", 0, 0, 2, 4 },
	{ "ID_ISAR5", 0, 0, 2, 5 }, { "ID_ISAR6", 0, 0, 2, 6 },	    { "ID_MMFR4", 0, 0, 2, 7 },
	{ "CCSIDR", 1, 0, 0, 0 },   { "CLIDR", 1, 0, 0, 1 },	    { "AIDR", 1, 0, 0, 7 },
	{ "CSSELR", 2, 0, 0, 0 },   { "SCTLR", 0, 1, 0, 0 },	    { "ACTLR", 0, 1, 0, 1 },
	{ "CPACR", 0, 1, 0, 2 },    { "NSACR", 0, 1, 1, 2 },	    { "SCR", 0, 1, 1, 0 },
	{ "L2CTLR", 1, 9, 0, 2 },   { "L2ECTLR", 1, 9, 0, 3 },	    { "ISR", 0, 12, 1, 0 },
	{ "RVBAR", 0, 12, 0, 1 },   { "CBAR", 4, 15, 0, 0 },	    { "FCSEIDR", 0, 13, 0, 0 },
	{ "TEECR", 6, 0, 0, 0 },    { "TEEHBR", 6, 1, 0, 0 },
};

/* C12.8: a guest has no performance monitors. */
static const struct reg pmu[] = {
	{ "PMCR", 0, 9, 12, 0 },       { "PMCNTENSET", 0, 9, 12, 1 }, { "PMCNTENCLR", 0, 9, 12, 2 },
	{ "PMOVSR", 0, 9, 12, 3 },     { "PMSELR", 0, 9, 12, 5 },     { "PMCEID0", 0, 9, 12, 6 },
	{ "PMCEID1", 0, 9, 12, 7 },    { "PMCCNTR", 0, 9, 13, 0 },    { "PMXEVTYPER", 0, 9, 13, 1 },
	{ "PMXEVCNTR", 0, 9, 13, 2 },  { "PMUSERENR", 0, 9, 14, 0 },  { "PMINTENSET", 0, 9, 14, 1 },
	{ "PMINTENCLR", 0, 9, 14, 2 }, { "PMOVSSET", 0, 9, 14, 3 },
};

/* Registers that a world switch saves and restores: written, then read back after an exit. */
static const struct {
	struct reg reg;
	u32 mask; /* the bits that may be changed here without an effect */
} switched[] = {
	{ { "CSSELR", 2, 0, 0, 0 }, 0x00000003 },      { { "TTBR1", 0, 2, 0, 1 }, 0xffffc000 },
	{ { "DACR", 0, 3, 0, 0 }, 0xfffffffc },	       { { "DFSR", 0, 5, 0, 0 }, 0x0000340f },
	{ { "IFSR", 0, 5, 0, 1 }, 0x0000140f },	       { { "DFAR", 0, 6, 0, 0 }, 0xffffffff },
	{ { "IFAR", 0, 6, 0, 2 }, 0xffffffff },	       { { "PAR", 0, 7, 4, 0 }, 0xfffff000 },
	{ { "PRRR", 0, 10, 2, 0 }, 0x0000ffff },       { { "NMRR", 0, 10, 2, 1 }, 0x0000ffff },
	{ { "CONTEXTIDR", 0, 13, 0, 1 }, 0xffffffff }, { { "TPIDRURW", 0, 13, 0, 2 }, 0xffffffff },
	{ { "TPIDRURO", 0, 13, 0, 3 }, 0xffffffff },   { { "CNTKCTL", 0, 14, 1, 0 }, 0x00000303 },
};

static u32 read_reg(const struct reg *r, u32 *val)
{
	return cp_read(15, r->opc1, r->crn, r->crm, r->opc2, val);
}

static void write_reg(const struct reg *r, u32 val)
{
	cp_write(15, r->opc1, r->crn, r->crm, r->opc2, val);
	isb();
}

static void say_regs(const struct reg *regs, u32 n)
{
	u32 i, val, type;

	for (i = 0; i < n; i++) {
		type = read_reg(&regs[i], &val);
		if (type)
			say("%s = %s", regs[i].name, exc_name(type));
		else
			say("%s = 0x%08x", regs[i].name, val);
	}
}

/* B4.1.20: each level of cache that CLIDR describes. */
static void caches(void)
{
	u32 clidr = MRC_(15, 1, 0, 0, 1), level, kind;

	for (level = 0; level < 7; level++)
		for (kind = 0; kind < 2; kind++) {
			u32 type = clidr >> 3 * level & 7;

			if (kind ? !(type & 1) : !(type & 6))
				continue;
			MCR_(15, 2, 0, 0, 0, level << 1 | kind);
			isb();
			say("CCSIDR of level %u %s = 0x%08x", level + 1,
			    kind ? "instructions" : "data", MRC_(15, 1, 0, 0, 0));
		}
}

static void exit_to_hypervisor(void)
{
	hvc_unknown();
	read32(UART_BASE + 0x18);
	timer_set(timer_now() + timer_us(100), CNTV_CTL_ENABLE);
	wfi();
	timer_off();
}

static void switched_survive(void)
{
	static const u32 patterns[] = { 0x5555aaaa, 0xaaaa5555, 0xffffffff, 0 };
	u32 i, p, old, val;

	for (i = 0; i < ARRAY_SIZE(switched); i++) {
		const struct reg *reg = &switched[i].reg;
		bool good = true;

		read_reg(reg, &old);
		for (p = 0; p < ARRAY_SIZE(patterns); p++) {
			u32 wanted = (patterns[p] & switched[i].mask) | (old & ~switched[i].mask);

			write_reg(reg, wanted);
			exit_to_hypervisor();
			read_reg(reg, &val);
			if ((val ^ wanted) & switched[i].mask) {
				note("%s is 0x%08x, not 0x%08x", reg->name, val, wanted);
				good = false;
			}
		}
		write_reg(reg, old);
		report(good, "%s survives exits", reg->name);
	}
}

/* A hypervisor traps these and does the work itself: they must return and lose no data. */
static void set_way(void)
{
	static u32 line[64] __attribute__((aligned(64)));
	u32 i;
	bool good = true;

	for (i = 0; i < ARRAY_SIZE(line); i++)
		((volatile u32 *)line)[i] = i ^ 0x5a5a;
	MCR_(15, 0, 7, 10, 2, 0); /* DCCSW */
	MCR_(15, 0, 7, 14, 2, 0); /* DCCISW */
	dsb();
	for (i = 0; i < ARRAY_SIZE(line); i++)
		good &= ((volatile u32 *)line)[i] == (i ^ 0x5a5a);
	report(good, "clean by set and way loses nothing");
}

static void translation(void)
{
	static u32 word;
	u32 par;

	/* B3.18.8: ATS1CPR. */
	MCR_(15, 0, 7, 8, 0, (u32)&word);
	isb();
	par = MRC(REG_PAR);
	report(!(par & 1) && (par & 0xfffff000) == ((u32)&word & 0xfffff000),
	       "an address translation finds the identity map");
	say("PAR of a mapped page = 0x%08x", par & 0xfff);
	MCR_(15, 0, 7, 8, 0, UNMAPPED_ADDRESS);
	isb();
	say("PAR of an unmapped page = 0x%08x", MRC(REG_PAR));
}

static void actlr(void)
{
	u32 old = MRC(REG_ACTLR);

	/* An operating system sets SMP, bit 6; a hypervisor may ignore the write. */
	MCR(REG_ACTLR, old | 1 << 6);
	isb();
	say("ACTLR, SMP written = 0x%08x", MRC(REG_ACTLR));
	MCR(REG_ACTLR, old);
	isb();
}

static void agreement(void)
{
	u32 midr = MRC(REG_MIDR), part = midr >> 4 & 0xfff;

	report(midr >> 24 == 0x41 &&
		       (part == 0xc07 || part == 0xc0d || part == 0xc0e || part == 0xc0f),
	       "MIDR is one of the supported cores");
	report((MRC_(15, 1, 9, 0, 2) >> 24 & 3) == 1, "L2CTLR: two CPUs");
	report((MRC(REG_MPIDR) & 0x80ffffff) == 0x80000000, "MPIDR: CPU 0, multiprocessing format");
	report((MRC_(15, 0, 0, 1, 1) >> 16 & 15) == 1, "ID_PFR1: Generic Timer");
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_VTIMER, true);
	say_regs(ids, ARRAY_SIZE(ids));
	say_regs(pmu, ARRAY_SIZE(pmu));
	caches();
	agreement();
	switched_survive();
	set_way();
	translation();
	actlr();
}
