/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug registers by their KVM ids, which are coprocessor 14 in the scheme of coprocessor 15. */
#ifndef KVM_ARMV7_ONE_REG_DEBUG_H
#define KVM_ARMV7_ONE_REG_DEBUG_H

struct reg_access;
struct reg_list;
struct vcpu;

/*
 * 0, -ENOENT, or -EINVAL if it is a constant with another value.  The caller holds
 * vcpu->mutex.
 */
int one_reg_debug(struct vcpu *vcpu, struct reg_access *acc);
void one_reg_list_debug(struct vcpu *vcpu, struct reg_list *list);

#endif /* KVM_ARMV7_ONE_REG_DEBUG_H */
