/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers by their KVM ids. */
#ifndef KVM_ARMV7_ONE_REG_H
#define KVM_ARMV7_ONE_REG_H

struct kvm_one_reg;
struct kvm_reg_list;
struct vcpu;

/*
 * 0, -ENOENT if there is no such id, -EINVAL, -EFAULT, -E2BIG: docs/uapi.md.  The caller
 * holds vcpu->mutex, and vcpu->initialized is set.
 */
int vcpu_get_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int vcpu_set_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int vcpu_get_reg_list(struct vcpu *vcpu, struct kvm_reg_list __user *list);

#endif /* KVM_ARMV7_ONE_REG_H */
