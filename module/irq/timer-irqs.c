// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PPIs of the two timers: 27 and 30, unless user space sets others before a vCPU runs
 * (KVM_ARM_VCPU_TIMER_CTRL).
 */
#include "irq/ptimer.h"
#include "irq/timer-irqs.h"
#include "irq/vgic.h"
#include "irq/vtimer.h"
#include "machine/machine.h"

void timer_irqs_vm_init(struct vm *vm)
{
	vm->vtimer_intid = VTIMER_INTID;
	vm->ptimer_intid = PTIMER_INTID;
}

static void set_irqs(struct vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->vm->vgic.lock);
	vcpu->timer.intid = vcpu->vm->vtimer_intid;
	vcpu->timer.irq = &vcpu->vgic.irqs[vcpu->timer.intid];
	vcpu->ptimer.intid = vcpu->vm->ptimer_intid;
	/* In this order: until the first run the two may be equal. */
	vgic_own_irq(vcpu, vcpu->ptimer.intid, 0, ptimer_level(vcpu));
	vgic_own_irq(vcpu, vcpu->timer.intid, machine.vtimer_hwirq, false);
}

void timer_irqs_vcpu_init(struct vcpu *vcpu)
{
	raw_spin_lock_irq(&vcpu->vm->vgic.lock);
	set_irqs(vcpu);
	raw_spin_unlock_irq(&vcpu->vm->vgic.lock);
}

/* No vCPU has run, so the virtual timer's line is low.  The physical one's may be high. */
static void change_irqs(struct vcpu *vcpu)
{
	raw_spin_lock_irq(&vcpu->vm->vgic.lock);
	vgic_disown_irq(vcpu, vcpu->timer.intid);
	vgic_disown_irq(vcpu, vcpu->ptimer.intid);
	set_irqs(vcpu);
	raw_spin_unlock_irq(&vcpu->vm->vgic.lock);
}

/* A PMU of the VM has it: nothing else owns a PPI but the timers. */
static bool is_taken(const struct vm *vm, u32 intid)
{
	int n;

	if (intid == vm->vtimer_intid || intid == vm->ptimer_intid)
		return false;
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n] && vm->vcpus[n]->vgic.irqs[intid].owned)
			return true;
	return false;
}

int timer_irqs_set(struct vm *vm, u64 attr, u32 intid)
{
	int ret = 0, n;

	if (intid < VGIC_NR_SGIS || intid >= VGIC_NR_PRIVATE)
		return -EINVAL;
	mutex_lock(&vm->lock);
	if (!vm->vgic.created)
		ret = -EINVAL;
	else if (vm->timers_fixed)
		ret = -EBUSY;
	else if (is_taken(vm, intid))
		ret = -EEXIST;
	if (ret)
		goto out;
	if (attr == KVM_ARM_VCPU_TIMER_IRQ_VTIMER)
		vm->vtimer_intid = intid;
	else
		vm->ptimer_intid = intid;
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++)
		if (vm->vcpus[n])
			change_irqs(vm->vcpus[n]);
out:
	mutex_unlock(&vm->lock);
	return ret;
}

u32 timer_irqs_get(const struct vm *vm, u64 attr)
{
	return attr == KVM_ARM_VCPU_TIMER_IRQ_VTIMER ? vm->vtimer_intid : vm->ptimer_intid;
}

int timer_irqs_first_run(struct vm *vm)
{
	int ret = 0;

	mutex_lock(&vm->lock);
	if (vm->vtimer_intid == vm->ptimer_intid)
		ret = -EINVAL;
	else
		smp_store_release(&vm->timers_fixed, true); /* pairs with timer_irqs_fix() */
	mutex_unlock(&vm->lock);
	return ret;
}
