/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a guest's memory: slots of the process's memory, and the stage 2 tables
 * that map their pages.
 */
#ifndef KVM_ARMV7_MEMORY_STATE_H
#define KVM_ARMV7_MEMORY_STATE_H

#include <linux/atomic.h>
#include <linux/mmu_notifier.h>
#include <linux/spinlock.h>

#include "machine/desc.h"

#define KVM_ARMV7_MAX_MEMSLOTS 32

struct memslot {
	u64 ipa;
	u64 size; /* bytes; 0: the slot is unused */
	unsigned long hva;
	bool readonly;
};

/* Generation and number of the VM's last VMID: see memory/vmid.c. */
struct vmid {
	atomic64_t id;
};

struct stage2 {
	spinlock_t lock;
	desc_t *root; /* two concatenated level 1 tables, 8 KiB aligned */
	struct vmid vmid;
	struct mmu_notifier notifier;
	/* A page that was looked up before sequence changed may be stale. */
	unsigned long sequence;
	unsigned int invalidating;
};

#endif /* KVM_ARMV7_MEMORY_STATE_H */
