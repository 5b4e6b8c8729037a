// SPDX-License-Identifier: GPL-2.0-only
/* Translation tables in both formats, built from the manual's figures (B3.5, B3.6). */
#include "test.h"

#include <string.h>

#include "memmap.h"
#include "walk.h"

#define MB 0x100000u

#define L1   (RAM_BASE + 0x10000u) /* 16 KiB aligned */
#define L2   (RAM_BASE + 0x20000u)
#define L3   (RAM_BASE + 0x30000u)
#define UP   (RAM_BASE + 0x40000u) /* what TTBR1 has */
#define NONE 0x10000000u	   /* not RAM */

#define M   1u
#define EE  (1u << 25)
#define EAE (1u << 31)

static struct ram ram;
static struct walk walk;

static int fresh(void **state)
{
	(void)state;
	memset(&walk, 0, sizeof(walk));
	return ram_map(&ram, RAM_BASE, 16 * MB, false);
}

static int done(void **state)
{
	(void)state;
	ram_unmap(&ram);
	return 0;
}

static void put32(uint32_t at, uint32_t value)
{
	memcpy(ram_at(&ram, at, 4), &value, 4);
}

static void put64(uint32_t at, uint64_t value)
{
	memcpy(ram_at(&ram, at, 8), &value, 8);
}

static void maps(uint32_t va, uint64_t wanted)
{
	uint64_t pa = ~0ull;

	assert_true(walk_translate(&walk, &ram, va, &pa));
	assert_true(pa == wanted);
}

static void faults(uint32_t va)
{
	uint64_t pa;

	assert_false(walk_translate(&walk, &ram, va, &pa));
}

static void mmu_off(void **state)
{
	(void)state;
	walk.ttbr0 = NONE;
	maps(0, 0);
	maps(0xfffffffc, 0xfffffffc);
	walk.ttbcr = EAE;
	maps(0x1234, 0x1234);
}

static void short_descriptors(void **state)
{
	(void)state;
	walk.sctlr = M;
	walk.ttbr0 = L1 | 0x6a;				   /* with attributes */
	put32(L1 + 4 * 0x001, 0x40100c0e);		   /* section */
	put32(L1 + 4 * 0x002, 0x40200c0f);		   /* with PXN */
	put32(L1 + 4 * 0x003, 0);			   /* fault */
	put32(L1 + 4 * 0x004, L2 | 0x1e1);		   /* table, domain 15 */
	put32(L1 + 4 * 0x010, 0x45000002 | 1u << 18);	   /* supersection */
	put32(L1 + 4 * 0x01f, 0x4530012e | 1u << 18);	   /* with an address above 4 GiB */
	put32(L1 + 4 * 0x005, NONE | 1);		   /* a table that is not in RAM */
	put32(L1 + 4 * 0xfff, 0x40300002);		   /* the last one */
	put32(L2 + 4 * 0x01, 0x40345002);		   /* small page */
	put32(L2 + 4 * 0x02, 0x40346003);		   /* with XN */
	put32(L2 + 4 * 0x10, 0x40450001 | 0xf000 | 0xffc); /* large page */
	put32(L2 + 4 * 0x1f, 0x40450001);
	put32(L2 + 4 * 0xff, 0x40347ff2);
	faults(0x00000000);
	maps(0x00100000, 0x40100000);
	maps(0x001fffff, 0x401fffff);
	maps(0x00212345, 0x40212345);
	faults(0x00300000);
	maps(0x00401004, 0x40345004);
	maps(0x00402ffc, 0x40346ffc);
	faults(0x00403000);
	maps(0x00410008, 0x40450008);
	maps(0x0041f123, 0x4045f123);
	maps(0x004ffabc, 0x40347abc);
	faults(0x00501000);
	maps(0x01012345, 0x45012345);
	maps(0x01f12345, 0x9345f12345);
	maps(0xffffffff, 0x403fffff);
}

static void short_two_bases(void **state)
{
	(void)state;
	walk.sctlr = M;
	walk.ttbcr = 2; /* TTBR0: below 1 GiB, a table of 4 KiB */
	walk.ttbr0 = L2 | 0x4a;
	walk.ttbr1 = UP;
	put32(L2 + 4 * 0x3ff, 0x40100002);
	put32(UP + 4 * 0x3ff, 0x40900002);
	put32(UP + 4 * 0x400, 0x40200002);
	put32(UP + 4 * 0xc00, 0x40300002);
	maps(0x3ff00010, 0x40100010);
	maps(0x40000010, 0x40200010);
	maps(0xc0000010, 0x40300010);
	walk.ttbcr = 2 | 1 << 4; /* PD0 */
	faults(0x3ff00010);
	maps(0x40000010, 0x40200010);
	walk.ttbcr = 2 | 1 << 5; /* PD1 */
	maps(0x3ff00010, 0x40100010);
	faults(0x40000010);
	/* The smallest table: 32 entries, 128 bytes aligned. */
	walk.ttbcr = 7;
	walk.ttbr0 = L2 + 128;
	put32(L2 + 128 + 4 * 31, 0x40400002);
	maps(0x01f00000, 0x40400000);
	walk.ttbr1 = NONE;
	faults(0x02000000);
}

static void short_big_endian(void **state)
{
	(void)state;
	walk.sctlr = M | EE;
	walk.ttbr0 = L1;
	put32(L1 + 4, __builtin_bswap32(L2 | 1));
	put32(L2 + 4, __builtin_bswap32(0x40345002));
	maps(0x00101008, 0x40345008);
	walk.sctlr = M;
	faults(0x00101008);
}

static void long_descriptors(void **state)
{
	(void)state;
	walk.sctlr = M;
	walk.ttbcr = EAE;
	walk.ttbr0 = L1 | 5ull << 48;	       /* with an ASID */
	put64(L1 + 8 * 0, 0x40000000 | 0x701); /* block of 1 GiB */
	put64(L1 + 8 * 1, L2 | 3);
	put64(L1 + 8 * 2, NONE | 3);
	put64(L1 + 8 * 3, 1ull << 54 | 0xff80000000 | 1); /* with XN */
	put64(L2 + 8 * 0, 0x40200000 | 0x701);		  /* block of 2 MiB */
	put64(L2 + 8 * 1, 7ull << 59 | L3 | 3);		  /* table with attributes */
	put64(L2 + 8 * 2, L3 | 2);			  /* invalid */
	put64(L2 + 8 * 511, 0x2340200000 | 1);		  /* block above 4 GiB */
	put64(L3 + 8 * 0, 0x40345000 | 0x703);		  /* page */
	put64(L3 + 8 * 1, 0x40345000 | 0x701);		  /* reserved */
	put64(L3 + 8 * 511, 3ull << 53 | 0x40346000 | 3);
	maps(0x00000000, 0x40000000);
	maps(0x3fffffff, 0x7fffffff);
	maps(0x40012345, 0x40212345);
	maps(0x40200ffc, 0x40345ffc);
	faults(0x40201000);
	faults(0x40202000);
	maps(0x403ff004, 0x40346004);
	faults(0x40400000);
	maps(0x7fe00010, 0x2340200010);
	faults(0x80000000);
	maps(0xc0001234, 0xff80001234);
}

static void long_two_bases(void **state)
{
	(void)state;
	walk.sctlr = M;
	walk.ttbr0 = L1;
	walk.ttbr1 = UP;
	put64(L1 + 8 * 0, 0x40000000 | 1);
	put64(L1 + 8 * 1, 0x80000000 | 1);
	put64(L1 + 8 * 2, 0xc0000000 | 1);
	put64(UP + 8 * 0, 0x100000000 | 1);
	put64(UP + 8 * 1, 0x140000000 | 1);
	put64(UP + 8 * 2, 0x180000000 | 1);
	put64(UP + 8 * 3, 0x1c0000000 | 1);
	/* T0SZ = 1, T1SZ = 1: halves, both tables of two entries. */
	walk.ttbcr = EAE | 1 | 1 << 16;
	maps(0x00000004, 0x40000004);
	maps(0x7ffffffc, 0xbffffffc);
	maps(0x80000000, 0x100000000);
	maps(0xc0000000, 0x140000000);
	/* T0SZ = 1, T1SZ = 0: TTBR1's table has four entries, of which the upper two count. */
	walk.ttbcr = EAE | 1;
	maps(0x40000000, 0x80000000);
	maps(0x80000000, 0x180000000);
	/* T0SZ = 0, T1SZ = 1: the top half is TTBR1's. */
	walk.ttbcr = EAE | 1 << 16;
	maps(0x40000000, 0x80000000);
	maps(0x80000000, 0x100000000);
	/* Both smaller than a half: nothing is mapped between them. */
	walk.ttbcr = EAE | 2 | 1 << 16;
	faults(0x40000000);
	maps(0x80000000, 0x100000000);
	/* Each can be disabled. */
	walk.ttbcr = EAE | 1 | 1 << 16 | 1 << 7;
	faults(0x00000000);
	maps(0x80000000, 0x100000000);
	walk.ttbcr = EAE | 1 | 1 << 16 | 1 << 23;
	maps(0x00000000, 0x40000000);
	faults(0x80000000);
}

/* Up to 1 GiB the walk begins at level 2. */
static void long_starts_at_level_2(void **state)
{
	(void)state;
	walk.sctlr = M;
	walk.ttbcr = EAE | 2 | 3u << 16;
	walk.ttbr0 = L2;
	put64(L2 + 8 * 511, 0x40200000 | 1);
	maps(0x3fe12345, 0x40212345);
	/* T1SZ = 3: 512 MiB at the top, 256 entries, 2 KiB aligned. */
	walk.ttbr1 = UP + 2048;
	put64(UP + 2048 + 8 * 0, 0x40400000 | 1);
	put64(UP + 2048 + 8 * 255, L3 | 3);
	put64(L3 + 8 * 511, 0x40346000 | 3);
	maps(0xe0000000, 0x40400000);
	maps(0xfffffffc, 0x40346ffc);
	faults(0xdffffffc);
	/* T0SZ = 7: 32 MiB, 16 entries, 128 bytes aligned. */
	walk.ttbcr = EAE | 7;
	walk.ttbr0 = L2 + 128;
	put64(L2 + 128 + 8 * 15, 0x40600000 | 1);
	maps(0x01e00004, 0x40600004);
}

static void long_big_endian(void **state)
{
	(void)state;
	walk.sctlr = M | EE;
	walk.ttbcr = EAE;
	walk.ttbr0 = L1;
	put64(L1, __builtin_bswap64(L2 | 3));
	put64(L2, __builtin_bswap64(0x40200000 | 1));
	maps(0x00000010, 0x40200010);
	walk.sctlr = M;
	faults(0x00000010);
}

/*
 * Tables that point to themselves, to the end of RAM and anywhere: the walk
 * ends and reads nothing outside RAM.
 */
static void any_tables(void **state)
{
	uint32_t seed = 7, *words = ram_at(&ram, RAM_BASE, MB);
	unsigned int mapped = 0;
	uint64_t pa;

	(void)state;
	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int i = 0; i < MB / 4; i += 1 + (seed >> 29)) {
			seed = seed * 1664525 + 1013904223;
			words[i] = seed >> 28 < 12 ? RAM_BASE | (seed >> 8 & 0xfffff) : seed;
		}
		for (unsigned int i = 0; i < 2000; i++) {
			seed = seed * 1664525 + 1013904223;
			walk.sctlr = M | (seed & EE);
			walk.ttbcr = seed >> 7 & (i & 1 ? EAE | 0x00ff00ff : 0x3f);
			walk.ttbr0 = RAM_BASE | (seed >> 9 & 0xfffff);
			walk.ttbr1 = i % 3 ? RAM_BASE + 16 * MB - 4 : seed;
			mapped += walk_translate(&walk, &ram, seed * 2654435761u, &pa);
		}
	}
	assert_true(mapped > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mmu_off, fresh, done),
		cmocka_unit_test_setup_teardown(short_descriptors, fresh, done),
		cmocka_unit_test_setup_teardown(short_two_bases, fresh, done),
		cmocka_unit_test_setup_teardown(short_big_endian, fresh, done),
		cmocka_unit_test_setup_teardown(long_descriptors, fresh, done),
		cmocka_unit_test_setup_teardown(long_two_bases, fresh, done),
		cmocka_unit_test_setup_teardown(long_starts_at_level_2, fresh, done),
		cmocka_unit_test_setup_teardown(long_big_endian, fresh, done),
		cmocka_unit_test_setup_teardown(any_tables, fresh, done),
	};

	RUN_TESTS("walk", tests);
}
