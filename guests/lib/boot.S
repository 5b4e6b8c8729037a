/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry point of every CPU.
 *
 * A guest enters a program in SVC mode.  The bare board enters it in HYP mode.  There this code
 * sets HYP up so that nothing below it traps, installs vectors that answer an HVC as a
 * hypervisor answers an unknown call, and drops to SVC mode.  From there on both sides run the
 * same code.
 */
#include "layout.h"

	.syntax unified
	.arch armv7-a
	.arch_extension virt
	.arch_extension sec
	.arm
	.text

	.section .text.start, "ax"
	.global _start
_start:
	ldr	r4, =cpus
	mov	r5, #0			/* not a secondary */
	mov	r7, r2			/* the device tree, if the boot loader passes it */
	b	cpu_start

	/* PSCI CPU_ON enters here; r0: this CPU's struct cpu. */
	.global secondary_start
secondary_start:
	mov	r4, r0
	mov	r5, #1

cpu_start:
	cpsid	iaf
	mov	r6, #0
	mrs	r1, cpsr
	and	r1, r1, #PSR_MODE
	cmp	r1, #MODE_HYP
	bne	2f

	/*
	 * DDI 0406C B1.5.1 lists the registers through which Hyp mode controls the modes below.
	 * Many are UNKNOWN at reset, so write each.
	 */
	mov	r6, #1
	mov	r0, #0
	mcr	p15, 4, r0, c1, c1, 0	/* HCR: no routing, no stage 2 */
	mcr	p15, 4, r0, c1, c1, 2	/* HCPTR: coprocessors, VFP, trace */
	mcr	p15, 4, r0, c1, c1, 3	/* HSTR */
	mrc	p15, 4, r1, c1, c1, 1	/* HDCR: keep HPMN only */
	and	r1, r1, #0x1f
	mcr	p15, 4, r1, c1, c1, 1
	mcrr	p15, 4, r0, r0, c14	/* CNTVOFF */
	mov	r1, #3			/* CNTHCTL: PL1PCTEN, PL1PCEN */
	mcr	p15, 4, r1, c14, c1, 0
	mrc	p15, 0, r1, c0, c0, 0	/* VPIDR, VMPIDR: the CPU's own */
	mcr	p15, 4, r1, c0, c0, 0
	mrc	p15, 0, r1, c0, c0, 5
	mcr	p15, 4, r1, c0, c0, 5
	ldr	r1, =hyp_vectors
	mcr	p15, 4, r1, c12, c0, 0	/* HVBAR */
	isb
	mov	r1, #(MODE_SVC | PSR_I | PSR_F | PSR_A)
	msr	spsr_cxsf, r1
	adr	r1, 2f
	msr	elr_hyp, r1
	eret
2:
	/* Little-endian, MMU and caches off, low vectors, whatever ran before. */
	setend	le
	mrc	p15, 0, r0, c1, c0, 0
	bic	r0, r0, #(1 << 0 | 1 << 2)	/* M, C */
	bic	r0, r0, #(1 << 12 | 1 << 13)	/* I, V */
	bic	r0, r0, #(1 << 1)		/* A */
	bic	r0, r0, #(1 << 25 | 1 << 30)	/* EE, TE */
	mcr	p15, 0, r0, c1, c0, 0
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0		/* VBAR */
	mcr	p15, 0, r4, c13, c0, 4		/* TPIDRPRW: struct cpu */
	isb

	cmp	r5, #0
	bne	4f
	ldr	r0, =bss_start
	ldr	r1, =bss_end
	mov	r2, #0
3:	cmp	r0, r1
	strlo	r2, [r0], #4
	blo	3b
	ldr	r0, =booted_in_hyp
	str	r6, [r0]
	ldr	r0, =boot_r2
	str	r7, [r0]
	mov	r0, #0
	ldr	r1, =cpu_init
	blx	r1				/* cpus[0] */
4:
	/* One stack for each mode that takes exceptions, one for User mode. */
	ldr	r0, [r4, #CPU_STACKS]
	add	r0, r0, #STACK_SIZE
	cps	#MODE_ABT
	mov	sp, r0
	add	r0, r0, #STACK_SIZE
	cps	#MODE_UND
	mov	sp, r0
	add	r0, r0, #STACK_SIZE
	cps	#MODE_IRQ
	mov	sp, r0
	add	r0, r0, #STACK_SIZE
	cps	#MODE_FIQ
	mov	sp, r0
	add	r0, r0, #STACK_SIZE
	str	r0, [r4, #CPU_USR_SP]
	add	r0, r0, #STACK_SIZE
	cps	#MODE_SVC
	mov	sp, r0

	/* VFP stays off until a program turns it on. */
	ldr	r1, [r4, #CPU_ENTRY]
	cmp	r5, #0
	ldreq	r1, =lib_main
	blx	r1
5:	wfi
	b	5b
	.ltorg

	/*
	 * HVC on the bare board: answer as a hypervisor that does not know the call (SMCCC: -1
	 * in r0) and keep every other register.
	 */
	.balign	32
hyp_vectors:
	b	.			/* reset */
	b	.			/* undefined */
	b	.			/* hvc from HYP */
	b	.			/* prefetch abort */
	b	.			/* data abort */
	b	hyp_trap
	b	.			/* irq */
	b	.			/* fiq */
hyp_trap:
	mvn	r0, #0
	eret

	/* cpu_init(number) sets cpus[number].stacks.  It runs without a stack. */
	.text
	.global cpu_init
cpu_init:
	ldr	r1, =cpus
	mov	r2, #CPU_SIZE
	mla	r1, r0, r2, r1
	ldr	r2, =stacks
	ldr	r3, =(6 * STACK_SIZE)
	mla	r2, r0, r3, r2
	str	r2, [r1, #CPU_STACKS]
	bx	lr
	.ltorg

	.bss
	.balign	8
	.global boot_r2
boot_r2:
	.space	8
	.global stacks
stacks:
	.space	MAX_CPUS * 6 * STACK_SIZE
