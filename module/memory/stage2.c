// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 translation: faults, and what is done to all of a guest's memory.
 *
 * Pages are looked up, not pinned: the MMU notifier unmaps those that the process loses.
 * sequence and invalidating make sure that a page which was looked up before an invalidation
 * began, or before a slot changed, is not mapped after it.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "core/vm.h"
#include "hyp/sysreg-bits.h"
#include "machine/cache.h"
#include "machine/desc.h"
#include "memory/slot-table.h"
#include "memory/stage2-block.h"
#include "memory/stage2-table.h"
#include "memory/stage2-tlb.h"
#include "memory/stage2.h"
#include "memory/user-page.h"

/* How often a block is looked up because the process has lost memory meanwhile. */
#define BLOCK_TRIES 3

/*
 * The process wrote the page through its caches, but a guest that runs with caches off
 * reads memory.
 *
 * That is needed whatever SCTLR says: a guest may map any page Non-cacheable, and would
 * otherwise read what memory held before the kernel cleared the page: the data of another
 * process.
 *
 * And if the guest may execute it, no instruction cache may hold what the page contained
 * before (B2.2.9; ICIALLUIS reaches all CPUs, A7's is not PIPT).  Most pages hold data: they
 * are execute-never until the first fetch, and no CPU fetches from there, not even
 * speculatively (A3.5.1, B3.7.2).
 */
static void make_coherent(const struct user_pages *found, bool fetch)
{
	unsigned int n;

	for (n = 0; n < found->count; n++) {
		void *va = kmap_local_page(found->page[n]);

		flush_to_memory(va, PAGE_SIZE);
		kunmap_local(va);
	}
	if (fetch)
		icache_invalidate_all();
}

static bool copy_slot(struct vm *vm, u64 ipa, struct slot_copy *copy)
{
	const struct memslot *slot;

	rcu_read_lock();
	slot = slot_find(vm, ipa);
	if (slot) {
		copy->before = (unsigned long)(ipa - slot->ipa);
		copy->hva = slot->hva + copy->before;
		copy->end = slot->ipa + slot->size;
		copy->readonly = slot->readonly;
		copy->logged = slot->dirty;
	}
	rcu_read_unlock();
	return slot;
}

/*
 * The guest may write the page from now on.  No invalidation is under way: the process has it,
 * and may write it.
 *
 * A dirty folio needs nothing.  The kernel cleans one only after it has taken it from the
 * processes that map it, or their permission to write it, and so from stage 2, which waits for
 * the lock: the guest's next write comes here again.  And a file system that knows which part of
 * a folio is dirty has made all of it so before a process could write it.
 */
static void note_page_dirty(struct page *page)
{
	if (!folio_test_dirty(page_folio(page)))
		set_page_dirty(page);
}

/* The guest may write the memory at ipa, which is slot's, from now on.  The lock is held. */
static void note_writable(const struct memslot *slot, u64 ipa, desc_t value)
{
	if (stage2_is_memory(value))
		note_page_dirty(pfn_to_page((value & DESC_ADDR) >> PAGE_SHIFT));
	if (slot->dirty)
		set_bit((ipa - slot->ipa) >> PAGE_SHIFT, slot->dirty);
}

/*
 * Serve a fault on a page that is mapped, if the entry knows all that is needed.  An entry
 * that is in the tables is valid: the notifier would have removed it.  True if it is served.
 */
static bool fault_on_mapped(struct vm *vm, u64 ipa, const struct stage2_access *access)
{
	desc_t *entry = stage2_find_entry(&vm->stage2, ipa), value, wanted;
	const struct memslot *slot = NULL;

	if (!entry || !stage2_is_memory(desc_read(entry)))
		return false;
	value = desc_read(entry);
	/* No TLB holds an entry without the Access flag: it needs no maintenance (B3.7.4). */
	wanted = value | DESC_AF;
	if (access->fetch && (value & DESC_XN)) {
		/*
		 * The page is clean to the point of coherency since it was mapped, and what the
		 * guest has written since is the guest's to clean.
		 */
		icache_invalidate_all();
		wanted &= ~DESC_XN;
	}
	if (access->write && !(value & S2_WRITE)) {
		/* A slot on its way to another address is in no array: its log would miss this. */
		slot = slot_find(vm, ipa);
		if (!slot || !(value & S2_SW_WRITABLE))
			return false;
		wanted |= S2_WRITE;
	}
	if (wanted != value)
		desc_write(entry, wanted);
	if (slot)
		note_writable(slot, ipa, value);
	return true;
}

static bool stage2_fault_on_mapped(struct vm *vm, u64 ipa, const struct stage2_access *access)
{
	bool served;

	spin_lock(&vm->stage2.lock);
	served = fault_on_mapped(vm, ipa, access);
	spin_unlock(&vm->stage2.lock);
	return served;
}

/*
 * The entry for page n of those that were found.  With a log, the first write to each page of
 * memory has to fault; pages of a driver have no log (memslot.c).
 */
static desc_t entry_for(const struct user_pages *found, unsigned int n,
			const struct stage2_access *access, bool logged)
{
	desc_t value = DESC_PAGE | DESC_AF | DESC_SH_INNER | S2_READ;

	if (found->type == USER_PAGE_MEMORY) {
		value |= page_to_phys(found->page[n]) | S2_ATTR_NORMAL;
		value |= access->fetch ? 0 : DESC_XN;
		if (found->writable)
			value |= (access->write && !n) || !logged ? S2_WRITE : S2_SW_WRITABLE;
		return value;
	}
	value |= found->pa | DESC_XN;
	value |= found->type == USER_PAGE_DEVICE ? S2_ATTR_DEVICE : S2_ATTR_NC;
	return found->writable ? value | S2_WRITE : value;
}

/* The lock is held.  Only the first page may be one that a log has to note: see entry_for(). */
static int map_pages(struct vm *vm, u64 ipa, const desc_t *value, const struct user_pages *found,
		     struct stage2_spare *spare)
{
	int ret = stage2_set_pages(&vm->stage2, ipa, value, found->count, spare);
	unsigned int n;

	if (ret)
		return ret;
	if (value[0] & S2_WRITE)
		note_writable(slot_find(vm, ipa), ipa, value[0]);
	for (n = 1; n < found->count; n++)
		if (value[n] & S2_WRITE)
			note_page_dirty(found->page[n]);
	return 0;
}

/* The process's pages were found: map them.  0 also if they are out of date, -ENOMEM. */
static int map_found(struct vm *vm, u64 ipa, unsigned long sequence, const desc_t *value,
		     const struct user_pages *found)
{
	struct stage2 *s2 = &vm->stage2;
	struct stage2_spare spare = {};
	int ret;

	do {
		ret = 0;
		spin_lock(&s2->lock);
		/* Otherwise the process may have lost a page: the guest faults again. */
		if (!s2->invalidating && s2->sequence == sequence)
			ret = map_pages(vm, ipa, value, found, &spare);
		spin_unlock(&s2->lock);
	} while (ret == -EAGAIN && !(ret = stage2_spare_fill(&spare)));
	stage2_spare_free(&spare);
	return ret;
}

/*
 * How many pages to look for: the one that the guest needs, and those after it in the same
 * USER_PAGES_MOST, because it will use many of them soon, and an exit costs more than a page.
 */
static unsigned int pages_to_find(u64 ipa, const struct stage2_access *access,
				  const struct slot_copy *slot)
{
	u64 end = (ipa | ((u64)USER_PAGES_MOST * PAGE_SIZE - 1)) + 1;

	return access->fault == FSC_TRANSLATION ? (min(end, slot->end) - ipa) >> PAGE_SHIFT : 1;
}

/* Keep the first page, and those after it that are not mapped yet. */
static void leave_out_mapped(struct vm *vm, u64 ipa, struct user_pages *found)
{
	unsigned int count;

	if (found->count == 1)
		return;
	spin_lock(&vm->stage2.lock);
	count = stage2_unmapped_pages(&vm->stage2, ipa, found->count);
	spin_unlock(&vm->stage2.lock);
	user_pages_keep(found, max(count, 1U));
}

/*
 * Until an invalidation has ended no page is mapped.  Sleep: a vCPU's thread of real-time priority
 * that faulted again and again could keep the one from going on that invalidates.  A signal ends
 * it; the guest faults again, in any case.
 */
static noinline void wait_for_invalidation(struct stage2 *s2)
{
	wait_event_interruptible(s2->invalidated, !READ_ONCE(s2->invalidating));
}

/* A fault in a slot, as the fault found it.  -EAGAIN and clean: as stage2_map_block(). */
static int fault_in_slot(struct vm *vm, u64 ipa, const struct stage2_access *access,
			 unsigned long sequence, const struct slot_copy *slot, struct page **clean)
{
	desc_t value[USER_PAGES_MOST];
	struct user_pages found;
	unsigned int n;
	int ret;

	if (unlikely(READ_ONCE(vm->stage2.invalidating))) {
		wait_for_invalidation(&vm->stage2);
		return 0;
	}
	ret = user_pages_get(slot->hva, pages_to_find(ipa, access, slot), access->write,
			     !slot->readonly, &found);
	if (ret)
		return ret == -EINTR ? 0 : ret;
	/* It has no instructions, and HCR.PTW keeps translation tables out. */
	if (found.type != USER_PAGE_MEMORY && !access->plain)
		return 1;
	if (stage2_block_possible(ipa, slot, &found)) {
		ret = stage2_map_block(vm, ipa, access, sequence, slot, &found, clean);
		if (ret != -ENOENT)
			goto put;
	}
	leave_out_mapped(vm, ipa, &found);
	if (found.type == USER_PAGE_MEMORY)
		make_coherent(&found, access->fetch);
	for (n = 0; n < found.count; n++)
		value[n] = entry_for(&found, n, access, slot->logged);
	ret = map_found(vm, ipa, sequence, value, &found);
put:
	user_pages_keep(&found, 0);
	return ret;
}

/* A fault that the tables alone cannot serve.  As stage2_fault(). */
static int fault_on_slot(struct vm *vm, u64 ipa, const struct stage2_access *access)
{
	unsigned int tries = BLOCK_TRIES;
	struct page *clean = NULL;
	struct slot_copy slot;
	unsigned long sequence;
	int ret;

	do {
		/* Pairs with slot_array_publish() and with the end of an invalidation. */
		sequence = smp_load_acquire(&vm->stage2.sequence);
		ret = 1;
		if (copy_slot(vm, ipa, &slot) && !(access->write && slot.readonly))
			ret = fault_in_slot(vm, ipa, access, sequence, &slot, &clean);
	} while (ret == -EAGAIN && --tries);
	if (clean)
		put_page(clean);
	return ret == -EAGAIN ? 0 : ret;
}

int stage2_fault(struct vm *vm, u64 ipa, const struct stage2_access *access)
{
	int ret = 0;

	if (access->fault == FSC_TRANSLATION || !stage2_fault_on_mapped(vm, ipa, access))
		ret = fault_on_slot(vm, ipa, access);
	if (access->fault == FSC_PERMISSION && ret <= 0)
		stage2_flush_tlb_here(&vm->stage2);
	return ret;
}

int stage2_map_device(struct vm *vm, u64 ipa, phys_addr_t pa)
{
	const desc_t value = (u64)pa | DESC_PAGE | DESC_AF | DESC_XN | S2_ATTR_DEVICE | S2_READ |
			     S2_WRITE;
	struct stage2 *s2 = &vm->stage2;
	struct stage2_spare spare = {};
	int ret;

	ret = stage2_spare_fill(&spare);
	if (!ret) {
		spin_lock(&s2->lock);
		ret = stage2_set_pages(s2, ipa, &value, 1, &spare);
		spin_unlock(&s2->lock);
	}
	stage2_spare_free(&spare);
	return ret;
}

void stage2_unmap(struct vm *vm, u64 ipa, u64 size)
{
	struct stage2 *s2 = &vm->stage2;

	spin_lock(&s2->lock);
	s2->sequence++;
	stage2_unmap_range(s2, ipa, ipa + size, true);
	spin_unlock(&s2->lock);
}

/*
 * The next slot's addresses from *ipa on; false if there is none.  Slots may change between
 * two calls: a slot that is moved is unmapped, which is at least what the callers do.
 */
static bool next_range(struct vm *vm, u64 *ipa, u64 *end)
{
	const struct memslot *slot;

	rcu_read_lock();
	slot = slot_find_from(vm, *ipa);
	if (slot) {
		*ipa = max(*ipa, slot->ipa);
		*end = slot->ipa + slot->size;
	}
	rcu_read_unlock();
	return slot;
}

void stage2_unmap_slots(struct vm *vm)
{
	u64 ipa, end;

	for (ipa = 0; next_range(vm, &ipa, &end); ipa = end)
		stage2_unmap(vm, ipa, end - ipa);
}

void stage2_protect(struct vm *vm, u64 ipa, u64 end)
{
	struct stage2 *s2 = &vm->stage2;
	bool changed = false;
	desc_t *entry;

	while (ipa < end) {
		u64 stop = min(end, (ipa | (STAGE2_BLOCK_SIZE - 1)) + 1);

		spin_lock(&s2->lock);
		stage2_split_block(s2, ipa);
		for (; (entry = stage2_next_entry(s2, &ipa, stop)); ipa += PAGE_SIZE)
			if (stage2_is_memory(desc_read(entry)) && stage2_protect_entry(entry))
				changed = true;
		desc_complete();
		spin_unlock(&s2->lock);
		cond_resched();
	}
	/* A write by an old translation until here is one that the caller may miss. */
	if (changed)
		stage2_flush_tlb(s2);
}

void stage2_flush_caches(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;
	desc_t *entry;
	u64 ipa, end;

	for (ipa = 0; next_range(vm, &ipa, &end); ipa = end) {
		do {
			spin_lock(&s2->lock);
			entry = stage2_next_entry(s2, &ipa, end);
			/* A slot may overlap GICV, which is mapped but is not memory. */
			if (entry && stage2_is_memory(desc_read(entry)))
				stage2_clean_page(stage2_page_at(desc_read(entry), ipa));
			spin_unlock(&s2->lock);
			cond_resched();
			if (fatal_signal_pending(current))
				return;
			ipa += PAGE_SIZE;
		} while (entry);
	}
}
