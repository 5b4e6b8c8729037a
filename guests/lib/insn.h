/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions made at run time: sweeps over encodings. */
#ifndef GUEST_INSN_H
#define GUEST_INSN_H

#include "types.h"

/* ARM encodings, condition AL, A8.8.98, A8.8.107. */
#define INSN_MRC(cp, o1, n, m, o2, rt) \
	(0xee100010u | (o1) << 21 | (n) << 16 | (rt) << 12 | (cp) << 8 | (o2) << 5 | (m))
#define INSN_MCR(cp, o1, n, m, o2, rt) \
	(0xee000010u | (o1) << 21 | (n) << 16 | (rt) << 12 | (cp) << 8 | (o2) << 5 | (m))
#define INSN_MRRC(cp, o1, m, rt, rt2) \
	(0xec500000u | (rt2) << 16 | (rt) << 12 | (cp) << 8 | (o1) << 4 | (m))
#define INSN_MCRR(cp, o1, m, rt, rt2) \
	(0xec400000u | (rt2) << 16 | (rt) << 12 | (cp) << 8 | (o1) << 4 | (m))

/*
 * Execute one ARM instruction with *r0 and *r1 in r0 and r1, which get what it
 * left there; it may use these two only.  pl0: in User mode.  Returns the type
 * of the exception that it raised, or 0.
 */
u32 insn_run(u32 insn, u32 *r0, u32 *r1, bool pl0);

/* Read or write one register: the exception, or 0. */
u32 cp_read(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 *val);
u32 cp_write(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 val);

#endif
