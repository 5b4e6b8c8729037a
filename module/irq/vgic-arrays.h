/* SPDX-License-Identifier: GPL-2.0-only */
/* The distributor's registers that have a few bits for each interrupt. */
#ifndef KVM_ARMV7_VGIC_ARRAYS_H
#define KVM_ARMV7_VGIC_ARRAYS_H

#include <linux/types.h>

struct vcpu;
struct vgic_irq;
struct vm;

/*
 * An array of registers.  read and write handle one interrupt's bits, vgic->lock held.
 * write returns whether it has changed something.
 */
struct vgic_array {
	u16 start;
	u16 end;    /* with 1024 interrupts */
	u8 bits;    /* for each interrupt */
	bool pause; /* needs what is in list registers */
	bool ones;  /* only bits that are 1 do something */
	/*
	 * If the bit is a bool of struct vgic_irq: its offset, which is not 0.  With `ones`,
	 * a 1 makes it `to`, and does nothing where it is.
	 */
	u8 flag;
	bool to;
	u32 (*read)(struct vcpu *vcpu, struct vgic_irq *irq); /* or flag */
	bool (*write)(struct vcpu *vcpu, struct vgic_irq *irq, u32 value);
	bool (*user_write)(struct vcpu *vcpu, struct vgic_irq *irq, u32 value); /* or write */
};

/* The array that has a register at that offset, or NULL. */
const struct vgic_array *vgic_array_find(u32 offset);
/* Does an interrupt of the VM have bits there?  Without an initialized GIC, SGIs and PPIs do. */
bool vgic_array_has(struct vm *vm, const struct vgic_array *array, u32 offset);
/*
 * Before an access to an array with `pause`: bring back what list registers hold of the
 * interrupts.  False: a vCPU that has one of them is in the guest.  The caller holds vgic->lock.
 */
bool vgic_array_settle(struct vcpu *vcpu, const struct vgic_array *array, u32 offset,
		       unsigned int len);
/*
 * An access of len bytes; offset is aligned to it.  Returns what a read finds.  The caller
 * holds vgic->lock; if array->pause, vgic_array_settle() has returned true, or no vCPU is in the
 * guest and vgic_fold() has been called for each.
 */
u32 vgic_array_access(struct vcpu *vcpu, const struct vgic_array *array, u32 offset,
		      unsigned int len, bool write, bool user, u32 value);

#endif /* KVM_ARMV7_VGIC_ARRAYS_H */
