// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual interrupts: their state, and which vCPU has to deliver each.
 *
 * An interrupt that is active, or pending and enabled, is in the queue of exactly one
 * vCPU.  irq/vgic-lr.c moves the most urgent ones to list registers.  They stay there
 * from one entry to the next, also while the vCPU is in user space or sleeps, until the
 * guest has changed one or vgic_update() finds that one is no longer right: then
 * vgic_fold() brings all of them back.
 */
#include <linux/nospec.h>

#include "core/kick.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "hyp/gich.h"
#include "irq/vgic-hyp.h"
#include "irq/vgic-queue.h"
#include "irq/vgic.h"
#include "machine/ppi.h"

/*
 * intid may come from a guest's distributor access or from KVM_IRQ_LINE.  The callers
 * dereference the result, so the index is clamped for speculation, too.
 */
struct vgic_irq *vgic_get_irq(struct vm *vm, struct vcpu *vcpu, u32 intid)
{
	u32 end = min_t(u32, vm->vgic.nr_irqs, VGIC_FIRST_RESERVED);

	if (intid < VGIC_NR_PRIVATE)
		return vcpu ? &vcpu->vgic.irqs[array_index_nospec(intid, VGIC_NR_PRIVATE)] : NULL;
	if (intid >= end || !vm->vgic.spis)
		return NULL;
	return &vm->vgic.spis[array_index_nospec(intid, end) - VGIC_NR_PRIVATE];
}

struct vcpu *vgic_target(struct vm *vm, struct vcpu *owner, const struct vgic_irq *irq)
{
	u8 targets = irq->targets;

	if (irq->intid < VGIC_NR_PRIVATE)
		return owner;
	/* 1-N model: any target may take it; we choose the first that exists. */
	while (targets) {
		struct vcpu *vcpu = READ_ONCE(vm->vcpus[__ffs(targets)]);

		if (vcpu)
			return vcpu;
		targets &= targets - 1;
	}
	return NULL;
}

/*
 * The vCPU that has to deliver irq, or NULL for an SPI without a target.  A change of
 * targets does not affect an active interrupt (4.3.12): only the list registers of the
 * vCPU that acknowledged it can see the EOI that ends it.
 */
static struct vcpu *delivery_target(struct vm *vm, struct vcpu *owner, const struct vgic_irq *irq)
{
	if (irq->intid >= VGIC_NR_PRIVATE && irq->active)
		return irq->active_vcpu;
	return vgic_target(vm, owner, irq);
}

void vgic_ended(struct vcpu *vcpu, struct vgic_irq *irq)
{
	struct vgic_cpu *cpu = &vcpu->vgic;

	/* A level-sensitive one has no other way to leave the list registers. */
	if (irq->intid >= VGIC_NR_PRIVATE && !irq->edge &&
	    test_bit(irq->intid, vcpu->vm->vgic.notified) && cpu->nr_ended < VGIC_MAX_ENDED) {
		cpu->ended[cpu->nr_ended++] = irq;
		irq->lr_vcpu = vcpu; /* nobody delivers it until that is done */
		return;
	}
	vgic_update(vcpu->vm, vcpu, irq);
}

void vgic_fold(struct vcpu *vcpu)
{
	struct hyp_vgic *hw = &vcpu->hyp->vgic;
	unsigned int n, used = hw->used_lrs;

	lockdep_assert_held(&vcpu->vm->vgic.lock);
	WRITE_ONCE(vcpu->vgic.stale, true);
	hw->used_lrs = 0;
	hw->kernel_lrs = 0;
	hw->hcr = GICH_HCR_EN;
	for (n = 0; n < used; n++) {
		struct vgic_irq *irq = vcpu->vgic.lr_irq[n];
		u32 lr = hw->lr[n];

		irq->active = lr & GICH_LR_ACTIVE;
		irq->active_vcpu = vcpu;
		if (lr & GICH_LR_PENDING) {
			/* The guest has not acknowledged it: the request is pending again. */
			if (irq->intid < VGIC_NR_SGIS)
				irq->sources |= BIT((lr >> GICH_LR_PHYSID_SHIFT) & 7);
			else
				irq->pending_latch |= vcpu->vgic.lr_from_latch[n];
		}
		/* Only vgic_sync() sees that, so this is the CPU whose PPI it is. */
		if (lr & GICH_LR_HW && !(lr & (GICH_LR_PENDING | GICH_LR_ACTIVE)))
			ppi_deactivated();
		irq->lr_vcpu = NULL;
		if (lr & (GICH_LR_PENDING | GICH_LR_ACTIVE))
			vgic_update(vcpu->vm, vcpu, irq);
		else
			vgic_ended(vcpu, irq);
	}
}

/*
 * A list register of vcpu is not what it should be, or has to be known.  If that vCPU is in the
 * guest, or on the way there, it folds when it comes back: it sets in_guest and then reads stale in
 * vgic_flush(), and clears in_guest and then reads stale in vgic_put(), with a full
 * barrier in between.  Otherwise we fold, and vgic->lock makes an entry wait.
 */
bool vgic_settle(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->vgic.stale, true);
	smp_mb();
	/* Acquire: pairs with vcpu_enter_guest(), so that we see the registers it saved. */
	if (smp_load_acquire(&vcpu->in_guest))
		return false;
	vgic_fold(vcpu);
	return true;
}

/* The guest may have taken it already: do not wait for an accidental exit. */
static void lr_stale(struct vm *vm, struct vcpu *vcpu, const struct vgic_irq *irq)
{
	if (!vgic_settle(vcpu) && vgic_deliverable(&vm->vgic, irq))
		vcpu_kick(vcpu);
}

void vgic_update(struct vm *vm, struct vcpu *owner, struct vgic_irq *irq)
{
	bool shared = irq->intid >= VGIC_NR_PRIVATE, pending = vgic_irq_is_pending(irq);
	struct vcpu *target = NULL;
	unsigned int rank = 0;

	lockdep_assert_held(&vm->vgic.lock);
	if (shared && pending)
		vgic_hyp_set_busy(&vm->vgic, irq->intid);
	if (irq->lr_vcpu) {
		lr_stale(vm, irq->lr_vcpu, irq);
		return;
	}
	if (irq->active || vgic_deliverable(&vm->vgic, irq)) {
		target = delivery_target(vm, owner, irq);
		rank = (irq->active ? 0 : VGIC_RANK_PENDING) + (irq->priority >> 3);
	}
	if (shared && !pending && !target)
		vgic_hyp_clear_busy(&vm->vgic, irq->intid);
	if (target == irq->queue_vcpu && rank == irq->rank)
		return;
	if (irq->queue_vcpu)
		vgic_queue_del(&irq->queue_vcpu->vgic.queue, irq->rank, irq->intid);
	irq->queue_vcpu = target;
	irq->rank = rank;
	if (!target)
		return;
	vgic_queue_add(&target->vgic.queue, rank, irq->intid);
	/* The kick pairs with vcpu_enter_guest(): a vCPU that is entered later sees stale. */
	WRITE_ONCE(target->vgic.stale, true);
	vcpu_kick(target);
}

/*
 * Each call with a high level is an edge, also if the line is high, as it was in Linux: several
 * threads of a VMM may pulse one line, and QEMU raises it for each event until the driver has
 * acknowledged all.
 *
 * Before the GIC is initialized there is no queue to put it into, and none is needed: no PPI is
 * enabled then, and who enables one calls vgic_update().
 */
static bool set_line(struct vm *vm, struct vcpu *vcpu, struct vgic_irq *irq, bool level)
{
	bool changed = irq->line_level != level, edge = irq->edge && level;

	lockdep_assert_held(&vm->vgic.lock);
	irq->line_level = level;
	if (!vm->vgic.initialized || !(changed || edge))
		return changed;
	if (edge)
		irq->pending_latch = true;
	vgic_update(vm, vcpu, irq);
	return changed;
}

int vgic_inject_irq(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level)
{
	struct vgic_irq *irq;
	unsigned long flags;
	int ret = 0;

	/* Acquire: pairs with vgic_init(). */
	if (!smp_load_acquire(&vm->vgic.initialized))
		return -ENXIO;
	irq = vgic_get_irq(vm, vcpu, intid);
	if (!irq || intid < VGIC_NR_SGIS)
		return -EINVAL;
	raw_spin_lock_irqsave(&vm->vgic.lock, flags);
	if (irq->owned) {
		ret = -EINVAL;
	} else {
		trace_vgic_update_irq_pending(vcpu ? vcpu->id : 0, intid, level);
		set_line(vm, vcpu, irq, level);
	}
	raw_spin_unlock_irqrestore(&vm->vgic.lock, flags);
	return ret;
}

bool vgic_set_own_line(struct vcpu *vcpu, const u32 *intid, bool level)
{
	struct vm *vm = vcpu->vm;
	struct vgic_irq *irq;
	unsigned long flags;
	bool changed;

	raw_spin_lock_irqsave(&vm->vgic.lock, flags);
	irq = vgic_get_irq(vm, vcpu, *intid);
	if (vm->vgic.initialized)
		trace_vgic_update_irq_pending(vcpu->id, *intid, level);
	changed = irq && set_line(vm, vcpu, irq, level);
	raw_spin_unlock_irqrestore(&vm->vgic.lock, flags);
	return changed;
}

int vgic_own_irq(struct vcpu *vcpu, u32 intid, u32 hwirq, bool level)
{
	struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, intid);

	if (!irq || intid < VGIC_NR_SGIS)
		return -EINVAL;
	if (irq->owned)
		return -EEXIST;
	irq->owned = true;
	irq->hwirq = hwirq;
	/* Whatever level user space has given it before. */
	set_line(vcpu->vm, vcpu, irq, level);
	return 0;
}

void vgic_disown_irq(struct vcpu *vcpu, u32 intid)
{
	struct vgic_irq *irq = &vcpu->vgic.irqs[intid];

	irq->owned = false;
	irq->hwirq = 0;
	set_line(vcpu->vm, vcpu, irq, false);
}
