/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage 2 translation: from a guest's intermediate physical addresses (IPA) to the
 * pages of its process.
 */
#ifndef KVM_ARMV7_STAGE2_H
#define KVM_ARMV7_STAGE2_H

#include <linux/types.h>

#define STAGE2_IPA_BITS 40
#define STAGE2_IPA_SIZE (1ULL << STAGE2_IPA_BITS)

struct vm;

/* Make empty tables, and follow vm->mm by an MMU notifier.  0 or -errno.  May sleep. */
int stage2_init(struct vm *vm);
/* Undo it; no vCPU runs any more.  May sleep. */
void stage2_destroy(struct vm *vm);

/*
 * The guest faulted on ipa, in a memory slot; hva is the user address.  Find the page
 * and map it.  The caller holds slots_lock.  Returns 0 to resume the guest, -EFAULT if
 * user space has no such page, or -ENOMEM.  May sleep.
 */
int stage2_fault(struct vm *vm, u64 ipa, unsigned long hva, bool write, bool slot_readonly);

/* Map one page of a device; ipa and pa are page-aligned.  0 or -ENOMEM.  May sleep. */
int stage2_map_device(struct vm *vm, u64 ipa, phys_addr_t pa);

/* Unmap [ipa, ipa + size), in bytes, on every CPU before returning.  May sleep. */
void stage2_unmap(struct vm *vm, u64 ipa, u64 size);

/*
 * Unmap all memory, so that the guest's next access sees what user space wrote
 * meanwhile, even with the guest's caches off.  Takes slots_lock; may sleep.
 */
void stage2_unmap_slots(struct vm *vm);

/*
 * Clean and invalidate all mapped memory of the guest to the point of coherency.  A
 * set/way operation on one CPU cannot do that for the other CPUs (B2.2.6).  Takes
 * slots_lock; may sleep; stops early if current has a fatal signal.
 */
void stage2_flush_caches(struct vm *vm);

#endif /* KVM_ARMV7_STAGE2_H */
