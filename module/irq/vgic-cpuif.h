/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU interface's registers, as user space saves and restores them. */
#ifndef KVM_ARMV7_VGIC_CPUIF_H
#define KVM_ARMV7_VGIC_CPUIF_H

#include <linux/types.h>

struct vcpu;

/*
 * User space reads or writes a word at an offset into GICC.  Offsets without a register
 * read as zero and ignore writes, as with Linux.  The caller keeps vcpu from running.
 */
void vgic_cpuif_user_access(struct vcpu *vcpu, u32 offset, bool write, u32 *value);
/* Is there a register at that offset? */
bool vgic_cpuif_has(u32 offset);

#endif /* KVM_ARMV7_VGIC_CPUIF_H */
