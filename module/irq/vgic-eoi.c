// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifiers of the end of level-sensitive SPIs.  vgic_sync(), with interrupts off, only
 * collects the INTIDs that ended; the notifiers run later, where they may sleep.
 */
#include <linux/nospec.h>

#include "core/vm.h"
#include "irq/vgic-eoi.h"
#include "irq/vgic.h"

static bool listens(const struct vgic_eoi_notifier *notifier, u32 intid)
{
	return notifier->intid == intid || notifier->intid == VGIC_EOI_ANY;
}

static bool is_notified(const struct vgic *vgic, u32 intid)
{
	const struct vgic_eoi_notifier *notifier;

	hlist_for_each_entry(notifier, &vgic->notifiers, link)
		if (listens(notifier, intid))
			return true;
	return false;
}

int vgic_eoi_notifier_add(struct vm *vm, struct vgic_eoi_notifier *notifier)
{
	struct vgic *vgic = &vm->vgic;
	u32 intid = notifier->intid;

	if (intid != VGIC_EOI_ANY && (intid < VGIC_NR_PRIVATE || intid >= VGIC_FIRST_RESERVED))
		return -EINVAL;
	intid = array_index_nospec(intid, VGIC_FIRST_RESERVED);
	down_write(&vgic->notifiers_lock);
	hlist_add_head(&notifier->link, &vgic->notifiers);
	if (intid == VGIC_EOI_ANY)
		bitmap_fill(vgic->notified, VGIC_MAX_IRQS);
	else
		set_bit(intid, vgic->notified);
	up_write(&vgic->notifiers_lock);
	return 0;
}

void vgic_eoi_notifier_remove(struct vm *vm, struct vgic_eoi_notifier *notifier)
{
	struct vgic *vgic = &vm->vgic;
	u32 intid;

	down_write(&vgic->notifiers_lock);
	hlist_del(&notifier->link);
	for_each_set_bit(intid, vgic->notified, VGIC_MAX_IRQS)
		if (!is_notified(vgic, intid))
			clear_bit(intid, vgic->notified);
	up_write(&vgic->notifiers_lock);
}

void vgic_eoi_notify(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct vgic_eoi_notifier *notifier;
	unsigned int n;

	down_read(&vgic->notifiers_lock);
	hlist_for_each_entry(notifier, &vgic->notifiers, link)
		for (n = 0; n < vcpu->vgic.nr_ended; n++)
			if (listens(notifier, vcpu->vgic.ended[n]->intid))
				notifier->ended(notifier, vcpu->vgic.ended[n]->intid);
	up_read(&vgic->notifiers_lock);

	raw_spin_lock_irq(&vgic->lock);
	for (n = 0; n < vcpu->vgic.nr_ended; n++) {
		struct vgic_irq *irq = vcpu->vgic.ended[n];

		irq->lr_vcpu = NULL;
		vgic_update(vcpu->vm, vcpu, irq);
	}
	vcpu->vgic.nr_ended = 0;
	raw_spin_unlock_irq(&vgic->lock);
}
