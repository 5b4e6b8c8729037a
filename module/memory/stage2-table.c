// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 tables, DDI 0406C B3.6 and B3.5.  Three levels over 40 bits, starting at
 * level 1 with two concatenated tables (B3.6.6); a leaf is a page of 4 KiB, or a block of
 * 2 MiB at level 2.
 *
 * page->private of a level 2 or level 3 table counts its valid entries (the page's own
 * reference count will not do: others may raise it for a moment).  When the last entry of a
 * table is removed, the table is unlinked at once, and freed after the TLB maintenance that
 * follows: until then a CPU may walk it, or hold a copy of the entry that led to it
 * (B3.10.1).
 *
 * A block is split, never shrunk: each has a table set aside for that when it is mapped, so that
 * it needs no memory where none can be had, in the notifier.
 */
#include <linux/highmem.h>
#include <linux/mm.h>

#include "core/vm.h"
#include "machine/cache.h"
#include "memory/stage2-table.h"
#include "memory/stage2-tlb.h"
#include "memory/stage2.h"

/* What may differ between two mappings of the same page. */
#define S2_PERMISSIONS (DESC_AF | DESC_XN | S2_READ | S2_WRITE | S2_SW_WRITABLE)

#define L1_SHIFT 30
#define L2_SHIFT 21
#define L3_SHIFT 12
#define L1_SIZE	 (1ULL << L1_SHIFT)
#define L2_SIZE	 (1ULL << L2_SHIFT)

static unsigned int index_of(u64 ipa, unsigned int shift)
{
	return (ipa >> shift) & (shift == L1_SHIFT ? STAGE2_ROOT_ENTRIES - 1 : DESC_ENTRIES - 1);
}

static desc_t *next_table(const desc_t *entry)
{
	desc_t desc = desc_read(entry);

	if ((desc & DESC_TYPE) != DESC_TABLE)
		return NULL;
	return phys_to_virt((phys_addr_t)(desc & DESC_ADDR));
}

/* ---- entries -------------------------------------------------------------------- */

/* The page of the table that an entry is in, or NULL for the root, which is not counted. */
static struct page *counted_page(struct stage2 *s2, desc_t *entry)
{
	if (entry >= s2->root && entry < s2->root + STAGE2_ROOT_ENTRIES)
		return NULL;
	return virt_to_page(entry);
}

/* An invalid entry becomes valid.  The caller owes desc_complete(), one for all that it fills. */
static void fill_entry(struct stage2 *s2, desc_t *entry, desc_t value)
{
	struct page *page = counted_page(s2, entry);

	if (page)
		set_page_private(page, page_private(page) + 1);
	desc_store(entry, value);
}

/*
 * A valid entry becomes invalid.  Returns true if that leaves its table empty.  The caller
 * owes desc_complete(): finish_unmap().
 */
static bool clear_entry(struct stage2 *s2, desc_t *entry)
{
	struct page *page = counted_page(s2, entry);

	desc_store(entry, 0);
	if (!page)
		return false;
	set_page_private(page, page_private(page) - 1);
	return !page_private(page);
}

/*
 * The table that an entry leads to; NULL if it is missing and spare has none.  The caller owes
 * desc_complete(): until then a walk may find no table there, which is a fault as before.
 */
static desc_t *get_or_make_table(struct stage2 *s2, desc_t *entry, struct stage2_spare *spare)
{
	desc_t *table = next_table(entry);

	if (!table) {
		table = stage2_spare_take(spare);
		if (table)
			fill_entry(s2, entry, (u64)virt_to_phys(table) | DESC_TABLE);
	}
	return table;
}

static __always_inline desc_t *find_level2(struct stage2 *s2, u64 ipa)
{
	desc_t *table = next_table(&s2->root[index_of(ipa, L1_SHIFT)]);

	return table ? &table[index_of(ipa, L2_SHIFT)] : NULL;
}

desc_t *stage2_find_level2(struct stage2 *s2, u64 ipa)
{
	return find_level2(s2, ipa);
}

desc_t *stage2_find_entry(struct stage2 *s2, u64 ipa)
{
	desc_t *entry = find_level2(s2, ipa), *table = entry ? next_table(entry) : NULL;

	if (table)
		return &table[index_of(ipa, L3_SHIFT)];
	return entry && stage2_is_block(desc_read(entry)) ? entry : NULL;
}

desc_t *stage2_next_entry(struct stage2 *s2, u64 *ipa, u64 end)
{
	while (*ipa < end) {
		desc_t *entry = find_level2(s2, *ipa), *table;

		if (!entry) {
			*ipa = (*ipa & ~(L1_SIZE - 1)) + L1_SIZE;
			continue;
		}
		table = next_table(entry);
		if (!table && stage2_is_block(desc_read(entry)))
			return entry;
		if (!table) {
			*ipa = (*ipa & ~(L2_SIZE - 1)) + L2_SIZE;
			continue;
		}
		do {
			entry = &table[index_of(*ipa, L3_SHIFT)];
			if (desc_read(entry) & DESC_VALID)
				return entry;
			*ipa += PAGE_SIZE;
		} while (*ipa < end && index_of(*ipa, L3_SHIFT));
	}
	return NULL;
}

unsigned int stage2_unmapped_pages(struct stage2 *s2, u64 ipa, unsigned int count)
{
	const desc_t *entry = stage2_find_entry(s2, ipa);
	unsigned int n;

	for (n = 0; entry && n < count && !(desc_read(&entry[n]) & DESC_VALID); n++)
		;
	return entry ? n : count;
}

/* The caller owes desc_complete(). */
static void set_entry(struct stage2 *s2, desc_t *entry, desc_t value)
{
	desc_t old = desc_read(entry);

	if (!(old & DESC_VALID)) {
		fill_entry(s2, entry, value);
		return;
	}
	if (!((old ^ value) & ~S2_PERMISSIONS)) {
		/*
		 * The same page: add what is permitted to what was; XN forbids.  No new
		 * permission needs an invalid entry in between, or TLB maintenance on CPUs that
		 * have not faulted (B3.10.1).
		 */
		value = ((old | value) & ~DESC_XN) | (old & value & DESC_XN);
		if (value != old)
			desc_store(entry, value);
		return;
	}
	/*
	 * Replace a valid entry in the order that the manual demands: invalid entry, TLB
	 * maintenance, new entry (B3.10.1).
	 */
	desc_write(entry, 0);
	stage2_flush_tlb(s2);
	desc_store(entry, value);
}

/* Does a block map the page at ipa as value says, with the same permission to write? */
static bool is_in_block(desc_t block, u64 ipa, desc_t value)
{
	desc_t page = stage2_page_at(block, ipa);

	return !((page ^ value) & ~S2_PERMISSIONS) && !(value & ~page & S2_WRITE);
}

/*
 * The level 3 table of a page that is to be mapped as value says.  0; 1 if a block maps it so
 * already; or -EAGAIN.  The caller owes desc_complete().
 */
static int table_for(struct stage2 *s2, u64 ipa, desc_t value, struct stage2_spare *spare,
		     desc_t **table)
{
	desc_t *entry = find_level2(s2, ipa);

	if (entry && stage2_is_block(desc_read(entry))) {
		/* What the block lacks beside the permission to write, the next fault adds. */
		if (is_in_block(desc_read(entry), ipa, value))
			return 1;
		stage2_split_block(s2, ipa);
		*table = next_table(entry);
		return 0;
	}
	/*
	 * A level 2 table that is linked here and then stays empty, because spare has no
	 * level 3 table, would never be freed.
	 */
	if (!(spare->table[0] && spare->table[1]))
		return -EAGAIN;
	*table = get_or_make_table(s2, &s2->root[index_of(ipa, L1_SHIFT)], spare);
	*table = get_or_make_table(s2, &(*table)[index_of(ipa, L2_SHIFT)], spare);
	return 0;
}

int stage2_set_pages(struct stage2 *s2, u64 ipa, const desc_t *value, unsigned int count,
		     struct stage2_spare *spare)
{
	desc_t *entry = find_level2(s2, ipa), *table = entry ? next_table(entry) : NULL;
	unsigned int n;
	int ret;

	if (!table) {
		ret = table_for(s2, ipa, value[0], spare, &table);
		if (ret)
			return min(ret, 0);
	}
	entry = &table[index_of(ipa, L3_SHIFT)];
	for (n = 0; n < count; n++)
		set_entry(s2, &entry[n], value[n]);
	desc_complete();
	return 0;
}

bool stage2_protect_entry(desc_t *entry)
{
	desc_t value = desc_read(entry);

	if (!(value & S2_WRITE))
		return false;
	desc_store(entry, (value & ~S2_WRITE) | S2_SW_WRITABLE);
	return true;
}

/* ---- blocks ---------------------------------------------------------------------- */

static atomic64_t *block_count(struct stage2 *s2)
{
	return &container_of(s2, struct vm, stage2)->stats.pages_2m;
}

int stage2_set_block(struct stage2 *s2, u64 ipa, desc_t value, struct stage2_spare *spare)
{
	desc_t *entry = find_level2(s2, ipa), *table;

	if (entry && desc_read(entry) & DESC_VALID)
		return -EEXIST;
	if (!(spare->table[0] && spare->table[1]))
		return -EAGAIN;
	list_add(&virt_to_page(stage2_spare_take(spare))->lru, &s2->split_tables);
	atomic64_inc(block_count(s2));
	table = get_or_make_table(s2, &s2->root[index_of(ipa, L1_SHIFT)], spare);
	fill_entry(s2, &table[index_of(ipa, L2_SHIFT)], value);
	desc_complete();
	return 0;
}

void stage2_split_block(struct stage2 *s2, u64 ipa)
{
	desc_t *entry = find_level2(s2, ipa), value, *table;
	struct page *page;
	unsigned int n;

	if (!entry || !stage2_is_block(desc_read(entry)))
		return;
	value = desc_read(entry);
	page = list_first_entry(&s2->split_tables, struct page, lru);
	list_del(&page->lru);
	atomic64_dec(block_count(s2));
	table = page_address(page);
	for (n = 0; n < DESC_ENTRIES; n++)
		table[n] = stage2_page_at(value, (u64)n * PAGE_SIZE);
	/* A walk need not look into the data caches (B3.10.1). */
	flush_to_memory(table, PAGE_SIZE);
	set_page_private(page, DESC_ENTRIES);
	/* No TLB may hold both the block and a page of it (B3.10.1). */
	desc_write(entry, 0);
	stage2_flush_tlb(s2);
	desc_write(entry, (u64)virt_to_phys(table) | DESC_TABLE);
}

/* ---- unmapping ------------------------------------------------------------------- */

bool stage2_is_memory(desc_t value)
{
	return (value & DESC_VALID) && (value & S2_ATTR_MASK) == S2_ATTR_NORMAL;
}

void stage2_clean_page(desc_t value)
{
	void *va = kmap_local_page(pfn_to_page((value & DESC_ADDR) >> PAGE_SHIFT));

	flush_to_memory(va, PAGE_SIZE);
	kunmap_local(va);
}

/*
 * What was just removed from the tables.  The lock is dropped when page[] is full: at that
 * size the cache maintenance takes some 100 microseconds.
 */
struct unmapped {
	bool any;
	unsigned int pages;
	desc_t page[64];
	struct list_head tables;
};

/*
 * Flush the TLBs, and only then clean and invalidate the pages: a guest with its caches
 * off writes memory, while the host may have stale lines of the same page.  The host
 * would swap out, move or read the stale data (A3.5.7).
 */
static void finish_unmap(struct stage2 *s2, struct unmapped *unmapped)
{
	struct page *table, *next;
	unsigned int n;

	if (unmapped->any) {
		desc_complete();
		stage2_flush_tlb(s2);
	}
	for (n = 0; n < unmapped->pages; n++)
		stage2_clean_page(unmapped->page[n]);
	list_for_each_entry_safe(table, next, &unmapped->tables, lru) {
		list_del(&table->lru);
		stage2_table_free(page_address(table));
	}
	unmapped->any = false;
	unmapped->pages = 0;
}

/*
 * Remove [ipa, end), or as much as unmapped has room for, from one level 3 table.  Returns
 * where it stopped; empty tells whether the table has no entry left.
 */
static u64 unmap_pages(struct stage2 *s2, desc_t *table, u64 ipa, u64 end,
		       struct unmapped *unmapped, bool *empty)
{
	*empty = false;
	for (; ipa < end && unmapped->pages < ARRAY_SIZE(unmapped->page); ipa += PAGE_SIZE) {
		desc_t *entry = &table[index_of(ipa, L3_SHIFT)];
		desc_t value = desc_read(entry);

		if (!(value & DESC_VALID))
			continue;
		*empty = clear_entry(s2, entry);
		unmapped->any = true;
		if (stage2_is_memory(value))
			unmapped->page[unmapped->pages++] = value;
	}
	return ipa;
}

/* The same, and remove the tables that this empties. */
static u64 unmap_in_table(struct stage2 *s2, u64 ipa, u64 end, struct unmapped *unmapped)
{
	desc_t *l1 = &s2->root[index_of(ipa, L1_SHIFT)];
	desc_t *l2_table = next_table(l1);
	desc_t *l2 = &l2_table[index_of(ipa, L2_SHIFT)];
	desc_t *l3_table = next_table(l2);
	bool empty;

	ipa = unmap_pages(s2, l3_table, ipa, end, unmapped, &empty);
	if (empty) {
		list_add(&virt_to_page(l3_table)->lru, &unmapped->tables);
		if (clear_entry(s2, l2)) {
			list_add(&virt_to_page(l2_table)->lru, &unmapped->tables);
			clear_entry(s2, l1);
		}
	}
	return ipa;
}

void stage2_unmap_range(struct stage2 *s2, u64 ipa, u64 end, bool may_sleep) __must_hold(&s2->lock)
{
	struct unmapped unmapped = { .tables = LIST_HEAD_INIT(unmapped.tables) };

	while (ipa < end) {
		desc_t *l2_table = next_table(&s2->root[index_of(ipa, L1_SHIFT)]);
		u64 next = (ipa & ~(L2_SIZE - 1)) + L2_SIZE;

		if (!l2_table) {
			ipa = (ipa & ~(L1_SIZE - 1)) + L1_SIZE;
			continue;
		}
		stage2_split_block(s2, ipa);
		if (!next_table(&l2_table[index_of(ipa, L2_SHIFT)])) {
			ipa = next;
			continue;
		}
		ipa = unmap_in_table(s2, ipa, min(next, end), &unmapped);
		if (!unmapped.any)
			continue;
		finish_unmap(s2, &unmapped);
		/*
		 * There may be millions of pages: let vCPUs of other CPUs fault meanwhile.
		 * A notifier that may not sleep may drop a spinlock.
		 */
		spin_unlock(&s2->lock);
		if (may_sleep)
			cond_resched();
		else
			cpu_relax();
		spin_lock(&s2->lock);
	}
}

/* ---- the root -------------------------------------------------------------------- */

int stage2_table_init(struct stage2 *s2)
{
	INIT_LIST_HEAD(&s2->split_tables);
	return stage2_root_alloc(s2);
}

void stage2_table_destroy(struct stage2 *s2)
{
	spin_lock(&s2->lock);
	stage2_unmap_range(s2, 0, STAGE2_IPA_SIZE, true);
	spin_unlock(&s2->lock);
	stage2_root_free(s2);
}
