/* SPDX-License-Identifier: GPL-2.0-only */
/* See actions.h. */
	.syntax unified
	.arch armv7-a
	.arch_extension virt
	.arch_extension sec
	.fpu neon-vfpv4
	.text

/* u32 f(addr): sets the registers of the access to known values and returns a digest of them. */
.macro	memory name, adjust, insn:vararg
	.balign	4
	.global mem_\name
	.global mem_\name\()_at
mem_\name:
	mov	r1, #0x11
	mov	r2, #0x22
	mov	r3, #0x33
	mov	r12, #0x44
	\adjust
mem_\name\()_at:
	\insn
	eor	r0, r1, r2, ror #4
	eor	r0, r0, r3, ror #8
	eor	r0, r0, r12, ror #12
	bx	lr
.endm

/* The same with a D register as operand. */
.macro	vector name, insn:vararg
	.balign	4
	.global mem_\name
	.global mem_\name\()_at
mem_\name:
	mov	r1, #0x11
	mov	r2, #0x22
	vmov	d16, r1, r2
	vmov	d17, r2, r1
mem_\name\()_at:
	\insn
	vmov	r1, r2, d16
	vmov	r3, r12, d17
	eor	r0, r1, r2, ror #4
	eor	r0, r0, r3, ror #8
	eor	r0, r0, r12, ror #12
	bx	lr
.endm

/*
 * Repeats until the store succeeds, because an interrupt may clear the monitor.  A skipped STREX
 * leaves its status register 0, which ends the loop too.
 */
.macro	exclusive name, size, status, value
	.balign	4
	.global mem_\name
	.global mem_\name\()_at
mem_\name:
	mov	r2, #0x22
1:	mov	r1, #0
	ldrex\size r12, [r0]
mem_\name\()_at:
	strex\size \status, \value, [r0]
	cmp	r1, #0
	bne	1b
	eor	r0, r12, r2
	bx	lr
.endm

	.arm
	.balign	64
	memory	ldrb,	"nop",	ldrb	r1, [r0]
	memory	ldrsb,	"nop",	ldrsb	r1, [r0]
	memory	ldrh,	"nop",	ldrh	r1, [r0]
	memory	ldrsh,	"nop",	ldrsh	r1, [r0]
	memory	ldr,	"nop",	ldr	r1, [r0]
	memory	ldrpost, "nop",	ldr	r1, [r0], #4
	memory	ldrd,	"nop",	ldrd	r2, r3, [r0]
	memory	ldm,	"nop",	ldm	r0, {r1, r2, r3, r12}
	memory	ldmdb,	"add r0, r0, #8", ldmdb r0, {r1, r2}
	memory	ldrex,	"nop",	ldrex	r1, [r0]
	memory	ldrexb,	"nop",	ldrexb	r1, [r0]
	memory	ldrexh,	"nop",	ldrexh	r1, [r0]
	memory	ldrexd,	"nop",	ldrexd	r2, r3, [r0]
	memory	strb,	"nop",	strb	r1, [r0]
	memory	strh,	"nop",	strh	r1, [r0]
	memory	str,	"nop",	str	r1, [r0]
	memory	strpre,	"nop",	str	r1, [r0, #0]!
	memory	strd,	"nop",	strd	r2, r3, [r0]
	memory	stm,	"nop",	stm	r0, {r1, r2, r3, r12}
	memory	stmdb,	"add r0, r0, #8", stmdb r0, {r1, r2}
	exclusive strex, "", r1, r2
	exclusive strexb, b, r1, r2
	exclusive strexh, h, r1, r2
	.balign	4
	.global mem_strexd, mem_strexd_at
mem_strexd:
	mov	r1, #0
	ldrexd	r2, r3, [r0]
mem_strexd_at:
	strexd	r1, r2, r3, [r0]
	cmp	r1, #0
	bne	mem_strexd
	eor	r0, r2, r3, ror #4
	bx	lr
	memory	ldrt,	"nop",	ldrt	r1, [r0]
	memory	strt,	"nop",	strt	r1, [r0]
	memory	pld,	"nop",	pld	[r0]
	vector	vldr,	vldr	d16, [r0]
	vector	vldm,	vldm	r0, {d16, d17}
	vector	vld1b,	vld1.8	{d16[3]}, [r0]
	vector	vld1,	vld1.8	{d16, d17}, [r0]
	vector	vstr,	vstr	d16, [r0]
	vector	vstm,	vstm	r0, {d16, d17}
	vector	vst1h,	vst1.16	{d16[1]}, [r0]
	vector	vst1,	vst1.8	{d16, d17}, [r0]
	.thumb
	memory	t_ldrb,	"nop",	ldrb	r1, [r0]
	memory	t_ldr,	"nop",	ldr	r1, [r0]
	memory	t_ldrw,	"nop",	ldr.w	r1, [r0, #0]
	memory	t_ldrt,	"nop",	ldrt	r1, [r0]
	memory	t_strt,	"nop",	strt	r1, [r0]
	memory	t_ldrd,	"nop",	ldrd	r2, r3, [r0]
	memory	t_ldm,	"nop",	ldm.w	r0, {r1, r2, r3, r12}
	memory	t_strb,	"nop",	strb	r1, [r0]
	memory	t_strh,	"nop",	strh	r1, [r0]
	memory	t_str,	"nop",	str	r1, [r0]
	memory	t_strd,	"nop",	strd	r2, r3, [r0]
	memory	t_stm,	"nop",	stm.w	r0, {r1, r2, r3, r12}
	/* In an IT block: executed, and not executed. */
	memory	t_it,	"cmp r0, r0; it eq", ldreq r1, [r0]
	memory	t_itnot, "cmp r0, r0; it ne", strne r1, [r0]
	.balign	4

.macro	act_begin name
	.balign	4
	.global act_\name
	.global act_\name\()_at
	.global act_\name\()_next
act_\name:
	push	{r4, lr}
	mov	r4, r0
	mov	r1, #0x11
.endm

.macro	act_end name, insn:vararg
act_\name\()_at:
	\insn
act_\name\()_next:
	add	r1, r1, #1
	mov	r0, r1
	pop	{r4, pc}
.endm

/*
 * u32 f(addr): an action at `at` and the instruction after it at `next`.  Returns r1 plus the 1
 * that `next` adds, which shows that `next` was executed.
 */
.macro	action name, insn:vararg
	act_begin \name
	ldr	r0, =0x86001234		/* an unknown hypervisor call */
	nop
	act_end	\name, \insn
	.ltorg
.endm

	.arm
	.balign	64
	action	plain,	nop
	action	svc,	svc	1
	action	udf,	udf	0
	action	bkpt,	bkpt	0x12
	action	cp14,	mrc	p14, 0, r1, c0, c3, 7
	action	cp14w,	mcr	p14, 0, r1, c0, c3, 6
	action	cp14bad, mrc	p14, 0, r1, c0, c15, 4
	action	cp15,	mrc	p15, 0, r1, c1, c0, 1
	action	hvc,	hvc	0
	action	load,	ldr	r1, [r4]
	action	store,	str	r1, [r4]
	action	wfi,	wfi
	action	branch,	b	act_branch_next
	.thumb
	action	t_plain, nop
	action	t_wide,	add.w	r1, r1, #0
	action	t_svc,	svc	1
	action	t_udf,	udf	0
	action	t_bkpt,	bkpt	0x12
	action	t_cp14,	mrc	p14, 0, r1, c0, c3, 7
	action	t_cp14w, mcr	p14, 0, r1, c0, c3, 6
	action	t_cp14bad, mrc	p14, 0, r1, c0, c15, 4
	action	t_cp15,	mrc	p15, 0, r1, c1, c0, 1
	action	t_hvc,	hvc	0
	action	t_load,	ldr	r1, [r4]
	action	t_store, str.w	r1, [r4, #0]
	action	t_wfi,	wfi

/* The action is the second instruction of an IT block of two. */
.macro	action_it name, it, insn:vararg
	act_begin \name
	cmp	r4, r4
	\it	eq
	addeq	r1, r1, #1
	act_end	\name, \insn
.endm
	action_it t_it,	itt, addeq r1, r1, #2
	action_it t_itfails, ite, mrcne p14, 0, r1, c0, c3, 7
	action_it t_itcp14, itt, mrceq p14, 0, r1, c0, c3, 7
	action_it t_itload, itt, ldreq r1, [r4]
	.balign	4
	.arm
