/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions for break- and watchpoints to be set on. */
#ifndef GUEST_TARGETS_H
#define GUEST_TARGETS_H

#include "types.h"

/* u32 f(u32 n): returns n + 3, by way of `at`. */
struct break_target {
	const char *name;
	u32 fn; /* bit 0: Thumb */
	u32 at;
	u32 bas;
};

#define BREAK_TARGETS 4
extern const struct break_target break_targets[BREAK_TARGETS];
/* Never executed by the functions above. */
extern u8 break_elsewhere[];

enum access_dir {
	LOAD = 1,
	STORE = 2
};

/* u32 f(u32 addr): its first instruction is the access. */
struct access {
	const char *name;
	u32 fn; /* bit 0: Thumb */
	u32 size;
	u32 dir;
};

#define ACCESSES 18
extern const struct access accesses[ACCESSES];

/* Single accesses by name of the instruction, for tests that need just one. */
extern u8 access_ldrb[], access_strb[], access_ldr[], access_str[], access_ldrt[], access_strt[],
	access_pld[];

/* The same access from the program's own state: pl 0 or 1. */
u32 call_at(u32 pl, u32 fn, u32 arg);

#endif
