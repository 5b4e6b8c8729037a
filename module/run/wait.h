/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU waits for an interrupt, or for being switched on. */
#ifndef KVM_ARMV7_WAIT_H
#define KVM_ARMV7_WAIT_H

struct vcpu;

/* WFI: until an interrupt is pending, or something else needs the vCPU.  Returns 1. */
int vcpu_halt(struct vcpu *vcpu);

/* Until power_off is cleared; a pending reset is applied.  -EINTR for a signal, else 0. */
int vcpu_wait_powered_on(struct vcpu *vcpu);

#endif /* KVM_ARMV7_WAIT_H */
