// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MMU notifier: what the process loses, the guest loses.
 */
#include <linux/mmu_notifier.h>

#include "core/vm.h"
#include "memory/slot-table.h"
#include "memory/stage2-notifier.h"
#include "memory/stage2-table.h"
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
	/* Pairs with stage2_fault(): with the new sequence it sees the process's new tables. */
	smp_store_release(&s2->sequence, s2->sequence + 1);
	s2->invalidating--;
	spin_unlock(&s2->lock);
}

/* The address space is destroyed: remove what is left of it from the tables. */
static void stage2_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	stage2_unmap(vm_of(mn), 0, STAGE2_IPA_SIZE);
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
