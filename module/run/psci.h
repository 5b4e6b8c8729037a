/* SPDX-License-Identifier: GPL-2.0-only */
/* PSCI and SMCCC calls. */
#ifndef KVM_ARMV7_PSCI_H
#define KVM_ARMV7_PSCI_H

#include <linux/types.h>

struct vcpu;

/* HVC.  An exit handler: see run/exits.h. */
int psci_handle_hvc(struct vcpu *vcpu);

/* KVM_RUN begins: tell HYP which version it may answer with, until the next KVM_RUN. */
void psci_begin_run(struct vcpu *vcpu);

/*
 * The version that guests get, in the format of PSCI_VERSION: 0.1 without the feature
 * PSCI_0_2, otherwise 1.0, or the 0.2 or 1.0 that was set.  psci_set_version() is for the
 * whole VM.  It returns -EINVAL for any other version.  The caller holds vcpu->mutex.
 */
u32 psci_version(const struct vcpu *vcpu);
int psci_set_version(struct vcpu *vcpu, u64 version);

/* What guests get of SMCCC_ARCH_WORKAROUND_1: KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1_*. */
u32 psci_workaround_1(void);

#endif /* KVM_ARMV7_PSCI_H */
