/* SPDX-License-Identifier: GPL-2.0-only */
/* The dirty log: which pages of a slot the guest has written. */
#ifndef KVM_ARMV7_DIRTY_LOG_H
#define KVM_ARMV7_DIRTY_LOG_H

#include <linux/types.h>

struct kvm_clear_dirty_log;
struct kvm_dirty_log;
struct vm;

/*
 * KVM_GET_DIRTY_LOG and KVM_CLEAR_DIRTY_LOG.  -EINVAL for bad arguments, -ENOENT if the slot
 * has no log, -EFAULT (nothing is cleared then), -ENOMEM, -EINTR for a fatal signal.  Take
 * slots.lock; may sleep.
 */
int dirty_log_get(struct vm *vm, const struct kvm_dirty_log *log);
int dirty_log_clear(struct vm *vm, const struct kvm_clear_dirty_log *log);

/* KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 with this argument.  0 or -EINVAL.  Takes slots.lock. */
int dirty_log_set_manual(struct vm *vm, u64 flags);

#endif /* KVM_ARMV7_DIRTY_LOG_H */
