// SPDX-License-Identifier: GPL-2.0-only
/*
 * While a guest's page is read from the disk, mmap_lock is free: other threads of the process can
 * change mappings, and khugepaged can work.
 *
 *   pressure lock RECLAIM MS
 *
 * RECLAIM is memory.reclaim of this process's cgroup, and the swap disk needs MS for each page.
 */
#include <time.h>

#include "pressure.h"

#define PAGES 24u

static struct walker w;

static unsigned int now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned int)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

/* Pages that are in memory, also those that are still in the swap cache. */
static uint32_t resident(void)
{
	unsigned char page[PAGES];
	uint32_t count = 0;

	must(mincore(w.data, PAGES * PAGE, page), "mincore");
	for (uint32_t n = 0; n < PAGES; n++)
		count += page[n] & 1;
	return count;
}

void test_lock(char **arg)
{
	unsigned int delay = atoi(arg[1]), count = 0, late = 0, longest = 0, start, tries;
	unsigned long in = number_in("/proc/vmstat", "pswpin");
	struct small_vm vm;

	walkers_vm(&vm);
	walker_new(&w, &vm, 0, pages_of(-1, PAGES, MAP_PRIVATE | MAP_ANONYMOUS), PAGES, PAGE,
		   0x10c);
	walker_fill(&w);
	for (tries = 0; tries < 20 && resident(); tries++) {
		write_to(arg[0], "16M");
		usleep(100000);
	}
	claim_is(resident(), 0, "the guest's pages are on the disk");
	start = now_ms();
	walker_start(&w, 1, 1);
	while (w.rounds < 1 && !w.wrong[0]) {
		unsigned int before = now_ms(), took;

		munmap(pages_of(-1, 1, MAP_PRIVATE | MAP_ANONYMOUS), PAGE);
		took = now_ms() - before;
		count++;
		late += took > delay / 2;
		longest = took > longest ? took : longest;
		usleep(1000);
	}
	start = now_ms() - start;
	walker_join(&w);
	in = number_in("/proc/vmstat", "pswpin") - in;
	walker_claims(&w, 0, "pages from a slow disk");
	claim(in >= PAGES && start > PAGES * delay / 2, "%lu pages took %u ms to come back", in,
	      start);
	claim(late <= PAGES / 4, "of %u mmap() meanwhile %u waited for a page (%u ms at most)",
	      count, late, longest);
	walker_close(&w);
	small_vm_close(&vm);
}
