/* SPDX-License-Identifier: GPL-2.0-only */
/* One access to memory with watchpoints set, and what came of it. */
#ifndef GUEST_WATCHED_H
#define GUEST_WATCHED_H

#include "actions.h"
#include "types.h"

/* What was seen of the last access. */
extern struct seen {
	u32 hits, faults, others;
	u32 dfar, at, loaded;
	bool fault_first;
	/* Set by the caller, and kept. */
	u32 map;   /* what a translation fault maps, or 0 */
	bool skip; /* an access that hit is not made after that */
} seen;

/* DBGWCR: this level, these bytes; dir: LOAD, STORE or both. */
u32 watched_control(u32 pl, u32 dir, u32 bas);
/* Make it; all points are off afterwards. */
void watched_access(const struct memory_access *access, u32 pl, u32 addr);
/* One hit, by the access itself, and DFAR is addr. */
bool watched_hit(const struct memory_access *access, u32 addr);
bool watched_no_hit(void);

#endif
