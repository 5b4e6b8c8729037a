/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's side of the calls in hyp/abi.h. */
#ifndef KVM_ARMV7_HYP_CALL_H
#define KVM_ARMV7_HYP_CALL_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "hyp/abi.h"

/* The CPUs on which our HYP is installed; hyp-cpu.c maintains it. */
extern struct cpumask hyp_call_cpus;
/* Is this CPU among them? */
DECLARE_PER_CPU(bool, hyp_call_here_ready);

/* May this CPU run guests?  Preemption is off. */
static inline bool hyp_call_ready(void)
{
	return __this_cpu_read(hyp_call_here_ready);
}

/*
 * Call HYP on this CPU: fn is HYP_CALL_*, hyp/abi.h has its arguments and result.
 * Preemption is off, and hyp_call_ready() is true.
 */
u32 hyp_call(u32 fn, u32 a1, u32 a2);

/*
 * Find out whether a mismatch breakpoint stops on this CPU, for hyp_percpu.id.mismatch.
 * Like hyp_call(), with interrupts off.
 */
void hyp_probe_mismatch(void);

/*
 * Call HYP_CALL_FLUSH_HYP, _VMID or _GUESTS on any one CPU that has HYP, and complete it on all; do
 * nothing if none has.  Interrupts are on.  Waits for another CPU, but does not sleep.
 */
void hyp_flush_everywhere(u32 fn, u32 a1, u32 a2);

/*
 * Make a call on this CPU whether or not it has HYP mode: the answer, or HYP_ASK_*.
 * Preemption is off.
 */
u32 hyp_ask(u32 fn);

/*
 * Have the kernel's stub jump to hyp_install at physical address pc, with the MMU off;
 * see hyp/entry.S.  out receives the stub's HVBAR and HSCTLR.  Interrupts are off.
 */
struct hyp_install_args {
	u32 httbr_low;
	u32 httbr_high;
	u32 hvbar;
	u32 htpidr;
	u32 sp;
};
void hyp_install_call(u32 pc, const struct hyp_install_args *args, u32 out[2]);

#endif /* KVM_ARMV7_HYP_CALL_H */
