/* SPDX-License-Identifier: GPL-2.0-only */
/* See targets.h. */
	.syntax unified
	.arch armv7-a
	.text

.macro	label name
	.global \name
\name:
.endm

	.arm
	.balign	64
label break_arm
	add	r0, r0, #1
label break_arm_at
	add	r0, r0, #1
	add	r0, r0, #1
	bx	lr
label break_elsewhere
	add	r0, r0, #1
	bx	lr

	.thumb
	.balign	64
label break_thumb
	adds	r0, #1
	nop
label break_thumb_lo
	adds	r0, #1
label break_thumb_hi
	adds	r0, #1
	bx	lr
	.balign	4
label break_thumb2
	add.w	r0, r0, #1
label break_thumb2_at
	add.w	r0, r0, #1
	add.w	r0, r0, #1
	bx	lr

.macro	access name, insn:vararg
	.balign	4
	.global access_\name
access_\name:
	\insn
	bx	lr
.endm

	.arm
	.balign	64
	access	ldrb,	ldrb	r1, [r0]
	access	ldrsb,	ldrsb	r1, [r0]
	access	ldrh,	ldrh	r1, [r0]
	access	ldr,	ldr	r1, [r0]
	access	ldrpost, ldr	r1, [r0], #4
	access	ldrd,	ldrd	r2, r3, [r0]
	access	ldm,	ldm	r0, {r2, r3}
	access	ldrex,	ldrex	r1, [r0]
	access	ldrt,	ldrt	r1, [r0]
	access	strb,	strb	r1, [r0]
	access	strh,	strh	r1, [r0]
	access	str,	str	r1, [r0]
	access	strpre,	str	r1, [r0, #0]!
	access	strd,	strd	r2, r3, [r0]
	access	stm,	stm	r0, {r2, r3}
	access	strt,	strt	r1, [r0]
	access	pld,	pld	[r0]
	.thumb
	access	tldrb,	ldrb	r1, [r0]
	access	tldr,	ldr	r1, [r0]
	access	tstrb,	strb	r1, [r0]
	access	tstr,	str	r1, [r0]
	access	tldrd,	ldrd	r2, r3, [r0]
