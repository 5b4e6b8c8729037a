/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_ARM_VCPU_INIT and reset. */
#ifndef KVM_ARMV7_VCPU_INIT_H
#define KVM_ARMV7_VCPU_INIT_H

#include "core/vm.h"

/*
 * KVM_ARM_VCPU_INIT.  -EINVAL for another target or set of features, -ENOENT for unknown
 * ones.  The caller holds vcpu->mutex; takes vm->lock.
 */
int vcpu_init(struct vcpu *vcpu, const struct kvm_vcpu_init *init);

/* Reset the registers.  The caller holds vcpu->mutex. */
void vcpu_reset(struct vcpu *vcpu);

/* The slow half of vcpu_apply_reset(). */
void vcpu_reset_from_cpu_on(struct vcpu *vcpu);

/*
 * PSCI CPU_ON runs on another vCPU, which must not touch this one's registers, so it only
 * leaves its parameters here.  The holder of vcpu->mutex applies them before it reads or
 * changes registers; otherwise it would see those from before CPU_ON.  Takes vm->lock.
 */
static inline void vcpu_apply_reset(struct vcpu *vcpu)
{
	/* pairs with cpu_on() */
	if (smp_load_acquire(&vcpu->reset_pending))
		vcpu_reset_from_cpu_on(vcpu);
}

#endif /* KVM_ARMV7_VCPU_INIT_H */
