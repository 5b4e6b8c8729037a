/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_CHECK_EXTENSION and KVM_ENABLE_CAP. */
#ifndef KVM_ARMV7_CAPABILITIES_H
#define KVM_ARMV7_CAPABILITIES_H

struct kvm_enable_cap;
struct vm;

/* The answer to KVM_CHECK_EXTENSION: 0 for an extension that is not offered or not known. */
int kvm_check_extension(unsigned long extension);

/* 0, or -EINVAL: no such capability, flags or arguments that it does not have. */
int vm_enable_cap(struct vm *vm, const struct kvm_enable_cap *cap);

#endif /* KVM_ARMV7_CAPABILITIES_H */
