/* SPDX-License-Identifier: GPL-2.0-only */
/* ONE_REG of the performance monitors. */
#ifndef KVM_ARMV7_ONE_REG_PMU_H
#define KVM_ARMV7_ONE_REG_PMU_H

struct reg_access;
struct reg_list;
struct vcpu;

/*
 * 0; -ENOENT if the id is none of a PMU's, or the vCPU has none; -EINVAL for the PMCR of another
 * PMU.  The caller holds vcpu->mutex.
 */
int one_reg_pmu(struct vcpu *vcpu, struct reg_access *acc);
void one_reg_list_pmu(const struct vcpu *vcpu, struct reg_list *list);

#endif /* KVM_ARMV7_ONE_REG_PMU_H */
