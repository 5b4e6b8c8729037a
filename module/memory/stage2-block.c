// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks of 2 MiB at stage 2, where the process has a huge page.
 *
 * A block is nothing but 512 pages whose entries would agree.  Each of them is looked up in the
 * process's tables with the access that the block permits, after `sequence` was read.  So what
 * is true of pages is true of blocks: whatever the process loses of one, the MMU notifier tells
 * before it is lost, and a block that was looked up before that is not mapped after it.  How the
 * process maps them does not matter, by one entry or by 512.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "core/vm.h"
#include "machine/cache.h"
#include "memory/slot-table.h"
#include "memory/stage2-block.h"
#include "memory/stage2-table.h"
#include "memory/stage2.h"
#include "memory/user-page.h"

#define BLOCK_PAGES (STAGE2_BLOCK_SIZE / PAGE_SIZE)
#define BLOCK_MASK  (STAGE2_BLOCK_SIZE - 1)
#define BLOCK_ORDER (21 - PAGE_SHIFT)

static struct page *first_page(const struct user_pages *found)
{
	return pfn_to_page(page_to_pfn(found->page[0]) & ~(BLOCK_PAGES - 1));
}

/*
 * Not in a slot with a log, which needs to know about each page.  In a slot that the guest may
 * write only if the process may, too: otherwise the block would come and go with the first
 * write, and the zero page is such memory.
 *
 * All pages have to be of one folio, so that one reference keeps them while they are cleaned,
 * and one call makes them dirty.
 */
bool stage2_block_fits(u64 ipa, const struct slot_copy *slot, const struct user_pages *found)
{
	struct page *page = found->page[0];
	u64 offset = ipa & BLOCK_MASK;

	return !slot->logged && (found->writable || slot->readonly) && offset <= slot->before &&
	       ipa - offset + STAGE2_BLOCK_SIZE <= slot->end &&
	       !((slot->hva ^ (unsigned long)ipa) & BLOCK_MASK) &&
	       !((page_to_pfn(page) ^ (unsigned long)(ipa >> PAGE_SHIFT)) & (BLOCK_PAGES - 1)) &&
	       folio_order(page_folio(page)) >= BLOCK_ORDER;
}

/*
 * Whether to go on: -ENOENT if something is mapped there already.  A table is not replaced: it
 * goes when its last page does, and pages that are logged or not of the process's memory stay.
 */
static int look_at_tables(struct stage2 *s2, u64 ipa, unsigned long sequence)
{
	const desc_t *entry;
	int ret = 0;

	spin_lock(&s2->lock);
	entry = stage2_find_level2(s2, ipa);
	if (entry && (desc_read(entry) & DESC_VALID))
		ret = -ENOENT;
	else if (s2->invalidating || s2->sequence != sequence)
		ret = -EAGAIN;
	spin_unlock(&s2->lock);
	return ret;
}

/*
 * As make_coherent() does for pages (stage2.c), for a guest that reads past the caches (A3.5.7).
 * That takes as long as hundreds of faults, so no lock is held, and if the process loses other
 * memory meanwhile, it need not be done again: as long as there is the reference, the memory is
 * nobody else's.
 */
static void clean_block(struct page *first, struct page **clean)
{
	unsigned int n;

	if (*clean == first)
		return;
	if (*clean)
		put_page(*clean);
	get_page(first);
	*clean = first;
	for (n = 0; n < BLOCK_PAGES; n++) {
		stage2_clean_page(page_to_phys(first + n));
		cond_resched();
	}
}

static int map_if_current(struct vm *vm, u64 ipa, desc_t value, unsigned long sequence,
			  struct stage2_spare *spare)
{
	struct stage2 *s2 = &vm->stage2;
	int ret = -EAGAIN;

	spin_lock(&s2->lock);
	if (!s2->invalidating && s2->sequence == sequence)
		ret = stage2_set_block(s2, ipa, value, spare);
	/* The guest may write it from now on, and the process has it: there is no invalidation. */
	if (!ret && (value & S2_WRITE))
		set_page_dirty(pfn_to_page((value & DESC_ADDR) >> PAGE_SHIFT));
	spin_unlock(&s2->lock);
	return ret == -EEXIST ? -ENOENT : ret;
}

int stage2_map_block(struct vm *vm, u64 ipa, const struct stage2_access *access,
		     unsigned long sequence, const struct slot_copy *slot,
		     const struct user_pages *found, struct page **clean)
{
	desc_t value = DESC_BLOCK | DESC_AF | DESC_SH_INNER | S2_ATTR_NORMAL | S2_READ;
	struct page *first = first_page(found);
	struct stage2_spare spare = {};
	int ret;

	ret = look_at_tables(&vm->stage2, ipa, sequence);
	if (ret)
		return ret;
	if (!user_pages_are(slot->hva & ~(unsigned long)BLOCK_MASK, first, BLOCK_PAGES,
			    found->writable))
		return -ENOENT;
	clean_block(first, clean);
	if (access->fetch)
		icache_invalidate_all();
	value |= page_to_phys(first);
	value |= found->writable ? S2_WRITE : 0;
	value |= access->fetch ? 0 : DESC_XN;
	ret = stage2_spare_fill(&spare);
	if (!ret)
		ret = map_if_current(vm, ipa, value, sequence, &spare);
	stage2_spare_free(&spare);
	return ret;
}
