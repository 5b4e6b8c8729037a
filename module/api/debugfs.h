/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files under /sys/kernel/debug/kvm.  A kernel without debugfs has no files; no function
 * here fails for it.  All may sleep.
 */
#ifndef KVM_ARMV7_DEBUGFS_H
#define KVM_ARMV7_DEBUGFS_H

struct vcpu;
struct vm;

void vm_debugfs_init(void);
void vm_debugfs_exit(void);
/* fd: the VM's descriptor, for the name.  Before user space can use it. */
void vm_debugfs_create(struct vm *vm, int fd);
/* Waits for readers, which use the vCPUs. */
void vm_debugfs_remove(struct vm *vm);
void vcpu_debugfs_create(struct vcpu *vcpu);

#endif /* KVM_ARMV7_DEBUGFS_H */
