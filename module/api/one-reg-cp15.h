/* SPDX-License-Identifier: GPL-2.0-only */
/* Coprocessor 15 registers, and the cache size ids, by their KVM ids. */
#ifndef KVM_ARMV7_ONE_REG_CP15_H
#define KVM_ARMV7_ONE_REG_CP15_H

struct reg_access;
struct reg_list;
struct vcpu;

/*
 * The register is of coprocessor 15, or of KVM_REG_ARM_DEMUX.  0, -ENOENT, or -EINVAL if it
 * is a constant with another value.  The caller holds vcpu->mutex.
 */
int one_reg_cp15(struct vcpu *vcpu, struct reg_access *acc);
int one_reg_demux(struct reg_access *acc);
void one_reg_list_cp15(struct reg_list *list);
void one_reg_list_demux(struct reg_list *list);

#endif /* KVM_ARMV7_ONE_REG_CP15_H */
