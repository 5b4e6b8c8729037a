// SPDX-License-Identifier: GPL-2.0-only
/*
 * List registers: what goes into them before a vCPU enters the guest, and what the guest
 * did with them.
 *
 * An exit that leaves the list registers as they were costs a comparison of each; nobody
 * takes vgic->lock or looks at an interrupt.  If none is in use, nothing here is called.
 */
#include "core/vm.h"
#include "hyp/gich.h"
#include "irq/vgic-lr.h"
#include "irq/vgic-queue.h"
#include "irq/vgic.h"
#include "machine/hyp-map.h"
#include "machine/machine.h"
#include "machine/ppi.h"

static u32 make_lr(struct vcpu *vcpu, struct vgic_irq *irq, unsigned int slot, bool pending)
{
	u32 lr = irq->intid | (u32)(irq->priority >> 3) << GICH_LR_PRIORITY_SHIFT;

	if (irq->group1)
		lr |= GICH_LR_GROUP1;
	vcpu->vgic.lr_from_latch[slot] = false;
	/*
	 * With HW set, an interrupt must not be pending and active at once (5.3.8), and
	 * its end does not cause a maintenance interrupt.  An interrupt that is active
	 * and pending by its latch needs both, so it goes without the link, like any
	 * other level-sensitive one.  The physical interrupt then stays active until
	 * vtimer_flush_ppi() finds that it need not be.
	 */
	if (irq->hwirq && !(irq->active && irq->pending_latch)) {
		/* The acknowledge clears the latch and leaves the line (4.3.8). */
		if (!irq->active) {
			vcpu->vgic.lr_from_latch[slot] = irq->pending_latch;
			irq->pending_latch = false;
		}
		return lr | GICH_LR_HW | (u32)irq->hwirq << GICH_LR_PHYSID_SHIFT |
		       (irq->active ? GICH_LR_ACTIVE : GICH_LR_PENDING);
	}
	if (irq->intid < VGIC_NR_SGIS) {
		if (irq->active) {
			lr |= GICH_LR_ACTIVE | (u32)irq->active_source << GICH_LR_PHYSID_SHIFT;
			/* The same source may have sent another request. */
			if (pending)
				lr |= GICH_LR_EOI;
		} else {
			irq->active_source = __ffs(irq->sources);
			irq->sources &= irq->sources - 1;
			lr |= GICH_LR_PENDING | (u32)irq->active_source << GICH_LR_PHYSID_SHIFT;
			if (irq->sources)
				lr |= GICH_LR_EOI;
		}
		return lr;
	}
	if (irq->active)
		lr |= GICH_LR_ACTIVE;
	if (!irq->edge) {
		/*
		 * The EOI brings us back, to sample the line again.  Until then an
		 * active interrupt is not pending in the list register.
		 */
		if (pending && !irq->active)
			lr |= GICH_LR_PENDING;
		lr |= GICH_LR_EOI;
	} else if (pending) {
		/* After its end it goes to the current target, maybe another vCPU (4.3.12). */
		lr |= vgic_target(vcpu->vm, vcpu, irq) == vcpu ? GICH_LR_PENDING : GICH_LR_EOI;
	}
	if (lr & GICH_LR_PENDING) {
		vcpu->vgic.lr_from_latch[slot] = irq->pending_latch;
		irq->pending_latch = false;
	}
	return lr;
}

/*
 * The active source of an SGI that software made active is unknown, and the guest's EOI
 * must name the one in the list register (5.3.8).
 */
static bool is_unlisted(const struct vgic_irq *irq)
{
	return irq->active && irq->intid < VGIC_NR_SGIS &&
	       irq->active_source == VGIC_SOURCE_UNKNOWN;
}

/*
 * Fill the list registers, which vgic_fold() has emptied, with the most urgent interrupts.
 * If something is pending, one of them is for it, however many are active: it may preempt
 * all of them.  The least urgent active ones then have none, so their EOIs are counted.
 */
static void fill(struct vcpu *vcpu)
{
	struct hyp_vgic *hw = &vcpu->hyp->vgic;
	struct vgic_queue *queue = &vcpu->vgic.queue;
	bool pending = queue->ranks[VGIC_RANK_PENDING / 32];
	unsigned int rank = 0, count = 0, max_active = machine.nr_lrs - pending;
	u32 hcr = GICH_HCR_EN;
	int intid = -1;

	while (vgic_queue_next(queue, &rank, &intid)) {
		struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, intid);
		bool deliverable = vgic_deliverable(&vcpu->vm->vgic, irq);

		/*
		 * Another vCPU's HYP has disabled it, and that vCPU is on the way to tell us.  If a
		 * third one enables it first, vgic_update() has to find that it is not queued.
		 */
		if (!irq->active && !deliverable) {
			vgic_queue_del(queue, rank, intid);
			irq->queue_vcpu = NULL;
			irq->rank = 0;
			continue;
		}
		if (is_unlisted(irq)) {
			hcr |= GICH_HCR_LRENPIE;
			continue;
		}
		if (irq->active && count == max_active) {
			hcr |= GICH_HCR_LRENPIE;
			rank = VGIC_RANK_PENDING - 1; /* go on with the pending ones */
			intid = VGIC_MAX_IRQS;
			continue;
		}
		if (count == machine.nr_lrs) {
			/*
			 * More wait: exit when the guest has taken those that are pending here.
			 * UIE would wait until all but one have ended, and some may be active
			 * for as long as the guest likes.
			 */
			hcr |= GICH_HCR_NPIE;
			break;
		}
		hw->lr[count] = make_lr(vcpu, irq, count, deliverable);
		vcpu->vgic.lr[count] = hw->lr[count];
		vcpu->vgic.lr_irq[count] = irq;
		irq->lr_vcpu = vcpu;
		count++;
	}
	hw->kernel_lrs = count;
	hw->used_lrs = count;
	hw->hcr = hcr;
	WRITE_ONCE(vcpu->vgic.stale, false);
}

void vgic_lr_fill(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;

	/*
	 * While another thread creates the GIC, a vCPU that is already running goes on
	 * without one until vgic_map_resources() takes it out of the guest.
	 */
	if (!READ_ONCE(vgic->cpu_mapped))
		return;
	vcpu->hyp->vgic.gich = hyp_map_gich().va;
	vcpu->hyp->vgic.gicd = hyp_map_gicd().va;
	vcpu->hyp->vgic.nr_lrs = machine.nr_lrs;
	raw_spin_lock(&vgic->lock);
	vgic_fold(vcpu);
	fill(vcpu);
	raw_spin_unlock(&vgic->lock);
}

/*
 * The guest ended that many interrupts which are active but in no list register.  It ends
 * them in the order of their priorities, unless GICC_CTLR.EOImode lets it choose.
 */
static void end_unlisted(struct vcpu *vcpu, unsigned int eois)
{
	unsigned int rank = 0;
	int intid = -1;

	while (eois && vgic_queue_next(&vcpu->vgic.queue, &rank, &intid)) {
		struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, intid);

		if (rank >= VGIC_RANK_PENDING)
			break;
		if (irq->lr_vcpu)
			continue;
		irq->active = false;
		vgic_ended(vcpu, irq);
		eois--;
	}
}

/*
 * The list registers that HYP has filled (hyp/raise.c) and that are still in use become ours, for
 * vgic_fold() to bring back.  Others may have been ended, and filled again, any number of times.
 * active_source is this vCPU's alone until vgic_fold().
 */
static void adopt(struct vcpu *vcpu)
{
	struct hyp_vgic *hw = &vcpu->hyp->vgic;
	unsigned int n, end = hw->kernel_lrs;

	for (n = end; n < hw->used_lrs; n++) {
		u32 lr = hw->lr[n];
		struct vgic_irq *irq = &vcpu->vgic.irqs[lr % VGIC_NR_PRIVATE];

		if (!(lr & GICH_LR_STATE))
			continue;
		if (lr & GICH_LR_HW)
			ppi_activated();
		else
			irq->active_source = GICH_LR_PHYSID(lr) & 7;
		hw->lr[end] = lr;
		vcpu->vgic.lr_irq[end] = irq;
		vcpu->vgic.lr_from_latch[end] = false;
		end++;
	}
	hw->used_lrs = end;
}

void vgic_lr_sync(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct hyp_vgic *hw = &vcpu->hyp->vgic;
	const struct vgic_queue *queue = &vcpu->vgic.queue;

	adopt(vcpu);
	if (hw->used_lrs == hw->kernel_lrs && !vgic_lr_changes(vcpu))
		return;
	raw_spin_lock(&vgic->lock);
	/* Before the fold: an interrupt that was in a list register is not what ended. */
	end_unlisted(vcpu, GICH_HCR_EOICOUNT(hw->hcr));
	vgic_fold(vcpu);
	/* Usually that was the last one, and empty list registers are right. */
	if (!queue->ranks[0] && !queue->ranks[1])
		WRITE_ONCE(vcpu->vgic.stale, false);
	raw_spin_unlock(&vgic->lock);
}

void vgic_lr_put(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	unsigned long flags;

	raw_spin_lock_irqsave(&vgic->lock, flags);
	vgic_fold(vcpu);
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
}

/*
 * Without vgic->lock: what waits in the queue, or in a list register that the guest has not
 * taken, has a pending rank.
 */
bool vgic_pending(struct vcpu *vcpu)
{
	u32 ranks = READ_ONCE(vcpu->vgic.queue.ranks[VGIC_RANK_PENDING / 32]);

	/* The most urgent one is in the most significant bit: vgic-queue.c. */
	return ranks && 32 - fls(ranks) < GICH_VMCR_PRIMASK(vcpu->hyp->vgic.vmcr);
}
