/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Executes many instructions of one kind, encoded at run time, in a row.  Records what each left
 * in its operands and what all of them left in the other registers.
 */
#ifndef GUEST_SWEEP_H
#define GUEST_SWEEP_H

#include "types.h"

/* Bit 0: PL0.  Bit 1: Thumb.  [3:2]: no condition, one that passes, one that fails. */
#define SWEEP_MODES 12u
#define SWEEP_BLOCK 128u

struct sweep_result {
	u32 r0, r3;
	u32 undefined;
};

/* Counts of what was wrong; sweep_block() adds to them. */
struct sweep_check {
	u32 lr, spsr;	       /* of an exception */
	u32 registers;	       /* r4 - r12, LR, flags; an instruction not executed exactly once */
	u32 undefined_not_run; /* an exception under a condition that fails */
	u32 changed;	       /* for the caller's use */
};

/* The value of r3 before each instruction: the address of memory that LDC and STC may use. */
extern u32 sweep_memory[64];
#define SWEEP_R3 ((u32)(sweep_memory + 32))

/* Run insn(first) to insn(first + SWEEP_BLOCK - 1), each insn(i) with operand(i) in r0. */
const struct sweep_result *sweep_block(u32 mode, u32 first, u32 (*insn)(u32), u32 (*operand)(u32),
				       struct sweep_check *sum);

/* Run one instruction in another mode of PL1 with value in rt; returns rt after it. */
u32 sweep_operand(u32 mode, u32 rt, u32 insn, u32 value);
/* The flags after an instruction, run in ARM and in Thumb; ~0 if the two differ. */
u32 sweep_flags(u32 insn);

#endif
