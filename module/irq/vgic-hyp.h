/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What HYP knows of the distributor, struct hyp_gicd, so that it can serve some accesses and raise
 * some interrupts itself.  The copies are in the pages of all vCPUs, running or not.
 */
#ifndef KVM_ARMV7_VGIC_HYP_H
#define KVM_ARMV7_VGIC_HYP_H

#include "core/vm.h"

/* The slow half of vgic_hyp_begin_run(). */
void vgic_hyp_show(struct vcpu *vcpu);

/* Before the guest runs: from now on HYP serves, and the copies are kept up to date. */
static inline void vgic_hyp_begin_run(struct vcpu *vcpu)
{
	if (unlikely(!vcpu->hyp->gicd.page) && vcpu->vm->vgic.cpu_mapped)
		vgic_hyp_show(vcpu);
}

/* Part of making and destroying a VM's GIC.  0 or -ENOMEM; may sleep. */
int vgic_hyp_init(struct vgic *vgic);
void vgic_hyp_destroy(struct vgic *vgic);

/* The caller of all that follow holds vgic->lock. */

/*
 * Enable or disable irq for an access of vcpu.  True if it has to be updated: it was not so
 * before, or HYP has made it so and found that it is busy.
 */
bool vgic_hyp_set_enabled(struct vcpu *vcpu, struct vgic_irq *irq, bool on);
/* Whether and how the distributor forwards vcpu's SGI or PPI may have changed. */
void vgic_hyp_note_private(struct vcpu *vcpu, const struct vgic_irq *irq);

/* irq, an SPI, is pending: before anything depends on whether it is enabled. */
static inline void vgic_hyp_set_busy(struct vgic *vgic, u32 intid)
{
	u32 *word = &vgic->hyp->busy[intid / 32];

	WRITE_ONCE(*word, *word | BIT(intid % 32));
	smp_mb(); /* pairs with change_enabled() in hyp/gicd.c */
}

/* It is not pending, and in no queue and no list register. */
static inline void vgic_hyp_clear_busy(struct vgic *vgic, u32 intid)
{
	u32 *word = &vgic->hyp->busy[intid / 32];

	WRITE_ONCE(*word, *word & ~BIT(intid % 32));
}

#endif /* KVM_ARMV7_VGIC_HYP_H */
