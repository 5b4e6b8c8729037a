/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exception vectors and the way in and out of exception().
 *
 * Each exception is handled in its own mode on that mode's stack, so that the
 * interrupted mode's SP and LR stay as they were.
 */
#include "layout.h"

	.syntax unified
	.arch armv7-a
	.arch_extension sec
	.arm
	.text

/*
 * The vectors, their literals and the switch to little-endian fill a page of
 * their own: with SCTLR.V set it is mapped at 0xffff0000 too, and with
 * SCTLR.EE set nothing can be loaded before the SETEND.
 */
.macro	vector_stub t, ldr_insn, target
	/* No memory can be used before the SETEND: the registers for threads are
	 * the scratch.  What T and E were on entry goes to exception(). */
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
1:	b	1b				/* reset; HYP never comes here */
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

	/* The same in Thumb, for SCTLR.TE (B1.8.4): VBAR points here then. */
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

	/* B1.8.3, table B1-7: LR relative to the instruction concerned. */
	entry	und_entry, EXC_UND, 4, 2
	entry	svc_frame, EXC_SVC, 0, 0
	entry	pabt_entry, EXC_PABT, 4, 4
	entry	dabt_entry, EXC_DABT, 8, 8
	entry	irq_entry, EXC_IRQ, 4, 4
	entry	fiq_entry, EXC_FIQ, 4, 4

svc_entry:
	/* The SVC that ends pl0_call()? Then r12 is free, as after any call. */
	push	{r0, r1}
	adr	r0, pl0_exited
	cmp	r0, lr
	pop	{r0, r1}
	bne	svc_frame
	mrc	p15, 0, r12, c13, c0, 4
	ldr	sp, [r12, #CPU_PL0_SP]
	pop	{r3-r11, pc}

	/*
	 * u32 pl0_call(fn, a0, a1): fn(a0, a1) in User mode with this CPU's user
	 * stack, interrupts masked as they are here.
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
