/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An identity map: devices, RAM as Normal memory open to PL0, and the page of
 * the vectors once more at 0xffff0000.
 */
#ifndef GUEST_MMU_H
#define GUEST_MMU_H

#include "types.h"

enum mmu_format {
	MMU_SHORT, /* short-descriptor tables, TTBCR.EAE = 0 */
	MMU_LPAE,  /* long-descriptor tables, TTBCR.EAE = 1 */
};

/* Build the tables and turn MMU and caches on, on this CPU. */
void mmu_on(enum mmu_format format);
/* The same with SCTLR.EE set, for which the tables are big-endian (B3.3.4). */
void mmu_on_big_endian(enum mmu_format format);
/* What is at 0xffff0000, while the MMU is on: a page of vectors. */
void mmu_high_page(const void *page);
/* The same tables on another CPU. */
void mmu_on_secondary(void);
/* Everything written reaches memory; MMU, caches and EE are off afterwards. */
void mmu_off(void);

/* A page that no table maps: a translation fault at stage 1. */
#define UNMAPPED_ADDRESS 0xa0000000u
/* Map it: 1 MiB of Normal memory at target, a multiple of 2 MiB; 0: unmap it. */
void mmu_alias(u32 target);

#endif
