// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cortex-A15 erratum 798181, r0p0 to r3p2: another CPU may still use a translation
 * after TLBI..IS and DSB have completed, against B3.10.6.  Arm's workaround is one more
 * TLB operation by MVA, a DSB, and a DMB on each other CPU; the interrupt that executes
 * it there takes a guest out as well.  REVIDR tells which chips of these revisions are
 * fixed.
 */
#include <linux/smp.h>
#include <asm/barrier.h>
#include <asm/cputype.h>

#include "hyp/sysreg-bits.h"
#include "machine/errata.h"

#define MIDR_A15_R3P2	0x413fc0f2u
#define REVIDR_A15_ECOS 0x210u

/* True if any CPU has it: such a CPU may share a guest with one that does not. */
static bool has_798181;

void errata_probe(void)
{
	u32 midr = read_cpuid_id(), revidr;

	if (MIDR_CPU(midr) != MIDR_CORTEX_A15 || midr > MIDR_A15_R3P2)
		return;
	asm("mrc p15, 0, %0, c0, c0, 6" : "=r"(revidr));
	if ((revidr & REVIDR_A15_ECOS) != REVIDR_A15_ECOS)
		WRITE_ONCE(has_798181, true);
}

static void dmb_ipi(void *unused)
{
	dmb();
}

void errata_tlb_complete(void)
{
	if (!READ_ONCE(has_798181))
		return;
	asm volatile("mcr p15, 0, %0, c8, c3, 1" : : "r"(0) : "memory"); /* TLBIMVAIS */
	dsb(ish);
	smp_call_function(dmb_ipi, NULL, 1);
}
