/* SPDX-License-Identifier: GPL-2.0-only */
/* Files under /sys/kernel/debug/kvm.  Nothing fails, or fails to load, without debugfs. */
#ifndef KVM_ARMV7_DEBUGFS_H
#define KVM_ARMV7_DEBUGFS_H

struct vcpu;
struct vm;

void vm_debugfs_init(void);
void vm_debugfs_exit(void);
void vm_debugfs_create(struct vm *vm, int fd);
void vm_debugfs_remove(struct vm *vm);
void vcpu_debugfs_create(struct vcpu *vcpu);

#endif /* KVM_ARMV7_DEBUGFS_H */
