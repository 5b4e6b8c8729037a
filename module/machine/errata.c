// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workarounds.  Of erratum 798181 Arm's is one more TLB operation by MVA, a DSB, and on the
 * older chips a DMB on each other CPU; the interrupt that executes it there takes a guest
 * out as well.
 */
#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <asm/barrier.h>
#include <asm/cputype.h>

#include "machine/branch-predictor.h"
#include "machine/errata.h"
#include "machine/erratum-798181.h"

/* The worst of all CPUs: any of them may share a guest with any other. */
static atomic_t need_798181;
static atomic_t branch_flush;

static DEFINE_PER_CPU(struct errata_ids, errata_ids);

const struct errata_ids *errata_ids_of(unsigned int cpu)
{
	return per_cpu_ptr(&errata_ids, cpu);
}

static void note_worst(atomic_t *worst, int value)
{
	int have = atomic_read(worst);

	while (have < value && !atomic_try_cmpxchg(worst, &have, value))
		;
}

void errata_probe(void)
{
	struct errata_ids *ids = this_cpu_ptr(&errata_ids);

	ids->midr = read_cpuid_id();
	asm volatile("mrc p15, 0, %0, c0, c0, 6" : "=r"(ids->revidr));
	asm volatile("mrc p15, 0, %0, c1, c0, 1" : "=r"(ids->actlr));
	note_worst(&need_798181, erratum_798181_of(ids->midr, ids->revidr));
	note_worst(&branch_flush, branch_flush_of(ids->midr, ids->actlr));
}

enum branch_flush errata_branch_flush(void)
{
	return atomic_read(&branch_flush);
}

const char *errata_branch_flush_text(void)
{
	switch (errata_branch_flush()) {
	case BRANCH_FLUSH_NOT_NEEDED:
		return "branch predictions need no flush";
	case BRANCH_FLUSH_DONE:
		return "branch predictions flushed at each exit";
	case BRANCH_FLUSH_DISABLED:
		return "branch predictions not flushed, because firmware left ACTLR[0] clear";
	default:
		return "branch predictions not flushed, because the CPU is unknown";
	}
}

void errata_tlb_repeat(void)
{
	if (atomic_read(&need_798181) == ERRATUM_798181_NONE)
		return;
	asm volatile("mcr p15, 0, %0, c8, c3, 1" : : "r"(0) : "memory"); /* TLBIMVAIS */
	dsb(ish);
}

static void dmb_ipi(void *unused)
{
	dmb();
}

void errata_tlb_complete(void)
{
	if (atomic_read(&need_798181) == ERRATUM_798181_IPI)
		on_each_cpu(dmb_ipi, NULL, 1);
}
