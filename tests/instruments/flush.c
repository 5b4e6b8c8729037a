// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest cleans its caches by set and way when it switches them on or off.  Such an operation
 * reaches one CPU's caches (B2.2.6), and the vCPU may move, so the module cleans all that the
 * guest has by address instead: each page that stage 2 maps when the function is entered, and
 * still maps when it returns.
 *
 * Which VM it is for is not seen: the pages of one VM have to be clean.
 */
#include <stdlib.h>

#include "tables.h"

#define MAX_THREADS 16

static struct {
	uint32_t thread;
	uint64_t time;
} begun[MAX_THREADS];

void flush_entered(unsigned int cpu)
{
	uint32_t thread = cpu_thread(cpu);
	unsigned int n;

	for (n = 0; n < MAX_THREADS - 1; n++)
		if (!begun[n].time || begun[n].thread == thread)
			break;
	begun[n].thread = thread;
	begun[n].time = now;
}

static uint64_t time_of(uint32_t thread)
{
	unsigned int n;

	for (n = 0; n < MAX_THREADS; n++)
		if (begun[n].thread == thread)
			return begun[n].time;
	return 0;
}

/* How many pages the VM has had since then, and how many of them have not been cleaned since. */
static unsigned int pages_of(const struct root *root, uint64_t time, unsigned int *missed)
{
	const struct table *table;
	unsigned int n, page, pages = 0;

	*missed = 0;
	for (table = tables_next(NULL); table; table = tables_next(table)) {
		for (n = 0; table->root == root && n < ENTRIES; n++) {
			if (!is_memory(table, table->desc[n]) || table->since[n] >= time)
				continue;
			pages += pages_per_entry(table);
			for (page = 0; page < pages_per_entry(table); page++)
				*missed += !cache_cleaned_since((table->desc[n] & DESC_ADDR) +
									(uint64_t)page * PAGE_SIZE,
								time);
		}
	}
	return pages;
}

void flush_returned(unsigned int cpu, uint32_t pc)
{
	uint64_t time = time_of(cpu_thread(cpu));
	unsigned int pages, missed, least = ~0u, of = 0;
	const struct root *root;

	for (root = roots_next(NULL); time && root; root = roots_next(root)) {
		pages = root->hyp ? 0 : pages_of(root, time, &missed);
		if (pages && missed < least) {
			least = missed;
			of = pages;
		}
	}
	counts.flushed += of;
	if (of && least)
		violation("set-way", cpu, pc, "%u of a guest's %u pages are not cleaned", least,
			  of);
}
