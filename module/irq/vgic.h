/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual GICv2 (Arm IHI 0048B): the distributor in software, the CPU interface
 * in hardware (GICV mapped to the guest, list registers in GICH).
 */
#ifndef KVM_ARMV7_VGIC_H
#define KVM_ARMV7_VGIC_H

#include "core/vgic-state.h"

/* The interrupt intid, of vcpu if it is an SGI or PPI; NULL if there is none. */
struct vgic_irq *vgic_get_irq(struct vm *vm, struct vcpu *vcpu, u32 intid);
/* The vCPU that irq targets; NULL for an SPI without a target.  owner: as in vgic_update(). */
struct vcpu *vgic_target(struct vm *vm, struct vcpu *owner, const struct vgic_irq *irq);
/*
 * After any field of irq changed: put it into the right queue.  owner is the vCPU whose
 * SGI or PPI it is; SPIs ignore it.  The caller holds vgic->lock, with interrupts off.
 */
void vgic_update(struct vm *vm, struct vcpu *owner, struct vgic_irq *irq);
/*
 * Bring the state of interrupts back from the list registers of a vCPU that is not in the
 * guest.  The caller holds vgic->lock, with interrupts off.
 */
void vgic_fold(struct vcpu *vcpu);
/*
 * The same, unless that vCPU is in the guest: then it does so when it comes back, and this is
 * false.
 */
bool vgic_settle(struct vcpu *vcpu);
/* The guest ended irq, which it had taken on vcpu: vgic_update(), after any notifiers. */
void vgic_ended(struct vcpu *vcpu, struct vgic_irq *irq);
/*
 * A device of user space drives its line: the level matters; for edge interrupts each high level
 * is an edge, also if the line is high.  vcpu: for PPIs.  0, -ENXIO if the GIC is not initialized,
 * or -EINVAL for an SGI, an INTID that does not exist, or one that belongs to a timer or a PMU.
 * Any context.
 */
int vgic_inject_irq(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level);
/*
 * From now on the interrupt belongs to a timer or a PMU, whose line has that level, and only
 * vgic_set_own_line() changes it.  If hwirq is not 0 it is linked to that physical interrupt:
 * the guest's EOI deactivates both.  0, -EINVAL if there is no such interrupt, -EEXIST if it
 * belongs to another one.  The caller holds vgic->lock, with interrupts off.
 */
int vgic_own_irq(struct vcpu *vcpu, u32 intid, u32 hwirq, bool level);
/* The reverse, and the line is low.  The caller holds vgic->lock, with interrupts off. */
void vgic_disown_irq(struct vcpu *vcpu, u32 intid);
/*
 * A timer or a PMU of vcpu drives the line of its interrupt, which is read from *intid with
 * vgic->lock held: timer_irqs_set() may change it.  Before the GIC is initialized, and in a VM
 * that has none, the line just keeps its level.  True if it changes.  Any context.
 */
bool vgic_set_own_line(struct vcpu *vcpu, const u32 *intid, bool level);
/* As GICD_ISPENDR shows it; without a request that is in a list register. */
static inline bool vgic_irq_is_pending(const struct vgic_irq *irq)
{
	return irq->pending_latch || irq->sources || (!irq->edge && irq->line_level);
}

/* HYP may change it for an SPI that is not pending, at any time: see struct hyp_gicd_vm. */
static inline bool vgic_is_enabled(const struct vgic *vgic, const struct vgic_irq *irq)
{
	if (irq->intid < VGIC_NR_PRIVATE)
		return irq->enabled;
	return READ_ONCE(vgic->hyp->enabled[irq->intid / 32]) >> irq->intid % 32 & 1;
}

/* Pending, enabled, and GICD_CTLR forwards its group. */
static inline bool vgic_deliverable(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return vgic_is_enabled(vgic, irq) && vgic->ctlr >> irq->group1 & 1 &&
	       vgic_irq_is_pending(irq);
}

#endif /* KVM_ARMV7_VGIC_H */
