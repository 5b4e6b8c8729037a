/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client's break- and watchpoints.  Software breakpoints are BKPT
 * instructions in the guest's memory; hardware points are slots of
 * KVM_ARMV7_SET_GUEST_DEBUG.  They change only while no vCPU runs.
 */
#ifndef ARMVM_GDB_POINTS_H
#define ARMVM_GDB_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvm_armv7.h>

#include "ram.h"

#define GDB_SOFT_MAX 512
#define GDB_HARD_MAX (2 * KVM_ARMV7_DEBUG_SLOTS)

/* The type digit of the packets Z and z. */
enum gdb_point {
	GDB_POINT_SOFT,
	GDB_POINT_HARD,
	GDB_POINT_WRITE,
	GDB_POINT_READ,
	GDB_POINT_ACCESS,
};

struct gdb_soft {
	uint32_t va;
	uint64_t pa;
	unsigned int size; /* of the BKPT: 2 or 4 */
	uint8_t original[4];
};

struct gdb_hard {
	enum gdb_point type;
	uint32_t va;
	uint32_t length; /* for a breakpoint: the kind of its instruction */
};

struct gdb_points {
	const struct ram *ram;
	unsigned int brps, wrps; /* how many slots KVM offers */
	struct gdb_soft soft[GDB_SOFT_MAX];
	unsigned int nr_soft;
	struct gdb_hard hard[GDB_HARD_MAX];
	unsigned int nr_hard;
	bool stale; /* ram_changed() failed: no vCPU may run again */
	/* The hardware points as KVM takes them. */
	struct kvm_armv7_guest_debug debug;
};

void gdb_points_init(struct gdb_points *points, const struct ram *ram, unsigned int brps,
		     unsigned int wrps);
/*
 * kind is 2 or 3 for a Thumb instruction, 4 for an ARM one.  Setting a point
 * that exists, or clearing one that does not, is not an error.  Returns 0,
 * -EINVAL, -EFAULT if pa is not in RAM, -EBUSY if another point covers part of
 * it, -ENOSPC, or what ram_changed() returns.
 */
int gdb_points_set_soft(struct gdb_points *points, uint32_t va, uint64_t pa, uint32_t kind);
void gdb_points_clear_soft(struct gdb_points *points, uint32_t va);
/*
 * A watchpoint may have any length that fits into the free slots.  Returns 0,
 * -EINVAL or -ENOSPC.
 */
int gdb_points_set_hard(struct gdb_points *points, enum gdb_point type, uint32_t va,
			uint32_t length);
void gdb_points_clear_hard(struct gdb_points *points, enum gdb_point type, uint32_t va,
			   uint32_t length);
void gdb_points_clear(struct gdb_points *points);

/* Add a breakpoint that is not the client's to a copy of points->debug.  0, -EINVAL or -ENOSPC. */
int gdb_points_add_break(const struct gdb_points *points, struct kvm_armv7_guest_debug *debug,
			 uint32_t va, uint32_t kind);

/*
 * The guest's memory has new contents, which no vCPU has accessed: put the BKPTs back, each at
 * its old physical address.
 */
void gdb_points_replant(struct gdb_points *points);

/* Is the BKPT at pa (at va if pa is NULL) one of the client's? */
bool gdb_points_have_soft(const struct gdb_points *points, uint32_t va, const uint64_t *pa);
/* Does the client have a hardware breakpoint at va? */
bool gdb_points_have_hard(const struct gdb_points *points, uint32_t va);
/* The watchpoint that an access to far hit, or NULL; *address is what to report to the client. */
const struct gdb_hard *gdb_points_find_watch(const struct gdb_points *points, uint32_t far,
					     bool write, uint32_t *address);

/*
 * Access the guest's memory as if it had no BKPT of ours.  False if ram_fresh_at() fails: nothing
 * has been read or written.
 */
bool gdb_points_read_memory(const struct gdb_points *points, uint64_t pa, uint8_t *data,
			    size_t length);
bool gdb_points_write_memory(struct gdb_points *points, uint64_t pa, const uint8_t *data,
			     size_t length);

#endif
