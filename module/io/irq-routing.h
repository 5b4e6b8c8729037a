/* SPDX-License-Identifier: GPL-2.0-only */
/* Which interrupt of the GIC a GSI is; only KVM_IRQFD uses GSIs. */
#ifndef KVM_ARMV7_IRQ_ROUTING_H
#define KVM_ARMV7_IRQ_ROUTING_H

#include <linux/compiler.h>
#include <linux/types.h>

/* KVM_CAP_IRQ_ROUTING: the entries that a table may have; GSIs are below it, too. */
#define IRQ_ROUTING_MAX 4096

struct kvm_irq_routing;
struct vm;

/*
 * KVM_SET_GSI_ROUTING: replace the table.  0, -EFAULT, -ENOMEM, or -EINVAL: a flag, more than
 * IRQ_ROUTING_MAX entries, a GSI above them or with two entries, a type that is neither
 * IRQCHIP nor MSI, or an irqchip or pin that a GICv2 does not have.  May sleep.
 */
int irq_routing_set(struct vm *vm, const struct kvm_irq_routing __user *user);
/*
 * The INTID of the SPI that gsi is routed to.  0 if there is none: no entry, or an MSI, which
 * a GICv2 cannot receive.  Any context.
 */
u32 irq_routing_intid(struct vm *vm, u32 gsi);
/* When the VM goes: nobody uses it any more. */
void irq_routing_vm_destroy(struct vm *vm);

#endif /* KVM_ARMV7_IRQ_ROUTING_H */
