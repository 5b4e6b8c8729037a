// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that a guest has lost and the host uses again: once no TLB leads to them, and before
 * the host does, each line is cleaned and invalidated.  A guest with its caches off wrote
 * memory, while the host's caches may have had stale lines all the time (A3.5.7).
 */
#include <stdlib.h>

#include "tables.h"

struct lost {
	uint64_t desc;
	unsigned int pages;
	uint64_t address;
	uint64_t unreachable; /* since when, or 0: still reachable */
	const struct table *table;
	unsigned int index;
	uint32_t pc, thread;
	struct lost *next;
};

static struct lost *lost_pages;

static struct lost *lost_new(void)
{
	struct lost *lost = calloc(1, sizeof(*lost));

	if (!lost)
		abort();
	return lost;
}

void pages_lost(uint32_t pc, uint32_t thread, uint64_t desc, const struct table *table,
		unsigned int index)
{
	struct lost *lost = lost_new();

	lost->desc = desc;
	lost->pages = pages_per_entry(table);
	lost->address = address_of(table, index);
	lost->table = table;
	lost->index = index;
	lost->pc = pc;
	lost->thread = thread;
	lost->next = lost_pages;
	lost_pages = lost;
	counts.returned += lost->pages;
}

uint64_t pages_split(const struct table *table, unsigned int index, const uint64_t *entries)
{
	struct lost **where = &lost_pages, *lost, *part;
	uint64_t desc;
	unsigned int n;

	while (*where &&
	       ((*where)->table != table || (*where)->index != index || (*where)->pages == 1))
		where = &(*where)->next;
	lost = *where;
	if (!lost)
		return 0;
	*where = lost->next;
	desc = lost->desc;
	for (n = 0; n < lost->pages; n++) {
		uint64_t pa = (desc & DESC_ADDR) + (uint64_t)n * PAGE_SIZE;

		if ((entries[n] & DESC_VALID) && (entries[n] & DESC_ADDR) == pa)
			continue;
		part = lost_new();
		*part = *lost;
		part->desc = (desc & ~DESC_ADDR) | pa;
		part->pages = 1;
		part->address += (uint64_t)n * PAGE_SIZE;
		part->next = lost_pages;
		lost_pages = part;
	}
	free(lost);
	return desc;
}

void pages_unreachable(const struct table *table, unsigned int index)
{
	struct lost *lost;

	for (lost = lost_pages; lost; lost = lost->next)
		if (lost->table == table && lost->index == index && !lost->unreachable)
			lost->unreachable = now;
}

static void check_lines(unsigned int cpu, const struct lost *lost, uint64_t offset,
			const char *name)
{
	uint64_t pa = (lost->desc & DESC_ADDR) + offset;

	if (lost->unreachable && cache_cleaned_since(pa, lost->unreachable))
		return;
	violation(
		"stale-lines", cpu, lost->pc,
		"%s: stage 2, address %llx: the page at %llx is not cleaned and invalidated since "
		"%s",
		name, (unsigned long long)(lost->address + offset), (unsigned long long)pa,
		lost->unreachable ? "the TLBs have lost it"
				  : "the guest, which may still reach it, lost it");
}

void pages_returned(unsigned int cpu, uint32_t thread, const char *name)
{
	struct lost **where = &lost_pages, *lost;
	unsigned int n;

	while ((lost = *where)) {
		if (lost->thread != thread) {
			where = &lost->next;
			continue;
		}
		for (n = 0; n < lost->pages; n++)
			check_lines(cpu, lost, (uint64_t)n * PAGE_SIZE, name);
		*where = lost->next;
		free(lost);
	}
}
