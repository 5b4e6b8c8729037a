/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/kvm.h> includes this; since Linux 6.12 arm has none.  Looked for last, so
 * where the kernel has one, that one is used.
 */
#ifndef KVM_ARMV7_ASM_KVM_TYPES_H
#define KVM_ARMV7_ASM_KVM_TYPES_H
#endif
