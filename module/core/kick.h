/* SPDX-License-Identifier: GPL-2.0-only */
/* Kick vCPUs out of the guest or out of their sleep; keep them out for a moment. */
#ifndef KVM_ARMV7_KICK_H
#define KVM_ARMV7_KICK_H

struct vcpu;
struct vm;

void vcpu_kick_init(struct vcpu *vcpu);
/*
 * Wait until no kick of this vCPU is queued or running.  Nobody kicks it any more.
 * Interrupts are on.
 */
void vcpu_kick_exit(struct vcpu *vcpu);

/*
 * Make the vCPU look at its state again, which the caller has changed: out of the
 * guest, or out of its sleep.  Any context.
 */
void vcpu_kick(struct vcpu *vcpu);
/* The same for every vCPU of the VM. */
void vm_kick_all(struct vm *vm);

/*
 * Take every vCPU of the VM but self (NULL: every one) out of the guest and keep it out
 * until vm_resume_others().  May sleep.  Callers may overlap.
 */
void vm_pause_others(struct vm *vm, struct vcpu *self);
void vm_resume_others(struct vm *vm);

#endif /* KVM_ARMV7_KICK_H */
