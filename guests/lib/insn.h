/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions encoded at run time, for sweeps over encodings. */
#ifndef GUEST_INSN_H
#define GUEST_INSN_H

#include "exception.h"

/*
 * A8.8.98, A8.8.107 and the corresponding sections, condition AL.  The T1 encoding has the same
 * bits; its first halfword is the upper one.
 */
#define INSN_MRC(cp, o1, n, m, o2, rt) \
	(0xee100010u | (o1) << 21 | (n) << 16 | (rt) << 12 | (cp) << 8 | (o2) << 5 | (m))
#define INSN_MCR(cp, o1, n, m, o2, rt) \
	(0xee000010u | (o1) << 21 | (n) << 16 | (rt) << 12 | (cp) << 8 | (o2) << 5 | (m))
#define INSN_READ (1u << 20) /* MCR becomes MRC */
#define INSN_MRRC(cp, o1, m, rt, rt2) \
	(0xec500000u | (rt2) << 16 | (rt) << 12 | (cp) << 8 | (o1) << 4 | (m))
#define INSN_MCRR(cp, o1, m, rt, rt2) \
	(0xec400000u | (rt2) << 16 | (rt) << 12 | (cp) << 8 | (o1) << 4 | (m))

enum insn_flags {
	INSN_ARM = 0,
	INSN_THUMB = 1, /* insn is a 32-bit Thumb instruction */
	INSN_PL0 = 2,	/* run it in User mode */
	/*
	 * Run it under a condition that passes (EQ) or fails (NE).  In Thumb an IT block of two
	 * gives the condition; with EQ its second instruction must not execute.
	 */
	INSN_EQ = 4,
	INSN_NE = 8,
};
#define INSN_ELSE 0x77 /* in r1, if the second instruction of the IT block executed */

/*
 * Execute one instruction with *r0 and *r1 in r0 and r1, and store both registers back.  The
 * instruction may use no other register.  Returns the type of the exception that it raised, or 0.
 */
u32 insn_run(u32 insn, u32 flags, u32 *r0, u32 *r1);
/* The hook for such an exception; NULL skips the instruction. */
extern exc_hook insn_hook;
/* Where insn_run() puts an instruction. */
u32 insn_address(u32 flags);

/* Read or write one register at PL1; returns the type of the exception, or 0. */
u32 cp_read(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 *val);
u32 cp_write(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 val);

#endif
