// SPDX-License-Identifier: GPL-2.0-only
#include "insn.h"

#include "arm.h"
#include "cache.h"
#include "exception.h"
#include "pl0.h"

/* void slot(u32 *regs): ldm, the instruction, stm, return. */
static u32 slot[6] __attribute__((aligned(64)));

u32 insn_run(u32 insn, u32 *r0, u32 *r1, bool pl0)
{
	u32 regs[2] = { *r0, *r1 };

	slot[0] = 0xe1a0c000; /* mov r12, r0 */
	slot[1] = 0xe89c0003; /* ldm r12, {r0, r1} */
	slot[2] = insn;
	slot[3] = 0xe88c0003; /* stm r12, {r0, r1} */
	slot[4] = 0xe12fff1e; /* bx lr */
	cache_sync_code(slot, sizeof(slot));

	exc_expect(NULL);
	if (pl0) {
		pl0_call((u32)slot, (u32)regs, 0);
	} else {
		/* An exception taken to SVC mode (SVC itself) changes LR_svc. */
		register u32 *arg __asm__("r0") = regs;

		__asm__ volatile("push {r11, lr}\n"
				 "blx %1\n"
				 "pop {r11, lr}\n"
				 : "+r"(arg)
				 : "r"(slot)
				 : "r1", "r2", "r3", "r12", "lr", "memory", "cc");
	}
	*r0 = regs[0];
	*r1 = regs[1];
	return exc_done()->type;
}

u32 cp_read(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 *val)
{
	u32 other = 0;

	*val = NOT_READ;
	return insn_run(INSN_MRC(cp, opc1, crn, crm, opc2, 0), val, &other, false);
}

u32 cp_write(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 val)
{
	u32 other = 0;

	return insn_run(INSN_MCR(cp, opc1, crn, crm, opc2, 0), &val, &other, false);
}
