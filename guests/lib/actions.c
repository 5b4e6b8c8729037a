// SPDX-License-Identifier: GPL-2.0-only
#include "actions.h"

#include "arm.h"

#define MEMORY(name, ...) extern u8 mem_##name[], mem_##name##_at[];
#define ACTION(name, ...) extern u8 act_##name[], act_##name##_at[], act_##name##_next[];
#include "actions.def"

enum kind {
	ANY,
	DEVICE,
	EXCLUSIVE
};

const struct memory_access memory_accesses[MEM_OPS] = {
#define MEMORY(name, thumb, size, dir, kind)                            \
	{ #name, (u32)mem_##name + (thumb), (u32)mem_##name##_at, size, \
	  dir,	 (kind) == DEVICE,	    (kind) == EXCLUSIVE },
#include "actions.def"
};

const struct action actions[ACTIONS] = {
#define ACTION(name, thumb) \
	{ #name, (u32)act_##name + (thumb), (u32)act_##name##_at, (u32)act_##name##_next },
#include "actions.def"
};

void actions_enable_simd(void)
{
	/* CPACR.cp10 and cp11 for both levels, B4.1.40; then FPEXC.EN. */
	MCR(REG_CPACR, MRC(REG_CPACR) | 0xfu << 20);
	isb();
	__asm__ volatile(".fpu neon-vfpv4\nvmsr fpexc, %0" : : "r"(1u << 30) : "memory");
}
