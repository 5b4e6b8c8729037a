/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a vCPU's virtual PMUv2; irq/vpmu.c has the rules.
 */
#ifndef KVM_ARMV7_VPMU_STATE_H
#define KVM_ARMV7_VPMU_STATE_H

#include <linux/types.h>

struct perf_event;
struct task_struct;

#define PMU_NR_COUNTERS 32 /* by PMSELR.SEL, so that the cycle counter is the last */
#define PMU_CYCLES	31

struct vpmu_counter {
	u32 value;
	u32 type;		  /* PMXEVTYPER */
	u32 prescaled;		  /* of the cycle counter: cycles that PMCR.D has not counted yet */
	struct perf_event *event; /* NULL: not needed yet, or the host's PMU cannot count it */
	u64 base;		  /* the event's count before this run of the guest */
};

struct vpmu {
	u32 pmcr; /* the bits that can be written */
	u32 enabled;
	u32 overflowed;
	u32 interrupts;
	u32 select;
	u32 userenr;
	u32 host_userenr; /* the CPU's, while the guest runs */
	u32 intid;	  /* 0: not set */
	bool ready;	  /* KVM_ARM_VCPU_PMU_V3_INIT */
	bool line;
	struct task_struct *task; /* whose events they are: the thread that runs the vCPU */
	u32 with_event;		  /* counters that have one; */
	u32 started;		  /* that count in this run of the guest */
	struct vpmu_counter counters[PMU_NR_COUNTERS];
};

#endif /* KVM_ARMV7_VPMU_STATE_H */
