/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual machine's descriptor. */
#ifndef KVM_ARMV7_VM_FD_H
#define KVM_ARMV7_VM_FD_H

struct vm;

/* KVM_CREATE_VM: a new descriptor, or -errno. */
int vm_create(void);

/*
 * A VM of the current process that has no descriptor.  The caller has the only reference.
 * ERR_PTR(-ENOMEM), or -EINTR for a fatal signal.
 */
struct vm *vm_new(void);

/*
 * Each descriptor, the VM's own, a vCPU's or a device's, holds a reference.  The last
 * vm_put() destroys the VM and may sleep.
 */
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);

#endif /* KVM_ARMV7_VM_FD_H */
