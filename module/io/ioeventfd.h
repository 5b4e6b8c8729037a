/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's write to an address signals an eventfd, without leaving the kernel. */
#ifndef KVM_ARMV7_IOEVENTFD_H
#define KVM_ARMV7_IOEVENTFD_H

#include <linux/types.h>

struct kvm_ioeventfd;
struct vm;

/*
 * KVM_IOEVENTFD, both ways.  0, or -EINVAL: a flag, length or end of the range that does not
 * exist, or not an eventfd; -EBADF; -EEXIST: another ioeventfd would take the same write;
 * -ENOENT: there is none to deassign; -ENOSPC; -ENOMEM.  May sleep.
 */
int ioeventfd_set(struct vm *vm, const struct kvm_ioeventfd *args);
/* A guest writes the lowest len bytes of value to addr.  True if that has signalled an eventfd. */
bool ioeventfd_write(struct vm *vm, u64 addr, u32 len, u64 value);
/* When the VM goes: none of its vCPUs runs any more. */
void ioeventfd_vm_destroy(struct vm *vm);

#endif /* KVM_ARMV7_IOEVENTFD_H */
