// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the data and instruction caches may hold of the pages that guests and HYP get.
 *
 * The kernel and its processes write through their caches.  Who reads past them (a guest
 * with its caches off, a table walk, HYP before it has its MMU on) finds what was cleaned
 * to the point of coherency, once a DSB has completed that.  The linear mapping lets the
 * host's caches have any line again at any time, so what a guest wrote past them is read
 * only after one more operation, at a time when the guest cannot write any more (A3.5.7).
 * And an instruction cache may hold any line as it was before the last ICIALLUIS (B2.2.9).
 *
 * Without `stores` only operations are seen, not what is written in between.
 */
#include <stdlib.h>
#include <string.h>

#include "watch.h"

#define LINE	       64u
#define LINES_OF_PAGE  (PAGE_SIZE / LINE)
#define MAX_FRAMES     (1u << 20)
#define MAX_INCOMPLETE 65536u

enum line {
	DIRTY,
	CLEANED,       /* no DSB has completed it */
	CLEANED_AGAIN, /* .. but it was clean before */
	CLEAN
};

struct frame {
	uint64_t begun, done;	/* when the last operations by address on each of its lines began */
	uint64_t fetchable;	/* since when no instruction cache has anything older */
	unsigned int next_line; /* which line they would come to next */
};

static uint8_t lines[MAX_FRAMES * LINES_OF_PAGE];
static struct frame frames[MAX_FRAMES];
static uint64_t icache_done; /* when the last ICIALLUIS began that is complete */
static struct {
	uint32_t line[MAX_INCOMPLETE];
	unsigned int nr_lines;
	uint64_t icache; /* an ICIALLUIS that no DSB has completed, or 0 */
} cpus[MAX_CPUS];

static bool watching;

void cache_watch_stores(void)
{
	/* What was written until now is unknown. */
	memset(lines, DIRTY, sizeof(lines));
	watching = true;
}

bool cache_watches_stores(void)
{
	return watching;
}

static bool number_of(uint64_t pa, unsigned int unit, uint32_t *number)
{
	if (pa < RAM_BASE || (pa - RAM_BASE) / PAGE_SIZE >= MAX_FRAMES)
		return false;
	*number = (uint32_t)((pa - RAM_BASE) / unit);
	return true;
}

void cache_stored(uint64_t pa)
{
	uint32_t line;

	/* Without the lock: each CPU writes the same value. */
	if (number_of(pa, LINE, &line))
		lines[line] = DIRTY;
}

void cache_cleaned(unsigned int cpu, uint64_t pa)
{
	uint32_t line, number, n;

	if (!number_of(pa, LINE, &line) || !number_of(pa, PAGE_SIZE, &number))
		return;
	if (cpus[cpu].nr_lines < MAX_INCOMPLETE)
		cpus[cpu].line[cpus[cpu].nr_lines++] = line;
	lines[line] = lines[line] <= CLEANED ? CLEANED : CLEANED_AGAIN;
	n = line % LINES_OF_PAGE;
	if (!n) {
		frames[number].begun = now;
		frames[number].next_line = 1;
	} else if (n == frames[number].next_line) {
		frames[number].next_line++;
	}
}

void cache_icache(unsigned int cpu)
{
	cpus[cpu].icache = now;
}

void cache_completed(unsigned int cpu)
{
	unsigned int n;

	for (n = 0; n < cpus[cpu].nr_lines; n++) {
		uint32_t line = cpus[cpu].line[n];
		struct frame *frame = &frames[line / LINES_OF_PAGE];

		if (lines[line] != DIRTY)
			lines[line] = CLEAN;
		if (frame->next_line == LINES_OF_PAGE) {
			frame->done = frame->begun;
			frame->next_line = 0;
		}
	}
	cpus[cpu].nr_lines = 0;
	if (cpus[cpu].icache > icache_done)
		icache_done = cpus[cpu].icache;
	cpus[cpu].icache = 0;
}

bool cache_cleaned_since(uint64_t pa, uint64_t time)
{
	uint32_t number;

	return !number_of(pa, PAGE_SIZE, &number) || frames[number].done >= time;
}

/* Has the CPU begun to clean the line, and no DSB followed? */
static bool is_incomplete(unsigned int cpu, uint32_t line)
{
	unsigned int n;

	for (n = 0; n < cpus[cpu].nr_lines; n++)
		if (cpus[cpu].line[n] == line)
			return true;
	return false;
}

/*
 * A page that may be read past the caches from now on.  That another CPU is about to clean it
 * once more, because two vCPUs fault on it, does no harm.
 */
void cache_check_clean(unsigned int cpu, uint32_t pc, uint64_t pa, const char *what)
{
	unsigned int n, dirty = 0, cleaned = 0;
	uint32_t first;

	if (!number_of(pa & ~(uint64_t)(PAGE_SIZE - 1), LINE, &first))
		return;
	counts.pages++;
	for (n = 0; n < LINES_OF_PAGE; n++) {
		dirty += lines[first + n] == DIRTY;
		cleaned += lines[first + n] == CLEANED ||
			   (lines[first + n] == CLEANED_AGAIN && is_incomplete(cpu, first + n));
	}
	if (dirty || cleaned)
		violation("not-clean", cpu, pc,
			  "%s: of the page at %llx %u lines are dirty and %u are cleaned without "
			  "a DSB",
			  what, (unsigned long long)pa, dirty, cleaned);
}

/* A page of which instructions may be fetched from now on. */
void cache_check_fetch(unsigned int cpu, uint32_t pc, uint64_t pa, const char *what)
{
	uint32_t number;

	if (!number_of(pa, PAGE_SIZE, &number))
		return;
	counts.fetchable++;
	if (icache_done <= frames[number].done)
		violation("stale-instructions", cpu, pc,
			  "%s: no ICIALLUIS with its DSB since the page at %llx was cleaned", what,
			  (unsigned long long)pa);
}
