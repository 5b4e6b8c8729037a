/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest that user space debugs: KVM_SET_GUEST_DEBUG. */
#ifndef KVM_ARMV7_GUEST_DEBUG_H
#define KVM_ARMV7_GUEST_DEBUG_H

#include "core/vm.h"

u32 guest_debug_controls(void); /* KVM_GUESTDBG_* that this machine can do */
/* How many break- and watchpoints the VMM can use; 0 without monitor mode. */
u32 guest_debug_brps(void);
u32 guest_debug_wrps(void);

/*
 * KVM_SET_GUEST_DEBUG.  slots: NULL with the old, smaller struct.  0, -EINVAL or -ENOMEM.
 * For this and all below, the caller holds vcpu->mutex.
 */
int guest_debug_set(struct vcpu *vcpu, u32 control, const struct kvm_armv7_guest_debug *slots);

/* At KVM_RUN, for KVM_GUESTDBG_INJECT_BP: the prefetch abort of the BKPT at the PC, once. */
void guest_debug_inject_bkpt(struct vcpu *vcpu);

/* At KVM_RUN, before it completes an MMIO access or injects a BKPT: each counts as a step. */
void guest_debug_begin_step(struct vcpu *vcpu);

/* User space has written PC or CPSR, or reset the vCPU. */
void guest_debug_pc_moved(struct vcpu *vcpu);

/* HYP_EXIT_DEBUG_USER: a debug event for user space.  An exit handler: see run/exits.h. */
int guest_debug_exit(struct vcpu *vcpu);

/* The same for an MMIO access that user space watches. */
int guest_debug_mmio_exit(struct vcpu *vcpu);

/*
 * Around each change that the kernel itself makes to hyp->debug, so that a reader that
 * does not own the vCPU never copies half of it.  The vCPU is not in the guest.
 */
static inline void guest_debug_write_begin(struct vcpu *vcpu)
{
	preempt_disable();
	write_seqcount_begin(&vcpu->debug_seq);
}

static inline void guest_debug_write_end(struct vcpu *vcpu)
{
	write_seqcount_end(&vcpu->debug_seq);
	preempt_enable();
}

#endif /* KVM_ARMV7_GUEST_DEBUG_H */
