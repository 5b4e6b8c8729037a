/* SPDX-License-Identifier: GPL-2.0-only */
/* See forms.h.  The image is writable, also at PL0, so the two words below can be used. */
#include "forms.h"
	.syntax unified
	.arch armv7-a
	.arm
	.text
	.balign	64
jump_to:
	.word	0
saved_r0:
	.word	0

	.global forms_run
forms_run:
	push	{r4-r11, lr}
	str	sp, [r0, #FORMS_SP]
	mcr	p15, 0, r0, c13, c0, 2	/* TPIDRURW */
	ldr	r1, [r0, #FORMS_CODE]
	str	r1, jump_to
	ldr	r1, [r0, #FORMS_PSR]
	msr	cpsr_f, r1
	ldm	r0, {r0-r14}
	ldr	pc, jump_to

	.global forms_after
forms_after:
	str	r0, saved_r0
	mrc	p15, 0, r0, c13, c0, 2
	add	r0, r0, #4
	stm	r0, {r1-r14}
	sub	r0, r0, #4
	ldr	r1, saved_r0
	str	r1, [r0]
	mrs	r1, cpsr
	str	r1, [r0, #FORMS_PSR]
	ldr	sp, [r0, #FORMS_SP]
	pop	{r4-r11, pc}
