/* SPDX-License-Identifier: GPL-2.0-only */
/* One memory access with watchpoints set, and what happened. */
#ifndef GUEST_WATCHED_H
#define GUEST_WATCHED_H

#include "actions.h"
#include "types.h"

/* What the last access caused. */
extern struct seen {
	u32 hits, faults, others;
	u32 dfar, at, loaded;
	bool fault_first;
	/* Set by the caller; watched_access() keeps them. */
	u32 map;   /* the argument to mmu_alias() on a translation fault, or 0 */
	bool skip; /* skip an access that hits instead of retrying it */
} seen;

/* A DBGWCR value for this level and these bytes; dir: LOAD, STORE or both. */
u32 watched_control(u32 pl, u32 dir, u32 bas);
/* Make the access; all points are off afterwards. */
void watched_access(const struct memory_access *access, u32 pl, u32 addr);
/* Was there exactly one hit, on the access itself, with addr in DFAR? */
bool watched_hit(const struct memory_access *access, u32 addr);
bool watched_no_hit(void);

#endif
