/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage 2 tables of one VM: walking, filling, emptying and freeing them.  stage2.c
 * decides which pages they map.  The caller holds s2->lock, unless a comment says
 * otherwise.
 */
#ifndef KVM_ARMV7_STAGE2_TABLE_H
#define KVM_ARMV7_STAGE2_TABLE_H

#include <linux/sizes.h>

#include "core/memory-state.h"
#include "memory/stage2-alloc.h"

#define STAGE2_BLOCK_SIZE ((u64)SZ_2M)

/* Is that a block, not a page, a table or nothing?  For entries of levels 2 and 3. */
static inline bool stage2_is_block(desc_t value)
{
	return (value & DESC_TYPE) == DESC_BLOCK;
}

/* The first address after what a valid entry that maps ipa maps. */
static inline u64 stage2_entry_end(desc_t value, u64 ipa)
{
	u64 size = stage2_is_block(value) ? STAGE2_BLOCK_SIZE : PAGE_SIZE;

	return (ipa | (size - 1)) + 1;
}

/* The level 3 entry that maps ipa as this page or block does. */
static inline desc_t stage2_page_at(desc_t value, u64 ipa)
{
	if (!stage2_is_block(value))
		return value;
	return (value | DESC_PAGE) + (ipa & (STAGE2_BLOCK_SIZE - 1) & PAGE_MASK);
}

/* Allocate the root.  Needs no lock; may sleep.  0 or -ENOMEM. */
int stage2_table_init(struct stage2 *s2);
/* Free the root, and all tables below it.  May sleep; takes the lock. */
void stage2_table_destroy(struct stage2 *s2);

/* The level 2 entry of ipa, or NULL if there is no level 2 table. */
desc_t *stage2_find_level2(struct stage2 *s2, u64 ipa);
/* The block that maps ipa, or the level 3 entry of ipa.  NULL if there is neither. */
desc_t *stage2_find_entry(struct stage2 *s2, u64 ipa);
/*
 * The first valid entry of a page or block that maps anything in [*ipa, end); *ipa becomes the
 * first address in there that it maps.  NULL if none.
 */
desc_t *stage2_next_entry(struct stage2 *s2, u64 *ipa, u64 end);
/* How many pages from ipa on are not mapped, of `count`, which are in the same 2 MiB. */
unsigned int stage2_unmapped_pages(struct stage2 *s2, u64 ipa, unsigned int count);
/*
 * Map the pages from ipa on, which are in the same 2 MiB, with these descriptors, taking tables
 * from spare.  If a page is mapped there already, it gets the permissions of both.  0, or -EAGAIN
 * if they need tables and spare is not full; then none is mapped.
 */
int stage2_set_pages(struct stage2 *s2, u64 ipa, const desc_t *value, unsigned int count,
		     struct stage2_spare *spare);

/*
 * Map the block of 2 MiB that ipa is in.  0; -EEXIST if there is a block or a table already; or
 * -EAGAIN if spare is not full.
 */
int stage2_set_block(struct stage2 *s2, u64 ipa, desc_t value, struct stage2_spare *spare);
/* If a block maps ipa, replace it by a table of pages with the same permissions. */
void stage2_split_block(struct stage2 *s2, u64 ipa);

/*
 * Take the permission to write from a valid entry, and remember it as S2_SW_WRITABLE.  True
 * if it had it: the caller owes desc_complete(), before it lets go of the lock, and
 * stage2_flush_tlb().
 */
bool stage2_protect_entry(desc_t *entry);

/*
 * Remove [ipa, end) from the tables and from the TLBs of every CPU, and free the tables
 * that this empties.  Drops the lock after each 64 pages; if may_sleep, it also
 * reschedules.  Interrupts are on.
 */
void stage2_unmap_range(struct stage2 *s2, u64 ipa, u64 end, bool may_sleep);

/* Does the entry map memory, not a device? */
bool stage2_is_memory(desc_t value);
/* Clean and invalidate the page that an entry maps. */
void stage2_clean_page(desc_t value);

#endif /* KVM_ARMV7_STAGE2_TABLE_H */
