// SPDX-License-Identifier: GPL-2.0-only
#include "mmu.h"

#include "arm.h"
#include "cache.h"

/* Short descriptors, B3.5.1: sections of 1 MiB, AP = 0b011, domain 0. */
#define SECTION	       2u
#define SECTION_AP_ALL (3u << 10)
#define SECTION_NORMAL (1u << 12 | 3u << 2 | 1u << 16) /* TEX 001, C, B, S */
#define SECTION_DEVICE (1u << 2 | 1u << 4)	       /* TEX 000, B; XN */
#define PAGE_TABLE     1u
#define SMALL_PAGE     (2u | 3u << 4 | 1u << 6 | 3u << 2 | 1u << 10)

/* Long descriptors, B3.6.1: blocks of 2 MiB, AF, AP[2:1] = 01. */
#define BLOCK	    1u
#define TABLE	    3u
#define PAGE	    3u
#define LPAE_NORMAL (0u << 2 | 1u << 6 | 3u << 8 | 1u << 10)
#define LPAE_DEVICE (1u << 2 | 1u << 6 | 1u << 10)
#define LPAE_XN	    (1ull << 54)
#define MAIR_VALUE  0x000004ffu /* 0: Normal write-back, 1: Device */

#define RAM_MIB 1024 /* more than any board here has; nothing touches the rest */

static union {
	u32 l1[4096];
	u64 l2[4][512];
} tables __attribute__((aligned(16384)));
static union {
	u32 l2[256];
	u64 l3[512];
} high_page __attribute__((aligned(4096)));
static u64 lpae_l1[4] __attribute__((aligned(32)));
static enum mmu_format current;
static bool big_endian;

extern u8 image_start[], image_end[], vectors[];

static void build_short(void)
{
	u32 i;

	for (i = 0; i < 4096; i++)
		tables.l1[i] = 0;
	for (i = 0x080; i < 0x100; i++)
		tables.l1[i] = i << 20 | SECTION | SECTION_AP_ALL | SECTION_DEVICE;
	for (i = 0; i < RAM_MIB; i++)
		tables.l1[0x400 + i] = (0x400 + i) << 20 | SECTION | SECTION_AP_ALL |
				       SECTION_NORMAL;
	for (i = 0; i < 256; i++)
		high_page.l2[i] = 0;
	high_page.l2[0xf0] = (u32)vectors | SMALL_PAGE;
	tables.l1[0xfff] = (u32)&high_page | PAGE_TABLE;
}

static void build_lpae(void)
{
	u32 i;

	for (i = 0; i < 4; i++)
		lpae_l1[i] = (u32)tables.l2[i] | TABLE;
	for (i = 0; i < 2048; i++)
		tables.l2[i / 512][i % 512] = 0;
	for (i = 0x40; i < 0x80; i++)
		tables.l2[0][i] = (u64)i << 21 | BLOCK | LPAE_DEVICE | LPAE_XN;
	for (i = 0; i < RAM_MIB / 2; i++)
		tables.l2[1][i] = (u64)(0x200 + i) << 21 | BLOCK | LPAE_NORMAL;
	for (i = 0; i < 512; i++)
		high_page.l3[i] = 0;
	high_page.l3[0x1f0] = (u32)vectors | PAGE | LPAE_NORMAL;
	tables.l2[3][511] = (u32)&high_page | TABLE;
}

static u32 entry32(u32 entry)
{
	return big_endian ? __builtin_bswap32(entry) : entry;
}

static u64 entry64(u64 entry)
{
	return big_endian ? __builtin_bswap64(entry) : entry;
}

/* SCTLR.EE is also the byte order of table walks: B3.3.4, B4.1.130. */
static void order_table_bytes(void)
{
	u32 i;

	if (current == MMU_LPAE) {
		for (i = 0; i < ARRAY_SIZE(lpae_l1); i++)
			lpae_l1[i] = entry64(lpae_l1[i]);
		for (i = 0; i < 2048; i++)
			tables.l2[i / 512][i % 512] = entry64(tables.l2[i / 512][i % 512]);
		for (i = 0; i < ARRAY_SIZE(high_page.l3); i++)
			high_page.l3[i] = entry64(high_page.l3[i]);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(tables.l1); i++)
		tables.l1[i] = entry32(tables.l1[i]);
	for (i = 0; i < ARRAY_SIZE(high_page.l2); i++)
		high_page.l2[i] = entry32(high_page.l2[i]);
}

/*
 * B3.10.1, B2.2.6: no stale TLB entry, branch prediction or instruction may be used under the
 * new map; the last ISB makes the new SCTLR effective.
 */
static void enable_mmu(void)
{
	MCR(REG_DACR, 1);
	if (current == MMU_LPAE) {
		MCR(REG_MAIR0, MAIR_VALUE);
		MCR(REG_MAIR1, 0);
		/* B4.1.153: EAE; walks inner shareable, write-back. */
		MCR(REG_TTBCR, 1u << 31 | 3u << 12 | 1u << 10 | 1u << 8);
		isb();
		__asm__ volatile("mcrr p15, 0, %0, %1, c2" : : "r"(lpae_l1), "r"(0) : "memory");
	} else {
		MCR(REG_TTBCR, 0);
		isb();
		/* B4.1.154: walks shareable, write-back write-allocate. */
		MCR(REG_TTBR0, (u32)tables.l1 | 1u << 6 | 1u << 3 | 1u << 1);
	}
	isb();
	dsb();
	MCR(REG_TLBIALL, 0);
	MCR(REG_ICIALLU, 0);
	MCR(REG_BPIALL, 0);
	dsb();
	isb();
	MCR(REG_SCTLR,
	    MRC(REG_SCTLR) | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z | (big_endian ? SCTLR_EE : 0));
	isb();
}

static void build_and_enable(enum mmu_format format, bool big)
{
	current = format;
	big_endian = big;
	if (format == MMU_LPAE)
		build_lpae();
	else
		build_short();
	order_table_bytes();
	/*
	 * Everything so far was written past the caches, so any line that they still hold of it,
	 * from whatever ran before, is stale.
	 */
	cache_invalidate(image_start, (u32)(image_end - image_start));
	enable_mmu();
}

void mmu_on(enum mmu_format format)
{
	build_and_enable(format, false);
}

void mmu_on_big_endian(enum mmu_format format)
{
	build_and_enable(format, true);
}

/*
 * B3.10.1: make walks see a changed table and drop old TLB entries.  Walks are cacheable, so a
 * DSB is enough for the first.
 */
static void sync_tables(void)
{
	dsb();
	MCR(REG_TLBIALL, 0);
	MCR(REG_ICIALLU, 0);
	MCR(REG_BPIALL, 0);
	dsb();
	isb();
}

void mmu_alias(u32 target)
{
	if (current == MMU_LPAE)
		tables.l2[UNMAPPED_ADDRESS >> 30][UNMAPPED_ADDRESS >> 21 & 511] =
			entry64(target ? target | BLOCK | LPAE_NORMAL : 0);
	else
		tables.l1[UNMAPPED_ADDRESS >> 20] =
			entry32(target ? target | SECTION | SECTION_AP_ALL | SECTION_NORMAL : 0);
	sync_tables();
}

void mmu_high_page(const void *page)
{
	if (current == MMU_LPAE)
		high_page.l3[0x1f0] = entry64((u32)page | PAGE | LPAE_NORMAL);
	else
		high_page.l2[0xf0] = entry32((u32)page | SMALL_PAGE);
	sync_tables();
}

void mmu_on_secondary(void)
{
	enable_mmu();
}

void mmu_off(void)
{
	u32 line = 4u << (MRC(REG_CTR) >> 16 & 15);
	u32 p = (u32)image_start;

	/*
	 * Clear C first, so that no more lines become dirty, then clean by address, then turn
	 * the MMU off.  All in one asm, because the stack must not be touched in between: a load
	 * with C = 0 may miss data that is dirty in the cache.
	 */
	__asm__ volatile("mrc p15, 0, r0, c1, c0, 0\n"
			 "bic r0, r0, #(1 << 2)\n"
			 "mcr p15, 0, r0, c1, c0, 0\n"
			 "isb\n"
			 "1: mcr p15, 0, %0, c7, c14, 1\n" /* DCCIMVAC */
			 "add %0, %0, %2\n"
			 "cmp %0, %1\n"
			 "blo 1b\n"
			 "dsb\n"
			 "bic r0, r0, #(1 << 0)\n"
			 "bic r0, r0, #(1 << 12)\n"
			 "mcr p15, 0, r0, c1, c0, 0\n"
			 "isb\n"
			 "mov r1, #0\n"
			 "mcr p15, 0, r1, c8, c7, 0\n" /* TLBIALL */
			 "mcr p15, 0, r1, c7, c5, 0\n" /* ICIALLU */
			 "mcr p15, 0, r1, c7, c5, 6\n" /* BPIALL */
			 "dsb\n"
			 "isb\n"
			 : "+r"(p)
			 : "r"(image_end), "r"(line)
			 : "r0", "r1", "cc", "memory");
	MCR(REG_TTBCR, 0);
	MCR(REG_SCTLR, MRC(REG_SCTLR) & ~(big_endian ? SCTLR_EE : 0));
	big_endian = false;
	isb();
}
