/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions that user space gives to a vCPU: KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS. */
#ifndef KVM_ARMV7_VCPU_EVENTS_H
#define KVM_ARMV7_VCPU_EVENTS_H

struct kvm_vcpu_events;
struct vcpu;

/* set returns 0, or -EINVAL: docs/uapi.md.  The caller holds vcpu->mutex. */
void vcpu_get_events(struct vcpu *vcpu, struct kvm_vcpu_events *events);
int vcpu_set_events(struct vcpu *vcpu, const struct kvm_vcpu_events *events);

#endif /* KVM_ARMV7_VCPU_EVENTS_H */
