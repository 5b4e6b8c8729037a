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

/* The caller of all that follow holds vgic->lock. */

/* irq->enabled has changed. */
void vgic_hyp_note_enabled(struct vcpu *vcpu, const struct vgic_irq *irq);
/* Whether and how the distributor forwards vcpu's SGI or PPI may have changed. */
void vgic_hyp_note_private(struct vcpu *vcpu, const struct vgic_irq *irq);

#endif /* KVM_ARMV7_VGIC_HYP_H */
