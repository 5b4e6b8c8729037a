/* SPDX-License-Identifier: GPL-2.0-only */
/* What a vCPU's run needs of its list registers.  Only the vCPU's own thread calls these. */
#ifndef KVM_ARMV7_VGIC_LR_H
#define KVM_ARMV7_VGIC_LR_H

#include "core/vm.h"

/* The slow halves of the functions below. */
void vgic_lr_fill(struct vcpu *vcpu);
void vgic_lr_sync(struct vcpu *vcpu);
void vgic_lr_put(struct vcpu *vcpu);

/* Before the guest runs: bring the list registers up to date.  Interrupts are off. */
static inline void vgic_flush(struct vcpu *vcpu)
{
	if (READ_ONCE(vcpu->vgic.stale))
		vgic_lr_fill(vcpu);
}

/* What the guest has changed in the list registers that we filled, and what it has ended; or 0. */
static inline u32 vgic_lr_changes(const struct vcpu *vcpu)
{
	const struct hyp_vgic *hw = &vcpu->hyp->vgic;
	const u32 *lr = hw->lr, *was = vcpu->vgic.lr, *end = lr + hw->kernel_lrs;
	u32 changes = GICH_HCR_EOICOUNT(hw->hcr);

	while (lr != end)
		changes |= *lr++ ^ *was++;
	return changes;
}

/* After it: note what the guest did.  On the same CPU, interrupts still off. */
static inline void vgic_sync(struct vcpu *vcpu)
{
	const struct hyp_vgic *hw = &vcpu->hyp->vgic;

	if (!hw->used_lrs && !(hw->hcr & GICH_HCR_LRENPIE))
		return;
	if (vgic_lr_changes(vcpu) | (hw->used_lrs ^ hw->kernel_lrs))
		vgic_lr_sync(vcpu);
}

/*
 * After in_guest was cleared: give back list registers that became wrong since vgic_sync().
 * The vCPU may stay out of the guest for long, and another one may have to deliver them.
 */
static inline void vgic_put(struct vcpu *vcpu)
{
	if (!READ_ONCE(vcpu->hyp->vgic.used_lrs))
		return;
	smp_mb(); /* pairs with vgic_settle(): it sees that in_guest fell, or we see stale */
	if (READ_ONCE(vcpu->vgic.stale))
		vgic_lr_put(vcpu);
}

/*
 * Is an interrupt pending that ends WFI: more urgent than GICC_PMR, not active?  Takes no
 * lock.  The caller waits on vcpu->wait, which vcpu_kick() wakes after each change.
 */
bool vgic_pending(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VGIC_LR_H */
