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

/* The guest's access that stage 2 did not permit. */
struct stage2_access {
	u32 fault; /* FSC_TRANSLATION, FSC_ACCESS_FLAG or FSC_PERMISSION */
	bool write;
	bool fetch; /* of an instruction; not the table walk for it */
	bool plain; /* a load or store, which a device may serve; not a fetch or a table walk */
};

/*
 * Serve a fault on ipa.  Returns 0 to resume the guest, also if a signal is pending; 1 if no
 * memory slot permits the access; -EFAULT as user_pages_get(); or -ENOMEM.  May sleep for as
 * long as user space likes, and holds no lock then.
 */
int stage2_fault(struct vm *vm, u64 ipa, const struct stage2_access *access);

/* Map one page of a device; ipa and pa are page-aligned.  0 or -ENOMEM.  May sleep. */
int stage2_map_device(struct vm *vm, u64 ipa, phys_addr_t pa);

/* Unmap [ipa, ipa + size), in bytes, on every CPU before returning.  May sleep. */
void stage2_unmap(struct vm *vm, u64 ipa, u64 size);

/*
 * Take the permission to write the memory in [ipa, end), on every CPU before returning: the
 * next write to each page faults.  May sleep.
 */
void stage2_protect(struct vm *vm, u64 ipa, u64 end);

/*
 * Unmap all memory, so that the guest's next access sees what user space wrote
 * meanwhile, even with the guest's caches off.  May sleep.
 */
void stage2_unmap_slots(struct vm *vm);

/*
 * Clean and invalidate all mapped memory of the guest to the point of coherency.  A
 * set/way operation on one CPU cannot do that for the other CPUs (B2.2.6).  May sleep;
 * stops early if current has a fatal signal.
 */
void stage2_flush_caches(struct vm *vm);

#endif /* KVM_ARMV7_STAGE2_H */
