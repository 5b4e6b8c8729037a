/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads registers that only Hyp mode can access, while the kernel's stub owns HYP.  The stub's
 * soft restart jumps to a physical address and leaves ELR_hyp and SPSR_hyp from the HVC, so an
 * ERET returns to the caller.
 */
	.arch	armv7ve
	.arch_extension virt
	.text
	.arm

	.global	hyp_read_code, hyp_read_code_end, hyp_read

/* cpu-state.c copies this to a page of its own; it runs with the HYP MMU off. */
	.balign	64
hyp_read_code:
	mrc	p15, 4, r0, c1, c1, 1		@ HDCR
	mrc	p15, 4, r1, c12, c0, 0		@ HVBAR
	mrc	p15, 4, r2, c1, c0, 0		@ HSCTLR
	mrc	p15, 4, r3, c1, c1, 0		@ HCR
	mrc	p15, 4, r4, c1, c1, 2		@ HCPTR
	mrc	p15, 4, r5, c1, c1, 3		@ HSTR
	mrc	p15, 4, r6, c14, c1, 0		@ CNTHCTL
	mrrc	p15, 4, r7, r8, c14		@ CNTVOFF
	mrrc	p15, 6, r9, r10, c2		@ VTTBR
	eret
	.balign	4
hyp_read_code_end:

/* void hyp_read(u32 physical, u32 out[11]); call with interrupts off */
hyp_read:
	push	{r4 - r11, lr}
	mov	r11, r1
	mov	r1, r0
	mov	r0, #1				@ HVC_SOFT_RESTART
	hvc	#0
	stmia	r11, {r0 - r10}
	pop	{r4 - r11, pc}
