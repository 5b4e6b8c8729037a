// SPDX-License-Identifier: GPL-2.0-only
#include "cache.h"

#include "arm.h"

/* B4.1.42: CTR.DminLine and IminLine are log2 of the number of words in the smallest line. */
static u32 dline(void)
{
	return 4u << (MRC(REG_CTR) >> 16 & 15);
}

static u32 iline(void)
{
	return 4u << (MRC(REG_CTR) & 15);
}

/* A3.5.4 gives the sequence: clean to PoU, DSB, invalidate, DSB, ISB. */
void cache_sync_code(const void *start, u32 size)
{
	u32 end = (u32)start + size, line, p;

	line = dline();
	for (p = (u32)start & ~(line - 1); p < end; p += line)
		MCR(REG_DCCMVAU, p);
	dsb();
	line = iline();
	for (p = (u32)start & ~(line - 1); p < end; p += line)
		MCR(REG_ICIMVAU, p);
	MCR(REG_BPIALL, 0);
	dsb();
	isb();
}

void cache_clean(const void *start, u32 size)
{
	u32 end = (u32)start + size, line = dline(), p;

	for (p = (u32)start & ~(line - 1); p < end; p += line)
		MCR(REG_DCCMVAC, p);
	dsb();
}

void cache_flush(const void *start, u32 size)
{
	u32 end = (u32)start + size, line = dline(), p;

	for (p = (u32)start & ~(line - 1); p < end; p += line)
		MCR(REG_DCCIMVAC, p);
	dsb();
}

void cache_invalidate(const void *start, u32 size)
{
	u32 end = (u32)start + size, line = dline(), p;

	for (p = (u32)start & ~(line - 1); p < end; p += line)
		MCR(REG_DCIMVAC, p);
	dsb();
}
