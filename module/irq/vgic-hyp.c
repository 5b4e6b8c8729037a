// SPDX-License-Identifier: GPL-2.0-only
/*
 * The copies of the distributor's state that HYP reads: hyp/gicd.c, hyp/raise.c.  Each is one word,
 * written whole, before the access that changed it returns to its guest; so HYP sees what the
 * kernel would have seen with vgic->lock held, a moment earlier or later.
 */
#include "irq/vgic-dist.h"
#include "irq/vgic-hyp.h"
#include "irq/vgic.h"

static void note_on(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	u32 *word = &vcpu->hyp_page->gicd.enabled[irq->intid / 32], bit = BIT(irq->intid % 32);

	WRITE_ONCE(*word, irq->enabled ? *word | bit : *word & ~bit);
}

/* An SPI is the same for all vCPUs. */
void vgic_hyp_note_enabled(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	struct vm *vm = vcpu->vm;
	u32 n;

	lockdep_assert_held(&vm->vgic.lock);
	if (irq->intid < VGIC_NR_PRIVATE) {
		note_on(vcpu, irq);
		return;
	}
	for (n = 0; n < vm->vgic.end_id; n++)
		if (vm->vcpus[n])
			note_on(vm->vcpus[n], irq);
}

/*
 * The list register that makes irq pending, if it is not pending or active already; HYP finds that
 * out from its list registers.
 */
static u32 pending_lr(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	u32 lr = irq->intid | GICH_LR_PENDING |
		 (u32)(irq->priority >> 3) << GICH_LR_PRIORITY_SHIFT;

	if (!irq->enabled || !(vcpu->vm->vgic.ctlr >> irq->group1 & 1))
		return 0;
	if (irq->group1)
		lr |= GICH_LR_GROUP1;
	if (irq->intid < VGIC_NR_SGIS)
		return lr | vcpu->id << GICH_LR_PHYSID_SHIFT;
	return lr | GICH_LR_HW | (u32)irq->hwirq << GICH_LR_PHYSID_SHIFT;
}

void vgic_hyp_note_private(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	struct hyp_gicd *gicd = &vcpu->hyp_page->gicd;

	lockdep_assert_held(&vcpu->vm->vgic.lock);
	if (irq->intid < VGIC_NR_SGIS)
		WRITE_ONCE(gicd->sgi_lr[irq->intid], pending_lr(vcpu, irq));
	else if (irq->intid == vcpu->timer.intid)
		WRITE_ONCE(gicd->timer_lr, pending_lr(vcpu, irq));
}

/* The interrupts of one GICD_ISENABLER. */
static u32 enabled_word(struct vcpu *vcpu, u32 first)
{
	u32 end = min(first + 32, vcpu->vm->vgic.nr_irqs), word = 0, n;

	for (n = first; n < min_t(u32, end, VGIC_FIRST_RESERVED); n++)
		if (vgic_get_irq(vcpu->vm, vcpu, n)->enabled)
			word |= BIT(n % 32);
	return word;
}

void vgic_hyp_show(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct hyp_gicd *gicd = &vcpu->hyp->gicd;
	u32 n;

	BUILD_BUG_ON(HYP_GICD_WORDS * 32 != VGIC_MAX_IRQS);
	BUILD_BUG_ON(HYP_GICD_SGIS != VGIC_NR_SGIS);
	for (n = 0; n < vgic->nr_irqs; n += 32) {
		raw_spin_lock_irq(&vgic->lock);
		gicd->enabled[n / 32] = enabled_word(vcpu, n);
		raw_spin_unlock_irq(&vgic->lock);
	}
	raw_spin_lock_irq(&vgic->lock);
	for (n = 0; n < VGIC_NR_PRIVATE; n++)
		vgic_hyp_note_private(vcpu, &vcpu->vgic.irqs[n]);
	raw_spin_unlock_irq(&vgic->lock);
	gicd->typer = vgic->typer;
	gicd->iidr = GICD_IIDR_KVM;
	gicd->page = (u32)(vgic->dist_base >> 8) | HYP_GICD_PAGE_VALID;
}
