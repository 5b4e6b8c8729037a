/* SPDX-License-Identifier: GPL-2.0-only */
/* VFP registers by their KVM ids. */
#ifndef KVM_ARMV7_ONE_REG_VFP_H
#define KVM_ARMV7_ONE_REG_VFP_H

struct reg_access;
struct reg_list;
struct vcpu;

/*
 * 0, -ENOENT, or -EINVAL if it is a constant with another value.  The caller holds
 * vcpu->mutex.
 */
int one_reg_vfp(struct vcpu *vcpu, struct reg_access *acc);
void one_reg_list_vfp(struct reg_list *list);

#endif /* KVM_ARMV7_ONE_REG_VFP_H */
