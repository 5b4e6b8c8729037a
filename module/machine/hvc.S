/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HVC instructions of the kernel side, in assembly to control what is in each register.
 * The code is in the kernel's instruction set, A32 or T32: a Thumb-2 kernel loads no module
 * that calls A32 functions.
 */
#include <linux/linkage.h>
#include <asm/unified.h>
#include "hyp/abi.h"
#include "hyp/sysreg-bits.h"

	.arch	armv7ve
	.arch_extension virt
	.text

/*
 * u32 hyp_call(u32 fn, u32 a1, u32 a2): HYP preserves SP only.  Save all other
 * callee-saved registers here: if HYP faults, hyp_panic unwinds to this call and loses
 * what HYP's functions had saved of r4 to r11.
 */
ENTRY(hyp_call)
	push	{r4-r12, lr}	@ r12 for the alignment
	hvc	#0
	pop	{r4-r12, lr}
	bx	lr
ENDPROC(hyp_call)

/*
 * void hyp_probe_mismatch(void): after the first HVC a breakpoint stops at every
 * instruction but `at`; see hyp_debug_mismatch_begin().  `at` must be where that HVC
 * returns to, and the second HVC must follow it after 4 bytes; v7dbg's breakpoint covers
 * an aligned word, so in T32, too, the NOP is one.  Nothing may execute in between: no
 * interrupt, and no kprobe, which .noinstr.text prevents.  The first HVC leaves r0 set up
 * for the second one, and the breakpoint does not change it.
 */
	.pushsection .noinstr.text, "ax"
ENTRY(hyp_probe_mismatch)
	push	{r4-r12, lr}
	mrs	r4, cpsr
	push	{r4, r5}
	movw	r0, #(HYP_CALL_MISMATCH & 0xffff)
	movt	r0, #(HYP_CALL_MISMATCH >> 16)
	cpsid	aif
	.balign	4
	hvc	#0
at:	W(nop)
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

/*
 * u32 hyp_ask(u32 fn): the answer of whoever serves this CPU's HVC; HYP_ASK_UNDEFINED or
 * HYP_ASK_SECURE if there is none.  Firmware decides that, with SCR.NS and SCR.HCE (B9.3.4),
 * which cannot be read from Non-secure state: SCR is UNDEFINED there (B4.1.129).  So first
 * SCR is read, then HVC executed, and both may end in an exception.
 *
 * For these instructions all exceptions are ours: they are masked, and the vectors are
 * those below, in the page that executes, so it is mapped.  Where something that cannot be
 * masked comes in between (an FIQ under SCTLR.NMFI, a breakpoint of the host), the answer is
 * wrong but harmless: UNDEFINED, and the FIQ is still pending.
 * r4 is the step; of what HVC leaves in the registers, only SP is relied upon.
 */
	.pushsection .noinstr.text, "ax"
	.balign	256
ask_vectors:
	.rept	8
	W(b)	ask_exception
	.endr
ENTRY(hyp_ask)
	push	{r4-r12, lr}
	mrs	r4, cpsr
	mrc	p15, 0, r5, c1, c0, 0	@ SCTLR
	mrc	p15, 0, r6, c12, c0, 0	@ VBAR
	push	{r4-r6, r7}		@ r7 for the alignment
	mov	r4, #0
	cpsid	aif
	adr	r7, ask_vectors
	bic	r8, r5, #SCTLR_V
	mcr	p15, 0, r7, c12, c0, 0	@ VBAR
	mcr	p15, 0, r8, c1, c0, 0	@ SCTLR
	isb				@ both are in effect (B3.15.5)
	mrc	p15, 0, r7, c1, c1, 0	@ SCR
	mov	r0, #HYP_ASK_SECURE
	b	ask_return
ask_not_secure:
	mov	r4, #1
	hvc	#0
ask_return:
	pop	{r4-r6, r7}
	mcr	p15, 0, r5, c1, c0, 0	@ SCTLR
	mcr	p15, 0, r6, c12, c0, 0	@ VBAR
	isb
	msr	cpsr_cx, r4		@ A is in the extension field
	pop	{r4-r12, lr}
	bx	lr
	/* In the exception's mode: back to ours, which has the stack. */
ask_exception:
	cps	#PSR_SVC
	teq	r4, #0
	beq	ask_not_secure
	mov	r0, #HYP_ASK_UNDEFINED
	b	ask_return
ENDPROC(hyp_ask)
	.org	ask_vectors + 256	@ an error if it is longer, and may cross a page
	.popsection
