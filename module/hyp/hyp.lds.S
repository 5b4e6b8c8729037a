/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HYP image: read-only, position independent, self-contained.  It is linked at 0, so
 * that symbols are offsets.  Its first page runs at identity addresses, and all of it in
 * the window.
 */
#include "abi.h"

OUTPUT_FORMAT("elf32-littlearm")
OUTPUT_ARCH(arm)
ENTRY(hyp_install)
PHDRS
{
	text PT_LOAD FLAGS(5); /* read and execute */
}
SECTIONS
{
	. = 0;
	.header : {
		/* In the order of HYP_HDR_*; the last word is in abi-word.c. */
		LONG(HYP_IMAGE_MAGIC)
		LONG(hyp_image_end)
		LONG(hyp_install)
		LONG(hyp_host_vectors)
		KEEP(*(.abi))
	} :text
	.idmap : { *(.idmap) }
	hyp_idmap_end = .;
	.text : { *(.text .text.*) }
	.rodata : { *(.rodata .rodata.*) }
	. = ALIGN(8);
	hyp_image_end = .;
	.data : { *(.data .data.* .bss .bss.* COMMON) }
	.got : { *(.got .got.* .plt .igot .iplt) }
	/DISCARD/ : { *(.comment .note.* .ARM.exidx* .ARM.extab*) }
	ASSERT(SIZEOF(.data) == 0, "HYP must have no writable static data")
	ASSERT(SIZEOF(.got) == 0, "HYP must not reach anything through a GOT or PLT")
	ASSERT(SIZEOF(.header) == HYP_HDR_WORDS * 4, "the header must match abi.h")
	ASSERT(hyp_idmap_end <= 4K, "identity-mapped code must be in the first page")
	ASSERT(hyp_image_end <= 64K, "the HYP image must fit into its 64 KiB of the window")
}
