/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks of 2 MiB at stage 2, in answer to faults. */
#ifndef KVM_ARMV7_STAGE2_BLOCK_H
#define KVM_ARMV7_STAGE2_BLOCK_H

#include <linux/page-flags.h>

#include "memory/user-page.h"

struct slot_copy;
struct stage2_access;
struct vm;

bool stage2_block_fits(u64 ipa, const struct slot_copy *slot, const struct user_pages *found);

/*
 * May the 2 MiB around ipa be one block, as far as the slot and the first page that was found
 * tell?  Takes no lock.  Most pages are no part of anything larger.
 */
static inline bool stage2_block_possible(u64 ipa, const struct slot_copy *slot,
					 const struct user_pages *found)
{
	return found->type == USER_PAGE_MEMORY && PageCompound(found->page[0]) &&
	       stage2_block_fits(ipa, slot, found);
}

/*
 * Map it, in answer to a fault for which `found` is in the process's tables.  *clean is NULL at
 * first, and the same pointer in each further attempt; the caller puts the page at the end.
 * 0; -ENOENT if only pages can be mapped; -EAGAIN if the process has lost memory, or slots have
 * changed, since sequence was read; or -ENOMEM.  May sleep.
 */
int stage2_map_block(struct vm *vm, u64 ipa, const struct stage2_access *access,
		     unsigned long sequence, const struct slot_copy *slot,
		     const struct user_pages *found, struct page **clean);

#endif /* KVM_ARMV7_STAGE2_BLOCK_H */
