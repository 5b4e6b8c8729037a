/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Entry in Hyp mode, entering and leaving a guest, and the guest's own start and vectors.
 * MMU and caches stay off in the whole example.
 */
	.syntax unified
	.arch	armv7-a
	.arch_extension virt
	.arch_extension sec
	.arm

/* struct guest */
	.equ	GUEST_PC, 56
	.equ	GUEST_CPSR, 60
	.equ	GUEST_HYP_SP, 64

	.section .text.start, "ax"
	.global	_start
	.type	_start, %function
_start:
	cpsid	iaf
	mrs	r0, cpsr
	and	r0, r0, #0x1f
	cmp	r0, #0x1a		@ not in Hyp mode: nothing can be done
	bne	.
	ldr	sp, =hyp_stack_top
	ldr	r0, =bss_start
	ldr	r1, =bss_end
	mov	r2, #0
1:	cmp	r0, r1
	strlo	r2, [r0], #4
	blo	1b
	ldr	r0, =hyp_vectors
	mcr	p15, 4, r0, c12, c0, 0	@ HVBAR
	isb
	bl	hypervisor_main
	.global	power_off
	.type	power_off, %function
power_off:
	ldr	r0, =0x84000008		@ PSCI SYSTEM_OFF, to the board's firmware
	smc	#0
	b	.
	.ltorg

/* B1.8.1: only a trap from the guest is expected. */
	.balign	32
hyp_vectors:
	b	hyp_fault
	b	hyp_fault		@ undefined instruction in Hyp mode
	b	hyp_fault		@ HVC in Hyp mode
	b	hyp_fault		@ prefetch abort in Hyp mode
	b	hyp_fault		@ data abort in Hyp mode
	b	guest_trap
	b	hyp_fault		@ IRQ: not routed here
	b	hyp_fault		@ FIQ: not routed here

hyp_fault:
	ldr	sp, =hyp_stack_top
	mrs	r0, ELR_hyp
	mrc	p15, 4, r1, c5, c2, 0	@ HSR
	bl	hypervisor_fault
	b	power_off
	.ltorg

/*
 * void run_guest(struct guest *guest).  While the guest runs, SP_hyp points just after its
 * r0 - r12 and LR, so one PUSH puts them in place.
 */
	.text
	.global	run_guest
	.type	run_guest, %function
run_guest:
	push	{r3-r11, lr}
	str	sp, [r0, #GUEST_HYP_SP]
resume:
	ldr	r1, [r0, #GUEST_PC]
	ldr	r2, [r0, #GUEST_CPSR]
	msr	ELR_hyp, r1
	msr	SPSR_cxsf, r2
	mov	sp, r0
	pop	{r0-r12, lr}
	eret				@ synchronises the debug registers too, A3.8.3

guest_trap:
	push	{r0-r12, lr}
	mov	r0, sp
	mrs	r1, ELR_hyp
	mrs	r2, SPSR
	str	r1, [r0, #GUEST_PC]
	str	r2, [r0, #GUEST_CPSR]
	ldr	sp, [r0, #GUEST_HYP_SP]
	mov	r4, r0
	bl	handle_trap
	cmp	r0, #0
	mov	r0, r4
	bne	resume
	pop	{r3-r11, pc}

/* ---- the guest: its entry and its vectors ---- */

	.global	guest_start
	.type	guest_start, %function
guest_start:
	cps	#0x17			@ Abort
	ldr	sp, =abt_stack_top
	cps	#0x1b			@ Undefined
	ldr	sp, =und_stack_top
	cps	#0x13			@ Supervisor
	ldr	sp, =svc_stack_top
	ldr	r0, =guest_vectors
	mcr	p15, 0, r0, c12, c0, 0	@ VBAR
	isb
	bl	guest_main
	hvc	#2			@ CALL_DONE
	b	.
	.ltorg

	.balign	32
	.global	guest_vectors
guest_vectors:
	b	.
	b	guest_und
	b	.
	b	guest_pabt
	b	guest_dabt
	b	.
	b	.
	b	.

/* B1.8.3: LR is that far after the instruction concerned. */
	.macro	guest_entry name, kind, offset
\name:
	sub	lr, lr, #\offset
	push	{r0-r12, lr}
	mov	r0, #\kind
	mov	r1, sp
	bl	guest_exception
	ldm	sp!, {r0-r12, pc}^
	.endm

	guest_entry guest_und, 0, 4
	guest_entry guest_pabt, 1, 4
	guest_entry guest_dabt, 2, 8

	.bss
	.balign	8
	.space	4096
hyp_stack_top:
	.space	4096
svc_stack_top:
	.space	2048
abt_stack_top:
	.space	2048
und_stack_top:
