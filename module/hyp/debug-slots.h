/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slots' registers, DBGBVRn, DBGBCRn, DBGWVRn and DBGWCRn, many at a time; for debug-sr.c
 * only.  n is CRm, so each register needs its own instruction.
 *
 * Straight code, for what each run of a guest with points does: a call and a switch for each
 * register cost more than the register.
 */
#ifndef HYP_DEBUG_SLOTS_H
#define HYP_DEBUG_SLOTS_H

#include "debug-sr.h"

#define EACH_SLOT(op)                                                                           \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)
#define EACH_SLOT_DOWN(op)                                                                        \
	op(15) op(14) op(13) op(12) op(11) op(10) op(9) op(8) op(7) op(6) op(5) op(4) op(3) op(2) \
		op(1) op(0)

/* read_all_bcrs(), read_all_wcrs(): a bank's controls to host.control; returns them or'ed. */
#define CONTROL_READER(name, opc2)                                             \
	static inline uint32_t read_all_##name##s(struct v7dbg_cpu_bank *bank) \
	{                                                                      \
		uint32_t *control = bank->host.control, any = 0;               \
                                                                               \
		switch (bank->count) {                                         \
			EACH_SLOT_DOWN(READ_CONTROL_##opc2)                    \
		default:                                                       \
			break;                                                 \
		}                                                              \
		return any;                                                    \
	}
#define READ_CONTROL(n, opc2)                                      \
	case (n) + 1:                                              \
		control[n] = read_sysreg(CP14(0, c0, c##n, opc2)); \
		any |= control[n];                                 \
		__attribute__((fallthrough));
#define READ_CONTROL_5(n) READ_CONTROL(n, 5)
#define READ_CONTROL_7(n) READ_CONTROL(n, 7)

CONTROL_READER(bcr, 5)
CONTROL_READER(wcr, 7)

/*
 * The same of both banks at once, where they have HYP_STRAIGHT_BRPS and HYP_STRAIGHT_WRPS: one
 * store for each bank.
 */
static inline uint32_t read_straight_controls(struct v7dbg_cpu *cpu)
{
	uint32_t any;

	V7DBG_STATIC_ASSERT(HYP_STRAIGHT_BRPS == 6 && HYP_STRAIGHT_WRPS == 4, "these registers");
	__asm__ volatile("mrc	p14, 0, r4, c0, c0, 5\n\t"
			 "mrc	p14, 0, r5, c0, c1, 5\n\t"
			 "mrc	p14, 0, r6, c0, c2, 5\n\t"
			 "mrc	p14, 0, r7, c0, c3, 5\n\t"
			 "mrc	p14, 0, r8, c0, c4, 5\n\t"
			 "mrc	p14, 0, r9, c0, c5, 5\n\t"
			 "stm	%[brp], {r4 - r9}\n\t"
			 "orr	%[any], r4, r5\n\t"
			 "orr	%[any], %[any], r6\n\t"
			 "orr	%[any], %[any], r7\n\t"
			 "orr	%[any], %[any], r8\n\t"
			 "orr	%[any], %[any], r9\n\t"
			 "mrc	p14, 0, r4, c0, c0, 7\n\t"
			 "mrc	p14, 0, r5, c0, c1, 7\n\t"
			 "mrc	p14, 0, r6, c0, c2, 7\n\t"
			 "mrc	p14, 0, r7, c0, c3, 7\n\t"
			 "stm	%[wrp], {r4 - r7}\n\t"
			 "orr	%[any], %[any], r4\n\t"
			 "orr	%[any], %[any], r5\n\t"
			 "orr	%[any], %[any], r6\n\t"
			 "orr	%[any], %[any], r7"
			 : [any] "=&r"(any)
			 : [brp] "r"(cpu->brp.host.control), [wrp] "r"(cpu->wrp.host.control)
			 : "r4", "r5", "r6", "r7", "r8", "r9", "memory");
	return any;
}

/*
 * One register of each slot in a mask: read_bvrs() to `to`; write_bvrs() from `from`;
 * clear_bcrs() writes 0.  And so on.  They stop after the last slot of the mask.
 *
 * Not inlined: the compiler would copy the barriers between them into each of their ends.
 */
#define SLOT_MOVER(verb, name, opc2, ...)                                                     \
	static __attribute__((noinline)) void verb##_##name##s(uint32_t slots, ##__VA_ARGS__) \
	{                                                                                     \
		if (!slots)                                                                   \
			return;                                                               \
		do {                                                                          \
			EACH_SLOT(verb##_EACH_##opc2)                                         \
		} while (0);                                                                  \
	}
#define EACH(n, statement)        \
	if (slots & (1u << (n)))  \
		statement;        \
	if (!(slots >> (n) >> 1)) \
		break;
#define read_EACH(n, opc2)  EACH(n, to[n] = read_sysreg(CP14(0, c0, c##n, opc2)))
#define write_EACH(n, opc2) EACH(n, write_sysreg(CP14(0, c0, c##n, opc2), from[n]))
#define clear_EACH(n, opc2) EACH(n, write_sysreg(CP14(0, c0, c##n, opc2), 0))
#define read_EACH_4(n)	    read_EACH(n, 4)
#define read_EACH_6(n)	    read_EACH(n, 6)
#define write_EACH_4(n)	    write_EACH(n, 4)
#define write_EACH_5(n)	    write_EACH(n, 5)
#define write_EACH_6(n)	    write_EACH(n, 6)
#define write_EACH_7(n)	    write_EACH(n, 7)
#define clear_EACH_5(n)	    clear_EACH(n, 5)
#define clear_EACH_7(n)	    clear_EACH(n, 7)

SLOT_MOVER(read, bvr, 4, uint32_t *to)
SLOT_MOVER(read, wvr, 6, uint32_t *to)
SLOT_MOVER(write, bvr, 4, const uint32_t *from)
SLOT_MOVER(write, bcr, 5, const uint32_t *from)
SLOT_MOVER(write, wvr, 6, const uint32_t *from)
SLOT_MOVER(write, wcr, 7, const uint32_t *from)
SLOT_MOVER(clear, bcr, 5)
SLOT_MOVER(clear, wcr, 7)

/*
 * op() of each slot below count, a constant, without a test for each.  Of a slot's register,
 * SAVE_n(slot) reads it to host[], and LOAD_n() writes it from values[] or controls[]; n is opc2.
 */
#define SLOTS_BELOW(count, op)   \
	do {                     \
		if ((count) > 0) \
			op(0);   \
		if ((count) > 1) \
			op(1);   \
		if ((count) > 2) \
			op(2);   \
		if ((count) > 3) \
			op(3);   \
		if ((count) > 4) \
			op(4);   \
		if ((count) > 5) \
			op(5);   \
	} while (0)
#define SAVE(n, opc2)	      (host[n] = read_sysreg(CP14(0, c0, c##n, opc2)))
#define LOAD_VALUE(n, opc2)   write_sysreg(CP14(0, c0, c##n, opc2), values[n])
#define LOAD_CONTROL(n, opc2) write_sysreg(CP14(0, c0, c##n, opc2), controls[n])
#define SAVE_4(n)	      SAVE(n, 4)
#define SAVE_6(n)	      SAVE(n, 6)
#define LOAD_4(n)	      LOAD_VALUE(n, 4)
#define LOAD_5(n)	      LOAD_CONTROL(n, 5)
#define LOAD_6(n)	      LOAD_VALUE(n, 6)
#define LOAD_7(n)	      LOAD_CONTROL(n, 7)

/*
 * The points of a guest that are one bank's first ones, which most are: op(which, bank, count).
 * which: v7dbg_points.brp and .wrp as one word.
 */
#define EACH_STRAIGHT_RUN(op)                                                                    \
	op(0x10000, wrp, 1) op(0x30000, wrp, 2) op(0x70000, wrp, 3) op(0xf0000, wrp, 4)          \
		op(0x1, brp, 1) op(0x3, brp, 2) op(0x7, brp, 3) op(0xf, brp, 4) op(0x1f, brp, 5) \
			op(0x3f, brp, 6)

static inline uint32_t points_word(const struct v7dbg_points *points)
{
	typedef uint32_t __attribute__((__may_alias__)) word;

	V7DBG_STATIC_ASSERT(offsetof(struct v7dbg_points, wrp) ==
				    offsetof(struct v7dbg_points, brp) + 2,
			    "the first is in the low half: the CPU is little-endian");
	return *(const word *)points;
}

#endif /* HYP_DEBUG_SLOTS_H */
