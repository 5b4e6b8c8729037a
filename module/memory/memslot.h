/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory slots. */
#ifndef KVM_ARMV7_MEMSLOT_H
#define KVM_ARMV7_MEMSLOT_H

#include <linux/types.h>

struct kvm_userspace_memory_region;
struct memslot;
struct vm;

/*
 * KVM_SET_USER_MEMORY_REGION.  As the documentation has it, a slot can be created,
 * moved or deleted (size 0), but neither resized nor made read-only later.  -EINVAL for
 * that and for bad arguments, -EFAULT beyond the IPA space, -EEXIST where slots overlap.
 */
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region);

/* The slot of an address, or NULL; the caller holds slots_lock. */
const struct memslot *memslot_find(const struct vm *vm, u64 ipa);

#endif /* KVM_ARMV7_MEMSLOT_H */
