// SPDX-License-Identifier: GPL-2.0-only
/*
 * DDI 0406C B3.5 (Short-descriptor format) and B3.6 (Long-descriptor format).
 * Domains, permissions and the access flag do not matter to a debugger.
 */
#include "walk.h"

#define SCTLR_M	 (1u << 0)
#define SCTLR_EE (1u << 25)

/* TTBCR, B4.1.153 */
#define TTBCR_EAE     (1u << 31)
#define TTBCR_N	      7u
#define TTBCR_PD0     (1u << 4)
#define TTBCR_PD1     (1u << 5)
#define TTBCR_T0SZ(v) ((v)&7)
#define TTBCR_EPD0    (1u << 7)
#define TTBCR_T1SZ(v) ((v) >> 16 & 7)
#define TTBCR_EPD1    (1u << 23)

/* Bits high to low of value, in place. */
static uint64_t bits(uint64_t value, unsigned int high, unsigned int low)
{
	return value & ((2ull << high) - (1ull << low));
}

static uint64_t field(uint64_t value, unsigned int high, unsigned int low)
{
	return bits(value, high, low) >> low;
}

/*
 * Read a descriptor of 4 or 8 bytes in the byte order of SCTLR.EE.  The guest may have written
 * it past the caches, as most do before they turn them on.
 */
static bool fetch_descriptor(const struct walk *walk, const struct ram *ram, uint64_t pa,
			     unsigned int size, uint64_t *desc)
{
	const uint8_t *at = ram_fresh_at(ram, pa, size);

	if (!at)
		return false;
	*desc = 0;
	for (unsigned int i = 0; i < size; i++)
		*desc |= (uint64_t)at[walk->sctlr & SCTLR_EE ? size - 1 - i : i] << (8 * i);
	return true;
}

/* ---- Short-descriptor, B3.5.1 ---- */

static bool short_level2(const struct walk *walk, const struct ram *ram, uint64_t table,
			 uint32_t va, uint64_t *pa)
{
	uint64_t desc;

	if (!fetch_descriptor(walk, ram, table + field(va, 19, 12) * 4, 4, &desc))
		return false;
	switch (desc & 3) {
	case 0:
		return false;
	case 1: /* large page */
		*pa = bits(desc, 31, 16) | bits(va, 15, 0);
		return true;
	default: /* small page; bit 0 is XN */
		*pa = bits(desc, 31, 12) | bits(va, 11, 0);
		return true;
	}
}

static bool walk_short(const struct walk *walk, const struct ram *ram, uint32_t va, uint64_t *pa)
{
	unsigned int n = walk->ttbcr & TTBCR_N;
	bool first = !n || !(va >> (32 - n));
	uint64_t desc, table;

	if (walk->ttbcr & (first ? TTBCR_PD0 : TTBCR_PD1))
		return false;
	/* TTBR1's table always covers 4 GiB. */
	if (!first)
		n = 0;
	table = bits(first ? walk->ttbr0 : walk->ttbr1, 31, 14 - n);
	if (!fetch_descriptor(walk, ram, table + field(va, 31 - n, 20) * 4, 4, &desc))
		return false;
	switch (desc & 3) {
	case 0:
		return false;
	case 1:
		return short_level2(walk, ram, bits(desc, 31, 10), va, pa);
	}
	/* bit 0 is PXN; bit 18 makes it a supersection */
	if (desc & 1u << 18)
		*pa = field(desc, 8, 5) << 36 | field(desc, 23, 20) << 32 | bits(desc, 31, 24) |
		      bits(va, 23, 0);
	else
		*pa = bits(desc, 31, 20) | bits(va, 19, 0);
	return true;
}

/* ---- Long-descriptor, B3.6.6 ---- */

/* Select va's table base.  Returns the width of the region it translates; 0: none (B3.6.4). */
static unsigned int long_base(const struct walk *walk, uint32_t va, uint64_t *ttbr)
{
	unsigned int t0sz = TTBCR_T0SZ(walk->ttbcr), t1sz = TTBCR_T1SZ(walk->ttbcr);

	if (!t0sz || !(va >> (32 - t0sz))) {
		/* With T0SZ 0, TTBR1's region is taken from the top of TTBR0's. */
		if (t0sz || !t1sz || ~va >> (32 - t1sz)) {
			*ttbr = walk->ttbr0;
			return walk->ttbcr & TTBCR_EPD0 ? 0 : 32 - t0sz;
		}
	}
	if (t1sz && ~va >> (32 - t1sz))
		return 0;
	*ttbr = walk->ttbr1;
	return walk->ttbcr & TTBCR_EPD1 ? 0 : 32 - t1sz;
}

static bool walk_long(const struct walk *walk, const struct ram *ram, uint32_t va, uint64_t *pa)
{
	uint64_t ttbr, desc, table;
	unsigned int width = long_base(walk, va, &ttbr);
	/* Each descriptor of the current level covers 2^shift bytes. */
	unsigned int shift = width > 30 ? 30 : 21, top = width - 1;

	if (!width)
		return false;
	/* A table of 2^(width - shift) entries is aligned to its size. */
	table = bits(ttbr, 39, width - shift + 3);
	for (;;) {
		if (!fetch_descriptor(walk, ram, table + field(va, top, shift) * 8, 8, &desc))
			return false;
		if (!(desc & 1))
			return false;
		if (shift == 12) {
			if (!(desc & 2)) /* reserved at level 3 */
				return false;
			break;
		}
		if (!(desc & 2)) /* block */
			break;
		table = bits(desc, 39, 12);
		top = shift - 1;
		shift -= 9;
	}
	*pa = bits(desc, 39, shift) | bits(va, shift - 1, 0);
	return true;
}

bool walk_translate(const struct walk *walk, const struct ram *ram, uint32_t va, uint64_t *pa)
{
	if (!(walk->sctlr & SCTLR_M)) {
		*pa = va;
		return true;
	}
	return walk->ttbcr & TTBCR_EAE ? walk_long(walk, ram, va, pa)
				       : walk_short(walk, ram, va, pa);
}
