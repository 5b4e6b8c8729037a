// SPDX-License-Identifier: GPL-2.0-only
/*
 * A minimal reader of a flattened device tree (Devicetree Specification 5): it walks the tokens
 * until it finds a property named bootargs, which only /chosen has.
 */
#include "bootargs.h"

#include "layout.h"

#define FDT_MAGIC      0xd00dfeedu
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE   2u
#define FDT_PROP       3u
#define FDT_NOP	       4u

/* boot.S: r2 at entry. */
extern u32 boot_r2;

static u32 be32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static bool same_string(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const char *bootargs(void)
{
	/* QEMU puts the tree at the start of RAM, but does not pass its address to an ELF. */
	const u8 *fdt = (const u8 *)boot_r2, *p, *end;
	const char *strings;

	if (boot_r2 < RAM_BASE || boot_r2 & 3 || be32(fdt) != FDT_MAGIC)
		fdt = (const u8 *)RAM_BASE;
	if (be32(fdt) != FDT_MAGIC)
		return "";
	p = fdt + be32(fdt + 8);
	end = fdt + be32(fdt + 4);
	strings = (const char *)fdt + be32(fdt + 12);
	while (p < end) {
		u32 token = be32(p);

		p += 4;
		if (token == FDT_BEGIN_NODE) {
			while (*p)
				p++;
			p = (const u8 *)(((u32)p + 4) & ~3u);
		} else if (token == FDT_PROP) {
			u32 len = be32(p);

			if (same_string(strings + be32(p + 4), "bootargs"))
				return (const char *)p + 8;
			p += 8 + ((len + 3) & ~3u);
		} else if (token != FDT_END_NODE && token != FDT_NOP) {
			break;
		}
	}
	return "";
}

u32 bootargs_number(const char *name, u32 otherwise)
{
	const char *p = bootargs();

	while (*p) {
		const char *n = name;
		u32 v = 0;

		while (*p == ' ')
			p++;
		while (*n && *p == *n) {
			p++;
			n++;
		}
		if (!*n && *p == '=') {
			for (p++; *p >= '0' && *p <= '9'; p++)
				v = v * 10 + (u32)(*p - '0');
			return v;
		}
		while (*p && *p != ' ')
			p++;
	}
	return otherwise;
}
