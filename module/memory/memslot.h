/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_SET_USER_MEMORY_REGION. */
#ifndef KVM_ARMV7_MEMSLOT_H
#define KVM_ARMV7_MEMSLOT_H

struct kvm_userspace_memory_region;
struct vm;

/*
 * As KVM's documentation says, a slot can be created, moved, deleted (size 0) or given a
 * dirty log, but neither resized nor made read-only later.  -EINVAL for that and for bad
 * arguments, -EFAULT beyond the IPA space, -EEXIST if slots overlap, -EPERM if the process
 * may not write what the guest may, -ENOMEM, -EINTR for a fatal signal.  Takes slots.lock;
 * may sleep.
 */
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region);

#endif /* KVM_ARMV7_MEMSLOT_H */
