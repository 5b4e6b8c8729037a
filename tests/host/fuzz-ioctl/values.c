// SPDX-License-Identifier: GPL-2.0-only
/* Arguments that look valid: addresses, sizes. */
#include "fuzz-ioctl.h"

uint64_t some_ipa(void)
{
	switch (below(8)) {
	case 0:
		return (uint64_t)rnd() << 12;
	case 1:
		return rnd();
	case 2:
		return 0xfffffff000ull + ONE_OF(0, 0x1000, 1);
	default:
		return ONE_OF(RAM_BASE, RAM_BASE, RAM_BASE + 0x100000, RAM_BASE + 0x1000, 0, GICD,
			      GICC, MMIO, 0xfffff000);
	}
}

uint64_t some_hva(void)
{
	if (!below(16))
		return ONE_OF(0, 0x1000, 0xbf000000, 0xc0000000, 0xffff0000, 0xfffff000, 1);
	return (uintptr_t)arena + PAGE * below(ARENA_PAGES);
}

uint32_t some_size(void)
{
	return ONE_OF(0, PAGE, PAGE, 16 * PAGE, 0x100000, 0x200000, 0x40000000, 0xfffff000, 1,
		      PAGE + 1);
}
