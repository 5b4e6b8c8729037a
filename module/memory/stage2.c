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
#include "memory/stage2-table.h"
#include "memory/stage2.h"
#include "memory/user-page.h"

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
static void make_coherent(struct page *page, bool fetch)
{
	void *va = kmap_local_page(page);

	flush_to_memory(va, PAGE_SIZE);
	kunmap_local(va);
	if (fetch)
		icache_invalidate_all();
}

/* The slot of ipa as the fault found it. */
struct slot_copy {
	unsigned long hva; /* of ipa */
	bool readonly;
	bool logged;
};

static bool copy_slot(struct vm *vm, u64 ipa, struct slot_copy *copy)
{
	const struct memslot *slot;

	rcu_read_lock();
	slot = slot_find(vm, ipa);
	if (slot) {
		copy->hva = slot->hva + (unsigned long)(ipa - slot->ipa);
		copy->readonly = slot->readonly;
		copy->logged = slot->dirty;
	}
	rcu_read_unlock();
	return slot;
}

/* The guest may write the memory at ipa from now on.  The lock is held. */
static void note_writable(struct vm *vm, u64 ipa, desc_t value)
{
	const struct memslot *slot = slot_find(vm, ipa);

	/* No invalidation is under way, so the process still has the page. */
	if (stage2_is_memory(value))
		set_page_dirty(pfn_to_page((value & DESC_ADDR) >> PAGE_SHIFT));
	if (slot && slot->dirty)
		set_bit((ipa - slot->ipa) >> PAGE_SHIFT, slot->dirty);
}

/*
 * Serve a fault on a page that is mapped, if the entry knows all that is needed.  An entry
 * that is in the tables is valid: the notifier would have removed it.  True if it is served.
 */
static bool fault_on_mapped(struct vm *vm, u64 ipa, const struct stage2_access *access)
{
	desc_t *entry = stage2_find_entry(&vm->stage2, ipa), value, wanted;

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
		if (!(value & S2_SW_WRITABLE))
			return false;
		wanted |= S2_WRITE;
	}
	if (wanted != value)
		desc_write(entry, wanted);
	if ((wanted ^ value) & S2_WRITE)
		note_writable(vm, ipa, value);
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

/* The process's page was found: map it.  0 also if it is out of date, -ENOMEM. */
static int map_found(struct vm *vm, u64 ipa, unsigned long sequence, desc_t value)
{
	struct stage2 *s2 = &vm->stage2;
	struct stage2_spare spare = {};
	int ret;

	do {
		ret = 0;
		spin_lock(&s2->lock);
		/* Otherwise the process may have lost the page: the guest faults again. */
		if (!s2->invalidating && s2->sequence == sequence) {
			ret = stage2_set_page(s2, ipa, value, &spare);
			if (!ret && (value & S2_WRITE))
				note_writable(vm, ipa, value);
		}
		spin_unlock(&s2->lock);
	} while (ret == -EAGAIN && !(ret = stage2_spare_fill(&spare)));
	stage2_spare_free(&spare);
	return ret;
}

/*
 * The entry for a page of the process.  With a log, the first write to each page of memory has
 * to fault; pages of a driver have no log (memslot.c).
 */
static desc_t entry_for(const struct user_page *found, const struct stage2_access *access,
			bool logged)
{
	desc_t value = (u64)found->pa | DESC_PAGE | DESC_AF | DESC_SH_INNER | S2_READ;

	if (found->type == USER_PAGE_MEMORY) {
		value |= S2_ATTR_NORMAL | (access->fetch ? 0 : DESC_XN);
		if (found->writable)
			value |= access->write || !logged ? S2_WRITE : S2_SW_WRITABLE;
		return value;
	}
	value |= DESC_XN | (found->type == USER_PAGE_DEVICE ? S2_ATTR_DEVICE : S2_ATTR_NC);
	return found->writable ? value | S2_WRITE : value;
}

/* A fault in a slot, as the fault found it. */
static int fault_in_slot(struct vm *vm, u64 ipa, const struct stage2_access *access,
			 unsigned long sequence, const struct slot_copy *slot)
{
	struct user_page found;
	int ret = user_page_get(slot->hva, access->write, !slot->readonly, &found);

	if (ret)
		return ret == -EINTR ? 0 : ret;
	/* It has no instructions, and HCR.PTW keeps translation tables out. */
	if (found.type != USER_PAGE_MEMORY && !access->plain)
		return 1;
	if (found.type == USER_PAGE_MEMORY)
		make_coherent(found.page, access->fetch);
	ret = map_found(vm, ipa, sequence, entry_for(&found, access, slot->logged));
	if (found.type == USER_PAGE_MEMORY)
		put_page(found.page);
	return ret;
}

int stage2_fault(struct vm *vm, u64 ipa, const struct stage2_access *access)
{
	struct stage2 *s2 = &vm->stage2;
	struct slot_copy slot;
	unsigned long sequence;
	int ret = 0;

	if (access->fault == FSC_TRANSLATION || !stage2_fault_on_mapped(vm, ipa, access)) {
		/* Pairs with slot_array_publish() and with the end of an invalidation. */
		sequence = smp_load_acquire(&s2->sequence);
		if (!copy_slot(vm, ipa, &slot) || (access->write && slot.readonly))
			return 1;
		ret = fault_in_slot(vm, ipa, access, sequence, &slot);
	}
	if (access->fault == FSC_PERMISSION && ret <= 0)
		stage2_flush_tlb_here(s2);
	return ret;
}

int stage2_map_device(struct vm *vm, u64 ipa, phys_addr_t pa)
{
	struct stage2 *s2 = &vm->stage2;
	struct stage2_spare spare = {};
	int ret;

	ret = stage2_spare_fill(&spare);
	if (!ret) {
		spin_lock(&s2->lock);
		ret = stage2_set_page(s2, ipa,
				      (u64)pa | DESC_PAGE | DESC_AF | DESC_XN | S2_ATTR_DEVICE |
					      S2_READ | S2_WRITE,
				      &spare);
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
		u64 stop = min(end, (ipa | (SZ_2M - 1)) + 1);

		spin_lock(&s2->lock);
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
				stage2_clean_page(desc_read(entry));
			spin_unlock(&s2->lock);
			cond_resched();
			if (fatal_signal_pending(current))
				return;
			ipa += PAGE_SIZE;
		} while (entry);
	}
}
