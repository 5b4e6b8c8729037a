// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest: it sets registers of every kind that a VMM saves, makes its GIC ready, and writes to
 * its UART.  Then it reads one command after the other from there, and writes what came of it.
 * Its interrupts are masked: it takes them by reading GICC_IAR.
 */
#include "clients.h"

__asm__(".pushsection .rodata\n"
	".arm\n"
	".balign 4\n"
	".global guest_start, guest_end\n"
	"guest_start:\n"
	"	movw	r10, #0x0000\n"
	"	movt	r10, #0x0900\n" /* UART */
	"	mrc	p15, 0, r0, c0, c0, 5\n"
	"	ands	r0, r0, #0xff\n"
	"	bne	secondary\n"
	"	.macro	bank mode, value, flags\n"
	"	cps	#\\mode\n"
	"	mov	sp, #\\value\n"
	"	mov	lr, #\\value + 1\n"
	"	mov	r0, #\\flags\n"
	"	orr	r0, r0, #0x13\n"
	"	msr	spsr_cxsf, r0\n"
	"	.endm\n"
	"	bank	0x11, 0x1100, 0x10000000\n"
	"	mov	r8, #0x81\n"
	"	mov	r12, #0x85\n"
	"	bank	0x12, 0x1200, 0x20000000\n"
	"	bank	0x17, 0x1700, 0x40000000\n"
	"	bank	0x1b, 0x1b00, 0x80000000\n"
	"	bank	0x13, 0x1300, 0x90000000\n"
	"	mov	r0, #0xf00000\n" /* CPACR: VFP */
	"	mcr	p15, 0, r0, c1, c0, 2\n"
	"	isb\n"
	"	mov	r0, #0x40000000\n"
	"	vmsr	fpexc, r0\n"
	"	mov	r0, #0x77\n"
	"	mov	r1, #0x78\n"
	"	vmov	d7, r0, r1\n"
	"	mov	r0, #0x99\n"
	"	mcr	p15, 0, r0, c13, c0, 4\n" /* TPIDRPRW */
	"	mrrc	p15, 1, r4, r5, c14\n"	  /* CNTVCT */

	/* INTID 33 is level-sensitive, 34 edge-triggered; both go to vCPU 0. */
	"	movw	r9, #0x0000\n"
	"	movt	r9, #0x0800\n" /* GICD */
	"	add	r11, r9, #0x10000\n"
	"	mov	r0, #1\n"
	"	str	r0, [r9]\n"
	"	mov	r0, #6\n"
	"	str	r0, [r9, #0x104]\n" /* GICD_ISENABLER1 */
	"	mov	r0, #0x20\n"
	"	str	r0, [r9, #0xc08]\n" /* GICD_ICFGR2 */
	"	movw	r0, #0x0101\n"
	"	movt	r0, #0x0101\n"
	"	str	r0, [r9, #0x820]\n" /* GICD_ITARGETSR8 */
	"	movw	r0, #0xa0a0\n"
	"	movt	r0, #0xa0a0\n"
	"	str	r0, [r9, #0x420]\n" /* GICD_IPRIORITYR8 */
	"	orr	r0, r0, #0x1000\n"  /* SGI 5 is less important */
	"	str	r0, [r9, #0x404]\n"
	"	mov	r0, #0xf0\n"
	"	str	r0, [r11, #4]\n" /* GICC_PMR */
	"	mov	r0, #3\n"
	"	str	r0, [r11, #8]\n" /* GICC_BPR */
	"	mov	r0, #1\n"
	"	str	r0, [r11]\n"
	"	mov	r7, #1024\n" /* the interrupt to end: none */
	"	mov	r6, #1\n"

	"report:	str	r6, [r10]\n"
	"	cmp	r7, #1024\n"
	"	strne	r7, [r11, #0x10]\n" /* GICC_EOIR */
	"	mov	r7, #1024\n"
	"	ldr	r0, [r10, #4]\n"
	"	sub	r0, r0, #1\n"
	"	cmp	r0, #8\n"
	"	addls	pc, pc, r0, lsl #2\n"
	"	b	.\n"
	"	b	look\n"
	"	b	on\n"
	"	b	reset\n"
	"	b	off\n"
	"	b	take\n"
	"	b	quiet\n"
	"	b	notify\n"
	"	b	dirty\n"
	"	b	sgi\n"

	"look:	mov	r6, #3\n" /* GUEST_LOST, until all is found */
	"	.macro	find mode, value, flags\n"
	"	cps	#\\mode\n"
	"	movw	r0, #\\value\n"
	"	cmp	sp, r0\n"
	"	addeq	r0, r0, #1\n"
	"	cmpeq	lr, r0\n"
	"	bne	1f\n"
	"	mov	r0, #\\flags\n"
	"	orr	r0, r0, #0x13\n"
	"	mrs	r1, spsr\n"
	"	cmp	r1, r0\n"
	"	bne	1f\n"
	"	.endm\n"
	"	find	0x11, 0x1100, 0x10000000\n"
	"	cmp	r8, #0x81\n"
	"	cmpeq	r12, #0x85\n"
	"	bne	1f\n"
	"	find	0x12, 0x1200, 0x20000000\n"
	"	find	0x17, 0x1700, 0x40000000\n"
	"	find	0x1b, 0x1b00, 0x80000000\n"
	"	find	0x13, 0x1300, 0x90000000\n"
	"	vmov	r0, r1, d7\n"
	"	cmp	r0, #0x77\n"
	"	cmpeq	r1, #0x78\n"
	"	bne	1f\n"
	"	mrc	p15, 0, r0, c13, c0, 4\n"
	"	cmp	r0, #0x99\n"
	"	bne	1f\n"
	"	mrrc	p15, 1, r2, r3, c14\n"
	"	subs	r2, r2, r4\n" /* time does not go back */
	"	sbcs	r3, r3, r5\n"
	"	movpl	r6, #2\n"
	"1:	cps	#0x13\n"
	"	b	report\n"

	"on:	movw	r0, #0x0003\n" /* PSCI CPU_ON of vCPU 1 */
	"	movt	r0, #0x8400\n"
	"	mov	r1, #1\n"
	"	adr	r2, secondary\n"
	"	mov	r3, r10\n"
	"	.inst	0xe1400070\n" /* hvc #0 */
	"	cmp	r0, #0\n"
	"	moveq	r6, #5\n"
	"	movne	r6, #3\n"
	"	b	report\n"

	"off:	movw	r0, #0x0008\n" /* PSCI SYSTEM_OFF */
	"	movt	r0, #0x8400\n"
	"	.inst	0xe1400070\n"
	"reset:	movw	r0, #0x0009\n" /* PSCI SYSTEM_RESET */
	"	movt	r0, #0x8400\n"
	"	.inst	0xe1400070\n"

	/* An eventfd's interrupt may be on its way; where none is to come, none is. */
	"take:	mov	r3, #0x1000000\n"
	"	b	1f\n"
	"quiet:	mov	r3, #0x100\n"
	"1:	ldr	r0, [r11, #0xc]\n" /* GICC_IAR */
	"	ubfx	r1, r0, #0, #10\n"
	"	cmp	r1, #1020\n"
	"	movlo	r7, r0\n"
	"	blo	2f\n"
	"	subs	r3, r3, #1\n"
	"	bne	1b\n"
	"2:	add	r6, r1, #0x10000\n"
	"	b	report\n"

	"notify: movw	r1, #0x0050\n"
	"	movt	r1, #0x0a00\n"
	"	mov	r0, #0\n"
	"	str	r0, [r1]\n"
	"	mov	r6, #6\n"
	"	b	report\n"

	"dirty:	mov	r1, #0x40000000\n"
	"	add	r1, r1, #0x40000\n"
	"	str	r1, [r1]\n"
	"	mov	r6, #6\n"
	"	b	report\n"

	"sgi:	movw	r0, #0x0005\n" /* SGI 5, to itself */
	"	movt	r0, #0x0200\n"
	"	str	r0, [r9, #0xf00]\n" /* GICD_SGIR */
	"	mov	r6, #6\n"
	"	b	report\n"

	"secondary:\n"
	"	mov	r1, #4\n"
	"	str	r1, [r0]\n"
	"	b	.\n"
	"guest_end:\n"
	".popsection\n");
