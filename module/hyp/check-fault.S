/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In a module built with KVM_ARMV7_CHECKS=y only: a guest asks HYP to fault, so that a test
 * sees what comes of it.
 */
#include "abi.h"

	.arch	armv7ve
	.arch_extension virt
	.arm
	.text

/*
 * void hyp_check_fault(uint32_t vector, uint32_t words): fault with that many words on the
 * stack, so that SP is what a leaf function may have.  vector: its number in table B1-3.
 */
	.global	hyp_check_fault
	.type	hyp_check_fault, %function
hyp_check_fault:
	sub	sp, sp, r1, lsl #2
	cmp	r0, #2
	blo	1f
	beq	2f
	cmp	r0, #4
	strhs	r0, [pc]	@ 4, data abort: the image is read-only
	mrc	p15, 4, r0, c13, c0, 2
	bx	r0		@ 3, prefetch abort: struct hyp_percpu is execute-never
1:	udf	#0
2:	hvc	#0
