/* SPDX-License-Identifier: GPL-2.0-only */
/* PSCI and SMCCC calls. */
#ifndef KVM_ARMV7_PSCI_H
#define KVM_ARMV7_PSCI_H

struct vcpu;

#define PSCI_VERSION_VALUE 0x00010000 /* 1.0 */

/* HVC.  An exit handler: see run/exits.h. */
int psci_handle_hvc(struct vcpu *vcpu);

#endif /* KVM_ARMV7_PSCI_H */
