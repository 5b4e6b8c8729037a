/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual machine's descriptor. */
#ifndef KVM_ARMV7_VM_FD_H
#define KVM_ARMV7_VM_FD_H

struct vm;

/* KVM_CREATE_VM: a new descriptor, or -errno. */
int vm_create(void);

/* The VM lives until its descriptor, and each vCPU's and device's, is closed. */
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);

#endif /* KVM_ARMV7_VM_FD_H */
