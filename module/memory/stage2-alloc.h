/* SPDX-License-Identifier: GPL-2.0-only */
/* The pages that stage 2 tables are in. */
#ifndef KVM_ARMV7_STAGE2_ALLOC_H
#define KVM_ARMV7_STAGE2_ALLOC_H

#include "core/memory-state.h"

#define STAGE2_ROOT_ENTRIES 1024 /* of two concatenated tables */

/*
 * The two tables that a mapping may need, allocated before the lock is taken: one of level 2, and
 * one of level 3, which a block needs, too (stage2_split_block()).
 */
struct stage2_spare {
	desc_t *table[2];
};

/* Allocate what is missing.  Without stage2->lock; may sleep.  0 or -ENOMEM. */
int stage2_spare_fill(struct stage2_spare *spare);
/* Free the tables that no mapping has used.  Needs no lock. */
void stage2_spare_free(struct stage2_spare *spare);
/* Take one of the tables; NULL if there is none. */
desc_t *stage2_spare_take(struct stage2_spare *spare);

/* Free a table of level 2 or 3, which no walk uses any more. */
void stage2_table_free(desc_t *table);

/* Allocate the root.  May sleep.  0 or -ENOMEM. */
int stage2_root_alloc(struct stage2 *s2);
/* Free it; no tables are below it. */
void stage2_root_free(struct stage2 *s2);

#endif /* KVM_ARMV7_STAGE2_ALLOC_H */
