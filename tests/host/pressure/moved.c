// SPDX-License-Identifier: GPL-2.0-only
/* The host moves a guest's pages (compaction), while the guest works with them. */
#include "pressure.h"

#define PAGES  1024u
#define OTHERS 24u /* pages of the process for each of the guest's */
#define CYCLES 4u

static struct small_vm vm;
static struct walker w;

static uint32_t moved_since(const uint64_t *before)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < PAGES; n++)
		count += before[n] && before[n] != frame_of(w.data + n * PAGE);
	return count;
}

void test_moved(char **arg)
{
	static uint64_t before[PAGES];
	uint8_t *filler = pages_of(-1, OTHERS * PAGES, MAP_PRIVATE | MAP_ANONYMOUS);
	unsigned long migrated = number_in("/proc/vmstat", "pgmigrate_success");
	uint32_t moved = 0, n;

	(void)arg;
	only_small_pages(filler, OTHERS * PAGES * PAGE);
	walkers_vm(&vm);
	walker_new(&w, &vm, 0, pages_of(-1, PAGES, MAP_PRIVATE | MAP_ANONYMOUS), PAGES, PAGE,
		   0x600d);
	only_small_pages(w.data, PAGES * PAGE);
	/* The guest's pages lie between others, which are free then. */
	for (n = 0; n < OTHERS * PAGES; n++) {
		filler[n * PAGE] = 1;
		if (n % OTHERS == 0)
			w.data[n / OTHERS * PAGE] = 1;
	}
	walker_fill(&w);
	walker_start(&w, 1, 0);
	claim(walker_moves(&w, 2, 60), "a guest runs");
	for (unsigned int cycle = 0; cycle < CYCLES && !w.wrong[0]; cycle++) {
		for (n = 0; n < PAGES; n++)
			before[n] = frame_of(w.data + n * PAGE);
		must(madvise(filler, OTHERS * PAGES * PAGE, MADV_DONTNEED), "MADV_DONTNEED");
		if (cycle % 2)
			write_to("/proc/sys/vm/drop_caches", "3");
		claim(write_to("/proc/sys/vm/compact_memory", "1"), "memory is compacted");
		moved += moved_since(before);
		claim(walker_moves(&w, 1, 60), "the guest goes on");
		for (n = 0; n < OTHERS * PAGES; n += 1 + below(4))
			filler[n * PAGE] = 1;
	}
	walker_stop(&w);
	walker_claims(&w, 0, "pages that move");
	claim(moved > PAGES / 4, "%u of the guest's pages moved, the kernel says %lu of all", moved,
	      number_in("/proc/vmstat", "pgmigrate_success") - migrated);
	walker_close(&w);
	small_vm_close(&vm);
}
