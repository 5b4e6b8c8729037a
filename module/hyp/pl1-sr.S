/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Save and restore the registers of PL1 and PL0: the banked core registers (B1.3.2, B9.3.9)
 * with SP_usr, and the rows of cp15.def that the world switch swaps.  LR_usr is not among
 * them: Hyp mode uses it as its own LR, so vectors.S saves it together with r0 to r12.
 *
 * Any order would do: none of these registers acts on Hyp mode, and the ERET that follows is
 * the context synchronisation for all of them (A3.8.3).  For a while TTBRn and the ASID do
 * not match, but HYP uses no PL1&0 translation then; its only one is ATS1CPR, in trap.c.
 *
 * The registers move through r1 to r12, twelve words at a time, so that one STM or LDM
 * serves a block of them.  In C each would have a load or a store of its own.
 */
#include "abi.h"

	.arch	armv7ve
	.arch_extension virt
	.arm
	.text

#define BLOCK 12	/* r1 to r12 */

/* struct hyp_regs from its member svc on, without SP_usr; struct hyp_cp15 follows. */
	.macro	each_register, banked, cp15_32, cp15_64
	.irp	reg, SP_svc, LR_svc, SPSR_svc, SP_abt, LR_abt, SPSR_abt, \
		SP_und, LR_und, SPSR_und, SP_irq, LR_irq, SPSR_irq, \
		R8_fiq, R9_fiq, R10_fiq, R11_fiq, R12_fiq, SP_fiq, LR_fiq, SPSR_fiq
	\banked	\reg
	.endr
#define CP15_SWITCHED32(name, opc1, crn, crm, opc2, access, trap, member, reset, user) \
	\cp15_32 _##name, opc1, c##crn, c##crm, opc2
#define CP15_SWITCHED64(name, opc1, crm, access, trap, member, reset, user) \
	\cp15_64 _##name, opc1, c##crm
#include "cp15.def"
	.endm

	.macro	begin
	.set	words, 0	/* so far */
	.set	block, 0	/* the number of this block */
	.set	fill, 0		/* words of it so far */
	.endm

/* First, each list is cut into blocks: block_N is how many words block N has. */
	.macro	end_block
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	.if	block == \n
	.set	block_\n, fill
	.endif
	.endr
	.set	block, block + 1
	.set	fill, 0
	.endm

	.macro	cut, count
	.if	fill + \count > BLOCK
	end_block
	.endif
	.set	fill, fill + \count
	.set	words, words + \count
	.endm

	.macro	cut_1, register:vararg
	cut	1
	.endm

	/* The compiler aligns it; what is saved as the padding does not matter. */
	.macro	cut_2, register:vararg
	.if	words & 1
	cut	1
	.endif
	cut	2
	.endm

/* Then it is moved; `restoring` says in which direction. */
	.macro	whole_block, insn, size
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
	.if	\size == \n
	\insn	r0!, {r1-r\n}
	.endif
	.endr
	.endm

	.macro	take, count
	.if	fill == 0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	.if	block == \n
	.set	size, block_\n
	.endif
	.endr
	.if	restoring
	whole_block ldm, size
	.endif
	.endif
	.set	fill, fill + \count
	.set	words, words + \count
	.endm

	.macro	taken
	.if	fill == size
	.if	!restoring
	whole_block stm, size
	.endif
	.set	block, block + 1
	.set	fill, 0
	.endif
	.endm

	.macro	move_banked, reg
	take	1
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
	.if	fill == \n
	.if	restoring
	msr	\reg, r\n
	.else
	mrs	r\n, \reg
	.endif
	.endif
	.endr
	taken
	.endm

	.macro	move_32, name, opc1, crn, crm, opc2
	take	1
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
	.if	fill == \n
	.if	restoring
	mcr	p15, \opc1, r\n, \crn, \crm, \opc2
	.else
	mrc	p15, \opc1, r\n, \crn, \crm, \opc2
	.endif
	.endif
	.endr
	taken
	.endm

	.macro	move_64, name, opc1, crm
	.if	words & 1
	take	1
	taken
	.endif
	take	2
	.irp	low, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	.irp	high, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
	.if	fill == \high && fill - 1 == \low
	.if	restoring
	mcrr	p15, \opc1, r\low, r\high, \crm
	.else
	mrrc	p15, \opc1, r\low, r\high, \crm
	.endif
	.endif
	.endr
	.endr
	taken
	.endm

/*
 * What is dead in the host: it calls from SVC mode with interrupts masked.
 *
 *  - LR and SPSR of abt, und and irq, and the fault registers: the CPU writes them at an exception,
 *    before its handler reads them.  LR_svc: hyp_call() has pushed it.  SPSR_svc: the kernel writes
 *    it before each exception return.  FIQ mode's are not dead: a driver's handler may keep its
 *    state in them, from one FIQ to the next.
 *  - CSSELR and PAR: with interrupts masked, and both are written before they are read.
 *
 * The guest's are not dead: the host takes exceptions before it runs the guest again.  A module
 * built with KVM_ARMV7_CHECKS=y gives the host nonsense instead of its own.
 */
	.irp	reg, LR_svc, SPSR_svc, LR_abt, SPSR_abt, LR_und, SPSR_und, LR_irq, SPSR_irq, \
		_CSSELR, _PAR, _DFSR, _IFSR, _ADFSR, _AIFSR, _DFAR, _IFAR
	.set	dead_\reg, 1
	.endr

	.macro	if_live, name, macro, args:vararg
	.ifndef	dead_\name
	\macro	\args
	.endif
	.endm

	.macro	live_cut_1, name, register:vararg
	if_live	\name, cut_1
	.endm

	.macro	live_cut_2, name, register:vararg
	if_live	\name, cut_2
	.endm

	.macro	live_banked, reg
	if_live	\reg, move_banked, \reg
	.endm

	.macro	live_32, name, opc1, crn, crm, opc2
	if_live	\name, move_32, \name, \opc1, \crn, \crm, \opc2
	.endm

	.macro	live_64, name, opc1, crm
	if_live	\name, move_64, \name, \opc1, \crm
	.endm

	.macro	move_live
	begin
	live_banked SP_usr
	each_register live_banked, live_32, live_64
	.endm

#ifdef KVM_ARMV7_CHECKS
	.macro	spoil_banked, reg
	.ifdef	dead_\reg
	msr	\reg, r1
	.endif
	.endm

	.macro	spoil_32, name, opc1, crn, crm, opc2
	.ifdef	dead_\name
	mcr	p15, \opc1, r1, \crn, \crm, \opc2
	.endif
	.endm

	.macro	spoil_64, name, opc1, crm
	.ifdef	dead_\name
	mcrr	p15, \opc1, r1, r2, \crm
	.endif
	.endm
#endif

	begin
	live_cut_1 SP_usr
	each_register live_cut_1, live_cut_1, live_cut_2
	end_block
	.if	words != HYP_HOST_WORDS || block > 8
	.error	"the list of live registers and abi.h differ, or there are more than 8 blocks"
	.endif

/* void hyp_host_save(uint32_t *live) */
	.global	hyp_host_save
	.type	hyp_host_save, %function
hyp_host_save:
	push	{r3-r11, lr}
	.set	restoring, 0
	move_live
	pop	{r3-r11, pc}

/* void hyp_host_restore(const uint32_t *live) */
	.global	hyp_host_restore
	.type	hyp_host_restore, %function
hyp_host_restore:
	push	{r3-r11, lr}
	.set	restoring, 1
	move_live
#ifdef KVM_ARMV7_CHECKS
	movw	r1, #0x5a5a
	movt	r1, #0xa5a5
	mvn	r2, r1
	each_register spoil_banked, spoil_32, spoil_64
#endif
	pop	{r3-r11, pc}

/* The guest's: all of them. */
	begin
	each_register cut_1, cut_1, cut_2
	end_block
	.if	words != HYP_PL1_WORDS || block > 8
	.error	"the list and abi.h differ, or there are more than 8 blocks"
	.endif

#define SP_USR_BELOW (HYP_REGS_SVC - HYP_REGS_SP_USR)

/* void hyp_pl1_save(uint32_t *svc) */
	.global	hyp_pl1_save
	.type	hyp_pl1_save, %function
hyp_pl1_save:
	push	{r3-r11, lr}
	mrs	r1, SP_usr
	str	r1, [r0, #-SP_USR_BELOW]
	.set	restoring, 0
	begin
	each_register move_banked, move_32, move_64
	pop	{r3-r11, pc}

/* void hyp_pl1_restore(const uint32_t *svc) */
	.global	hyp_pl1_restore
	.type	hyp_pl1_restore, %function
hyp_pl1_restore:
	push	{r3-r11, lr}
	ldr	r1, [r0, #-SP_USR_BELOW]
	msr	SP_usr, r1
	.set	restoring, 1
	begin
	each_register move_banked, move_32, move_64
	pop	{r3-r11, pc}
