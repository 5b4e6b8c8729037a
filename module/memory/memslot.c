// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_USER_MEMORY_REGION: which memory of the process backs which guest physical
 * addresses.
 */
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core/vm.h"
#include "memory/memslot.h"
#include "memory/slot-table.h"
#include "memory/stage2.h"

/* Replace the slot `old` by `new`; either may be NULL.  Frees old.  0 or -ENOMEM. */
static int replace_slot(struct vm *vm, struct memslot *old, struct memslot *new)
{
	struct memslot_array *without = NULL, *with = NULL;

	if (old)
		without = slot_array_copy(vm, old, NULL);
	if (new)
		with = slot_array_copy(vm, old, new);
	if ((old && !without) || (new && !with)) {
		kfree(without);
		kfree(with);
		return -ENOMEM;
	}
	if (old) {
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

/* slots.lock is held. */
static int memslot_change(struct vm *vm, const struct memslot *wanted)
{
	struct memslot *slot = slot_find_id(vm, wanted->id), *new;
	int ret;

	if (!wanted->size)
		return slot ? replace_slot(vm, slot, NULL) : -EINVAL;
	if (slot && (slot->size != wanted->size || slot->hva != wanted->hva ||
		     slot->readonly != wanted->readonly))
		return -EINVAL;
	if (slot && slot->ipa == wanted->ipa)
		return 0;
	if (memslot_overlaps(vm, slot, wanted->ipa, wanted->size))
		return -EEXIST;
	new = kmemdup(wanted, sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	ret = replace_slot(vm, slot, new);
	if (ret)
		kfree(new);
	return ret;
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

	if (region->flags & ~KVM_MEM_READONLY)
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
	ret = memslot_change(vm, &wanted);
	mutex_unlock(&vm->slots.lock);
	return ret;
}
