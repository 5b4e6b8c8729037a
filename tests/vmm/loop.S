/* SPDX-License-Identifier: GPL-2.0-only */
/* What the made-up CPU (fake_cpu.c) executes: r0 is where each vCPU has its words. */
	.syntax unified
	.arm
	.text
	.global _start, loop, store, after, own
	.type loop, %function
_start:
loop:
	ldr	r1, [r0]
	add	r1, r1, #1
store:
	str	r1, [r0]
after:
	ldr	r2, [r0, #4]
	str	r2, [r0, #8]
own:
	bkpt	#7
	b	loop
	.size loop, . - loop

	/* Where a debugger may jump to. */
	.global off
off:
	mov	r0, #0

	/* A device that is read all the time: r8 is its address. */
	.global device, stand
device:
	ldr	r3, [r8]
	b	device
stand:
	b	stand

	.balign 256
	.global words
words:
	.space	64
