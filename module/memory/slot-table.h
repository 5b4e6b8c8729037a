/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory slots of a VM: found by guest address in a sorted array, by user address in
 * an interval tree.  memslot.c decides what may change.
 */
#ifndef KVM_ARMV7_SLOT_TABLE_H
#define KVM_ARMV7_SLOT_TABLE_H

#include "core/memory-state.h"

struct vm;

void slot_table_init(struct vm *vm);
/* Free all slots; nobody else uses the VM any more. */
void slot_table_destroy(struct vm *vm);

/*
 * The slot that contains ipa, or NULL.  The caller holds slots.lock or stage2->lock, or is
 * in an RCU read-side critical section.
 */
struct memslot *slot_find(const struct vm *vm, u64 ipa);
/* The slot that contains ipa, or else the next one above it, or NULL.  As slot_find(). */
struct memslot *slot_find_from(const struct vm *vm, u64 ipa);
/* The slot with that number, or NULL.  The caller holds slots.lock. */
struct memslot *slot_find_id(const struct vm *vm, u32 id);

/*
 * A copy of the array without one slot and with another; either may be NULL.  NULL without
 * memory.  The caller holds slots.lock.  May sleep.
 */
struct memslot_array *slot_array_copy(const struct vm *vm, const struct memslot *without,
				      struct memslot *with);
/*
 * From now on faults use this array, and those that have used the old one start again.  The
 * caller holds slots.lock and stage2->lock.
 */
void slot_array_publish(struct vm *vm, struct memslot_array *array);

/* The MMU notifier follows the slot from now on, no more.  Like slot_array_publish(). */
void slot_track(struct vm *vm, struct memslot *slot);
void slot_untrack(struct vm *vm, struct memslot *slot);

/* The slot of an address as a fault found it. */
struct slot_copy {
	unsigned long hva;    /* of the address */
	unsigned long before; /* bytes of the slot before the address */
	u64 end;
	bool readonly;
	bool logged;
};

/* A slot's part of the process's memory that a notifier is called for. */
struct slot_part {
	u64 ipa;
	u64 end;
	struct memslot *slot;
	unsigned long changes;
};

/*
 * Set part to the first slot's part of the user addresses [start, end), or to the next
 * one.  False if there is no other.  The caller holds stage2->lock.  If it drops the lock
 * meanwhile, slot_part_next() may begin again at the first.
 */
bool slot_part_first(struct vm *vm, unsigned long start, unsigned long end, struct slot_part *part);
bool slot_part_next(struct vm *vm, unsigned long start, unsigned long end, struct slot_part *part);

#endif /* KVM_ARMV7_SLOT_TABLE_H */
