/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR and KVM_HAS_DEVICE_ATTR of a vCPU. */
#ifndef KVM_ARMV7_VCPU_ATTR_H
#define KVM_ARMV7_VCPU_ATTR_H

#include <linux/kvm.h>

struct vcpu;

/*
 * cmd is one of the three.  0; -ENXIO if there is no such attribute; -EINVAL, -EBUSY or -EFAULT.
 * The caller holds vcpu->mutex.
 */
long vcpu_attr_ioctl(struct vcpu *vcpu, unsigned int cmd, const struct kvm_device_attr *attr);

#endif /* KVM_ARMV7_VCPU_ATTR_H */
