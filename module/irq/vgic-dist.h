/* SPDX-License-Identifier: GPL-2.0-only */
/* The distributor's registers. */
#ifndef KVM_ARMV7_VGIC_DIST_H
#define KVM_ARMV7_VGIC_DIST_H

#include "core/vm.h"

/* Product 'K', implementer Arm, as KVM has always said; revision 2: GICD_IGROUPR works. */
#define GICD_IIDR_KVM 0x4b00243b

/* Is the distributor at this IPA, and does it work yet? */
static inline bool vgic_dist_has_address(const struct vm *vm, u64 ipa)
{
	const struct vgic *vgic = &vm->vgic;

	return vgic->initialized && ipa >= vgic->dist_base &&
	       ipa - vgic->dist_base < KVM_VGIC_V2_DIST_SIZE;
}

/*
 * A guest's access of len bytes, 1, 2 or 4, at an IPA that the distributor has.  Registers
 * that do not exist read as zero and ignore writes, as IHI 0048B 4.1.3 says for reserved
 * ones; so do accesses of a size that a register does not have.
 */
void vgic_dist_access(struct vcpu *vcpu, u64 ipa, unsigned int len, bool write, u32 *value);

/*
 * User space reads or writes a word at an offset, as vcpu if it is banked.  Offsets without
 * a register read as zero and ignore writes, as with Linux.  0, or -EINVAL: another value
 * was written to GICD_IIDR than it reads as.  The GIC is initialized, and the caller keeps
 * all vCPUs from running; may sleep.
 */
int vgic_dist_user_access(struct vcpu *vcpu, u32 offset, bool write, u32 *value);
/* Is there a register at that offset?  The GIC is initialized. */
bool vgic_dist_has(struct vm *vm, u32 offset);

#endif /* KVM_ARMV7_VGIC_DIST_H */
