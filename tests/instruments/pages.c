// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that a guest has lost and the host uses again: once no TLB leads to them, and before
 * the host does, each line is cleaned and invalidated.  A guest with its caches off wrote
 * memory, while the host's caches may have had stale lines all the time (A3.5.7).
 */
#include <stdlib.h>

#include "tables.h"

struct lost {
	uint64_t pa;
	uint64_t address;
	uint64_t unreachable; /* since when, or 0: still reachable */
	const struct table *table;
	unsigned int index;
	uint32_t pc, thread;
	struct lost *next;
};

static struct lost *lost_pages;

void pages_lost(uint32_t pc, uint32_t thread, uint64_t pa, const struct table *table,
		unsigned int index)
{
	struct lost *lost = calloc(1, sizeof(*lost));

	if (!lost)
		abort();
	lost->pa = pa;
	lost->address = address_of(table, index);
	lost->table = table;
	lost->index = index;
	lost->pc = pc;
	lost->thread = thread;
	lost->next = lost_pages;
	lost_pages = lost;
	counts.returned++;
}

void pages_unreachable(const struct table *table, unsigned int index)
{
	struct lost *lost;

	for (lost = lost_pages; lost; lost = lost->next)
		if (lost->table == table && lost->index == index && !lost->unreachable)
			lost->unreachable = now;
}

void pages_returned(unsigned int cpu, uint32_t thread, const char *name)
{
	struct lost **where = &lost_pages, *lost;

	while ((lost = *where)) {
		if (lost->thread != thread) {
			where = &lost->next;
			continue;
		}
		if (!lost->unreachable || !cache_cleaned_since(lost->pa, lost->unreachable))
			violation("stale-lines", cpu, lost->pc,
				  "%s: stage 2, address %llx: the page at %llx is not cleaned and "
				  "invalidated since %s",
				  name, (unsigned long long)lost->address,
				  (unsigned long long)lost->pa,
				  lost->unreachable
					  ? "the TLBs have lost it"
					  : "the guest, which may still reach it, lost it");
		*where = lost->next;
		free(lost);
	}
}
