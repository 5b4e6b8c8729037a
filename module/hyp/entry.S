/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The code that takes HYP mode over and gives it back.  It runs at identity addresses, with
 * the HYP MMU on or off, so it is in the image's first page, after the header, and has no
 * data.
 */
#include "abi.h"
#include "sysreg-bits.h"

/* 32-bit addresses; walks are cacheable and Inner Shareable. */
#define HTCR_HYP (HTCR_SBOP | HTCR_SH0_INNER | HTCR_ORGN0_WBWA | HTCR_IRGN0_WBWA | HTCR_T0SZ(32))
/* 40-bit guest physical addresses, walks from level 1, cacheable and Inner Shareable. */
#define VTCR_HYP                                                                                  \
	(VTCR_SBOP | VTCR_SH0_INNER | VTCR_ORGN0_WBWA | VTCR_IRGN0_WBWA | VTCR_SL0_1 | VTCR_S | \
	 VTCR_T0SZ(40))
#define HMAIR0_HYP                                    \
	(HMAIR0_ATTR(HYP_MAIR_NORMAL, HMAIR_NORMAL_WBWA) | \
	 HMAIR0_ATTR(HYP_MAIR_DEVICE, HMAIR_DEVICE))
#define HSCTLR_HYP (HSCTLR_M | HSCTLR_C | HSCTLR_I | HSCTLR_WXN)

	.arch	armv7ve
	.arch_extension virt
	.arm

	.macro	mov32, reg, value
	movw	\reg, #((\value) & 0xffff)
	movt	\reg, #((\value) >> 16)
	.endm

	.section .idmap, "ax"
idmap_start:			@ after the header

/*
 * Entered by the stub's soft restart, in Hyp mode with the MMU off.  ELR_hyp and SPSR_hyp
 * are still the caller's, so ERET returns to it.
 *   in:  r2, r3 HTTBR   r4 HVBAR   r5 HTPIDR   r6 SP_hyp
 *   out: r0 the stub's HVBAR   r1 the stub's HSCTLR; clobbers r7
 *
 * The caller has cleaned the image and the tables to the point of coherency: with the MMU
 * off the CPU fetches from memory, and table walks may read from there (B2.2.7).
 */
	.global	hyp_install
hyp_install:
	mcrr	p15, 4, r2, r3, c2	@ HTTBR
	mov32	r7, HTCR_HYP
	mcr	p15, 4, r7, c2, c0, 2	@ HTCR
	movw	r7, #HMAIR0_HYP
	mcr	p15, 4, r7, c10, c2, 0	@ HMAIR0
	mov	r7, #0
	mcr	p15, 4, r7, c10, c2, 1	@ HMAIR1
	/* The VMID of the host's own TLB entries, on all CPUs; UNKNOWN at reset (B4.1). */
	mcrr	p15, 6, r7, r7, c2	@ VTTBR
	mov32	r7, VTCR_HYP
	mcr	p15, 4, r7, c2, c1, 2	@ VTCR
	mcr	p15, 4, r5, c13, c0, 2	@ HTPIDR
	mov	sp, r6
	mrc	p15, 4, r0, c12, c0, 0	@ HVBAR
	mcr	p15, 4, r4, c12, c0, 0	@ HVBAR
	/* Remove what TLB, instruction cache and branch predictor hold of an earlier owner. */
	mcr	p15, 4, r7, c8, c7, 0	@ TLBIALLH
	mcr	p15, 4, r7, c8, c7, 4	@ TLBIALLNSNH
	mcr	p15, 0, r7, c7, c5, 0	@ ICIALLU, and the branch predictor (B4.2.1)
	dsb
	isb
	mrc	p15, 4, r1, c1, c0, 0	@ HSCTLR
	mov32	r7, HSCTLR_HYP
	orr	r7, r7, r1
	bic	r7, r7, #HSCTLR_TE	@ exceptions are taken in ARM state
	mcr	p15, 4, r7, c1, c0, 0	@ HSCTLR
	isb
	eret

/*
 * The common part of the two ways out.  They are entered in the window, from
 * hyp_host_vectors.  The address at which the MMU is turned off must be the same before and
 * after, so each continues in the identity mapping of this page.  Clobbers r3, r5, r6, r12.
 */
	.macro	give_back
	mrc	p15, 4, r12, c13, c0, 2		@ HTPIDR
	ldr	r3, [r12, #HYP_PCPU_IDMAP]
	ldr	r5, [r12, #HYP_PCPU_STUB_HVBAR]
	ldr	r6, [r12, #HYP_PCPU_STUB_HSCTLR]
	add	r3, r3, #(.Lidmap\@ - idmap_start + HYP_HDR_WORDS * 4)
	bx	r3
.Lidmap\@:
	mcr	p15, 4, r6, c1, c0, 0		@ HSCTLR: MMU and caches off
	isb
	mcr	p15, 4, r5, c12, c0, 0		@ HVBAR
	mcr	p15, 4, r5, c8, c7, 0		@ TLBIALLH
	dsb
	.endm

	.global	hyp_leave
hyp_leave:
	give_back
	mov	r0, #0
	eret

/* What HVC_SOFT_RESTART promises: a jump to r1 in Hyp mode, with the MMU off. */
	.global	hyp_restart
hyp_restart:
	give_back
	isb
	bx	r1
