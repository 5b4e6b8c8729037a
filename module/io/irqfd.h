/* SPDX-License-Identifier: GPL-2.0-only */
/* A signal on an eventfd is an interrupt for the guest. */
#ifndef KVM_ARMV7_IRQFD_H
#define KVM_ARMV7_IRQFD_H

#include <linux/types.h>

struct kvm_irqfd;
struct vm;

/* Part of making and destroying a VM; the latter while its GIC and vCPUs still exist. */
void irqfd_vm_init(struct vm *vm);
void irqfd_vm_destroy(struct vm *vm);
/*
 * KVM_IRQFD, both ways.  0, or -EINVAL: a flag that does not exist, or not an eventfd;
 * -EBADF; -EAGAIN: the VM's GIC is not initialized; -EBUSY: the eventfd is an irqfd of the VM
 * already; -ENOMEM.  May sleep.
 */
int irqfd_set(struct vm *vm, const struct kvm_irqfd *args);

#endif /* KVM_ARMV7_IRQFD_H */
