/* SPDX-License-Identifier: GPL-2.0-only */
/* FPEXC (B4.1.57), which PL1 can access whatever its EN bit says. */
#ifndef KVM_ARMV7_FPEXC_H
#define KVM_ARMV7_FPEXC_H

#include <linux/types.h>

/* The kernel's code has no VFP, so the assembler has to be told. */
static inline u32 read_fpexc(void)
{
	u32 value;

	asm volatile(".fpu vfpv3\n\tvmrs %0, fpexc" : "=r"(value) : : "memory");
	return value;
}

static inline void write_fpexc(u32 value)
{
	asm volatile(".fpu vfpv3\n\tvmsr fpexc, %0" : : "r"(value) : "memory");
}

#endif /* KVM_ARMV7_FPEXC_H */
