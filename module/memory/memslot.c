// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory slots: which memory of the process backs which guest physical addresses.
 */
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "core/vm.h"
#include "memory/memslot.h"
#include "memory/stage2.h"

const struct memslot *memslot_find(const struct vm *vm, u64 ipa)
{
	const struct memslot *slot;

	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++)
		if (ipa >= slot->ipa && ipa - slot->ipa < slot->size)
			return slot;
	return NULL;
}

static bool memslot_overlaps(const struct vm *vm, const struct memslot *except, u64 ipa, u64 size)
{
	const struct memslot *slot;

	for (slot = vm->slots; slot < vm->slots + KVM_ARMV7_MAX_MEMSLOTS; slot++)
		if (slot != except && slot->size && ipa < slot->ipa + slot->size &&
		    slot->ipa < ipa + size)
			return true;
	return false;
}

int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region)
{
	struct memslot *slot, wanted = {
		.ipa = region->guest_phys_addr,
		.size = region->memory_size,
		.hva = region->userspace_addr,
		.readonly = region->flags & KVM_MEM_READONLY,
	};
	int ret = 0;

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

	down_write(&vm->slots_lock);
	slot = &vm->slots[array_index_nospec(region->slot, KVM_ARMV7_MAX_MEMSLOTS)];
	if (!wanted.size) {
		if (!slot->size)
			ret = -EINVAL;
		memset(&wanted, 0, sizeof(wanted));
	} else if (slot->size && (slot->size != wanted.size || slot->hva != wanted.hva ||
				  slot->readonly != wanted.readonly)) {
		ret = -EINVAL;
	} else if (memslot_overlaps(vm, slot, wanted.ipa, wanted.size)) {
		ret = -EEXIST;
	}
	if (!ret) {
		/*
		 * Unmap before the slot changes: stage2_invalidate_start() finds the
		 * pages through the slot until they are out of the tables.  Nothing
		 * maps them again meanwhile, because that takes slots_lock.
		 */
		if (slot->size)
			stage2_unmap(vm, slot->ipa, slot->size);
		/* stage2_invalidate_start() reads slots under this lock only */
		spin_lock(&vm->stage2.lock);
		*slot = wanted;
		spin_unlock(&vm->stage2.lock);
	}
	up_write(&vm->slots_lock);
	return ret;
}
