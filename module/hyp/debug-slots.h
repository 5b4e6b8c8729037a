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
 * One register of each slot in a mask: read_bvrs() to `to`; write_bvrs() from `from`;
 * load_bvrs() from `from`, with a copy in `to`; clear_bcrs() writes 0.  And so on.  They stop
 * after the last slot of the mask.
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
#define load_EACH(n, opc2)  EACH(n, write_sysreg(CP14(0, c0, c##n, opc2), to[n] = from[n]))
#define clear_EACH(n, opc2) EACH(n, write_sysreg(CP14(0, c0, c##n, opc2), 0))
#define read_EACH_4(n)	    read_EACH(n, 4)
#define read_EACH_6(n)	    read_EACH(n, 6)
#define write_EACH_4(n)	    write_EACH(n, 4)
#define write_EACH_5(n)	    write_EACH(n, 5)
#define write_EACH_6(n)	    write_EACH(n, 6)
#define write_EACH_7(n)	    write_EACH(n, 7)
#define load_EACH_4(n)	    load_EACH(n, 4)
#define load_EACH_5(n)	    load_EACH(n, 5)
#define load_EACH_6(n)	    load_EACH(n, 6)
#define load_EACH_7(n)	    load_EACH(n, 7)
#define clear_EACH_5(n)	    clear_EACH(n, 5)
#define clear_EACH_7(n)	    clear_EACH(n, 7)

SLOT_MOVER(read, bvr, 4, uint32_t *to)
SLOT_MOVER(read, wvr, 6, uint32_t *to)
SLOT_MOVER(write, bvr, 4, const uint32_t *from)
SLOT_MOVER(write, bcr, 5, const uint32_t *from)
SLOT_MOVER(write, wvr, 6, const uint32_t *from)
SLOT_MOVER(write, wcr, 7, const uint32_t *from)
SLOT_MOVER(load, bvr, 4, const uint32_t *from, uint32_t *to)
SLOT_MOVER(load, bcr, 5, const uint32_t *from, uint32_t *to)
SLOT_MOVER(load, wvr, 6, const uint32_t *from, uint32_t *to)
SLOT_MOVER(load, wcr, 7, const uint32_t *from, uint32_t *to)
SLOT_MOVER(clear, bcr, 5)
SLOT_MOVER(clear, wcr, 7)

#endif /* HYP_DEBUG_SLOTS_H */
