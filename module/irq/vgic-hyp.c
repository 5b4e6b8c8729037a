// SPDX-License-Identifier: GPL-2.0-only
/*
 * The distributor's state that HYP knows, hyp/gicd.c and hyp/raise.c: what both change, and copies
 * that HYP reads.  Each copy is one word, written whole, before the access that changed it returns
 * to its guest; so HYP sees what the kernel would have seen with vgic->lock held, a moment earlier
 * or later.
 */
#include "irq/vgic-dist.h"
#include "irq/vgic-hyp.h"
#include "irq/vgic.h"
#include "machine/hyp-map.h"

int vgic_hyp_init(struct vgic *vgic)
{
	u32 n;

	BUILD_BUG_ON(HYP_GICD_WORDS * 32 != VGIC_MAX_IRQS);
	vgic->hyp = vgic->hyp ?: hyp_page_alloc(&vgic->hyp_va);
	if (!vgic->hyp)
		return -ENOMEM;
	for (n = 0; n < HYP_GICD_WORDS; n++)
		vgic->hyp->busy[n] = n && n < vgic->nr_irqs / 32 ? 0 : ~0u;
	vgic->hyp->busy[HYP_GICD_WORDS - 1] |= ~0u << VGIC_FIRST_RESERVED % 32;
	return 0;
}

void vgic_hyp_destroy(struct vgic *vgic)
{
	if (vgic->hyp)
		hyp_page_free(vgic->hyp, vgic->hyp_va);
}

static bool set_private(struct vcpu *vcpu, struct vgic_irq *irq, bool on)
{
	struct hyp_gicd *gicd = &vcpu->hyp_page->gicd;
	u32 bit = BIT(irq->intid);

	if (irq->enabled == on)
		return false;
	irq->enabled = on;
	WRITE_ONCE(gicd->enabled, on ? gicd->enabled | bit : gicd->enabled & ~bit);
	return true;
}

/* HYP changes other bits of the word meanwhile. */
static bool set_shared(struct vgic *vgic, u32 intid, bool on)
{
	unsigned long *word = (unsigned long *)&vgic->hyp->enabled[intid / 32];

	return on ? !test_and_set_bit(intid % 32, word) : test_and_clear_bit(intid % 32, word);
}

bool vgic_hyp_set_enabled(struct vcpu *vcpu, struct vgic_irq *irq, bool on)
{
	lockdep_assert_held(&vcpu->vm->vgic.lock);
	if (irq->intid < VGIC_NR_PRIVATE)
		return set_private(vcpu, irq, on);
	return vcpu->hyp->gicd.written || set_shared(&vcpu->vm->vgic, irq->intid, on);
}

/*
 * The list register that makes irq pending, if it is not pending or active already; HYP finds that
 * out from its list registers.
 */
static u32 pending_lr(struct vcpu *vcpu, const struct vgic_irq *irq)
{
	u32 lr = irq->intid | GICH_LR_PENDING | (u32)(irq->priority >> 3) << GICH_LR_PRIORITY_SHIFT;

	if (!irq->enabled || !(vcpu->vm->vgic.ctlr >> irq->group1 & 1))
		return 0;
	/*
	 * Before the first run the physical timer may have the virtual one's PPI.  HYP would make
	 * another physical interrupt active than the timer's.
	 */
	if (irq->intid >= VGIC_NR_SGIS && !irq->hwirq)
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

void vgic_hyp_show(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct hyp_gicd *gicd = &vcpu->hyp->gicd;
	u32 n;

	BUILD_BUG_ON(HYP_GICD_SGIS != VGIC_NR_SGIS);
	raw_spin_lock_irq(&vgic->lock);
	gicd->enabled = 0;
	for (n = 0; n < VGIC_NR_PRIVATE; n++) {
		gicd->enabled |= vcpu->vgic.irqs[n].enabled ? BIT(n) : 0;
		vgic_hyp_note_private(vcpu, &vcpu->vgic.irqs[n]);
	}
	raw_spin_unlock_irq(&vgic->lock);
	gicd->vm = vgic->hyp_va.va;
	gicd->typer = vgic->typer;
	gicd->iidr = GICD_IIDR_KVM;
	gicd->page = (u32)(vgic->dist_base >> 8) | HYP_GICD_PAGE_VALID;
}
