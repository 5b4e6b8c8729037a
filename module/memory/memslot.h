/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory slots. */
#ifndef KVM_ARMV7_MEMSLOT_H
#define KVM_ARMV7_MEMSLOT_H

#include <linux/types.h>

struct kvm_userspace_memory_region;
struct memslot;
struct vm;

/*
 * KVM_SET_USER_MEMORY_REGION.  As KVM's documentation says, a slot can be created, moved
 * or deleted (size 0), but neither resized nor made read-only later.  -EINVAL for that and
 * for bad arguments, -EFAULT beyond the IPA space, -EEXIST if slots overlap.  Takes
 * slots_lock; may sleep.
 */
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region);

/* The slot that contains ipa, or NULL.  The caller holds slots_lock. */
const struct memslot *memslot_find(const struct vm *vm, u64 ipa);

#endif /* KVM_ARMV7_MEMSLOT_H */
