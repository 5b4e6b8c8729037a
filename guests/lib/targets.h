/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions on which tests set breakpoints and watchpoints. */
#ifndef GUEST_TARGETS_H
#define GUEST_TARGETS_H

#include "types.h"

/* u32 f(u32 n): returns n + 3; executes `at` on the way. */
struct break_target {
	const char *name;
	u32 fn; /* bit 0: Thumb */
	u32 at;
	u32 bas;
};

#define BREAK_TARGETS 4
extern const struct break_target break_targets[BREAK_TARGETS];
/* The functions above never execute this. */
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

/* Single accesses by the name of the instruction, for tests that need just one. */
extern u8 access_ldrb[], access_strb[], access_ldr[], access_str[], access_ldrt[], access_strt[],
	access_pld[];

/* Call fn(arg) at PL0 (pl is 0) or PL1. */
u32 call_at(u32 pl, u32 fn, u32 arg);

#endif
