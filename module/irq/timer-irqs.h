/* SPDX-License-Identifier: GPL-2.0-only */
/* The PPIs of the two timers, the same on all vCPUs of a VM. */
#ifndef KVM_ARMV7_TIMER_IRQS_H
#define KVM_ARMV7_TIMER_IRQS_H

#include "core/vm.h"

void timer_irqs_vm_init(struct vm *vm);
/* For a vCPU that no other thread sees yet.  The caller holds vm->lock. */
void timer_irqs_vcpu_init(struct vcpu *vcpu);
/*
 * attr: KVM_ARM_VCPU_TIMER_IRQ_VTIMER or _PTIMER.  Set returns 0; -EINVAL without a GIC, or if
 * intid is no PPI; -EBUSY if a vCPU has run.  Takes vm->lock.
 */
int timer_irqs_set(struct vm *vm, u64 attr, u32 intid);
u32 timer_irqs_get(const struct vm *vm, u64 attr);
int timer_irqs_first_run(struct vm *vm);

/* At KVM_RUN: from here on they cannot change.  0, or -EINVAL if the two are equal. */
static inline int timer_irqs_fix(struct vm *vm)
{
	return smp_load_acquire(&vm->timers_fixed) ? 0 : timer_irqs_first_run(vm);
}

#endif /* KVM_ARMV7_TIMER_IRQS_H */
