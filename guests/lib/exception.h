/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions: a program declares that it expects exceptions, runs what raises them, and checks
 * what was recorded.  An unexpected exception is dumped, counts as a FAIL and ends the program.
 */
#ifndef GUEST_EXCEPTION_H
#define GUEST_EXCEPTION_H

#include "layout.h"
#include "types.h"

/* As vectors.S pushes it. */
struct frame {
	u32 r[13];
	u32 lr; /* of the exception's mode, as the CPU set it */
	u32 spsr;
	u32 type; /* EXC_* */
	u32 pc;	  /* the instruction that raised it (SVC: the next); the return address */
	u32 pad;
};

/* The last expected exception. */
struct exc {
	u32 type; /* EXC_*; 0: none came */
	u32 count;
	u32 lr;
	u32 spsr;
	u32 pc;
	u32 cpsr;  /* of the handler */
	u32 entry; /* CPSR's T and E at the vector */
	u32 ifsr, ifar;
	u32 dfsr, dfar;
	u32 moe; /* DBGDSCRint.MOE; aborts only, like the four above */
};

/* Called for each expected exception once it has been recorded. */
typedef void (*exc_hook)(struct frame *frame);

/* Expect exceptions from here on.  If hook is NULL, the instruction is skipped. */
void exc_expect(exc_hook hook);
/* Expect no more exceptions; returns what was recorded. */
const struct exc *exc_done(void);
/* For hooks: continue after the instruction. */
void exc_skip(struct frame *frame);

/* Run a statement; returns the type of the exception that it raised, or 0. */
#define TRAP(stmt)                \
	({                        \
		exc_expect(NULL); \
		stmt;             \
		exc_done()->type; \
	})

/* Called for each IRQ. */
extern void (*irq_hook)(void);

const char *exc_name(u32 type);
const char *mode_name(u32 psr);

#endif
