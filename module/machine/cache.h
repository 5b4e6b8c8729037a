/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache maintenance for memory that is read or executed with other attributes than ours. */
#ifndef KVM_ARMV7_CACHE_H
#define KVM_ARMV7_CACHE_H

#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/cacheflush.h>

/*
 * Clean and invalidate to the point of coherency: new tables or the HYP image, before
 * anything points to them.  The kernel's function ends with a DSB for stores only,
 * which does not complete cache maintenance (A3.8.3).
 */
static inline void flush_to_memory(void *va, size_t size)
{
	__cpuc_flush_dcache_area(va, size);
	dsb(ish);
}

/*
 * Invalidate every CPU's instruction cache and branch predictor, B2.2.8: ICIALLUIS and
 * BPIALLIS.  The caller has cleaned the data that will be fetched.
 */
static inline void icache_invalidate_all(void)
{
	dsb(ish);
	asm volatile("mcr p15, 0, %0, c7, c1, 0\n\tmcr p15, 0, %0, c7, c1, 6"
		     :
		     : "r"(0)
		     : "memory");
	dsb(ish);
	isb();
}

#endif /* KVM_ARMV7_CACHE_H */
