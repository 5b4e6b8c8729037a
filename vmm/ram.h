/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's RAM, and the only way to touch it. */
#ifndef ARMVM_RAM_H
#define ARMVM_RAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct ram {
	uint8_t *host; /* where guest address base is mapped in this process */
	uint64_t base;
	uint64_t size;
	int fd;		      /* a memfd that has it from offset 0 on, for other processes */
	uint64_t page;	      /* the size of the pages that it is made of */
	atomic_uint *written; /* a bit for each 4 KiB that devices have written, or NULL */
};

/*
 * Map size bytes for guest address base, of the host's reserved huge pages if wanted.  Returns 0
 * or, after one message, a negative errno.
 */
int ram_map(struct ram *ram, uint64_t base, uint64_t size, bool huge);
void ram_unmap(struct ram *ram);
/*
 * Make all of RAM zero and give its pages back to the host.  No vCPU may be in the guest.
 * Returns 0 or, after one message, a negative errno.
 */
int ram_discard(const struct ram *ram);

/*
 * From here on, note what devices write, for a guest that is sent elsewhere while it runs.  Returns
 * 0 or, after one message, a negative errno.
 */
int ram_note_writes(struct ram *ram);
/* A device writes here, in this process.  Any thread. */
void ram_wrote(const struct ram *ram, const void *host, uint64_t size);
/* Add what was noted to a bitmap with a bit for each 4 KiB, and forget it. */
void ram_take_written(const struct ram *ram, uint32_t *bitmap);
/* Set the bits of all pages that are not holes; those that are, are zero. */
void ram_existing(const struct ram *ram, uint32_t *bitmap);

/*
 * The guest does not need the contents of this range: give back what whole pages it has.  They are
 * zero when they are used again.  vCPUs may run.
 */
void ram_release(const struct ram *ram, uint64_t address, uint64_t size);

/* Is [address, address + size) inside RAM?  An empty range is, from base up to the end. */
bool ram_covers(const struct ram *ram, uint64_t address, uint64_t size);
/* Where that range is mapped in this process, or NULL if ram_covers() is false. */
void *ram_at(const struct ram *ram, uint64_t address, uint64_t size);

/*
 * The same for memory that vCPUs may have written past the caches: what this process finds
 * there afterwards is what they wrote.  True only until a vCPU runs again.  NULL also if the
 * host cannot do it.
 */
void *ram_fresh_at(const struct ram *ram, uint64_t address, uint64_t size);

/*
 * Make a change of RAM visible to vCPUs that have run, as data and as
 * instructions.  No vCPU may be in the guest.  Returns 0 or, after one message,
 * a negative errno: the guest could then see either contents, so no vCPU may
 * run again.
 */
int ram_changed(const struct ram *ram, uint64_t address, uint64_t size);

#endif
