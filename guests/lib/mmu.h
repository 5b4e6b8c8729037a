/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An identity map of devices and RAM (Normal memory, accessible from PL0), with the page of the
 * vectors mapped again at 0xffff0000.
 */
#ifndef GUEST_MMU_H
#define GUEST_MMU_H

#include "types.h"

enum mmu_format {
	MMU_SHORT, /* short-descriptor tables, TTBCR.EAE = 0 */
	MMU_LPAE,  /* long-descriptor tables, TTBCR.EAE = 1 */
};

/* Build the tables and turn this CPU's MMU and caches on. */
void mmu_on(enum mmu_format format);
/* The same with SCTLR.EE set, which also makes the tables big-endian (B3.3.4). */
void mmu_on_big_endian(enum mmu_format format);
/* Map a page of vectors at 0xffff0000, while the MMU is on. */
void mmu_high_page(const void *page);
/* Turn the MMU and caches of another CPU on, with the same tables. */
void mmu_on_secondary(void);
/*
 * Turn MMU, caches and EE off and write the image's cache lines back to memory.  Other memory
 * needs cache_flush() first.
 */
void mmu_off(void);

/* No table maps this page: an access is a translation fault at stage 1. */
#define UNMAPPED_ADDRESS 0xa0000000u
/* Map 1 MiB there to Normal memory at target, a multiple of 2 MiB; 0 unmaps it. */
void mmu_alias(u32 target);

#endif
