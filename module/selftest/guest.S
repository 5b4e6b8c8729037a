/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of the selftest: one CPU in SVC mode, MMU and caches off.  The host copies the code
 * to SELFTEST_RAM; it runs at any address that is a multiple of 32.  It stops after each step with
 * a store to SELFTEST_REPORT: selftest.c has the list of steps.
 *
 * r8: what an exception handler has to expect, and has done;  r9: SELFTEST_DATA;
 * r10: the first word of the data;  r11: GICC;  r12: SELFTEST_REPORT
 */
#include <linux/init.h>

#include "selftest/guest.h"

/* DEN 0022, 5.1 */
#define PSCI_VERSION	   0x84000000
#define PSCI_VERSION_1_0   0x00010000
#define PSCI_AFFINITY_INFO 0x84000004
#define PSCI_AFFINITY_ON   0

#define GICD_CTLR	0x000
#define GICD_ISENABLER0 0x100
#define GICC_CTLR	0x00
#define GICC_PMR	0x04
#define GICC_IAR	0x0c
#define GICC_EOIR	0x10
#define VTIMER_INTID	27
#define CNTV_ENABLE	1
#define CNTV_IMASK	2
#define TIMER_TICKS	0x10000 /* 1 ms at 62.5 MHz */

#define CPACR_VFP (0xf << 20) /* B4.1.40 */
#define FPEXC_EN  (1 << 30)

#define DSCR_MDBGEN	(1 << 15)
#define MOE_WATCHPOINT	10
#define WCR_STORES	0x1f7 /* four bytes, stores, from PL0 and PL1: C11.11.44 */
#define DFSR_FS		0x40f
#define DFSR_DEBUG	0x002 /* B3.13.3 */

/* r8 */
#define EXPECT_NOTHING	  0
#define EXPECT_INTERRUPT  1
#define EXPECT_WATCHPOINT 2
#define HAS_COME	  3

	.syntax unified
	.arch	armv7-a
	.arch_extension virt
	.fpu	vfpv3
	.arm

	/* Data of the module: the kernel never executes it. */
	__INITRODATA
	.balign	32
	.global	selftest_guest, selftest_guest_end

	/* The step succeeded. */
	.macro	good
	mov	r0, #SELFTEST_GOOD
	str	r0, [r12]
	.endm

	/* Stop if \found is not \expected. */
	.macro	demand found, expected
	cmp	\found, \expected
	movne	r1, \found
	movne	r2, \expected
	bne	differs
	.endm

selftest_guest:
	/* Vectors, and the entry as after a reset. */
	b	start
	b	undefined
	b	supervisor
	b	prefetch_abort
	b	data_abort
	b	.
	b	interrupt
	b	fast_interrupt

undefined:
	mov	r1, #1
	b	unexpected
supervisor:
	mov	r1, #2
	b	unexpected
prefetch_abort:
	mov	r1, #3
	b	unexpected
fast_interrupt:
	mov	r1, #7
unexpected:
	mov	r2, lr
	mov	r0, #SELFTEST_EXCEPTION
	str	r0, [r12]
	b	.
differs:
	mov	r0, #SELFTEST_DIFFERS
	str	r0, [r12]
	b	.

start:
	mov	r8, #EXPECT_NOTHING
	ldr	r9, =SELFTEST_DATA
	mov	r10, r3
	ldr	r11, =SELFTEST_GICC
	ldr	r12, =SELFTEST_REPORT
	adr	r0, selftest_guest
	mcr	p15, 0, r0, c12, c0, 0		/* VBAR */
	isb
	good					/* enter */

	/* The kernel answers the first call, about this CPU itself, and HYP the second. */
	ldr	r0, =PSCI_AFFINITY_INFO
	mov	r1, #0
	mov	r2, #0
	hvc	#0
	mov	r4, #PSCI_AFFINITY_ON
	demand	r0, r4
	ldr	r0, =PSCI_VERSION
	hvc	#0
	ldr	r4, =PSCI_VERSION_1_0
	demand	r0, r4
	good					/* hypercall */

	/* The host wrote this word through its caches: here they are off. */
	ldr	r4, [r9]
	demand	r4, r10
	mvn	r4, r10
	str	r4, [r9]
	dsb
	ldr	r5, [r9]
	demand	r5, r4
	good					/* stage 2 fault */

	/* Without VFP its bits of CPACR are RAZ/WI.  The kernel's answer lies between two uses. */
	mrc	p15, 0, r0, c1, c0, 2		/* CPACR */
	orr	r0, r0, #CPACR_VFP
	mcr	p15, 0, r0, c1, c0, 2
	isb
	mrc	p15, 0, r0, c1, c0, 2
	tst	r0, #CPACR_VFP
	beq	1f
	mov	r0, #FPEXC_EN
	vmsr	fpexc, r0
	isb
	vmov	s0, r10
	ldr	r0, =PSCI_AFFINITY_INFO
	mov	r1, #0
	mov	r2, #0
	hvc	#0
	vmov	r4, s0
	demand	r4, r10
1:	good					/* VFP */

	ldr	r0, =SELFTEST_GICD
	mov	r4, #1
	str	r4, [r0, #GICD_CTLR]
	mov	r4, #1 << VTIMER_INTID
	str	r4, [r0, #GICD_ISENABLER0]
	mov	r4, #0xf0
	str	r4, [r11, #GICC_PMR]
	mov	r4, #1
	str	r4, [r11, #GICC_CTLR]
	dsb
	isb
	mrrc	p15, 1, r4, r5, c14		/* CNTVCT */
	adds	r4, r4, #TIMER_TICKS
	adc	r5, r5, #0
	mcrr	p15, 3, r4, r5, c14		/* CNTV_CVAL */
	mov	r0, #CNTV_ENABLE
	mcr	p15, 0, r0, c14, c3, 1		/* CNTV_CTL */
	isb
	mov	r8, #EXPECT_INTERRUPT
	cpsie	i
1:	cmp	r8, #HAS_COME
	bne	1b
	cpsid	i
	mov	r0, #VTIMER_INTID
	demand	r6, r0
	/* r2: the time of the interrupt, which is not before the deadline. */
	subs	r0, r2, r4
	sbcs	r0, r3, r5
	movlo	r1, r2
	movlo	r2, r4
	blo	differs
	good					/* timer */

	mov	r0, #0
	mcr	p14, 0, r0, c1, c0, 4		/* DBGOSLAR: unlock */
	isb
	mrc	p14, 0, r0, c0, c1, 0		/* DBGDSCRint */
	orr	r0, r0, #DSCR_MDBGEN
	mcr	p14, 0, r0, c0, c2, 2		/* DBGDSCRext */
	mov	r0, #0
	mcr	p14, 0, r0, c0, c0, 7		/* DBGWCR0 */
	mcr	p14, 0, r9, c0, c0, 6		/* DBGWVR0 */
	ldr	r0, =WCR_STORES
	mcr	p14, 0, r0, c0, c0, 7
	isb
	mov	r8, #EXPECT_WATCHPOINT
watched:
	str	r10, [r9]
	mov	r0, #HAS_COME
	demand	r8, r0
	dsb
	ldr	r4, [r9]
	demand	r4, r10
	good					/* watchpoint */
	b	.

interrupt:
	cmp	r8, #EXPECT_INTERRUPT
	movne	r1, #6
	bne	unexpected
	ldr	r6, [r11, #GICC_IAR]
	isb
	mrrc	p15, 1, r2, r3, c14		/* CNTVCT */
	mov	r0, #CNTV_ENABLE | CNTV_IMASK
	mcr	p15, 0, r0, c14, c3, 1		/* CNTV_CTL: the line goes down */
	isb
	str	r6, [r11, #GICC_EOIR]
	dsb
	mov	r8, #HAS_COME
	subs	pc, lr, #4

data_abort:
	cmp	r8, #EXPECT_WATCHPOINT
	movne	r1, #4
	bne	unexpected
	mov	r8, #EXPECT_NOTHING
	mov	r0, #0
	mcr	p14, 0, r0, c0, c0, 7		/* DBGWCR0: the store is repeated */
	isb
	mrc	p15, 0, r0, c5, c0, 0		/* DFSR */
	ldr	r4, =DFSR_FS
	and	r0, r0, r4
	mov	r4, #DFSR_DEBUG
	demand	r0, r4
	mrc	p14, 0, r0, c0, c1, 0		/* DBGDSCRint.MOE */
	ubfx	r0, r0, #2, #4
	mov	r4, #MOE_WATCHPOINT
	demand	r0, r4
	mrc	p15, 0, r0, c6, c0, 0		/* DFAR */
	demand	r0, r9
	sub	r0, lr, #8
	adr	r4, watched
	demand	r0, r4
	mov	r8, #HAS_COME
	subs	pc, lr, #8

	.ltorg
selftest_guest_end:
	.previous
