// SPDX-License-Identifier: GPL-2.0-only
#include "targets.h"

#include "pl0.h"

extern u8 break_arm[], break_arm_at[], break_thumb[], break_thumb_lo[], break_thumb_hi[],
	break_thumb2[], break_thumb2_at[];
extern u8 access_ldrh[], access_ldrd[], access_ldm[], access_ldrex[], access_strh[], access_strd[],
	access_stm[], access_tldrb[], access_tldr[], access_tstrb[], access_tstr[], access_tldrd[],
	access_ldrsb[], access_ldrpost[], access_strpre[];

const struct break_target break_targets[BREAK_TARGETS] = {
	{ "ARM", (u32)break_arm, (u32)break_arm_at, 0xf },
	{ "Thumb low half", (u32)break_thumb + 1, (u32)break_thumb_lo, 0x3 },
	{ "Thumb high half", (u32)break_thumb + 1, (u32)break_thumb_hi, 0xc },
	{ "Thumb 32-bit", (u32)break_thumb2 + 1, (u32)break_thumb2_at, 0x3 },
};

const struct access accesses[ACCESSES] = {
	{ "ldrb", (u32)access_ldrb, 1, LOAD },
	{ "ldrsb", (u32)access_ldrsb, 1, LOAD },
	{ "ldrh", (u32)access_ldrh, 2, LOAD },
	{ "ldr", (u32)access_ldr, 4, LOAD },
	{ "ldr post-indexed", (u32)access_ldrpost, 4, LOAD },
	{ "ldrd", (u32)access_ldrd, 8, LOAD },
	{ "ldm", (u32)access_ldm, 8, LOAD },
	{ "ldrex", (u32)access_ldrex, 4, LOAD },
	{ "strb", (u32)access_strb, 1, STORE },
	{ "strh", (u32)access_strh, 2, STORE },
	{ "str", (u32)access_str, 4, STORE },
	{ "str pre-indexed", (u32)access_strpre, 4, STORE },
	{ "strd", (u32)access_strd, 8, STORE },
	{ "stm", (u32)access_stm, 8, STORE },
	{ "Thumb ldrb", (u32)access_tldrb + 1, 1, LOAD },
	{ "Thumb ldr", (u32)access_tldr + 1, 4, LOAD },
	{ "Thumb strb", (u32)access_tstrb + 1, 1, STORE },
	{ "Thumb str", (u32)access_tstr + 1, 4, STORE },
};

u32 call_at(u32 pl, u32 fn, u32 arg)
{
	register u32 r0 __asm__("r0") = arg;

	if (!pl)
		return pl0_call(fn, arg, 0);
	__asm__ volatile("blx %1"
			 : "+r"(r0)
			 : "r"(fn)
			 : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
	return r0;
}
