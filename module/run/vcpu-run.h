/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_RUN. */
#ifndef KVM_ARMV7_VCPU_RUN_H
#define KVM_ARMV7_VCPU_RUN_H

struct vcpu;

/*
 * 0: vcpu->run says why user space is needed; or -EINTR, -ENOEXEC, -EFAULT, -ENOMEM, -ENXIO;
 * or -ERESTARTNOHAND, which user space never sees.  The caller holds vcpu->mutex; sleeps.
 */
int vcpu_run(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VCPU_RUN_H */
