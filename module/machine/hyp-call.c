// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPUs can be called, and TLB operations, which any one of them may do for all.
 */
#include <linux/irqflags.h>
#include <linux/smp.h>

#include "machine/errata.h"
#include "machine/hyp-call.h"

struct cpumask hyp_call_cpus;
DEFINE_PER_CPU(bool, hyp_call_here_ready);

/* A TLB operation that any CPU may make. */
struct hyp_call_work {
	u32 fn, a1, a2;
	bool done;
};

static void hyp_call_here(void *data)
{
	struct hyp_call_work *work = data;

	if (!hyp_call_ready())
		return;
	hyp_call(work->fn, work->a1, work->a2);
	errata_tlb_repeat();
	work->done = true;
}

/*
 * A CPU on its way up or down may have no HYP; then another CPU does the work.  That
 * one may give HYP back before the interrupt reaches it, while others still run
 * guests: ask another one.  If no CPU has HYP, no guest runs, and hyp_install begins
 * with an empty TLB.
 */
void hyp_flush_everywhere(u32 fn, u32 a1, u32 a2)
{
	struct hyp_call_work work = { fn, a1, a2 };
	unsigned long flags;

	local_irq_save(flags);
	hyp_call_here(&work);
	local_irq_restore(flags);
	while (!work.done && !cpumask_empty(&hyp_call_cpus))
		smp_call_function_any(&hyp_call_cpus, hyp_call_here, &work, 1);
	if (work.done)
		errata_tlb_complete();
}
