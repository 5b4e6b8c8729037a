/* SPDX-License-Identifier: GPL-2.0-only */
/* Tell a device that the guest has ended its level-sensitive SPI. */
#ifndef KVM_ARMV7_VGIC_EOI_H
#define KVM_ARMV7_VGIC_EOI_H

#include <linux/list.h>
#include <linux/types.h>

struct vcpu;
struct vm;

/* As the intid of a notifier: every SPI. */
#define VGIC_EOI_ANY 0

/*
 * ended() runs in the thread of the vCPU whose guest has written GICC_EOIR (or GICC_DIR),
 * after the exit that shows it and before that thread does anything else: interrupts and
 * preemption are on, no spinlock and no mutex of the module but vcpu->mutex is held.  It
 * may sleep, inject interrupts and signal eventfds; it must not add or remove notifiers.
 * Until it returns the SPI is not delivered again, so that a device that lowers its line
 * in ended() causes no spurious interrupt, and one that leaves it high causes a new one.
 *
 * An SPI is ended once for each time that the guest took it.  GICD_ICACTIVER is no end:
 * the guest takes the interrupt again if the line is high.
 */
struct vgic_eoi_notifier {
	struct hlist_node link; /* the vgic's */
	u32 intid;		/* at least VGIC_NR_PRIVATE, or VGIC_EOI_ANY */
	void (*ended)(struct vgic_eoi_notifier *notifier, u32 intid);
};

/*
 * Several notifiers may name one INTID, also one that the GIC does not have: it never ends.
 * 0, or -EINVAL if intid is no SPI's.  The caller owns *notifier.  May sleep.
 */
int vgic_eoi_notifier_add(struct vm *vm, struct vgic_eoi_notifier *notifier);
/* When it returns, ended() is not running and will not be called.  May sleep. */
void vgic_eoi_notifier_remove(struct vm *vm, struct vgic_eoi_notifier *notifier);

/*
 * After vgic_sync(), if vcpu->vgic.nr_ended is not 0: call the notifiers.  In the vCPU's
 * thread; may sleep.
 */
void vgic_eoi_notify(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VGIC_EOI_H */
