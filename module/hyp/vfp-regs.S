/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VFP and Advanced SIMD registers.  In assembly, because the C code of HYP is built
 * without them.
 */
#include "abi.h"

	.arch	armv7ve
	.fpu	neon-vfpv4
	.arm
	.text

	.global	hyp_vfp_read_fpexc
	.type	hyp_vfp_read_fpexc, %function
hyp_vfp_read_fpexc:
	vmrs	r0, fpexc
	bx	lr

	.global	hyp_vfp_write_fpexc
	.type	hyp_vfp_write_fpexc, %function
hyp_vfp_write_fpexc:
	vmsr	fpexc, r0
	bx	lr

	.global	hyp_vfp_read_mvfr0
	.type	hyp_vfp_read_mvfr0, %function
hyp_vfp_read_mvfr0:
	vmrs	r0, mvfr0
	bx	lr

	.global	hyp_vfp_read_mvfr1
	.type	hyp_vfp_read_mvfr1, %function
hyp_vfp_read_mvfr1:
	vmrs	r0, mvfr1
	bx	lr

/*
 * r0: struct hyp_vfp *   r1: number of double registers, 16 or 32
 * FPEXC.EN must be 1.
 */
	.global	hyp_vfp_save_regs
	.type	hyp_vfp_save_regs, %function
hyp_vfp_save_regs:
	vmrs	r2, fpscr
	str	r2, [r0, #HYP_VFP_FPSCR]
	vstmia	r0!, {d0-d15}
	cmp	r1, #32
	vstmiaeq r0, {d16-d31}
	bx	lr

	.global	hyp_vfp_load_regs
	.type	hyp_vfp_load_regs, %function
hyp_vfp_load_regs:
	ldr	r2, [r0, #HYP_VFP_FPSCR]
	vmsr	fpscr, r2
	vldmia	r0!, {d0-d15}
	cmp	r1, #32
	vldmiaeq r0, {d16-d31}
	bx	lr
