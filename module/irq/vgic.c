// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual interrupts: their state, and which of them are in list registers while a
 * vCPU runs.
 *
 * An interrupt that is active, or pending and enabled, is in the ap_list of exactly one
 * vCPU, which has to deliver it.  vgic_flush() moves the most urgent ones to list
 * registers, vgic_sync() reads their state back.
 */
#include <linux/nospec.h>
#include <linux/slab.h>

#include "core/kick.h"
#include "core/vm.h"
#include "hyp/gich.h"
#include "irq/vgic.h"
#include "machine/hyp-map.h"
#include "machine/machine.h"
#include "machine/ppi.h"
#include "memory/stage2.h"

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

static bool is_pending(const struct vgic_irq *irq)
{
	return irq->pending_latch || irq->sources || (!irq->edge && irq->line_level);
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

static void ap_list_del(struct vcpu *vcpu, unsigned int intid)
{
	if (__test_and_clear_bit(intid, vcpu->vgic.ap_list))
		WRITE_ONCE(vcpu->vgic.ap_count, vcpu->vgic.ap_count - 1);
}

/* The kick pairs with vcpu_enter_guest(): a vCPU that is entered later sees the count. */
static void ap_list_add(struct vcpu *vcpu, unsigned int intid)
{
	if (__test_and_set_bit(intid, vcpu->vgic.ap_list))
		return;
	WRITE_ONCE(vcpu->vgic.ap_count, vcpu->vgic.ap_count + 1);
	vcpu_kick(vcpu);
}

void vgic_update(struct vm *vm, struct vcpu *owner, struct vgic_irq *irq)
{
	struct vcpu *target;
	bool wanted;
	int n;

	lockdep_assert_held(&vm->vgic.lock);
	if (irq->lr_vcpu) {
		/*
		 * vgic_sync() calls us again when irq leaves the list register.  If the
		 * guest has taken it already, do not wait for the next accidental exit.
		 */
		if (irq->enabled && is_pending(irq))
			vcpu_kick(irq->lr_vcpu);
		return;
	}
	wanted = irq->active || (irq->enabled && is_pending(irq));
	target = delivery_target(vm, owner, irq);
	for (n = 0; irq->intid >= VGIC_NR_PRIVATE && n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n] && vm->vcpus[n] != target)
			ap_list_del(vm->vcpus[n], irq->intid);
	if (!target)
		return;
	if (wanted)
		ap_list_add(target, irq->intid);
	else
		ap_list_del(target, irq->intid);
}

int vgic_inject_irq(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level)
{
	struct vgic_irq *irq = vgic_get_irq(vm, vcpu, intid);
	unsigned long flags;

	if (!irq || intid < VGIC_NR_SGIS)
		return -EINVAL;
	raw_spin_lock_irqsave(&vm->vgic.lock, flags);
	if (irq->edge && level && !irq->line_level)
		irq->pending_latch = true;
	irq->line_level = level;
	vgic_update(vm, vcpu, irq);
	raw_spin_unlock_irqrestore(&vm->vgic.lock, flags);
	return 0;
}

static u32 make_lr(struct vcpu *vcpu, struct vgic_irq *irq, unsigned int slot)
{
	u32 lr = irq->intid | (u32)(irq->priority >> 3) << GICH_LR_PRIORITY_SHIFT;
	bool pending = irq->enabled && is_pending(irq);

	vcpu->vgic.lr_from_latch[slot] = false;
	/*
	 * With HW set, an interrupt must not be pending and active at once (5.3.8), and
	 * its end does not cause a maintenance interrupt.  An interrupt that is active
	 * and pending by its latch needs both, so it goes without the link, like any
	 * other level-sensitive one.  The physical interrupt then stays active until
	 * vtimer_flush() finds that it need not be.
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

/* Active ones first, because we must see their end; then by priority. */
static bool more_urgent(const struct vgic_irq *a, const struct vgic_irq *b)
{
	if (a->active != b->active)
		return a->active;
	return a->priority < b->priority;
}

void vgic_flush(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct vgic_irq *chosen[HYP_MAX_LRS];
	struct hyp_vgic *hw = &vcpu->hyp->vgic;
	unsigned int count = 0, total = 0, n, intid;

	/*
	 * While another thread creates the GIC, a vCPU that is already running goes on
	 * without one until vgic_map_resources() takes it out of the guest.
	 */
	if (!READ_ONCE(vgic->cpu_mapped))
		return;
	hw->gich = hyp_map_gich().va;
	hw->hcr = GICH_HCR_EN;
	if (!READ_ONCE(vcpu->vgic.ap_count)) /* nothing to deliver: the usual case */
		return;
	raw_spin_lock(&vgic->lock);
	for_each_set_bit(intid, vcpu->vgic.ap_list, vgic->nr_irqs) {
		struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, intid);

		if (!irq->active && !vgic->enabled)
			continue;
		total++;
		for (n = count; n > 0 && more_urgent(irq, chosen[n - 1]); n--)
			if (n < machine.nr_lrs)
				chosen[n] = chosen[n - 1];
		if (n < machine.nr_lrs)
			chosen[n] = irq;
		if (count < machine.nr_lrs)
			count++;
	}
	for (n = 0; n < count; n++) {
		hw->lr[n] = make_lr(vcpu, chosen[n], n);
		vcpu->vgic.lr_irq[n] = chosen[n];
		chosen[n]->lr_vcpu = vcpu;
	}
	hw->used_lrs = count;
	/* If more interrupts wait, exit when the list registers run empty. */
	hw->hcr = GICH_HCR_EN | (total > count ? GICH_HCR_UIE : 0);
	raw_spin_unlock(&vgic->lock);
}

/* A level-sensitive SPI leaves its list register only when the guest has ended it. */
static bool has_to_notify(const struct vgic *vgic, const struct vgic_irq *irq, u32 lr)
{
	return irq->intid >= VGIC_NR_PRIVATE && !irq->edge &&
	       !(lr & (GICH_LR_PENDING | GICH_LR_ACTIVE)) && test_bit(irq->intid, vgic->notified);
}

void vgic_sync(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct hyp_vgic *hw = &vcpu->hyp->vgic;
	unsigned int n;

	if (!vgic->initialized || !hw->used_lrs)
		return;
	raw_spin_lock(&vgic->lock);
	for (n = 0; n < hw->used_lrs; n++) {
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
		if (lr & GICH_LR_HW && !(lr & (GICH_LR_PENDING | GICH_LR_ACTIVE)))
			ppi_deactivated();
		if (has_to_notify(vgic, irq, lr)) {
			vcpu->vgic.ended[vcpu->vgic.nr_ended++] = irq;
			continue; /* lr_vcpu stays set: nobody delivers it until that is done */
		}
		irq->lr_vcpu = NULL;
		vgic_update(vcpu->vm, vcpu, irq);
	}
	hw->used_lrs = 0;
	raw_spin_unlock(&vgic->lock);
}

bool vgic_pending(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	unsigned long flags;
	unsigned int intid;
	bool pending = false;

	if (!vgic->initialized)
		return false;
	raw_spin_lock_irqsave(&vgic->lock, flags);
	if (vgic->enabled) {
		for_each_set_bit(intid, vcpu->vgic.ap_list, vgic->nr_irqs) {
			struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, intid);

			if (irq->enabled && is_pending(irq)) {
				pending = true;
				break;
			}
		}
	}
	raw_spin_unlock_irqrestore(&vgic->lock, flags);
	return pending;
}

int vgic_own_irq(struct vcpu *vcpu, u32 intid, u32 hwirq)
{
	struct vgic_irq *irq = vgic_get_irq(vcpu->vm, vcpu, intid);

	if (!irq || intid < VGIC_NR_SGIS)
		return -EINVAL;
	if (irq->owned)
		return -EEXIST;
	irq->owned = true;
	irq->hwirq = hwirq;
	return 0;
}

void vgic_disown_irq(struct vcpu *vcpu, u32 intid)
{
	vcpu->vgic.irqs[intid].owned = false;
	vcpu->vgic.irqs[intid].hwirq = 0;
}

bool vgic_irq_queued(struct vcpu *vcpu, u32 intid)
{
	return test_bit(intid, vcpu->vgic.ap_list);
}

static void reset_irq(struct vgic_irq *irq, unsigned int intid)
{
	u16 hwirq = irq->hwirq;

	*irq = (struct vgic_irq){
		.intid = intid,
		.hwirq = hwirq,
		.edge = intid < VGIC_NR_SGIS,
		.enabled = intid < VGIC_NR_SGIS,
		.targets = intid < VGIC_NR_PRIVATE ? 0 : 1,
	};
}

void vgic_vcpu_init(struct vcpu *vcpu)
{
	unsigned int n;

	for (n = 0; n < VGIC_NR_PRIVATE; n++)
		reset_irq(&vcpu->vgic.irqs[n], n);
}

/* Resets the CPU interface; the distributor belongs to the VM and keeps its state. */
void vgic_vcpu_reset(struct vcpu *vcpu)
{
	struct hyp_vgic *hw = &vcpu->hyp->vgic;

	hw->vmcr = 0;
	hw->apr = 0;
	hw->used_lrs = 0;
}

void vgic_vm_init(struct vm *vm)
{
	raw_spin_lock_init(&vm->vgic.lock);
	init_rwsem(&vm->vgic.notifiers_lock);
	INIT_HLIST_HEAD(&vm->vgic.notifiers);
	vm->vgic.dist_base = VGIC_ADDR_UNSET;
	vm->vgic.cpu_base = VGIC_ADDR_UNSET;
}

void vgic_vm_destroy(struct vm *vm)
{
	kvfree(vm->vgic.spis);
}

int vgic_init(struct vm *vm)
{
	struct vgic *vgic = &vm->vgic;
	unsigned int n;

	lockdep_assert_held(&vm->lock);
	if (vgic->initialized)
		return 0;
	if (!vgic->nr_irqs)
		vgic->nr_irqs = 256;
	vgic->spis =
		kvcalloc(vgic->nr_irqs - VGIC_NR_PRIVATE, sizeof(*vgic->spis), GFP_KERNEL_ACCOUNT);
	if (!vgic->spis)
		return -ENOMEM;
	for (n = VGIC_NR_PRIVATE; n < vgic->nr_irqs; n++)
		reset_irq(&vgic->spis[n - VGIC_NR_PRIVATE], n);
	/* pairs with tests of initialized that take no lock */
	smp_store_release(&vgic->initialized, true);
	return 0;
}

int vgic_lazy_init(struct vm *vm)
{
	int ret = -ENXIO;

	if (smp_load_acquire(&vm->vgic.initialized))
		return 0;
	mutex_lock(&vm->lock);
	if (vm->vgic.created)
		ret = vgic_init(vm);
	mutex_unlock(&vm->lock);
	return ret;
}

int vgic_map_resources(struct vm *vm)
{
	struct vgic *vgic = &vm->vgic;
	unsigned int page;
	int ret = 0;

	if (!vgic->created || smp_load_acquire(&vgic->cpu_mapped))
		return 0;
	mutex_lock(&vm->lock);
	if (vgic->cpu_mapped)
		goto out;
	if (vgic->dist_base == VGIC_ADDR_UNSET || vgic->cpu_base == VGIC_ADDR_UNSET) {
		ret = -ENXIO;
		goto out;
	}
	ret = vgic_init(vm);
	if (ret)
		goto out;
	/*
	 * A vCPU that is in the guest was entered without a GIC: GICH holds what the last
	 * vCPU with a GIC left there, maybe of another VM.  None may see GICV before it
	 * has been entered again, with its own state loaded.
	 */
	vm_pause_others(vm, NULL);
	for (page = 0; !ret && page < KVM_VGIC_V2_CPU_SIZE; page += PAGE_SIZE)
		ret = stage2_map_device(vm, vgic->cpu_base + page, machine.gicv + page);
	if (!ret)
		smp_store_release(&vgic->cpu_mapped, true);
	else
		stage2_unmap(vm, vgic->cpu_base, KVM_VGIC_V2_CPU_SIZE);
	vm_resume_others(vm);
out:
	mutex_unlock(&vm->lock);
	return ret;
}
