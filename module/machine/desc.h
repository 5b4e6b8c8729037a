/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Long-descriptor translation tables, DDI 0406C B3.6, for HYP's stage 1 and for
 * stage 2.  The types are our own: those of a kernel without LPAE have only 32 bits.
 */
#ifndef KVM_ARMV7_DESC_H
#define KVM_ARMV7_DESC_H

#include <linux/types.h>
#include <asm/barrier.h>

#include "hyp/abi.h"

typedef u64 desc_t;

#define DESC_VALID   1ULL
#define DESC_TABLE   3ULL /* at levels 1 and 2 */
#define DESC_PAGE    3ULL /* at level 3 */
#define DESC_BLOCK   1ULL /* at level 2 */
#define DESC_TYPE    3ULL
#define DESC_ADDR    0x000000fffffff000ULL
#define DESC_ENTRIES 512

#define DESC_SH_INNER (3ULL << 8)
#define DESC_AF	      (1ULL << 10)
#define DESC_XN	      (1ULL << 54)

/* Stage 1, PL2: HMAIR0 as hyp/entry.S sets it.  AP[1] is RES1 there. */
#define HYP_ATTR_NORMAL ((u64)HYP_MAIR_NORMAL << 2)
#define HYP_ATTR_DEVICE ((u64)HYP_MAIR_DEVICE << 2)
#define HYP_AP		(1ULL << 6)
#define HYP_RO		(1ULL << 7)

/* Stage 2: MemAttr [5:2], HAP [7:6], B3.6.2 */
#define S2_ATTR_MASK   (0xfULL << 2)
#define S2_ATTR_NORMAL (0xfULL << 2)
#define S2_ATTR_NC     (0x5ULL << 2)
#define S2_ATTR_DEVICE (0x1ULL << 2)
#define S2_READ	       (1ULL << 6)
#define S2_WRITE       (2ULL << 6)
/* One of the bits that the hardware ignores (B3.6.2): the process may write the page. */
#define S2_SW_WRITABLE (1ULL << 55)

/*
 * Write a descriptor so that a table walk never sees half of it, and sees all of it
 * afterwards: write the half with the valid bit last to make the entry valid, and first
 * to make it invalid; decision 0059 says why not with STRD.  Clean it to the point of
 * coherency, because a walker need not look into the data caches (B3.10.1,
 * ID_MMFR3[23:20]).  A caller that changes a valid entry owes the TLB maintenance.
 *
 * desc_store() is for many entries: desc_complete() follows the last one, on the same CPU.
 */
static inline void desc_store(desc_t *where, desc_t value)
{
	u32 *half = (u32 *)where;

	if (value & DESC_VALID) {
		WRITE_ONCE(half[1], upper_32_bits(value));
		dmb(ishst);
		WRITE_ONCE(half[0], lower_32_bits(value));
	} else {
		WRITE_ONCE(half[0], 0);
		dmb(ishst);
		WRITE_ONCE(half[1], 0);
	}
	asm volatile("mcr p15, 0, %0, c7, c10, 1" : : "r"(where) : "memory"); /* DCCMVAC */
}

static inline void desc_complete(void)
{
	/* Not ishst: only a DSB for all accesses completes cache maintenance (A3.8.3). */
	dsb(ish);
}

static inline void desc_write(desc_t *where, desc_t value)
{
	desc_store(where, value);
	desc_complete();
}

static inline desc_t desc_read(const desc_t *where)
{
	const u32 *half = (const u32 *)where;

	return (u64)READ_ONCE(half[1]) << 32 | READ_ONCE(half[0]);
}

#endif /* KVM_ARMV7_DESC_H */
