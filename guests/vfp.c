// SPDX-License-Identifier: GPL-2.0-only
/* VFP and Advanced SIMD: enabling step by step, and register state that survives exits. */
#include "lib/arm.h"
#include "lib/exception.h"
#include "lib/gic.h"
#include "lib/insn.h"
#include "lib/mmu.h"
#include "lib/psci.h"
#include "lib/report.h"
#include "lib/smp.h"
#include "lib/timer.h"

/* Only this file's asm uses these registers; the compiler must not. */
__asm__(".fpu neon-vfpv4\n");

#define FPEXC_EN (1u << 30)
#define VMRS(reg)                                                                           \
	({                                                                                  \
		u32 v_ = NOT_READ;                                                          \
		__asm__ volatile(".fpu neon-vfpv4\nvmrs %0, " reg : "+r"(v_) : : "memory"); \
		v_;                                                                         \
	})
#define VMSR(reg, v) \
	__asm__ volatile(".fpu neon-vfpv4\nvmsr " reg ", %0" : : "r"((u32)(v)) : "memory")

static void load_vfp(const u64 *d)
{
	__asm__ volatile(".fpu neon-vfpv4\nvldmia %0!, {d0-d15}\nvldmia %0, {d16-d31}\n"
			 : "+r"(d)
			 :
			 : "memory");
}

static void store_vfp(u64 *d)
{
	__asm__ volatile(".fpu neon-vfpv4\nvstmia %0!, {d0-d15}\nvstmia %0, {d16-d31}\n"
			 : "+r"(d)
			 :
			 : "memory");
}

static void fill_pattern(u64 *d, u32 seed)
{
	u32 i;

	for (i = 0; i < 32; i++) {
		seed = seed * 1664525 + 1013904223;
		d[i] = (u64)seed << 32 | ~seed;
	}
}

static bool same_vfp(const u64 *a, const u64 *b)
{
	u32 i;

	for (i = 0; i < 32; i++)
		if (a[i] != b[i]) {
			note("d%u is 0x%llx, not 0x%llx", i, a[i], b[i]);
			return false;
		}
	return true;
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
	timer_set(timer_now() + timer_us(300), CNTV_CTL_ENABLE);
	wfi();
	timer_off();
}

static void preempted(void)
{
	timer_delay_ms(30);
}

static void fault(void)
{
	u32 i;

	/* Untouched pages: the host may have to allocate memory for them. */
	for (i = 0; i < 64; i++)
		*(volatile u32 *)(0x42000000u + i * 4096) = i;
}

static const struct {
	const char *name;
	void (*fn)(void);
} actions[] = {
	{ "an HVC", hvc },	   { "an MMIO access", mmio },	       { "a WFI", sleep },
	{ "fresh memory", fault }, { "30 ms of spinning", preempted },
};

static void vfp_survives(void)
{
	static u64 wanted[32], got[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		u32 fpscr = 0x00c00000u | (i & 1 ? 0xf0000000u : 0x0200001fu), seen;

		fill_pattern(wanted, i + 1);
		load_vfp(wanted);
		VMSR("fpscr", fpscr);
		actions[i].fn();
		seen = VMRS("fpscr");
		store_vfp(got);
		report(same_vfp(got, wanted) && seen == fpscr, "d0-d31 and FPSCR survive %s",
		       actions[i].name);
		VMSR("fpscr", 0);
	}
}

static void enable_steps(void)
{
	u32 r0 = 0, r1 = 0;
	const u32 vmrs_fpscr = 0xeef10a10, vadd = 0xee300a20 /* vadd.f32 s0, s0, s1 */;
	const u32 vmrs_fpexc = 0xeef80a10;

	MCR(REG_CPACR, 0);
	isb();
	say("CPACR, 0 written = 0x%08x", MRC(REG_CPACR));
	report(insn_run(vmrs_fpexc, INSN_ARM, &r0, &r1) == EXC_UND,
	       "CPACR shut: FPEXC is UNDEFINED");
	MCR(REG_CPACR, 0xf << 20);
	isb();
	say("CPACR, cp10 and cp11 open = 0x%08x", MRC(REG_CPACR));
	report(!insn_run(vmrs_fpexc, INSN_ARM, &r0, &r1), "CPACR open: FPEXC can be read");
	say("FPEXC at reset = 0x%08x", r0);
	VMSR("fpexc", 0);
	report(insn_run(vadd, INSN_ARM, &r0, &r1) == EXC_UND, "FPEXC.EN clear: UNDEFINED");
	report(insn_run(vmrs_fpscr, INSN_ARM, &r0, &r1) == EXC_UND, "FPEXC.EN clear: no FPSCR");
	report(insn_run(vadd, INSN_PL0, &r0, &r1) == EXC_UND,
	       "FPEXC.EN clear: UNDEFINED from PL0 too");
	VMSR("fpexc", FPEXC_EN);
	say("FPEXC, EN written = 0x%08x", VMRS("fpexc"));
	report(!insn_run(vadd, INSN_ARM, &r0, &r1), "FPEXC.EN set: it executes");
	report(!insn_run(vadd, INSN_PL0, &r0, &r1), "FPEXC.EN set: from PL0 too");
	MCR(REG_CPACR, 5 << 20); /* PL1 only */
	isb();
	report(insn_run(vadd, INSN_PL0, &r0, &r1) == EXC_UND, "CPACR for PL1 only: not from PL0");
	report(!insn_run(vadd, INSN_ARM, &r0, &r1), "CPACR for PL1 only: from PL1");
	MCR(REG_CPACR, 0xf << 20);
	isb();
	say("FPSID = 0x%08x", VMRS("fpsid"));
	say("MVFR0 = 0x%08x", VMRS("mvfr0"));
	say("MVFR1 = 0x%08x", VMRS("mvfr1"));
}

static void computes(void)
{
	u32 sum;

	__asm__ volatile(".fpu neon-vfpv4\n"
			 "vmov.f32 s0, #1.5\n vmov.f32 s1, #2.25\n vadd.f32 s0, s0, s1\n"
			 "vmov %0, s0\n"
			 : "=r"(sum));
	report(sum == 0x40700000, "1.5 + 2.25 = 3.75");
	__asm__ volatile(".fpu neon-vfpv4\n"
			 "vmov.i32 q0, #7\n vmov.i32 q15, #9\n vmul.i32 q0, q0, q15\n"
			 "vmov.32 %0, d1[1]\n"
			 : "=r"(sum));
	report(sum == 63, "a vector of 7 times a vector of 9");
}

static volatile u32 started, finished, other_good, other_bad;

static void secondary(void)
{
	static u64 wanted[32], got[32];
	u32 i;

	mmu_on_secondary();
	MCR(REG_CPACR, 0xf << 20);
	isb();
	VMSR("fpexc", FPEXC_EN);
	started = 1;
	for (i = 0; i < 200; i++) {
		fill_pattern(wanted, 1000 + i);
		load_vfp(wanted);
		hvc_unknown();
		timer_delay_ms(0);
		store_vfp(got);
		if (same_vfp(got, wanted))
			other_good++;
		else
			other_bad++;
	}
	finished = 1;
	dsb();
	smp_stop();
}

static void two_cpus(void)
{
	static u64 wanted[32], got[32];
	u64 end = timer_now() + timer_ms(PATIENCE_MS);
	u32 bad = 0, rounds = 0;

	report(smp_start(1, secondary) == PSCI_SUCCESS, "a second CPU starts");
	report(smp_wait(&started, 1, PATIENCE_MS), "and uses the same registers");
	do {
		fill_pattern(wanted, rounds++);
		load_vfp(wanted);
		hvc_unknown();
		timer_delay_ms(1);
		store_vfp(got);
		bad += !same_vfp(got, wanted);
	} while (!finished && timer_now() < end);
	report(!bad && !other_bad && other_good == 200, "neither CPU sees the other's values");
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	gic_init();
	gic_enable(IRQ_VTIMER, true);
	enable_steps();
	computes();
	vfp_survives();
	two_cpus();
}
