/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware of a board: what runs in Secure state at reset, starts the kernel in HYP mode and
 * serves its PSCI calls (SMC).  QEMU does the same by itself, but leaves every register zero and
 * every interrupt to the kernel.  Here the tests say which interrupts stay Secure, and each CPU
 * that is switched on has noise in what the architecture does not reset.
 *
 * It runs from flash at address 0 of QEMU's `virt,secure=on`, with its caches off.
 */
	.arch	armv7ve
	.arch_extension sec
	.arch_extension virt
	.fpu	neon-vfpv4
	.arm
	.text

#define GICD 0x08000000
#define GICC 0x08010000
#define GICH 0x08030000
#define POWER 0x090b0000 /* a PL061: line 0 powers off, line 1 resets */
#define SECURE_RAM 0x0e000000

#define MAX_CPUS 8
#define WAKE_SGI 15 /* Linux uses the first eight */

/* In Secure RAM: for each CPU its entry point, 0 while it waits, what goes to r0, and its state. */
#define MAILBOX_ENTRY	0
#define MAILBOX_CONTEXT 4
#define MAILBOX_ON	8
#define MAILBOX_SIZE	16

#define MODE_SVC 0x13
#define MODE_MON 0x16
#define MODE_HYP 0x1a
#define MASKED 0x1c0 /* CPSR.{A,I,F} */

#define SCR_NS	(1 << 0)
#define SCR_FW	(1 << 4)
#define SCR_AW	(1 << 5)
#define SCR_HCE (1 << 8)

/* PSCI 0.2 */
#define PSCI_VERSION 0x84000000
#define CPU_OFF 0x84000002
#define CPU_ON 0x84000003
#define AFFINITY_INFO 0x84000004
#define MIGRATE_INFO_TYPE 0x84000006
#define SYSTEM_OFF 0x84000008
#define SYSTEM_RESET 0x84000009
#define NOT_SUPPORTED (-1)
#define INVALID_PARAMETERS (-2)
#define ALREADY_ON (-4)

reset:	b	start

/* tools/harness/firmware.py writes these eight words. */
	.balign	32
parameters:
group0_boot:	.word	0	/* a bit for each SGI and PPI that stays in Group 0, on CPU 0 */
group0_others:	.word	0	/* .. and on the others */
seed:		.word	0	/* of the noise; 0: none */
kernel:		.word	0
devicetree:	.word	0
		.word	0, 0, 0

	.balign	32
monitor_vectors:
	b	.
	b	.
	b	smc
	b	.
	b	.
	b	.
	b	.
	b	.

/* r10: this CPU; r11: its mailbox. */
	.macro	this_cpu
	mrc	p15, 0, r10, c0, c0, 5	@ MPIDR
	and	r10, r10, #(MAX_CPUS - 1)
	ldr	r11, =SECURE_RAM
	add	r11, r11, r10, lsl #4
	.endm

start:
	cpsid	aif, #MODE_SVC
	this_cpu
	ldr	r8, =GICD
	cmp	r10, #0
	ldreq	r1, group0_boot
	ldrne	r1, group0_others
	orr	r1, r1, #(1 << WAKE_SGI)
	mvn	r1, r1
	str	r1, [r8, #0x80]		@ GICD_IGROUPR0
	bne	wait
	mvn	r1, #0
	mov	r2, #0x84
1:	str	r1, [r8, r2]		@ GICD_IGROUPR<n>
	add	r2, r2, #4
	cmp	r2, #0x100
	bne	1b
	mov	r1, #1
	str	r1, [r8]		@ GICD_CTLR.EnableGrp0, for WAKE_SGI
	str	r1, [r11, #MAILBOX_ON]
	ldr	r4, kernel
	mov	r5, #0
	mvn	r6, #0
	ldr	r7, devicetree
	b	start_kernel

/* Off: wait for CPU_ON.  WFI also ends if an interrupt is pending that is masked. */
wait:
	this_cpu
	mov	r1, #0
	str	r1, [r11, #MAILBOX_ENTRY]
	str	r1, [r11, #MAILBOX_ON]
	dsb
	ldr	r9, =GICC
	mov	r1, #0xff
	str	r1, [r9, #4]		@ GICC_PMR
	mov	r1, #1
	str	r1, [r9]		@ GICC_CTLR.EnableGrp0
1:	ldr	r4, [r11, #MAILBOX_ENTRY]
	cmp	r4, #0
	bne	2f
	wfi
	ldr	r1, [r9, #0xc]		@ GICC_IAR
	ldr	r2, =1020
	cmp	r1, r2
	strlo	r1, [r9, #0x10]		@ GICC_EOIR
	b	1b
2:	mov	r1, #0
	str	r1, [r9]
	mov	r1, #1
	str	r1, [r11, #MAILBOX_ON]
	ldr	r5, [r11, #MAILBOX_CONTEXT]
	mov	r6, #0
	mov	r7, #0

/* Enter r4 in HYP mode with r5 to r7 as r0 to r2.  r10: this CPU. */
start_kernel:
	ldr	r9, =GICC
	mov	r1, #0xff
	str	r1, [r9, #4]		@ GICC_PMR: all of it, which the kernel cannot
	ldr	r1, =62500000
	mcr	p15, 0, r1, c14, c0, 0	@ CNTFRQ
	mov	r1, #(3 << 10)
	mcr	p15, 0, r1, c1, c1, 2	@ NSACR.{cp11,cp10}
	ldr	r1, =monitor_vectors
	mcr	p15, 0, r1, c12, c0, 1	@ MVBAR
	cps	#MODE_MON
	ldr	r1, =(SCR_NS | SCR_FW | SCR_AW | SCR_HCE)
	mcr	p15, 0, r1, c1, c1, 0	@ SCR
	isb
	bl	reset_registers
	ldr	r0, seed
	cmp	r0, #0
	blne	make_noise
	ldr	r1, =(MASKED | MODE_HYP)
	msr	SPSR_cxsf, r1
	mov	lr, r4
	mov	r0, r5
	mov	r1, r6
	mov	r2, r7
	movs	pc, lr

/*
 * A CPU that comes back from CPU_OFF was never without power here: give what a reset defines its
 * value.  In Monitor mode with SCR.NS set.  Clobbers r1.
 */
reset_registers:
	ldr	r1, =0x00c50078
	mcr	p15, 0, r1, c1, c0, 0	@ SCTLR
	ldr	r1, =0x30c50878
	mcr	p15, 4, r1, c1, c0, 0	@ HSCTLR
	mov	r1, #0
	mcr	p15, 4, r1, c1, c1, 0	@ HCR
	mcr	p15, 4, r1, c1, c1, 2	@ HCPTR
	mcr	p15, 4, r1, c1, c1, 3	@ HSTR
	mcr	p15, 0, r1, c1, c0, 2	@ CPACR
	mrc	p15, 0, r1, c9, c12, 0	@ PMCR
	ubfx	r1, r1, #11, #5
	mcr	p15, 4, r1, c1, c1, 1	@ HDCR: HPMN is PMCR.N
	mov	r1, #3
	mcr	p15, 4, r1, c14, c1, 0	@ CNTHCTL
	mrc	p15, 0, r1, c0, c0, 0
	mcr	p15, 4, r1, c0, c0, 0	@ VPIDR
	mrc	p15, 0, r1, c0, c0, 5
	mcr	p15, 4, r1, c0, c0, 5	@ VMPIDR
	isb
	bx	lr

/* ---- noise ---- */

/* r0 = the next word, xorshift32; clobbers r1.  r0 is the state. */
	.macro	next
	eor	r0, r0, r0, lsl #13
	eor	r0, r0, r0, lsr #17
	eor	r0, r0, r0, lsl #5
	.endm
	.macro	noise opc1, crn, crm, opc2
	next
	mcr	p15, \opc1, r0, \crn, \crm, \opc2
	.endm
	.macro	noise64 opc1, crm
	mov	r1, r0
	next
	mcrr	p15, \opc1, r0, r1, \crm
	.endm
	/* .. with the bits in clear clear: a reset clears them. */
	.macro	noise_but clear, opc1, crn, crm, opc2
	next
	bic	r1, r0, #\clear
	mcr	p15, \opc1, r1, \crn, \crm, \opc2
	.endm
	.macro	noise_debug crm, opc2
	next
	mcr	p14, 0, r0, c0, \crm, \opc2
	.endm

/*
 * All that a reset leaves UNKNOWN of what the kernel or the module has.  r0: the seed; keeps r4
 * to r7 and r10.  In Monitor mode with SCR.NS set, so the banked registers are Non-secure.
 */
make_noise:
	mov	r9, lr
	add	r1, r10, #1
	ldr	r2, =0x9e3779b9
	mul	r1, r1, r2
	eor	r0, r0, r1
	orr	r0, r0, #1

	/* HYP mode, B1.5.7 and each register's description */
	noise	4, c5, c1, 0		@ HADFSR
	noise	4, c5, c1, 1		@ HAIFSR
	noise	4, c5, c2, 0		@ HSR
	noise	4, c6, c0, 0		@ HDFAR
	noise	4, c6, c0, 2		@ HIFAR
	noise	4, c6, c0, 4		@ HPFAR
	noise	4, c10, c2, 0		@ HMAIR0
	noise	4, c10, c2, 1		@ HMAIR1
	noise	4, c10, c3, 0		@ HAMAIR0
	noise	4, c10, c3, 1		@ HAMAIR1
	noise	4, c12, c0, 0		@ HVBAR
	noise	4, c13, c0, 2		@ HTPIDR
	noise	4, c2, c0, 2		@ HTCR
	noise	4, c2, c1, 2		@ VTCR
	noise64	4, c2			@ HTTBR
	noise64	6, c2			@ VTTBR
	next
	msr	SP_hyp, r0
	next
	msr	ELR_hyp, r0
	next
	msr	SPSR_hyp, r0

	/* the timers, B8.1.1; ENABLE is reset */
	noise64	4, c14			@ CNTVOFF
	noise64	2, c14			@ CNTP_CVAL
	noise64	3, c14			@ CNTV_CVAL
	noise64	6, c14			@ CNTHP_CVAL
	noise_but 1, 0, c14, c2, 1	@ CNTP_CTL
	noise_but 1, 0, c14, c3, 1	@ CNTV_CTL
	noise_but 1, 4, c14, c2, 1	@ CNTHP_CTL
	noise	0, c14, c1, 0		@ CNTKCTL

	/* PL1, B4.1 */
	noise	0, c2, c0, 0		@ TTBR0
	noise	0, c2, c0, 1		@ TTBR1
	noise	0, c2, c0, 2		@ TTBCR
	noise	0, c3, c0, 0		@ DACR
	noise	0, c5, c0, 0		@ DFSR
	noise	0, c5, c0, 1		@ IFSR
	noise	0, c6, c0, 0		@ DFAR
	noise	0, c6, c0, 2		@ IFAR
	noise	0, c10, c2, 0		@ PRRR
	noise	0, c10, c2, 1		@ NMRR
	noise	0, c12, c0, 0		@ VBAR
	noise	0, c13, c0, 1		@ CONTEXTIDR
	noise	0, c13, c0, 2		@ TPIDRURW
	noise	0, c13, c0, 3		@ TPIDRURO
	noise	0, c13, c0, 4		@ TPIDRPRW
	noise	2, c0, c0, 0		@ CSSELR
	.irp	mode, usr, svc, abt, und, irq, fiq
	next
	msr	SP_\mode, r0
	next
	msr	LR_\mode, r0
	.endr
	.irp	mode, svc, abt, und, irq, fiq
	next
	msr	SPSR_\mode, r0
	.endr

	/* the performance monitors, B4.1.117 on; PMCR.E and PMUSERENR are reset */
	noise	0, c9, c12, 1		@ PMCNTENSET
	noise	0, c9, c12, 5		@ PMSELR
	noise	0, c9, c13, 0		@ PMCCNTR
	noise	0, c9, c14, 1		@ PMINTENSET

	/* floating point; FPEXC.EN is reset */
	mrc	p15, 0, r1, c1, c0, 2	@ CPACR
	orr	r2, r1, #(0xf << 20)
	mcr	p15, 0, r2, c1, c0, 2
	isb
	mov	r2, #(1 << 30)
	vmsr	fpexc, r2
	.irp	tens,, 1, 2
	.irp	ones, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	next
	vmov	d\tens\ones, r0, r0
	.endr
	.endr
	next
	vmov	d30, r0, r0
	next
	vmov	d31, r0, r0
	next
	vmsr	fpscr, r0
	mov	r2, #0
	vmsr	fpexc, r2
	mcr	p15, 0, r1, c1, c0, 2

	/* the debug registers, C11.11; then the OS lock, as after power-up (C6.5) */
	.irp	n, c0, c1, c2, c3, c4, c5
	noise_debug \n, 4		@ DBGBVR
	noise_debug \n, 5		@ DBGBCR
	.endr
	.irp	n, c0, c1, c2, c3
	noise_debug \n, 6		@ DBGWVR
	noise_debug \n, 7		@ DBGWCR
	.endr
	noise_debug c7, 0		@ DBGVCR
	ldr	r1, =0xc5acce55
	mcr	p14, 0, r1, c1, c0, 4	@ DBGOSLAR

	/* the virtual interface of the GIC; GICH_HCR.En is reset */
	ldr	r2, =GICH
	next
	str	r0, [r2, #0x8]		@ GICH_VMCR
	next
	str	r0, [r2, #0xf0]		@ GICH_APR
	.irp	n, 0, 1, 2, 3
	next
	str	r0, [r2, #(0x100 + 4 * \n)]	@ GICH_LR<n>
	.endr
	bx	r9

/* ---- PSCI ---- */

/*
 * r0 to r3 are the call's, the other registers the kernel's.  Secure RAM and Group 0 need
 * SCR.NS clear.
 */
	.macro	set_ns, ns, tmp
	mrc	p15, 0, \tmp, c1, c1, 0
	.if	\ns
	orr	\tmp, \tmp, #SCR_NS
	.else
	bic	\tmp, \tmp, #SCR_NS
	.endif
	mcr	p15, 0, \tmp, c1, c1, 0
	isb
	.endm
	.macro	if_function, name, label
	movw	r13, #(\name & 0xffff)
	movt	r13, #((\name >> 16) & 0xffff)
	cmp	r0, r13
	beq	\label
	.endm

smc:
	set_ns	0, r13
	if_function PSCI_VERSION, version
	if_function CPU_ON, cpu_on
	if_function CPU_OFF, cpu_off
	if_function AFFINITY_INFO, affinity_info
	if_function MIGRATE_INFO_TYPE, migrate_info_type
	if_function SYSTEM_OFF, system_off
	if_function SYSTEM_RESET, system_reset
	mvn	r0, #~NOT_SUPPORTED
back:	set_ns	1, r13
	movs	pc, lr

version:
	mov	r0, #2
	b	back

migrate_info_type:
	mov	r0, #2			@ no Trusted OS
	b	back

/* r1: MPIDR's affinity.  r0 = its mailbox, or return. */
	.macro	target_mailbox
	mvn	r0, #~INVALID_PARAMETERS
	cmp	r1, #MAX_CPUS
	bhs	back
	movw	r0, #(SECURE_RAM & 0xffff)
	movt	r0, #(SECURE_RAM >> 16)
	add	r0, r0, r1, lsl #4
	.endm

affinity_info:
	target_mailbox
	ldr	r0, [r0, #MAILBOX_ON]
	eor	r0, r0, #1
	b	back

cpu_on:
	target_mailbox
	ldr	r13, [r0, #MAILBOX_ON]
	cmp	r13, #0
	mvnne	r0, #~ALREADY_ON
	bne	back
	str	r3, [r0, #MAILBOX_CONTEXT]
	str	r2, [r0, #MAILBOX_ENTRY]
	dsb
	mov	r0, #(1 << 16)
	lsl	r0, r0, r1
	orr	r0, r0, #WAKE_SGI
	movw	r13, #(GICD & 0xffff)
	movt	r13, #(GICD >> 16)
	str	r0, [r13, #0xf00]	@ GICD_SGIR
	mov	r0, #0
	b	back

cpu_off:
	cps	#MODE_SVC
	b	wait

system_off:
	mov	r1, #1
	b	pull
system_reset:
	mov	r1, #2
pull:	ldr	r0, =POWER
	str	r1, [r0, #0x400]	@ GPIODIR
	str	r1, [r0, #0xc]		@ GPIODATA, lines 0 and 1
	b	.

	.ltorg
