/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exception vectors, and the entry to and return from exception().
 *
 * Each exception is handled in its own mode on that mode's stack, so the interrupted mode's SP
 * and LR do not change.
 */
#include "layout.h"

	.syntax unified
	.arch armv7-a
	.arch_extension sec
	.arm
	.text

/*
 * The vectors, their literals and the switch to little-endian have a page of their own, which is
 * also mapped at 0xffff0000 for SCTLR.V.
 */
.macro	vector_stub t, ldr_insn, target
	/*
	 * With SCTLR.EE set nothing can be loaded before the SETEND, so the thread ID registers
	 * are the scratch space.  TPIDRURO passes T and E at the vector to exception().
	 */
	mcr	p15, 0, r0, c13, c0, 2		/* TPIDRURW */
	mrs	r0, cpsr
	and	r0, r0, #PSR_E
	orr	r0, r0, #\t
	mcr	p15, 0, r0, c13, c0, 3		/* TPIDRURO */
	mrc	p15, 0, r0, c13, c0, 2
	setend	le
	\ldr_insn	pc, \target
.endm

.macro	vector_page start, t, b_insn, ldr_insn
\start:
	\b_insn	1f
	\b_insn	2f
	\b_insn	3f
	\b_insn	4f
	\b_insn	5f
	\b_insn	1f
	\b_insn	6f
	\b_insn	7f
1:	b	1b				/* reset and HYP trap: never taken */
2:	vector_stub \t, \ldr_insn, l_und_\start
3:	vector_stub \t, \ldr_insn, l_svc_\start
4:	vector_stub \t, \ldr_insn, l_pabt_\start
5:	vector_stub \t, \ldr_insn, l_dabt_\start
6:	vector_stub \t, \ldr_insn, l_irq_\start
7:	vector_stub \t, \ldr_insn, l_fiq_\start
	.balign	4
l_und_\start:	.word	und_entry
l_svc_\start:	.word	svc_entry
l_pabt_\start:	.word	pabt_entry
l_dabt_\start:	.word	dabt_entry
l_irq_\start:	.word	irq_entry
l_fiq_\start:	.word	fiq_entry
.endm

	.section .vectors, "ax"
	.balign	4096
	.global vectors
	vector_page vectors, 0, b, ldr

	/* B1.8.4: the same in Thumb; VBAR points here while SCTLR.TE is set. */
	.thumb
	.balign	32
	.global vectors_thumb
	vector_page vectors_thumb, PSR_T, b.w, ldr.w
	.balign	4096
	.arm

	.text
.macro	entry name, type, adjust_arm, adjust_thumb
\name:
	sub	sp, sp, #FRAME_SIZE
	stmia	sp, {r0-r12}
	mrs	r1, spsr
	tst	r1, #PSR_T
	str	lr, [sp, #FRAME_LR]
	str	r1, [sp, #FRAME_SPSR]
	subeq	r2, lr, #\adjust_arm
	subne	r2, lr, #\adjust_thumb
	str	r2, [sp, #FRAME_PC]
	mov	r0, #\type
	str	r0, [sp, #FRAME_TYPE]
	mov	r0, sp
	bl	exception
	ldr	lr, [sp, #FRAME_PC]
	ldr	r1, [sp, #FRAME_SPSR]
	msr	spsr_cxsf, r1
	ldmia	sp, {r0-r12}
	add	sp, sp, #FRAME_SIZE
	movs	pc, lr
.endm

	/* B1.8.3, table B1-7: LR relative to the instruction that raised the exception. */
	entry	und_entry, EXC_UND, 4, 2
	entry	svc_frame, EXC_SVC, 0, 0
	entry	pabt_entry, EXC_PABT, 4, 4
	entry	dabt_entry, EXC_DABT, 8, 8
	entry	irq_entry, EXC_IRQ, 4, 4
	entry	fiq_entry, EXC_FIQ, 4, 4

svc_entry:
	/* Is it the SVC that ends pl0_call()?  Then r12 may be used, as after any call. */
	push	{r0, r1}
	adr	r0, pl0_exited
	cmp	r0, lr
	pop	{r0, r1}
	bne	svc_frame
	mrc	p15, 0, r12, c13, c0, 4
	ldr	sp, [r12, #CPU_PL0_SP]
	pop	{r3-r11, pc}

	/*
	 * u32 pl0_call(fn, a0, a1): calls fn(a0, a1) in User mode on this CPU's user stack, with
	 * the interrupt masks of the caller.
	 */
	.global pl0_call
pl0_call:
	push	{r3-r11, lr}
	mrc	p15, 0, r12, c13, c0, 4
	str	sp, [r12, #CPU_PL0_SP]
	ldr	r4, [r12, #CPU_USR_SP]
	adr	r5, pl0_exit
	mrs	r6, cpsr
	cps	#MODE_SYS
	mov	sp, r4
	mov	lr, r5
	cps	#MODE_SVC
	bic	r6, r6, #(PSR_MODE | PSR_T)
	orr	r6, r6, #MODE_USR
	tst	r0, #1
	orrne	r6, r6, #PSR_T
	bic	lr, r0, #1
	msr	spsr_cxsf, r6
	mov	r0, r1
	mov	r1, r2
	movs	pc, lr
	.global pl0_exit
pl0_exit:
	svc	#0
pl0_exited:
	.ltorg
