/* SPDX-License-Identifier: GPL-2.0-only */
/* Workarounds for errata. */
#ifndef KVM_ARMV7_ERRATA_H
#define KVM_ARMV7_ERRATA_H

#include <linux/types.h>

#include "machine/branch-predictor.h"

/* What decides about workarounds, as each CPU has it (DDI 0406C B4.1). */
struct errata_ids {
	u32 midr, revidr, actlr;
};

/* Of a CPU that has been online since the module was loaded. */
const struct errata_ids *errata_ids_of(unsigned int cpu);

/* Call on each CPU that comes online, before it can run a guest.  Preemption is off. */
void errata_probe(void);

/*
 * What an exit does about branch predictions that a guest has trained, on the CPU that does
 * least; and the same for the log.
 */
enum branch_flush errata_branch_flush(void);
const char *errata_branch_flush_text(void);

/*
 * Complete a broadcast TLB operation on all CPUs: the first directly after it, on its CPU, with
 * interrupts off; then the second, with interrupts on, before the memory that was mapped is freed.
 */
void errata_tlb_repeat(void);
void errata_tlb_complete(void);

#endif /* KVM_ARMV7_ERRATA_H */
