/* SPDX-License-Identifier: GPL-2.0-only */
/* Break- and watchpoints as values for the debug registers (DDI 0406C C11.11). */
#ifndef ARMVM_GDB_SLOTS_H
#define ARMVM_GDB_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/kvm_armv7.h>

struct gdb_slots {
	struct kvm_armv7_guest_debug *debug;
	unsigned int brps, wrps;     /* how many slots there are */
	unsigned int used_b, used_w; /* how many of them are in use */
};

void gdb_slots_clear(struct gdb_slots *slots);
/* kind is 2 or 3 for a Thumb instruction, 4 for an ARM one.  Returns 0, -EINVAL or -ENOSPC. */
int gdb_slots_break(struct gdb_slots *slots, uint32_t va, uint32_t kind);
/* Use as many slots as length needs.  Returns 0, -EINVAL, or -ENOSPC with some slots used. */
int gdb_slots_watch(struct gdb_slots *slots, uint32_t va, uint32_t length, bool read, bool write);

#endif
