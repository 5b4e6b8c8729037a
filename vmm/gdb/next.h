/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the next instruction of a stopped vCPU will be, so that a breakpoint there ends a step. */
#ifndef ARMVM_GDB_NEXT_H
#define ARMVM_GDB_NEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_NEXT_MAX 2u

/* The vCPU before the instruction. */
struct gdb_next_cpu {
	uint32_t r[16]; /* of its mode; r15 is the address of the instruction */
	uint32_t cpsr;
	uint32_t spsr; /* of its mode; only an exception return uses it */
	/* Read memory by virtual address; false if it cannot be read. */
	bool (*read)(void *context, uint32_t va, uint8_t *data, size_t length);
	void *context;
};

struct gdb_target {
	uint32_t va;
	bool thumb;
};

struct gdb_next {
	unsigned int count;
	struct gdb_target at[GDB_NEXT_MAX];
};

/*
 * Conditions are evaluated, so there is one address, except that LDREX to STREX
 * is one step: each stop clears the exclusive monitor, and the loop around them
 * would never end.  If a branch leaves the sequence, its target is the second
 * address.
 *
 * SVC, HVC, SMC, BKPT and UDF are stepped over: the address is the one after
 * them, where their handlers usually return.  An exception that another
 * instruction or an interrupt causes is not foreseen.
 *
 * Returns 0, or -EFAULT if the instruction, or what it loads the PC from,
 * cannot be read.
 */
int gdb_next(const struct gdb_next_cpu *cpu, struct gdb_next *next);

#endif
