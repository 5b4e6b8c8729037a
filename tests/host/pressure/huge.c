// SPDX-License-Identifier: GPL-2.0-only
/*
 * khugepaged makes huge pages of a guest's memory while the guest works with it, and they are
 * split again in each way.
 */
#include "../vm-stats.h"
#include "pressure.h"

#define BLOCKS 4u
#define PAGES  (BLOCKS * (BLOCK / PAGE))
#define SPLIT  "/sys/kernel/debug/split_huge_pages"

static struct small_vm vm;
static struct walker w;
static uint32_t dropped;
static int stats;

static unsigned long huge_kb(void)
{
	return number_in("/proc/self/smaps_rollup", "AnonHugePages");
}

static uint8_t *aligned(void)
{
	uint8_t *at = pages_of(-1, PAGES + BLOCK / PAGE, MAP_PRIVATE | MAP_ANONYMOUS);

	return (uint8_t *)(((uintptr_t)at + BLOCK - 1) & ~(uintptr_t)(BLOCK - 1));
}

static bool all_are_huge(unsigned int seconds)
{
	must(madvise(w.data, PAGES * PAGE, MADV_HUGEPAGE), "MADV_HUGEPAGE");
	for (unsigned int n = 0; n < 10 * seconds && huge_kb() < BLOCKS * (BLOCK >> 10); n++)
		usleep(100000);
	claim_is(huge_kb(), BLOCKS * (BLOCK >> 10), "khugepaged makes huge pages, kB");
	/* Pages that the guest maps while khugepaged works stay pages, so there may be no block. */
	printf("# %u blocks\n", (unsigned int)vm_stat(stats, "pages_2m"));
	return claim(walker_moves(&w, 2, 60), "the guest goes on");
}

static void split(unsigned int how)
{
	unsigned int n;

	must(madvise(w.data, PAGES * PAGE, MADV_NOHUGEPAGE), "MADV_NOHUGEPAGE");
	for (n = 0; n < BLOCKS; n++) {
		uint8_t *at = w.data + n * BLOCK + below(BLOCK / PAGE) * PAGE;

		if (how == 0) {
			must(mprotect(at, PAGE, PROT_READ), "mprotect");
			usleep(1000);
			must(mprotect(at, PAGE, PROT_READ | PROT_WRITE), "mprotect");
		} else if (how == 1) {
			dropped++;
			must(madvise(at, PAGE, MADV_DONTNEED), "MADV_DONTNEED");
		}
	}
	/* A page that somebody looks at in this moment stays, so it is asked again. */
	for (n = 0; how == 2 && n < 100 && huge_kb(); n++) {
		write_to(SPLIT, "1");
		usleep(10000);
	}
	claim_is(huge_kb(), 0, "huge pages are split, kB");
	claim(walker_moves(&w, 2, 60), "the guest goes on");
	/* After mprotect() the pages are still in one piece. */
	claim(how == 0 || vm_stat(stats, "pages_2m") == 0, "it has no blocks");
}

void test_huge(char **arg)
{
	unsigned int how;

	(void)arg;
	walkers_vm(&vm);
	stats = must(ioctl(vm.fd, KVM_GET_STATS_FD, NULL), "KVM_GET_STATS_FD");
	walker_new(&w, &vm, 0, aligned(), PAGES, PAGE, 0x999);
	must(madvise(w.data, PAGES * PAGE, MADV_NOHUGEPAGE), "MADV_NOHUGEPAGE");
	walker_fill(&w);
	walker_start(&w, 1, 0);
	claim(walker_moves(&w, 2, 60) && huge_kb() == 0, "a guest runs in small pages");
	for (how = 0; how < 3 && !w.wrong[0] && all_are_huge(120); how++)
		split(how);
	claim_is(how, 3, "ways to split");
	walker_stop(&w);
	walker_claims(&w, dropped, "huge pages");
	walker_close(&w);
	close(stats);
	small_vm_close(&vm);
}
