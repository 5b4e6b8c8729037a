/* SPDX-License-Identifier: GPL-2.0-only */
/* HYP on every CPU: entered when a CPU comes, given back when it goes. */
#ifndef KVM_ARMV7_HYP_CPU_H
#define KVM_ARMV7_HYP_CPU_H

#include <linux/cpumask.h>
#include <linux/smp.h>

extern struct cpumask hyp_cpus; /* CPUs whose HYP mode is ours */

int hyp_cpu_init(void);
void hyp_cpu_exit(void);

/* May this CPU run guests?  Preemption is off. */
static inline bool hyp_cpu_ready(void)
{
	return cpumask_test_cpu(smp_processor_id(), &hyp_cpus);
}

#endif /* KVM_ARMV7_HYP_CPU_H */
