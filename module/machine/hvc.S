/* SPDX-License-Identifier: GPL-2.0-only */
/* The two ways into HYP; C cannot promise what is in which register. */
#include <linux/linkage.h>
#include "hyp/abi.h"

	.arch	armv7ve
	.arch_extension virt
	.text
	.arm

/*
 * u32 hyp_call(u32 fn, u32 a1, u32 a2, u32 a3): HYP keeps SP.  All else that a
 * function has to keep is saved here: where HYP faults it unwinds to the call,
 * and what its functions had saved of r4 - r11 is lost (hyp_panic).
 */
ENTRY(hyp_call)
	push	{r4-r12, lr}	@ r12 for the alignment
	hvc	#0
	pop	{r4-r12, lr}
	bx	lr
ENDPROC(hyp_call)

/*
 * void hyp_probe_mismatch(void): from the first HVC on a breakpoint stops at every
 * instruction but `at`; see hyp_debug_mismatch_begin().  `at` has to be where that HVC
 * returns to, and the second HVC behind it.  Nothing else may come in between: no
 * interrupt, nor a kprobe, which .noinstr.text keeps out.  r0 is right for the second
 * HVC when the first has returned, and stays so where the breakpoint stops.
 */
	.pushsection .noinstr.text, "ax"
ENTRY(hyp_probe_mismatch)
	push	{r4-r12, lr}
	mrs	r4, cpsr
	push	{r4, r5}
	movw	r0, #(HYP_CALL_MISMATCH & 0xffff)
	movt	r0, #(HYP_CALL_MISMATCH >> 16)
	cpsid	aif
	hvc	#0
at:	nop
	hvc	#0
	pop	{r4, r5}
	msr	cpsr_cx, r4		@ A is in the extension field
	pop	{r4-r12, lr}
	bx	lr
ENDPROC(hyp_probe_mismatch)
	.popsection

/* void hyp_install_call(u32 pc, const struct hyp_install_args *args, u32 out[2]) */
ENTRY(hyp_install_call)
	push	{r2, r4-r7, lr}
	mov	r12, r1
	mov	r1, r0
	mov	r0, #HYP_SOFT_RESTART
	ldm	r12, {r2-r6}
	hvc	#0
	pop	{r2, r4-r7, lr}
	stm	r2, {r0, r1}
	bx	lr
ENDPROC(hyp_install_call)
