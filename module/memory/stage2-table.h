/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stage 2 tables of one VM: walking, filling, emptying and freeing them.  Only
 * stage2.c knows which pages go there.  s2->lock is held where nothing else is said.
 */
#ifndef KVM_ARMV7_STAGE2_TABLE_H
#define KVM_ARMV7_STAGE2_TABLE_H

#include "core/memory-state.h"

/* The two tables that a mapping may need, allocated before the lock is taken. */
struct stage2_spare {
	desc_t *table[2];
};

/* Without the lock.  0 or -ENOMEM.  What a mapping has not used is freed. */
int stage2_spare_fill(struct stage2_spare *spare);
void stage2_spare_free(struct stage2_spare *spare);

/* Allocate the root.  0 or -ENOMEM. */
int stage2_table_init(struct stage2 *s2);
/* Free the root, and all tables below it.  May sleep; takes the lock. */
void stage2_table_destroy(struct stage2 *s2);

/* The level 3 entry of ipa, or NULL if there is no level 3 table. */
desc_t *stage2_find_entry(struct stage2 *s2, u64 ipa);
/* Map one page, with tables from spare as needed.  -EAGAIN if a table is missing there. */
int stage2_set_page(struct stage2 *s2, u64 ipa, desc_t value, struct stage2_spare *spare);

/*
 * Remove [ipa, end) from the tables and from the TLBs of every CPU, and free tables that
 * are empty then.  Drops the lock now and then; if may_sleep, it also reschedules.
 */
void stage2_unmap_range(struct stage2 *s2, u64 ipa, u64 end, bool may_sleep);

/* Drop every translation of the VM on every CPU; needs no lock. */
void stage2_flush_tlb(struct stage2 *s2);

/* Does the entry map memory, not a device? */
bool stage2_is_memory(desc_t value);
/* Clean and invalidate the page that an entry maps. */
void stage2_clean_page(desc_t value);

#endif /* KVM_ARMV7_STAGE2_TABLE_H */
