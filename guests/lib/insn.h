/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions made at run time: sweeps over encodings. */
#ifndef GUEST_INSN_H
#define GUEST_INSN_H

#include "exception.h"

/*
 * A8.8.98, A8.8.107 and their siblings, condition AL.  The T1 encoding has the
 * same bits, its first halfword is the upper one.
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
	/* Under a condition that passes, or fails; in Thumb by an IT block that
	 * goes on behind it, with an instruction that must not execute. */
	INSN_EQ = 4,
	INSN_NE = 8,
};
#define INSN_ELSE 0x77 /* r1, had the rest of the IT block gone wrong */

/*
 * Execute one instruction with *r0 and *r1 in r0 and r1, which get what it left
 * there; it may use these two and no other register.  Returns the type of the
 * exception that it raised and that was skipped, or 0.
 */
u32 insn_run(u32 insn, u32 flags, u32 *r0, u32 *r1);
/* What its exceptions get; NULL skips the instruction. */
extern exc_hook insn_hook;
/* Where insn_run() puts an instruction. */
u32 insn_address(u32 flags);

/* Read or write one register at PL1: the exception, or 0. */
u32 cp_read(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 *val);
u32 cp_write(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 val);

#endif
