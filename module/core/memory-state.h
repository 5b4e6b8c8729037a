/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a guest's memory: slots of the process's memory, and the stage 2 tables
 * that map their pages.
 */
#ifndef KVM_ARMV7_MEMORY_STATE_H
#define KVM_ARMV7_MEMORY_STATE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "machine/desc.h"

#define KVM_ARMV7_MAX_MEMSLOTS 508

/* Only dirty's bits and the tree's members change once others can find the slot. */
struct memslot {
	u64 ipa;
	u64 size; /* bytes */
	unsigned long hva;
	u32 id;
	bool readonly;
	unsigned long *dirty; /* a bit per page, under stage2->lock; NULL: no log */
	struct rb_node by_hva;
	unsigned long by_hva_last; /* the last user address in the subtree */
	struct rcu_head rcu;
};

/* All slots in the order of their guest addresses. */
struct memslot_array {
	struct rcu_head rcu;
	unsigned int count;
	struct memslot *slot[];
};

/*
 * The array is replaced, never changed, so that a guest's fault finds its slot without a
 * lock.  Array and tree change under lock and stage2->lock: either is enough to read them.
 */
struct memslots {
	struct mutex lock; /* one change at a time */
	struct memslot_array __rcu *array;
	struct rb_root_cached by_hva; /* overlapping ones, too */
	unsigned long changes;
	bool manual_protect; /* KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 */
};

/* Generation and number of the VM's last VMID: see memory/vmid.c. */
struct vmid {
	atomic64_t id;
};

struct stage2 {
	spinlock_t lock;
	desc_t *root; /* two concatenated level 1 tables, 8 KiB aligned */
	u64 root_pa;
	struct list_head split_tables; /* one for each block: see memory/stage2-table.c */
	struct vmid vmid;
	struct mmu_notifier notifier;
	/* A page that was looked up before sequence changed may be stale. */
	unsigned long sequence;
	unsigned int invalidating;
	wait_queue_head_t invalidated; /* for faults, which map nothing until it is 0 */
};

#endif /* KVM_ARMV7_MEMORY_STATE_H */
