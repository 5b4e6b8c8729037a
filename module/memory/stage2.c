// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 translation: faults, and the MMU notifier.
 *
 * Pages are looked up, not pinned: the notifier unmaps those that the process loses.  sequence
 * and invalidating, both under the lock, make sure that a page which was looked up
 * before an invalidation began is not mapped after it.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "core/vm.h"
#include "machine/cache.h"
#include "machine/desc.h"
#include "memory/stage2-table.h"
#include "memory/stage2.h"

/*
 * The process wrote the page through its caches, but a guest that runs with caches off
 * reads memory.  And the guest may execute it: no instruction cache may hold what the
 * page contained before (B2.2.9; ICIALLUIS reaches all CPUs, A7's is not PIPT).
 */
static void make_coherent(struct page *page)
{
	void *va = kmap_local_page(page);

	__cpuc_flush_dcache_area(va, PAGE_SIZE);
	kunmap_local(va);
	icache_invalidate_all();
}

/*
 * The page at a user address.  A read asks for write access as well if the process
 * has it already: most pages are written later, and a second fault would flush all of
 * the VMID's translations.  Returns 1 or -errno.
 */
static int find_page(unsigned long hva, bool write, bool slot_readonly, struct page **page,
		     bool *writable)
{
	*writable = !slot_readonly;
	if (!write && *writable && get_user_pages_fast_only(hva, 1, FOLL_WRITE, page) == 1)
		return 1;
	*writable = write;
	return get_user_pages_fast(hva, 1, write ? FOLL_WRITE : 0, page);
}

int stage2_fault(struct vm *vm, u64 ipa, unsigned long hva, bool write, bool slot_readonly)
{
	struct stage2 *s2 = &vm->stage2;
	struct stage2_spare spare = {};
	unsigned long sequence;
	struct page *page;
	bool writable;
	desc_t value;
	int ret;

	spin_lock(&s2->lock);
	sequence = s2->sequence;
	spin_unlock(&s2->lock);

	ret = find_page(hva & PAGE_MASK, write, slot_readonly, &page, &writable);
	if (ret != 1) /* -EINTR, -EAGAIN: a signal interrupted the page-in */
		return ret == -EINTR || ret == -EAGAIN ? 0 : ret == -ENOMEM ? -ENOMEM : -EFAULT;
	make_coherent(page);

	value = page_to_phys(page) | DESC_PAGE | DESC_AF | DESC_SH_INNER | S2_ATTR_NORMAL | S2_READ;
	if (writable)
		value |= S2_WRITE;
	do {
		ret = 0;
		spin_lock(&s2->lock);
		/* Otherwise the process may have lost the page: the guest faults again. */
		if (!s2->invalidating && s2->sequence == sequence) {
			ret = stage2_set_page(s2, ipa, value, &spare);
			/* No invalidation is under way, so the process still has the page. */
			if (!ret && writable)
				set_page_dirty(page);
		}
		spin_unlock(&s2->lock);
	} while (ret == -EAGAIN && !(ret = stage2_spare_fill(&spare)));

	put_page(page);
	stage2_spare_free(&spare);
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

void stage2_unmap_slots(struct vm *vm)
{
	const struct memslot *slot;

	down_read(&vm->slots_lock);
	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++)
		stage2_unmap(vm, slot->ipa, slot->size);
	up_read(&vm->slots_lock);
}

void stage2_flush_caches(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;
	const struct memslot *slot;
	desc_t *entry;
	u64 ipa;

	down_read(&vm->slots_lock);
	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++) {
		for (ipa = slot->ipa; ipa < slot->ipa + slot->size; ipa += PAGE_SIZE) {
			spin_lock(&s2->lock);
			entry = stage2_find_entry(s2, ipa);
			/* A slot may overlap GICV, which is mapped but is not memory. */
			if (entry && stage2_is_memory(desc_read(entry)))
				stage2_clean_page(desc_read(entry));
			else if (!entry)
				/* no table: skip what it would map */
				ipa = (ipa | (SZ_2M - 1)) - PAGE_SIZE + 1;
			spin_unlock(&s2->lock);
			cond_resched();
			if (fatal_signal_pending(current))
				goto out;
		}
	}
out:
	up_read(&vm->slots_lock);
}

/* The process loses the pages of [start, end), and so does the guest. */
static int stage2_invalidate_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = container_of(mn, struct vm, stage2.notifier);
	struct stage2 *s2 = &vm->stage2;
	const struct memslot *slot;

	spin_lock(&s2->lock);
	s2->invalidating++;
	/*
	 * Slots change under this lock, too, so they may be read here.  A slot that
	 * changes while stage2_unmap_range() drops the lock has been unmapped before.
	 */
	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++) {
		unsigned long start, end;

		if (!slot->size)
			continue;
		start = max(range->start & PAGE_MASK, slot->hva);
		end = min(PAGE_ALIGN(range->end), (unsigned long)(slot->hva + slot->size));
		if (start < end)
			stage2_unmap_range(s2, slot->ipa + (start - slot->hva),
					   slot->ipa + (end - slot->hva),
					   mmu_notifier_range_blockable(range));
	}
	spin_unlock(&s2->lock);
	return 0;
}

static void stage2_invalidate_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = container_of(mn, struct vm, stage2.notifier);

	spin_lock(&vm->stage2.lock);
	vm->stage2.sequence++;
	vm->stage2.invalidating--;
	spin_unlock(&vm->stage2.lock);
}

/* The address space is destroyed: remove what is left of it from the tables. */
static void stage2_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct vm *vm = container_of(mn, struct vm, stage2.notifier);

	stage2_unmap(vm, 0, STAGE2_IPA_SIZE);
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = stage2_invalidate_start,
	.invalidate_range_end = stage2_invalidate_end,
	.release = stage2_release,
};

int stage2_init(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;
	int ret;

	spin_lock_init(&s2->lock);
	ret = stage2_table_init(s2);
	if (ret)
		return ret;
	s2->notifier.ops = &notifier_ops;
	ret = mmu_notifier_register(&s2->notifier, vm->mm);
	if (ret)
		stage2_table_destroy(s2);
	return ret;
}

void stage2_destroy(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;

	if (!s2->root)
		return;
	mmu_notifier_unregister(&s2->notifier, vm->mm);
	stage2_table_destroy(s2);
}
