/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's descriptor. */
#ifndef KVM_ARMV7_VCPU_FD_H
#define KVM_ARMV7_VCPU_FD_H

#include <linux/types.h>

struct vcpu;
struct vm;

/* What its descriptor maps: struct kvm_run, and the ring of coalesced MMIO. */
#define VCPU_MMAP_PAGES 2u

/* KVM_CREATE_VCPU: a new descriptor, or -errno (docs/uapi.md).  Takes vm->lock. */
int vcpu_create(struct vm *vm, u32 id);

/*
 * vCPU 0 of a VM of vm_new(), without a descriptor.  ERR_PTR(-ENOMEM), or -EEXIST if it has
 * one.  Takes vm->lock.
 */
struct vcpu *vcpu_new(struct vm *vm);

/* Only when the VM is destroyed: until then other threads may use the vCPU's pointer. */
void vcpu_destroy(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VCPU_FD_H */
