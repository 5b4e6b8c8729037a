/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMIDs.  A VM has one only while it runs: they are assigned in generations, and when a
 * generation has used up its numbers, all TLBs are flushed and the next one begins.
 */
#ifndef KVM_ARMV7_VMID_H
#define KVM_ARMV7_VMID_H

#include "core/memory-state.h"
#include "hyp/sysreg-bits.h"

#define VMID_BITS 8
#define VMID_MASK ((1U << VMID_BITS) - 1)

extern u32 vmid_epoch; /* the low word of the current generation; never 0 at first */

/*
 * Give the VM a VMID of the current generation, and a vCPU the VTTBR for it.  Returns the epoch
 * for vmid_is_current().  Takes vmid_lock; may sleep.
 */
u32 vmid_update(struct stage2 *s2, u64 *vttbr);

/* VTTBR: the root of the tables, and the VMID. */
static inline u64 stage2_vttbr(const struct stage2 *s2)
{
	u64 number = atomic64_read(&s2->vmid.id) & VMID_MASK;

	return s2->root_pa | number << VTTBR_VMID_SHIFT;
}

/*
 * Does the VTTBR that vmid_update() gave with that epoch still hold?  Only with interrupts off does
 * the answer last until the guest is entered.  One word is enough: nobody keeps a VTTBR through
 * 2^32 generations of 255 VMs each.
 */
static inline bool vmid_is_current(u32 epoch)
{
	return epoch == READ_ONCE(vmid_epoch);
}

#endif /* KVM_ARMV7_VMID_H */
