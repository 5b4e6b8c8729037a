/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions: a program says that it expects some, runs what raises them, and
 * looks at what was recorded.  An exception that nobody expects is dumped, is a
 * FAIL, and ends the program.
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
	u32 pc;	  /* the instruction concerned; returned to */
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
	u32 moe; /* DBGDSCRint.MOE, read by a handler of an abort */
};

/* Called for each expected exception, after it was recorded. */
typedef void (*exc_hook)(struct frame *frame);

/* Expect exceptions from here on. hook NULL: skip the instruction. */
void exc_expect(exc_hook hook);
/* Expect no more; what was recorded. */
const struct exc *exc_done(void);
/* For hooks: go on behind the instruction. */
void exc_skip(struct frame *frame);

/* Run a statement; the type of the exception that it raised, or 0. */
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
