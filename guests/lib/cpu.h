/* SPDX-License-Identifier: GPL-2.0-only */
/* Per-CPU data; TPIDRPRW points to it. */
#ifndef GUEST_CPU_H
#define GUEST_CPU_H

#include "arm.h"
#include "exception.h"

struct cpu {
	u32 pl0_sp;	     /* SP_svc inside pl0_call() */
	u32 usr_sp;	     /* top of User mode's stack */
	u32 stacks;	     /* the lowest of the six stacks */
	void (*entry)(void); /* what a secondary runs */
	u32 number;
	volatile u32 online;
	bool expecting;
	exc_hook hook;
	struct exc exc;
};

_Static_assert(offsetof(struct cpu, pl0_sp) == CPU_PL0_SP, "layout.h");
_Static_assert(offsetof(struct cpu, usr_sp) == CPU_USR_SP, "layout.h");
_Static_assert(offsetof(struct cpu, stacks) == CPU_STACKS, "layout.h");
_Static_assert(offsetof(struct cpu, entry) == CPU_ENTRY, "layout.h");
_Static_assert(sizeof(struct cpu) <= CPU_SIZE, "layout.h");

union cpu_slot {
	struct cpu cpu;
	u8 size[CPU_SIZE];
};
extern union cpu_slot cpus[MAX_CPUS];

static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)MRC(REG_TPIDRPRW);
}

/* Assign CPU n its stacks; in boot.S. */
void cpu_init(u32 n);

#endif
