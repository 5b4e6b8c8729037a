/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_CHECK_EXTENSION. */
#ifndef KVM_ARMV7_CAPABILITIES_H
#define KVM_ARMV7_CAPABILITIES_H

/* What is offered: 0 for what is not, or not known. */
int kvm_capability(unsigned long extension);

#endif /* KVM_ARMV7_CAPABILITIES_H */
