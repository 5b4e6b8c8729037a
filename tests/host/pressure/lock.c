// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who needs mmap_lock while a guest's pages are read from the disk waits no more often than while
 * a thread of the process itself touches such pages.
 *
 *   pressure lock RECLAIM MS
 *
 * RECLAIM is memory.reclaim of this process's cgroup, and the swap disk needs MS for each request.
 * The kernel waits with mmap_lock held for a page that it reads alone, without those after it, so
 * some calls always wait.
 */
#include <time.h>

#include "pressure.h"

#define PAGES 128u

static struct walker w;
static volatile bool touched;

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

static void *touch(void *arg)
{
	for (uint32_t n = 0; n < PAGES; n++)
		*(volatile uint32_t *)(w.data + n * PAGE);
	touched = true;
	return arg;
}

/* How long mmap() and munmap() take. */
static unsigned int map_and_unmap(void)
{
	unsigned int before = now_ms();

	munmap(pages_of(-1, 1, MAP_PRIVATE | MAP_ANONYMOUS), PAGE);
	return now_ms() - before;
}

/* How often they wait for half of a request, while the guest or the process gets its pages. */
static unsigned int late_calls(const char *reclaim, unsigned int delay, bool guest)
{
	unsigned int late = 0, calls = 0, longest = 0, tries, start;
	unsigned long in = number_in("/proc/vmstat", "pswpin");
	pthread_t thread;

	for (tries = 0; tries < 20 && resident(); tries++) {
		write_to(reclaim, "16M");
		usleep(100000);
	}
	claim_is(resident(), 0, "all pages are on the disk");
	for (tries = 0; tries < 10; tries++)
		map_and_unmap(); /* what this thread needs for it was on the disk, too */
	touched = false;
	start = now_ms();
	if (guest)
		walker_start(&w, 1, 1);
	else if (pthread_create(&thread, NULL, touch, NULL))
		must(-1, "pthread_create");
	for (; guest ? w.rounds < 1 && !w.wrong[0] : !touched; calls++) {
		unsigned int took = map_and_unmap();

		late += took > delay / 2;
		longest = took > longest ? took : longest;
		usleep(1000);
	}
	start = now_ms() - start;
	if (guest)
		walker_join(&w);
	else
		pthread_join(thread, NULL);
	in = number_in("/proc/vmstat", "pswpin") - in;
	printf("# %s: %lu pages in %u ms, %u calls, %u late, at most %u ms\n",
	       guest ? "guest" : "process", in, start, calls, late, longest);
	claim(in >= PAGES && start > 4 * delay, "they come back one after the other");
	return late;
}

void test_lock(char **arg)
{
	unsigned int delay = atoi(arg[1]), usual, late;
	struct small_vm vm;

	walkers_vm(&vm);
	walker_new(&w, &vm, 0, pages_of(-1, PAGES, MAP_PRIVATE | MAP_ANONYMOUS), PAGES, PAGE,
		   0x10c);
	walker_fill(&w);
	usual = late_calls(arg[0], delay, false);
	late = late_calls(arg[0], delay, true);
	walker_claims(&w, 0, "pages from a slow disk");
	claim(late <= usual + 2,
	      "mmap_lock is free while they are read (%u calls waited, %u usual)", late, usual);
	walker_close(&w);
	small_vm_close(&vm);
}
