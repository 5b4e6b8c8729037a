/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fake CPU (fake_cpu.c) executes; r0 points to the words of each vCPU. */
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

	/* Jumped to by a debugger: power off. */
	.global off
off:
	mov	r0, #0

	/* A loop that reads the device at r8, and one that does nothing. */
	.global device, spin
device:
	ldr	r3, [r8]
	b	device
spin:
	b	spin

	.balign 256
	.global words
words:
	.space	64
