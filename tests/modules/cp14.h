/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU's debug registers, DDI 0406C C11.  The number of a slot is CRm, which is part of the
 * instruction, so each slot needs an instruction of its own.
 */
#ifndef TEST_CP14_H
#define TEST_CP14_H

#include <linux/types.h>

#define CP14_READ(crm, opc2)                                                      \
	({                                                                        \
		u32 val;                                                          \
		asm volatile("mrc p14, 0, %0, c0, " #crm ", " #opc2 : "=r"(val)); \
		val;                                                              \
	})
#define CP14_WRITE(crm, opc2, val) \
	asm volatile("mcr p14, 0, %0, c0, " #crm ", " #opc2 ::"r"(val) : "memory")

#define CP14_EACH(op, opc2)                                                                 \
	op(0, opc2) op(1, opc2) op(2, opc2) op(3, opc2) op(4, opc2) op(5, opc2) op(6, opc2) \
		op(7, opc2) op(8, opc2) op(9, opc2) op(10, opc2) op(11, opc2) op(12, opc2)  \
			op(13, opc2) op(14, opc2) op(15, opc2)
#define CP14_READ_CASE(n, opc2) \
	case n:                 \
		return CP14_READ(c##n, opc2);
#define CP14_WRITE_CASE(n, opc2)             \
	case n:                              \
		CP14_WRITE(c##n, opc2, val); \
		break;
#define CP14_BANK(name, opc2)                                            \
	static __maybe_unused u32 name##_read(unsigned int n)            \
	{                                                                \
		switch (n) {                                             \
			CP14_EACH(CP14_READ_CASE, opc2)                  \
		}                                                        \
		return 0;                                                \
	}                                                                \
	static __maybe_unused void name##_write(unsigned int n, u32 val) \
	{                                                                \
		switch (n) {                                             \
			CP14_EACH(CP14_WRITE_CASE, opc2)                 \
		}                                                        \
	}

CP14_BANK(bvr, 4)
CP14_BANK(bcr, 5)
CP14_BANK(wvr, 6)
CP14_BANK(wcr, 7)

#define DBGDSCR_MDBGEN (1u << 15)
#define DBGDSCR_MOE    (0xfu << 2)

static inline u32 dbgdidr(void)
{
	return CP14_READ(c0, 0);
}

static inline u32 dbgdscr_read(void)
{
	return CP14_READ(c1, 0);
}

static inline u32 dbgvcr_read(void)
{
	return CP14_READ(c7, 0);
}

static inline void dbgdscr_write(u32 val)
{
	CP14_WRITE(c2, 2, val);
}

static inline unsigned int nr_brps(void)
{
	return (dbgdidr() >> 24 & 0xf) + 1;
}

static inline unsigned int nr_wrps(void)
{
	return (dbgdidr() >> 28 & 0xf) + 1;
}

#endif
