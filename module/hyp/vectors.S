/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two vector tables, and the way into a guest and out of it.  HVBAR says
 * who runs below us: hyp_host_vectors serve the host's calls, and
 * hyp_guest_vectors everything that stops a guest.
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
	b	hyp_guest_irq		@ FIQ: the host sorts it out

/*
 * The same for CPUs on which a guest could have taught the branch predictor where
 * our branches, and then the host's, seem to go (CVE-2017-5715): it forgets before
 * the first branch.  A vector is one instruction and every register but SP is the
 * guest's, so SP counts which one it was: 8 less its number.  SP was a multiple of
 * 8.  An A15 invalidates its predictor with the instruction cache, if firmware has
 * set ACTLR[0]; an A12 or A17 by BPIALL; an A7 needs neither.
 */
	.macro	forgetful_vectors, name, opc2
	.balign	32
	.global	\name
\name:
	.rept	8
	add	sp, sp, #1
	.endr
	mcr	p15, 0, r0, c7, c5, \opc2	@ ICIALLU or BPIALL; r0 is not looked at
	isb
	tst	sp, #4
	bne	2f
	tst	sp, #1			@ 3: trap, 2: IRQ, 1: FIQ
	beq	1f
	tst	sp, #2
	beq	1f
	sub	sp, sp, #3
	b	hyp_guest_trap
1:	bic	sp, sp, #3
	b	hyp_guest_irq
2:	tst	sp, #3			@ 4: data abort; 5 to 7: HYP's own fault
	bic	sp, sp, #7
	beq	hyp_guest_abort
	b	hyp_panic
	.endm

	forgetful_vectors hyp_guest_vectors_iciallu, 0
	forgetful_vectors hyp_guest_vectors_bpiall, 6

/*
 * A host call.  LR is LR_usr in Hyp mode and belongs to the host's user mode;
 * all else is saved by hyp_call() in the module.
 */
hyp_host_call_entry:
	teq	r0, #HYP_SOFT_RESTART
	beq	hyp_restart
	movw	r12, #(HYP_CALL_LEAVE & 0xffff)
	movt	r12, #(HYP_CALL_LEAVE >> 16)
	teq	r0, r12
	beq	hyp_leave
	mrs	r4, ELR_hyp
	mrs	r5, SPSR
	push	{r4, r5, r6, lr}
	get_percpu r6
	str	sp, [r6, #HYP_PCPU_UNWIND]
	bl	hyp_host_call
1:	pop	{r4, r5, r6, lr}
	msr	ELR_hyp, r4
	msr	SPSR_cxsf, r5
	eret

/*
 * HYP faulted.  Unwind to the host call that led here; if it is hyp_run(), the
 * host gets its registers back first.  The vCPU or the call is lost, the host is
 * not.  r4 - r11 are restored by hyp_call() in the module.
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
 * uint32_t hyp_enter_guest(struct hyp_vcpu *vcpu): run it until something other
 * than what hyp_guest_exit() serves stops it; returns enum hyp_exit.
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
	clrex			@ the host's reservation is not the guest's
resume_guest:
	ldr	lr, [r0, #HYP_VCPU_LR]
	ldm	r0, {r0-r12}
	eret

hyp_guest_trap:
	push	{r0, r1}
	mov	r1, #HYP_VECTOR_TRAP
	b	1f
hyp_guest_irq:
	push	{r0, r1}
	mov	r1, #HYP_VECTOR_IRQ
1:	get_percpu r0
	ldr	r0, [r0, #HYP_PCPU_VCPU]
	add	r0, r0, #8
	stm	r0, {r2-r12}
	sub	r0, r0, #8
	pop	{r2, r3}
	stm	r0, {r2, r3}
	str	lr, [r0, #HYP_VCPU_LR]
	mov	r4, r0
	bl	hyp_guest_exit
	cmp	r0, #0
	mov	r5, r0
	mov	r0, r4
	beq	resume_guest
leave_guest:			@ a name for tools/check-hyp
	mrs	r1, ELR_hyp
	mrs	r2, SPSR
	str	r1, [r4, #HYP_VCPU_PC]
	str	r2, [r4, #HYP_VCPU_CPSR]
	/*
	 * What the guest's accesses have led to is the guest's: an asynchronous abort
	 * that is still on its way, or waits since CPSR.A was set at the exit, would
	 * be the host's as soon as HCR is.  The DSB ends those accesses (A3.8.3), and
	 * for two instructions the abort is let in, to hyp_guest_abort.
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
 * A data abort in Hyp mode.  Out of the window above it is the guest's: HCR.VA, a
 * virtual asynchronous abort (B4.1), is kept with the vCPU's HCR.  CPSR.A is set
 * again; a second abort waits for the host.  ELR_hyp and SPSR_hyp are saved already.
 */
hyp_guest_abort:
	mrs	r1, ELR_hyp
	adr	r2, let_in
	sub	r1, r1, r2
	cmp	r1, #(let_in_end - let_in)
	bhs	hyp_panic
	mrc	p15, 4, r1, c1, c1, 0	@ HCR
	orr	r1, r1, #HCR_VA
	mcr	p15, 4, r1, c1, c1, 0
	b	let_in_end
