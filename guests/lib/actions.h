/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions at which debug events are raised: memory accesses and actions. */
#ifndef GUEST_ACTIONS_H
#define GUEST_ACTIONS_H

#include "targets.h"
#include "types.h"

/* u32 f(u32 addr): one access at `at`; returns a digest of what it loaded. */
struct memory_access {
	const char *name;
	u32 fn; /* bit 0: Thumb */
	u32 at;
	u8 size;	/* bytes from addr on */
	u8 dir;		/* enum access_dir; 0: makes no access */
	bool device;	/* works on an emulated device too */
	bool exclusive; /* the address must be a multiple of size */
};

enum memory_index {
#define MEMORY(name, thumb, size, dir, kind) MEM_##name,
#include "actions.def"
	MEM_OPS
};
extern const struct memory_access memory_accesses[MEM_OPS];

/* u32 f(u32 addr): the action is at `at`; `next` is the instruction after it. */
struct action {
	const char *name;
	u32 fn;
	u32 at, next;
};
/* DBGBCR.BAS for an instruction of the action: a halfword in Thumb, a word in ARM. */
static inline u32 action_bas(const struct action *action, u32 at)
{
	return !(action->fn & 1) ? 0xf : at & 2 ? 0xc : 0x3;
}

enum action_index {
#define ACTION(name, thumb) ACT_##name,
#include "actions.def"
	ACTIONS
};
extern const struct action actions[ACTIONS];

/* Turn Advanced SIMD on for PL1 and PL0; the vector accesses need it. */
void actions_enable_simd(void);

#endif
