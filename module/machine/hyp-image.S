/* SPDX-License-Identifier: GPL-2.0-only */
/* The HYP image as data; hyp-map.c copies it to separate pages. */
	.section .rodata
	.balign	8
	.global	hyp_image
hyp_image:
	.incbin	HYP_BIN
	.balign	8
	.global	hyp_image_end
hyp_image_end:
