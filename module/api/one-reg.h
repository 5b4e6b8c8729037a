/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers by their KVM ids. */
#ifndef KVM_ARMV7_ONE_REG_H
#define KVM_ARMV7_ONE_REG_H

struct kvm_one_reg;
struct kvm_reg_list;
struct vcpu;

/* 0, -ENOENT for an id that is not there, -EINVAL, -EFAULT, -E2BIG: docs/uapi.md. */
int vcpu_get_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int vcpu_set_one_reg(struct vcpu *vcpu, const struct kvm_one_reg *reg);
int vcpu_get_reg_list(struct vcpu *vcpu, struct kvm_reg_list __user *list);

#endif /* KVM_ARMV7_ONE_REG_H */
