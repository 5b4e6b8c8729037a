// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_USER_MEMORY_REGION: which memory of the process backs which guest physical
 * addresses.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/vm.h"
#include "memory/memslot.h"
#include "memory/slot-table.h"
#include "memory/stage2.h"

static size_t slot_pages(const struct memslot *slot)
{
	return slot->size >> PAGE_SHIFT;
}

/*
 * Replace the slot `old` by `new`; either may be NULL.  Frees old, but not its bitmap.  0 or
 * -ENOMEM.
 */
static int replace_slot(struct vm *vm, struct memslot *old, struct memslot *new)
{
	bool leaves = old && (!new || new->ipa != old->ipa);
	struct memslot_array *without = NULL, *with = NULL;

	if (leaves)
		without = slot_array_copy(vm, old, NULL);
	if (new)
		with = slot_array_copy(vm, old, new);
	if ((leaves && !without) || (new && !with)) {
		kfree(without);
		kfree(with);
		return -ENOMEM;
	}
	if (leaves) {
		/*
		 * First no fault finds the slot any more, then its pages are unmapped.  Until
		 * they are, the notifier finds them through the slot.
		 */
		spin_lock(&vm->stage2.lock);
		slot_array_publish(vm, without);
		spin_unlock(&vm->stage2.lock);
		stage2_unmap(vm, old->ipa, old->size);
	}
	spin_lock(&vm->stage2.lock);
	if (old)
		slot_untrack(vm, old);
	if (new) {
		slot_track(vm, new);
		slot_array_publish(vm, with);
	}
	spin_unlock(&vm->stage2.lock);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

static bool memslot_overlaps(const struct vm *vm, const struct memslot *except, u64 ipa, u64 size)
{
	const struct memslot *slot = slot_find_from(vm, ipa);

	if (slot && slot == except)
		slot = slot_find_from(vm, slot->ipa + slot->size);
	return slot && slot->ipa < ipa + size;
}

/*
 * A slot that the guest may write needs memory that the process may write.  What a driver has
 * mapped has no log.  This checks what is mapped now, as KVM always did.
 */
static int check_vmas(const struct memslot *wanted, bool log)
{
	unsigned long at = wanted->hva, end = wanted->hva + (unsigned long)wanted->size;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int ret = 0;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	while (at < end && (vma = find_vma(mm, at)) && vma->vm_start < end && !ret) {
		if (!wanted->readonly && !(vma->vm_flags & VM_WRITE))
			ret = -EPERM;
		else if (log && (vma->vm_flags & VM_PFNMAP))
			ret = -EINVAL;
		at = vma->vm_end;
	}
	mmap_read_unlock(mm);
	return ret;
}

static int memslot_delete(struct vm *vm, struct memslot *slot)
{
	unsigned long *dirty;
	int ret;

	if (!slot)
		return -EINVAL;
	dirty = slot->dirty;
	ret = replace_slot(vm, slot, NULL);
	if (!ret)
		kvfree(dirty);
	return ret;
}

/* slots.lock is held. */
static int memslot_change(struct vm *vm, const struct memslot *wanted, bool log)
{
	struct memslot *slot = slot_find_id(vm, wanted->id), *new;
	unsigned long *old_dirty = slot ? slot->dirty : NULL;
	int ret;

	if (!wanted->size)
		return memslot_delete(vm, slot);
	if (slot && (slot->size != wanted->size || slot->hva != wanted->hva ||
		     slot->readonly != wanted->readonly))
		return -EINVAL;
	if (slot && slot->ipa == wanted->ipa && log == !!old_dirty)
		return 0;
	if (memslot_overlaps(vm, slot, wanted->ipa, wanted->size))
		return -EEXIST;
	ret = check_vmas(wanted, log);
	if (ret)
		return ret;
	new = kmemdup(wanted, sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	ret = -ENOMEM;
	new->dirty = old_dirty;
	if (!log)
		new->dirty = NULL;
	else if (!old_dirty)
		new->dirty =
			kvcalloc(BITS_TO_LONGS(slot_pages(new)), sizeof(long), GFP_KERNEL_ACCOUNT);
	if (!log || new->dirty)
		ret = replace_slot(vm, slot, new);
	if (ret) {
		if (new->dirty != old_dirty)
			kvfree(new->dirty);
		kfree(new);
		return ret;
	}
	if (!log)
		kvfree(old_dirty);
	else if (!old_dirty) /* pages that it has had writable so far */
		stage2_protect(vm, new->ipa, new->ipa + new->size);
	return 0;
}

int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region)
{
	const struct memslot wanted = {
		.ipa = region->guest_phys_addr,
		.size = region->memory_size,
		.hva = region->userspace_addr,
		.id = region->slot,
		.readonly = region->flags & KVM_MEM_READONLY,
	};
	int ret;

	if (region->flags & ~(KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES))
		return -EINVAL;
	if ((wanted.ipa | wanted.size | region->userspace_addr) & ~PAGE_MASK)
		return -EINVAL;
	/* Bits [31:16] select an address space; only 0 exists. */
	if (region->slot >= KVM_ARMV7_MAX_MEMSLOTS)
		return -EINVAL;
	if (region->userspace_addr != wanted.hva || wanted.ipa + wanted.size < wanted.ipa ||
	    (u64)wanted.hva + wanted.size > TASK_SIZE ||
	    !access_ok((void __user *)wanted.hva, wanted.size))
		return -EINVAL;
	if (wanted.size && wanted.ipa + wanted.size > STAGE2_IPA_SIZE)
		return -EFAULT;

	if (mutex_lock_killable(&vm->slots.lock))
		return -EINTR;
	ret = memslot_change(vm, &wanted, region->flags & KVM_MEM_LOG_DIRTY_PAGES);
	mutex_unlock(&vm->slots.lock);
	return ret;
}
