/* SPDX-License-Identifier: GPL-2.0-only */
/* The distributor's registers. */
#ifndef KVM_ARMV7_VGIC_DIST_H
#define KVM_ARMV7_VGIC_DIST_H

#include <linux/types.h>

struct vcpu;

/*
 * A guest's access of len bytes, 1 or 4, at an IPA.  False: the distributor is not
 * there.  Registers that do not exist read as zero and ignore writes, as IHI 0048B
 * 4.1.3 says for reserved ones; so do accesses of a size that a register does not have.
 */
bool vgic_dist_access(struct vcpu *vcpu, u64 ipa, unsigned int len, bool write, u32 *value);

#endif /* KVM_ARMV7_VGIC_DIST_H */
