/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage 2 translation: a guest's intermediate physical addresses to the pages of
 * the process that runs it.
 */
#ifndef KVM_ARMV7_STAGE2_H
#define KVM_ARMV7_STAGE2_H

#include <linux/types.h>

#define STAGE2_IPA_BITS 40
#define STAGE2_IPA_SIZE (1ULL << STAGE2_IPA_BITS)

struct vm;

int stage2_init(struct vm *vm);
void stage2_destroy(struct vm *vm);

/*
 * The guest faulted on ipa, inside a memory slot whose user address is hva:
 * find the page and map it.  The caller holds slots_lock.  Returns 0 to run on,
 * -EFAULT where user space has no such page, -ENOMEM.
 */
int stage2_fault(struct vm *vm, u64 ipa, unsigned long hva, bool write, bool slot_readonly);

/* Map one page of a device; ipa and pa are page-aligned. */
int stage2_map_device(struct vm *vm, u64 ipa, phys_addr_t pa);

/* Forget [ipa, ipa + size), on every CPU, before returning.  May sleep. */
void stage2_unmap(struct vm *vm, u64 ipa, u64 size);

/*
 * Forget all memory: the guest's next access finds what user space wrote since, also
 * with its caches off.  Takes slots_lock.
 */
void stage2_unmap_slots(struct vm *vm);

/*
 * Clean and invalidate all the guest's mapped memory to the point of coherency:
 * what a set/way operation on one CPU cannot do for the others (B2.2.6).
 */
void stage2_flush_caches(struct vm *vm);

#endif /* KVM_ARMV7_STAGE2_H */
