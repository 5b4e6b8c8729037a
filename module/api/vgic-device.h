/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual GIC as user space sets it up. */
#ifndef KVM_ARMV7_VGIC_DEVICE_H
#define KVM_ARMV7_VGIC_DEVICE_H

#include <linux/types.h>

struct kvm_create_device;
struct vm;

/* KVM_CREATE_IRQCHIP.  0, -EEXIST if the VM has a GIC, -ENODEV for another type. */
int vgic_create(struct vm *vm, u32 type);

/* KVM_ARM_SET_DEVICE_ADDR, and KVM_DEV_ARM_VGIC_GRP_ADDR.  0 or -errno: docs/uapi.md. */
int vgic_set_address(struct vm *vm, u64 type, u64 addr);

/* KVM_CREATE_DEVICE: fills in user->fd.  0 or -errno: docs/uapi.md. */
int vgic_create_device(struct vm *vm, struct kvm_create_device __user *user);

#endif /* KVM_ARMV7_VGIC_DEVICE_H */
