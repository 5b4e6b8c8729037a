// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MMU notifier: what the process loses, the guest loses; and what the guest uses, the
 * host sees used.
 */
#include <linux/mmu_notifier.h>

#include "compat/compat.h"
#include "core/vm.h"
#include "memory/slot-table.h"
#include "memory/stage2-notifier.h"
#include "memory/stage2-table.h"
#include "memory/stage2-tlb.h"
#include "memory/stage2.h"

static struct vm *vm_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct vm, stage2.notifier);
}

/*
 * The process loses the pages of [start, end), and so does the guest.  A slot that changes
 * while stage2_unmap_range() drops the lock makes this begin again, which skips what is
 * unmapped: no fault maps a page until the invalidation has ended.
 */
static int stage2_invalidate_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = vm_of(mn);
	struct stage2 *s2 = &vm->stage2;
	struct slot_part part;
	bool more;

	spin_lock(&s2->lock);
	s2->invalidating++;
	for (more = slot_part_first(vm, range->start, range->end, &part); more;
	     more = slot_part_next(vm, range->start, range->end, &part))
		stage2_unmap_range(s2, part.ipa, part.end, mmu_notifier_range_blockable(range));
	spin_unlock(&s2->lock);
	return 0;
}

static void stage2_invalidate_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct stage2 *s2 = &vm_of(mn)->stage2;

	spin_lock(&s2->lock);
	/* Pairs with fault_on_slot(): with the new sequence it sees the process's new tables. */
	smp_store_release(&s2->sequence, s2->sequence + 1);
	s2->invalidating--;
	spin_unlock(&s2->lock);
	if (wq_has_sleeper(&s2->invalidated))
		wake_up_all(&s2->invalidated);
}

/*
 * Has the guest accessed a page of [start, end) since the Access flag was cleared?  The guest's
 * next access to a page without it faults, which stage2_fault() serves from the entry alone.
 * A block has one flag: the host asks for the age of a huge page, not of its parts.
 * The range is at most a huge page of the process, and the caller holds a spinlock.
 */
static bool stage2_age(struct vm *vm, unsigned long start, unsigned long end, bool clear)
{
	struct stage2 *s2 = &vm->stage2;
	struct slot_part part;
	bool young = false, more;
	desc_t *entry, value;

	spin_lock(&s2->lock);
	for (more = slot_part_first(vm, start, end, &part); more && (clear || !young);
	     more = slot_part_next(vm, start, end, &part)) {
		for (; (entry = stage2_next_entry(s2, &part.ipa, part.end));
		     part.ipa = stage2_entry_end(value, part.ipa)) {
			value = desc_read(entry);
			if (!stage2_is_memory(value) || !(value & DESC_AF))
				continue;
			young = true;
			if (clear)
				desc_write(entry, value & ~DESC_AF);
		}
	}
	spin_unlock(&s2->lock);
	return young;
}

static compat_young_t stage2_clear_flush_young(struct mmu_notifier *mn, struct mm_struct *mm,
					       unsigned long start, unsigned long end)
{
	struct vm *vm = vm_of(mn);
	bool young = stage2_age(vm, start, end, true);

	if (young)
		stage2_flush_tlb(&vm->stage2);
	return young;
}

/*
 * Without TLB maintenance, which ARMv7 has for a whole VMID only: as long as a TLB holds the
 * translation, the page may look idle although it is used.  The caller knows that.
 */
static compat_young_t stage2_clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
					 unsigned long start, unsigned long end)
{
	return stage2_age(vm_of(mn), start, end, true);
}

static compat_young_t stage2_test_young(struct mmu_notifier *mn, struct mm_struct *mm,
					unsigned long addr)
{
	return stage2_age(vm_of(mn), addr, addr + PAGE_SIZE, false);
}

/* The address space is destroyed: remove what is left of it from the tables. */
static void stage2_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	stage2_unmap(vm_of(mn), 0, STAGE2_IPA_SIZE);
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = stage2_invalidate_start,
	.invalidate_range_end = stage2_invalidate_end,
	.clear_flush_young = stage2_clear_flush_young,
	.clear_young = stage2_clear_young,
	.test_young = stage2_test_young,
	.release = stage2_release,
};

int stage2_init(struct vm *vm)
{
	struct stage2 *s2 = &vm->stage2;
	int ret;

	spin_lock_init(&s2->lock);
	init_waitqueue_head(&s2->invalidated);
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
