// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making the GIC of a VM: its interrupts' reset state, and GICV mapped into the guest.
 */
#include <linux/slab.h>

#include "core/kick.h"
#include "core/vm.h"
#include "irq/vgic-hyp.h"
#include "irq/vgic-init.h"
#include "irq/vgic-queue.h"
#include "irq/vgic.h"
#include "machine/machine.h"
#include "memory/stage2.h"

static void reset_irq(struct vgic_irq *irq, unsigned int intid)
{
	u16 hwirq = irq->hwirq;
	bool owned = irq->owned;

	*irq = (struct vgic_irq){
		.intid = intid,
		.hwirq = hwirq,
		.owned = owned,
		.edge = intid < VGIC_NR_SGIS,
		.enabled = intid < VGIC_NR_SGIS,
		.targets = intid < VGIC_NR_PRIVATE ? 0 : 1,
		.active_source = VGIC_SOURCE_UNKNOWN,
	};
}

void vgic_vcpu_init(struct vcpu *vcpu)
{
	unsigned int n;

	for (n = 0; n < VGIC_NR_PRIVATE; n++)
		reset_irq(&vcpu->vgic.irqs[n], n);
	vcpu->vgic.stale = true; /* the first vgic_flush() has to do something */
}

void vgic_vcpu_destroy(struct vcpu *vcpu)
{
	vgic_queue_destroy(&vcpu->vgic.queue);
}

/* The distributor belongs to the VM and keeps its state. */
void vgic_vcpu_reset(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	struct hyp_vgic *hw = &vcpu->hyp->vgic;

	raw_spin_lock_irq(&vgic->lock);
	vgic_fold(vcpu);
	hw->vmcr = 0;
	hw->apr = 0;
	raw_spin_unlock_irq(&vgic->lock);
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
	vgic_hyp_destroy(&vm->vgic);
}

/* Each vCPU's queue.  vCPUs that come later are refused. */
static int init_queues(struct vm *vm)
{
	int n, ret;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *vcpu = vm->vcpus[n];

		if (!vcpu || vcpu->vgic.queue.intids)
			continue;
		ret = vgic_queue_init(&vcpu->vgic.queue, vm->vgic.nr_irqs);
		if (ret)
			return ret; /* a later call goes on from here */
	}
	return 0;
}

int vgic_init(struct vm *vm)
{
	struct vgic *vgic = &vm->vgic;
	unsigned int n, cpus;
	int ret;

	lockdep_assert_held(&vm->lock);
	if (vgic->initialized)
		return 0;
	if (!vgic->nr_irqs)
		vgic->nr_irqs = 256;
	ret = init_queues(vm);
	if (!ret)
		ret = vgic_hyp_init(vgic);
	if (ret)
		return ret;
	vgic->spis =
		kvcalloc(vgic->nr_irqs - VGIC_NR_PRIVATE, sizeof(*vgic->spis), GFP_KERNEL_ACCOUNT);
	if (!vgic->spis)
		return -ENOMEM;
	for (n = VGIC_NR_PRIVATE; n < vgic->nr_irqs; n++)
		reset_irq(&vgic->spis[n - VGIC_NR_PRIVATE], n);
	/* ITLinesNumber, CPUNumber (4.3.2).  vCPUs that come later are refused. */
	for (n = 0, cpus = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		if (!vm->vcpus[n])
			continue;
		cpus++;
		vgic->end_id = n + 1;
	}
	vgic->typer = (vgic->nr_irqs / 32 - 1) | (cpus - 1) << 5;
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
