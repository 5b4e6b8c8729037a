/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache maintenance for memory that is read or executed with other attributes than ours. */
#ifndef KVM_ARMV7_CACHE_H
#define KVM_ARMV7_CACHE_H

#include <linux/preempt.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/cacheflush.h>

/*
 * Clean and invalidate to the point of coherency, and complete that: what the caller does
 * next, or lets others do, finds it in memory.  Nothing else calls the kernel's function,
 * because that ends with a DSB for stores only, which completes no cache maintenance, and a
 * DSB completes only what its own CPU has executed (A3.8.3): so preemption is off in
 * between, whoever calls.
 */
static inline void flush_to_memory(void *va, size_t size)
{
	preempt_disable();
	__cpuc_flush_dcache_area(va, size);
	dsb(ish);
	preempt_enable();
}

/*
 * Invalidate every CPU's instruction cache, B2.2.8, and with it the branch predictor where that is
 * visible (B4.2.1).  The caller has cleaned the data that will be fetched.  Guests and HYP fetch
 * it, and entering them synchronises the context.
 */
static inline void icache_invalidate_all(void)
{
	dsb(ish);
	asm volatile("mcr p15, 0, %0, c7, c1, 0" : : "r"(0) : "memory"); /* ICIALLUIS */
	dsb(ish);
}

#endif /* KVM_ARMV7_CACHE_H */
