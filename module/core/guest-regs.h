/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of a stopped vCPU, and exceptions that the host injects.  The caller holds
 * vcpu->mutex, and the vCPU is not in the guest.
 */
#ifndef KVM_ARMV7_GUEST_REGS_H
#define KVM_ARMV7_GUEST_REGS_H

#include "core/vm.h"
#include "hyp/guest-insn.h"

/* vcpu_reg() for those that some mode has a bank of, r8 to r14. */
u32 *vcpu_banked_reg(struct vcpu *vcpu, unsigned int n);

/* Register n, 0 to 14, of the current mode. */
static inline u32 *vcpu_reg(struct vcpu *vcpu, unsigned int n)
{
	return n < 8 ? &vcpu->hyp->regs.usr[n] : vcpu_banked_reg(vcpu, n);
}

static inline u32 *vcpu_pc(struct vcpu *vcpu)
{
	return &vcpu->hyp->regs.usr[HYP_REG_PC];
}

static inline u32 *vcpu_cpsr(struct vcpu *vcpu)
{
	return &vcpu->hyp->regs.usr[HYP_REG_CPSR];
}

/* Move the PC past the instruction that trapped; HSR.IL gives its length. */
static inline void vcpu_skip_insn(struct vcpu *vcpu)
{
	*vcpu_pc(vcpu) += guest_insn_length(vcpu->hyp->hsr);
	if (*vcpu_cpsr(vcpu) & PSR_T)
		*vcpu_cpsr(vcpu) = guest_it_advance(*vcpu_cpsr(vcpu));
}

/*
 * Make the vCPU take an exception at its PC.  far: DFAR or IFAR, for external aborts and
 * watchpoints; otherwise ignored.
 */
void vcpu_inject(struct vcpu *vcpu, enum v7dbg_exception kind, u32 far);

#endif /* KVM_ARMV7_GUEST_REGS_H */
