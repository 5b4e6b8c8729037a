/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMIDs.  A VM has one only while it runs: they are assigned in generations, and when a
 * generation has used up its numbers, all TLBs are flushed and the next one begins.
 */
#ifndef KVM_ARMV7_VMID_H
#define KVM_ARMV7_VMID_H

#include "core/memory-state.h"

/* Give the VM a VMID of the current generation.  Takes vmid_lock; may sleep. */
void vmid_update(struct vmid *vmid);

/*
 * Is the VM's VMID of the current generation?  Only with interrupts off does the answer
 * last until the guest is entered.
 */
bool vmid_is_current(const struct vmid *vmid);

/* VTTBR: the root of the tables, and the VMID. */
u64 stage2_vttbr(const struct stage2 *s2);

#endif /* KVM_ARMV7_VMID_H */
