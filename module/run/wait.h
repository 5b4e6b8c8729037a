/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU waits for an interrupt, for being switched on, or until it may run. */
#ifndef KVM_ARMV7_WAIT_H
#define KVM_ARMV7_WAIT_H

struct vcpu;

/*
 * WFI: sleep until an interrupt is pending, PSCI resets the vCPU or turns it off, or user
 * space wants its thread (a signal, immediate_exit).  Returns 1, for exit handlers.
 */
int vcpu_halt(struct vcpu *vcpu);

/*
 * Sleep until power_off is cleared, and apply a pending reset.  0, or -EINTR for a signal or
 * immediate_exit.  Takes vm->lock.
 */
int vcpu_wait_powered_on(struct vcpu *vcpu);

/*
 * Sleep until vm_resume_others(), a signal or immediate_exit.  Without sleeping, a thread of high
 * priority would keep one of low priority on its CPU from resuming it.
 */
void vcpu_wait_resumed(struct vcpu *vcpu);

#endif /* KVM_ARMV7_WAIT_H */
