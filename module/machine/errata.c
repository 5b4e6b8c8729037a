// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workarounds.  Of erratum 798181 Arm's is one more TLB operation by MVA, a DSB, and on the
 * older chips a DMB on each other CPU; the interrupt that executes it there takes a guest
 * out as well.
 */
#include <linux/atomic.h>
#include <linux/smp.h>
#include <asm/barrier.h>
#include <asm/cputype.h>

#include "machine/errata.h"
#include "machine/erratum-798181.h"

/* The worst of all CPUs: any of them may share a guest with any other. */
static atomic_t need_798181;

void errata_probe(void)
{
	int have = atomic_read(&need_798181), need;
	u32 revidr;

	asm("mrc p15, 0, %0, c0, c0, 6" : "=r"(revidr));
	need = erratum_798181_of(read_cpuid_id(), revidr);
	while (have < need && !atomic_try_cmpxchg(&need_798181, &have, need))
		;
}

static void dmb_ipi(void *unused)
{
	dmb();
}

void errata_tlb_complete(void)
{
	int need = atomic_read(&need_798181);

	if (need == ERRATUM_798181_NONE)
		return;
	asm volatile("mcr p15, 0, %0, c8, c3, 1" : : "r"(0) : "memory"); /* TLBIMVAIS */
	dsb(ish);
	if (need == ERRATUM_798181_IPI)
		smp_call_function(dmb_ipi, NULL, 1);
}
