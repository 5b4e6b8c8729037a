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

extern atomic64_t vmid_generation;

/* Give the VM a VMID of the current generation.  Takes vmid_lock; may sleep. */
void vmid_update(struct vmid *vmid);

/* VTTBR: the root of the tables, and the VMID. */
static inline u64 stage2_vttbr(const struct stage2 *s2)
{
	u64 number = atomic64_read(&s2->vmid.id) & VMID_MASK;

	return s2->root_pa | number << VTTBR_VMID_SHIFT;
}

/*
 * Is the VM's VMID of the current generation?  Only with interrupts off does the answer
 * last until the guest is entered.
 */
static inline bool vmid_is_current(const struct vmid *vmid)
{
	return !((atomic64_read(&vmid->id) ^ atomic64_read(&vmid_generation)) >> VMID_BITS);
}

#endif /* KVM_ARMV7_VMID_H */
