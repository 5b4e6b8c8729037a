/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_CHECK_EXTENSION. */
#ifndef KVM_ARMV7_CAPABILITIES_H
#define KVM_ARMV7_CAPABILITIES_H

/* The answer to KVM_CHECK_EXTENSION: 0 for an extension that is not offered or not known. */
int kvm_check_extension(unsigned long extension);

#endif /* KVM_ARMV7_CAPABILITIES_H */
