// SPDX-License-Identifier: GPL-2.0-only
#include "insn.h"

#include "arm.h"
#include "cache.h"
#include "exception.h"
#include "pl0.h"

/*
 * void slot(u32 *regs): loads r0 and r1, sets Z, executes the instruction, stores r0 and r1, and
 * returns.  It has its own page because an emulator is slow when data is written next to code.
 */
static union {
	u32 arm[7];
	u16 thumb[12];
	u8 page[4096];
} slot __attribute__((aligned(4096)));

exc_hook insn_hook;

u32 insn_address(u32 flags)
{
	return flags & INSN_THUMB ? (u32)&slot.thumb[6] : (u32)&slot.arm[4];
}

static void put_thumb(u32 insn, u32 flags)
{
	slot.thumb[0] = 0xb500; /* push {lr} */
	slot.thumb[1] = 0x4684; /* mov r12, r0 */
	slot.thumb[2] = 0xe89c; /* ldm.w r12, {r0, r1} */
	slot.thumb[3] = 0x0003;
	slot.thumb[4] = 0x45e4; /* cmp r12, r12 */
	slot.thumb[5] = 0xbf00; /* nop */
	if (flags & INSN_EQ)
		slot.thumb[5] = 0xbf0c; /* ite eq */
	if (flags & INSN_NE)
		slot.thumb[5] = 0xbf14; /* ite ne */
	slot.thumb[6] = (u16)(insn >> 16);
	slot.thumb[7] = (u16)insn;
	slot.thumb[8] = 0xbf00; /* nop: the second instruction of the IT block */
	if (flags & INSN_EQ)
		slot.thumb[8] = 0x2100 | INSN_ELSE; /* movne r1, #INSN_ELSE */
	slot.thumb[9] = 0xe88c;			    /* stm.w r12, {r0, r1} */
	slot.thumb[10] = 0x0003;
	slot.thumb[11] = 0xbd00; /* pop {pc} */
}

static void put_arm(u32 insn, u32 flags)
{
	if (flags & INSN_EQ)
		insn &= 0x0fffffff; /* condition EQ */
	if (flags & INSN_NE)
		insn = (insn & 0x0fffffff) | 0x10000000;
	slot.arm[0] = 0xe92d4000; /* push {lr}: an SVC at PL1 overwrites it */
	slot.arm[1] = 0xe1a0c000; /* mov r12, r0 */
	slot.arm[2] = 0xe89c0003; /* ldm r12, {r0, r1} */
	slot.arm[3] = 0xe15c000c; /* cmp r12, r12 */
	slot.arm[4] = insn;
	slot.arm[5] = 0xe88c0003; /* stm r12, {r0, r1} */
	slot.arm[6] = 0xe49df004; /* pop {pc} */
}

static u32 put_insn(u32 insn, u32 flags)
{
	if (flags & INSN_THUMB)
		put_thumb(insn, flags);
	else
		put_arm(insn, flags);
	cache_sync_code(&slot, sizeof(slot.arm));
	return (u32)&slot | (flags & INSN_THUMB);
}

u32 insn_run(u32 insn, u32 flags, u32 *r0, u32 *r1)
{
	u32 regs[2] = { *r0, *r1 };
	u32 code = put_insn(insn, flags);

	exc_expect(insn_hook);
	if (flags & INSN_PL0) {
		pl0_call(code, (u32)regs, 0);
	} else {
		register u32 *arg __asm__("r0") = regs;

		__asm__ volatile("blx %1"
				 : "+r"(arg)
				 : "r"(code)
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
	return insn_run(INSN_MRC(cp, opc1, crn, crm, opc2, 0), INSN_ARM, val, &other);
}

u32 cp_write(u32 cp, u32 opc1, u32 crn, u32 crm, u32 opc2, u32 val)
{
	u32 other = 0;

	return insn_run(INSN_MCR(cp, opc1, crn, crm, opc2, 0), INSN_ARM, &val, &other);
}
