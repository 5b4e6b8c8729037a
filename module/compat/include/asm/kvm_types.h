/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/kvm.h> includes <asm/kvm_types.h>, which arm does not have since Linux 6.12.  This folder
 * comes last in the include path, so a kernel's own file takes precedence.
 */
#ifndef KVM_ARMV7_ASM_KVM_TYPES_H
#define KVM_ARMV7_ASM_KVM_TYPES_H
#endif
