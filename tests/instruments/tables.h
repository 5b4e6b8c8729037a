/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables, what TLBs may hold of them, and what their maintenance is still to do. */
#ifndef INSTRUMENTS_TABLES_H
#define INSTRUMENTS_TABLES_H

#include "watch.h"

#define ENTRIES 512

#define DESC_VALID 1ull
#define DESC_ADDR  0xfffffff000ull
#define DESC_TABLE 2ull /* with DESC_VALID, above level 3 */
#define DESC_READ  (1ull << 6)
#define DESC_WRITE (2ull << 6)
#define DESC_AF	   (1ull << 10)
#define DESC_XN	   (1ull << 54)
#define DESC_ATTR  (0xfull << 2) /* MemAttr, or AttrIndx, NS and no bit */
#define HYP_RO	   (1ull << 7)
/* Address, MemAttr and SH, or AttrIndx: what may not change without break-before-make. */
#define S2_ATTR_NORMAL	(0xfull << 2)
#define HYP_ATTR_NORMAL 0 /* index 0 of HMAIR0 */
#define DESC_PLACE	(DESC_ADDR | 0xfull << 2 | 3ull << 8)

/* One thing that TLBs may hold and the tables no longer say. */
struct debt {
	uint64_t was;
	bool ages_only; /* only the Access flag is gone: harmless, as long as the page is mapped */
	uint32_t cpus;
	uint64_t visible; /* when, or 0: not yet */
	uint32_t thread, pc;
	struct table *table;
	unsigned int index;
	struct debt *next;
};

struct table {
	struct root *root;
	unsigned int level;
	uint64_t base; /* the first address that it translates */
	uint64_t pa;
	uint64_t desc[ENTRIES];
	uint64_t since[ENTRIES]; /* when the descriptor became valid for this page */
	struct debt *debt[ENTRIES];
};

/* ---- tables.c -------------------------------------------------------------------- */

/* The first address that a descriptor translates; and whose it is, in words. */
uint64_t address_of(const struct table *table, unsigned int index);
const char *stage_of(const struct table *table);
/* Does the descriptor lead to a table? */
bool is_table(unsigned int level, uint64_t desc);
/* How many pages a valid descriptor maps that leads to none: 512 if it is a block's. */
unsigned int pages_per_entry(const struct table *table);

/* Is it a page or a block of memory, of a guest or of HYP's? */
bool is_memory(const struct table *table, uint64_t desc);
/* All roots and, one after the other, all tables; NULL is before the first and after the last. */
const struct root *roots_next(const struct root *root);
const struct table *tables_next(const struct table *table);

/* ---- debts.c --------------------------------------------------------------------- */

/* Descriptor index of the table was another one before this store. */
void debts_changed(unsigned int cpu, uint32_t pc, struct table *table, unsigned int index,
		   uint64_t was);
/* CPU enters a guest or HYP, and may hold what a descriptor was if no walk sees it yet. */
void debts_walked(unsigned int cpu, const struct table *table, unsigned int index);
/* From now on walks see the descriptor as it is. */
void debts_visible(const struct table *table, unsigned int index);
/* CPU no longer holds what was in the tables of root, before the time. */
void debts_flushed(unsigned int cpu, const struct root *root, uint64_t before);
/* A function returns: the debts of this thread are settled. */
void debts_returned(unsigned int cpu, uint32_t thread, bool ages, const char *name);
/* The table's page is freed. */
void debts_freed(unsigned int cpu, uint32_t pc, const struct table *table);
void debts_forget(const struct table *table);

/* ---- pages.c --------------------------------------------------------------------- */

/* The guest has lost what desc maps; walks may still see that descriptor of the table. */
void pages_lost(uint32_t pc, uint32_t thread, uint64_t desc, const struct table *table,
		unsigned int index);
/*
 * A table of level 3 with these descriptors takes the place of what the guest lost there.  The
 * pages that it still maps are not lost.  Returns the block that was there, or 0.
 */
uint64_t pages_split(const struct table *table, unsigned int index, const uint64_t *entries);
/* No TLB leads to it any more. */
void pages_unreachable(const struct table *table, unsigned int index);
void pages_returned(unsigned int cpu, uint32_t thread, const char *name);

#endif /* INSTRUMENTS_TABLES_H */
