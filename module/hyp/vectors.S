/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vector tables, and the way into a guest and out of it.  HVBAR tells who runs below
 * us: hyp_host_vectors serve the host's calls, hyp_guest_vectors everything that stops a guest.
 */
#include "abi.h"
#include "sysreg-bits.h"

	.arch	armv7ve
	.arch_extension virt
	.arm
	.text

	.macro	get_percpu, reg
	mrc	p15, 4, \reg, c13, c0, 2	@ HTPIDR
	.endm

	.macro	set_hvbar, label, tmp
	adr	\tmp, \label
	mcr	p15, 4, \tmp, c12, c0, 0	@ HVBAR; the ERET synchronises
	.endm

/* B1.8.1, table B1-3: offsets of the Hyp vectors. */
	.balign	32
	.global	hyp_host_vectors
hyp_host_vectors:
	b	.			@ not used
	b	hyp_panic		@ undefined instruction in Hyp mode
	b	hyp_panic		@ HVC in Hyp mode
	b	hyp_panic		@ prefetch abort in Hyp mode
	b	hyp_panic		@ data abort in Hyp mode
	b	hyp_host_call_entry
	b	hyp_panic		@ IRQ: not routed here
	b	hyp_panic		@ FIQ: not routed here

	.balign	32
	.global	hyp_guest_vectors
hyp_guest_vectors:
	b	.
	b	hyp_panic
	b	hyp_panic
	b	hyp_panic
	b	hyp_guest_abort		@ data abort in Hyp mode
	b	hyp_guest_trap
	b	hyp_guest_irq
	b	hyp_guest_irq		@ FIQ: the host takes it, like an IRQ

/*
 * The same for CPUs whose branch predictor a guest can train to misdirect HYP's branches
 * and then the host's (CVE-2017-5715): the predictor is invalidated before the first
 * branch.  A vector is one instruction, and every register but SP is the guest's, so SP
 * tells which vector it was: 1 for an interrupt, 2 for a trap, 3 for what happened in HYP
 * itself.  Nothing but SP[1:0] may tell, which is 0 in all of HYP (AAPCS): a leaf function
 * may push an odd number of registers, and fault then.  An A15 invalidates its predictor
 * with the instruction cache, if firmware has set ACTLR[0]; an A12 or A17 with BPIALL; an
 * A7 needs neither.
 */
	.macro	forgetful_vectors, name, opc2
	.balign	32
	.global	\name
\name:
	.rept	4			@ not used; three faults in Hyp mode
	nop
	.endr
	add	sp, sp, #1		@ data abort in Hyp mode
	add	sp, sp, #1		@ trap
	nop				@ IRQ, counted like an FIQ
	add	sp, sp, #1		@ FIQ
	mcr	p15, 0, r0, c7, c5, \opc2	@ ICIALLU or BPIALL; r0 is ignored
	isb
	tst	sp, #1
	bne	1f
	bic	sp, sp, #3
	b	hyp_guest_trap
1:	tst	sp, #2
	bic	sp, sp, #3
	beq	hyp_guest_irq
	b	hyp_guest_abort
	.endm

	forgetful_vectors hyp_guest_vectors_iciallu, 0
	forgetful_vectors hyp_guest_vectors_bpiall, 6

/* Sets percpu; hyp_panic unwinds to the SP that is noted here. */
	.macro	enter_call, percpu
	mrs	r4, ELR_hyp
	mrs	r5, SPSR
	push	{r4, r5, r6, lr}
	get_percpu \percpu
	str	sp, [\percpu, #HYP_PCPU_UNWIND]
	.endm

/*
 * A host call.  In Hyp mode LR is LR_usr, which belongs to the host's user mode.
 * hyp_call() in the module saves all other registers.  HYP_CALL_RUN comes first, because
 * there is one at each entry into a guest.
 */
hyp_host_call_entry:
	movw	r12, #(HYP_CALL_RUN & 0xffff)
	movt	r12, #(HYP_CALL_RUN >> 16)
	teq	r0, r12
	bne	2f
	enter_call r0
	bl	hyp_run			@ r1 is the vCPU
1:	pop	{r4, r5, r6, lr}
	msr	ELR_hyp, r4
	msr	SPSR_cxsf, r5
	eret
2:	teq	r0, #HYP_SOFT_RESTART
	beq	hyp_restart
	movw	r12, #(HYP_CALL_LEAVE & 0xffff)
	movt	r12, #(HYP_CALL_LEAVE >> 16)
	teq	r0, r12
	beq	hyp_leave
	enter_call r6
	bl	hyp_host_call
	b	1b

/*
 * HYP faulted.  Unwind to the host call that led here; in hyp_run(), restore the host's
 * registers first.  The vCPU or the call is lost, the host continues.  hyp_call() in the
 * module restores r4 to r11.
 */
hyp_panic:
	get_percpu r6
	ldr	r0, [r6, #HYP_PCPU_VCPU]
	ldr	sp, [r6, #HYP_PCPU_UNWIND]
	mrs	r1, ELR_hyp
	set_hvbar hyp_host_vectors, r2
	cmp	r0, #0
	blne	hyp_run_lost
	clrex
	mov	r0, #HYP_EXIT_PANIC_ASM
	b	1b

/*
 * enum hyp_exit hyp_enter_guest(struct hyp_vcpu *vcpu): run the guest until it stops for a
 * reason that hyp_guest_exit() does not handle itself.
 */
	.global	hyp_enter_guest
	.type	hyp_enter_guest, %function
hyp_enter_guest:
	push	{r3-r11, lr}
	get_percpu r1
	ldr	r1, [r1, #HYP_PCPU_GUEST_HVBAR]
	mcr	p15, 4, r1, c12, c0, 0	@ HVBAR; the ERET synchronises
	ldr	r1, [r0, #HYP_VCPU_PC]
	ldr	r2, [r0, #HYP_VCPU_CPSR]
	msr	ELR_hyp, r1
	msr	SPSR_cxsf, r2
	clrex			@ the guest must not inherit the host's reservation
resume_guest:
	ldr	lr, [r0, #HYP_VCPU_LR]
	ldm	r0, {r0-r12}
	eret

/* r4: struct hyp_vcpu, which has the guest's r0 to r12 and LR_usr.  SP stays a multiple of 8. */
	.macro	save_guest
	push	{r0, r1}
	get_percpu r0
	ldr	r0, [r0, #HYP_PCPU_VCPU]
	stmib	r0, {r1-r12}
	pop	{r1, r2}
	str	r1, [r0]
	str	lr, [r0, #HYP_VCPU_LR]
	mov	r4, r0
	.endm

hyp_guest_irq:
	save_guest
	bl	hyp_guest_irq_exit
	b	1f
hyp_guest_trap:
	save_guest
	bl	hyp_guest_exit
1:	movs	r5, r0
	mov	r0, r4
	beq	resume_guest
leave_guest:			@ r5: enum hyp_exit; tools/check-hyp needs the name
	mrs	r1, ELR_hyp
	mrs	r2, SPSR
	str	r1, [r4, #HYP_VCPU_PC]
	str	r2, [r4, #HYP_VCPU_CPSR]
	/*
	 * An asynchronous abort that the guest's accesses caused is the guest's.  It may
	 * not have been signalled yet, or be pending since the exit, which set CPSR.A; once
	 * HCR is the host's, the host would take it.  The DSB completes those accesses
	 * (A3.8.3); then abort is unmasked for two instructions, and ends in
	 * hyp_guest_abort.
	 */
	dsb
	cpsie	a
let_in:	isb
	cpsid	a
let_in_end:
	mov	r0, r5
	set_hvbar hyp_host_vectors, r1
	clrex
	pop	{r3-r11, lr}
	bx	lr

/*
 * A fault in Hyp mode.  If it is a data abort from let_in, it is the guest's: set HCR.VA, a
 * virtual asynchronous abort (B4.1), which hyp_run() keeps with the vCPU's HCR.  CPSR.A is
 * set again, so a second abort stays pending for the host.  ELR_hyp and SPSR_hyp have been
 * saved.
 */
hyp_guest_abort:
	mrc	p15, 4, r1, c5, c2, 0	@ HSR
	lsr	r1, r1, #26
	cmp	r1, #EC_DABT_HYP
	bne	hyp_panic
	mrs	r1, ELR_hyp
	adr	r2, let_in
	sub	r1, r1, r2
	cmp	r1, #(let_in_end - let_in)
	bhs	hyp_panic
	mrc	p15, 4, r1, c1, c1, 0	@ HCR
	orr	r1, r1, #HCR_VA
	mcr	p15, 4, r1, c1, c1, 0
	b	let_in_end
