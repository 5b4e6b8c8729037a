// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation tables in the long-descriptor format (B3.6), stage 2 and HYP's stage 1, as the
 * stores to them make them.  A store is visible to every walk once it is cleaned, since a
 * walk need not look into the data caches, and a DSB has completed that (B3.10.1).
 */
#include <stdlib.h>

#include "tables.h"

#define MAX_FRAMES (1u << 20)
#define LINE	   64u

/* A store to a descriptor that a walk may not see yet. */
struct store {
	struct table *table;
	unsigned int index;
	unsigned int cpu;
	uint32_t va, pc, thread;
	bool cleaned;
	struct store *next;
};

static struct table *by_frame[MAX_FRAMES];
static struct root *roots;
static struct store *stores;
static uint64_t linear; /* what the kernel's linear mapping adds to a physical address */

static struct table *table_at(uint64_t pa)
{
	uint64_t frame = (pa - RAM_BASE) / PAGE_SIZE;

	return pa >= RAM_BASE && frame < MAX_FRAMES ? by_frame[frame] : NULL;
}

uint64_t address_of(const struct table *table, unsigned int index)
{
	return table->base + ((uint64_t)index << (39 - 9 * table->level));
}

const char *stage_of(const struct table *table)
{
	return table->root->hyp ? "HYP" : "stage 2";
}

bool is_table(unsigned int level, uint64_t desc)
{
	return level < 3 && (desc & (DESC_VALID | DESC_TABLE)) == (DESC_VALID | DESC_TABLE);
}

const struct root *roots_next(const struct root *root)
{
	return root ? root->next : roots;
}

const struct table *tables_next(const struct table *table)
{
	uint64_t frame = table ? (table->pa - RAM_BASE) / PAGE_SIZE + 1 : 0;

	while (frame < MAX_FRAMES && !by_frame[frame])
		frame++;
	return frame < MAX_FRAMES ? by_frame[frame] : NULL;
}

/* ---- reading tables -------------------------------------------------------------- */

unsigned int pages_per_entry(const struct table *table)
{
	return table->level == 3 ? 1 : ENTRIES;
}

/* A page, or a block of 2 MiB. */
bool is_memory(const struct table *table, uint64_t desc)
{
	uint64_t normal = table->root->hyp ? HYP_ATTR_NORMAL : S2_ATTR_NORMAL;

	return table->level >= 2 && (desc & DESC_VALID) && !is_table(table->level, desc) &&
	       (desc & DESC_ATTR) == normal;
}

/*
 * A descriptor leads to another page than before, or permits more.  A guest may read memory
 * past its caches; HYP reads only its code so, before its MMU is on.
 */
static void check_page(unsigned int cpu, uint32_t pc, const struct table *table, uint64_t desc,
		       bool was_mapped)
{
	bool fetch = !(desc & DESC_XN), hyp = table->root->hyp;
	uint64_t pa = desc & DESC_ADDR;
	unsigned int n;

	if (!is_memory(table, desc))
		return;
	for (n = 0; n < pages_per_entry(table); n++, pa += PAGE_SIZE) {
		if (!was_mapped && (fetch || !hyp))
			cache_check_clean(cpu, pc, pa,
					  hyp ? "HYP gets its code" : "a guest gets a page");
		if (fetch)
			cache_check_fetch(cpu, pc, pa,
					  hyp ? "HYP gets its code"
					      : "a guest may fetch from a page");
	}
}

/* Did a block map that page, and permit as much? */
static bool is_in_block(uint64_t block, unsigned int n, uint64_t desc)
{
	return block && (block & DESC_ADDR) + (uint64_t)n * PAGE_SIZE == (desc & DESC_ADDR) &&
	       !(block & ~desc & DESC_XN);
}

/* block is what the table replaces, or 0. */
static void table_add(unsigned int cpu, uint32_t pc, struct root *root, unsigned int level,
		      uint64_t base, uint64_t pa, uint64_t block)
{
	const uint64_t *memory = ram_at(pa, PAGE_SIZE);
	uint64_t frame = (pa - RAM_BASE) / PAGE_SIZE;
	struct table *table;
	unsigned int n;

	if (!memory || frame >= MAX_FRAMES || by_frame[frame])
		return;
	cache_check_clean(cpu, pc, pa, "a table is linked");
	table = calloc(1, sizeof(*table));
	if (!table)
		abort();
	table->root = root;
	table->level = level;
	table->base = base;
	table->pa = pa;
	by_frame[frame] = table;
	for (n = 0; n < ENTRIES; n++) {
		table->desc[n] = memory[n];
		table->since[n] = now;
		if (!is_in_block(block, n, memory[n]))
			check_page(cpu, pc, table, memory[n], false);
		if (is_table(level, memory[n]))
			table_add(cpu, pc, root, level + 1, address_of(table, n),
				  memory[n] & DESC_ADDR, 0);
	}
}

struct root *tables_root(unsigned int cpu, uint32_t pc, uint64_t pa, bool hyp)
{
	struct root *root;

	for (root = roots; root; root = root->next)
		if (root->pa == pa && root->hyp == hyp)
			return root;
	root = calloc(1, sizeof(*root));
	if (!root)
		abort();
	root->pa = pa;
	root->hyp = hyp;
	root->next = roots;
	roots = root;
	table_add(cpu, pc, root, 1, 0, pa, 0);
	/* Stage 2 has two concatenated tables (B3.6.6). */
	if (!hyp)
		table_add(cpu, pc, root, 1, 512ull << 30, pa + PAGE_SIZE, 0);
	return root;
}

/* ---- stores ---------------------------------------------------------------------- */

static void store_add(unsigned int cpu, uint32_t pc, uint32_t va, struct table *table,
		      unsigned int index)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		abort();
	store->table = table;
	store->index = index;
	store->cpu = cpu;
	store->va = va;
	store->pc = pc;
	store->thread = cpu_thread(cpu);
	store->next = stores;
	stores = store;
}

static void changed(unsigned int cpu, uint32_t pc, struct table *table, unsigned int index,
		    uint64_t was)
{
	uint64_t desc = table->desc[index];
	bool same = (was & DESC_VALID) && !((was ^ desc) & DESC_ADDR);
	const uint64_t *entries;

	debts_changed(cpu, pc, table, index, was);
	if (is_memory(table, was) && !table->root->hyp && !(same && (desc & DESC_VALID)))
		pages_lost(pc, cpu_thread(cpu), was, table, index);
	if ((desc & DESC_VALID) && !(same && (!(was & DESC_XN) || (desc & DESC_XN))))
		check_page(cpu, pc, table, desc, same);
	if (!is_table(table->level, desc))
		return;
	entries = ram_at(desc & DESC_ADDR, PAGE_SIZE);
	table_add(cpu, pc, table->root, table->level + 1, address_of(table, index),
		  desc & DESC_ADDR, entries ? pages_split(table, index, entries) : 0);
}

void tables_stored(unsigned int cpu, uint32_t pc, uint32_t va, uint64_t pa)
{
	struct table *table = table_at(pa);
	const uint64_t *memory;
	unsigned int index;
	uint64_t was;

	if (!table)
		return;
	now++;
	counts.stores++;
	index = (pa & (PAGE_SIZE - 1)) / 8;
	memory = ram_at(table->pa, PAGE_SIZE);
	was = table->desc[index];
	table->desc[index] = memory[index];
	linear = va - pa;
	store_add(cpu, pc, va, table, index);
	changed(cpu, pc, table, index, was);
}

void tables_walked(unsigned int cpu, const struct root *root)
{
	const struct store *store;

	for (store = stores; store; store = store->next)
		if (store->table->root == root)
			debts_walked(cpu, store->table, store->index);
}

/* ---- maintenance ----------------------------------------------------------------- */

void tables_cleaned(unsigned int cpu, uint32_t va)
{
	struct store *store;

	for (store = stores; store; store = store->next)
		if (store->cpu == cpu && store->va / LINE == va / LINE)
			store->cleaned = true;
}

void tables_completed(unsigned int cpu)
{
	struct store **where = &stores, *store;

	while ((store = *where)) {
		if (store->cpu != cpu || !store->cleaned) {
			where = &store->next;
			continue;
		}
		debts_visible(store->table, store->index);
		*where = store->next;
		free(store);
	}
}

static void stores_returned(unsigned int cpu, uint32_t thread, const char *name)
{
	struct store **where = &stores, *store;

	while ((store = *where)) {
		if (store->thread != thread) {
			where = &store->next;
			continue;
		}
		violation("not-visible", cpu, store->pc,
			  "%s: %s level %u, address %llx: the descriptor %016llx is %s", name,
			  stage_of(store->table), store->table->level,
			  (unsigned long long)address_of(store->table, store->index),
			  (unsigned long long)store->table->desc[store->index],
			  store->cleaned ? "cleaned, but no DSB followed" : "not cleaned");
		debts_visible(store->table, store->index);
		*where = store->next;
		free(store);
	}
}

void tables_returned(unsigned int cpu, bool ages, const char *name)
{
	uint32_t thread = cpu_thread(cpu);

	counts.returns++;
	stores_returned(cpu, thread, name);
	debts_returned(cpu, thread, ages, name);
	pages_returned(cpu, thread, name);
}

/* ---- the end --------------------------------------------------------------------- */

static void table_remove(struct table *table)
{
	struct store **where = &stores, *store;

	while ((store = *where)) {
		if (store->table != table) {
			where = &store->next;
			continue;
		}
		*where = store->next;
		free(store);
	}
	debts_forget(table);
	by_frame[(table->pa - RAM_BASE) / PAGE_SIZE] = NULL;
	free(table);
}

static void root_remove(struct root *root)
{
	struct root **where = &roots;

	while (*where != root)
		where = &(*where)->next;
	*where = root->next;
	tlb_forget_root(root);
	free(root);
}

void tables_freed(unsigned int cpu, uint32_t pc, uint32_t va)
{
	struct table *table = table_at(va - linear), *second;
	struct root *root;

	if (!table)
		return;
	counts.frees++;
	debts_freed(cpu, pc, table);
	root = table->pa == table->root->pa ? table->root : NULL;
	second = root && !root->hyp ? table_at(table->pa + PAGE_SIZE) : NULL;
	table_remove(table);
	if (second && second->root == root)
		table_remove(second);
	if (root)
		root_remove(root);
}
