// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two guests with the same pages: KSM merges them, each reads its own, and neither sees what the
 * other writes then.
 */
#include "pressure.h"

#define PAGES  64u
#define CYCLES 3u
#define KSM    "/sys/kernel/mm/ksm/"

static struct small_vm vms[2];
static struct walker w[2];

static uint32_t merged(void)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < PAGES; n++) {
		uint64_t frame = frame_of(w[0].data + n * PAGE);

		count += frame && frame == frame_of(w[1].data + n * PAGE);
	}
	return count;
}

static bool all_are_merged(unsigned int seconds)
{
	for (unsigned int n = 0; n < 10 * seconds && merged() < PAGES; n++)
		usleep(100000);
	return claim_is(merged(), PAGES, "KSM merges the two guests' pages");
}

static void run(unsigned int which, uint32_t step, uint32_t rounds)
{
	walker_start(&w[which], step, rounds);
	walker_join(&w[which]);
}

static void cycle(void)
{
	if (!all_are_merged(60))
		return;
	for (unsigned int n = 0; n < 2; n++) {
		run(n, 0, 2);
		walker_claims(&w[n], 0, "merged, and a guest reads");
	}
	claim_is(merged(), PAGES, "they are still merged");
	/* One writes while the other reads. */
	walker_start(&w[1], 0, 0);
	run(0, 1, 3);
	walker_claims(&w[0], 0, "the one that writes");
	claim(walker_moves(&w[1], 2, 60), "the other one runs meanwhile");
	walker_stop(&w[1]);
	walker_claims(&w[1], 0, "the one that reads");
	claim_is(merged(), 0, "no page is merged after the write");
	run(1, 1, 3);
	walker_claims(&w[1], 0, "it writes the same");
}

void test_same(char **arg)
{
	(void)arg;
	for (unsigned int n = 0; n < 2; n++) {
		walkers_vm(&vms[n]);
		walker_new(&w[n], &vms[n], 0, pages_of(-1, PAGES, MAP_PRIVATE | MAP_ANONYMOUS),
			   PAGES, PAGE, 0x5a5a);
		walker_fill(&w[n]);
		must(madvise(w[n].data, PAGES * PAGE, MADV_MERGEABLE), "MADV_MERGEABLE");
	}
	for (unsigned int n = 0; n < CYCLES; n++)
		cycle();
	/* What was merged is taken apart while both guests read it. */
	if (all_are_merged(60)) {
		walker_start(&w[0], 0, 0);
		walker_start(&w[1], 0, 0);
		claim(write_to(KSM "run", "2"), "KSM takes them apart");
		claim(walker_moves(&w[0], 2, 60) && walker_moves(&w[1], 2, 60), "both run");
		claim_is(merged(), 0, "no page is merged");
		for (unsigned int n = 0; n < 2; n++) {
			walker_stop(&w[n]);
			walker_claims(&w[n], 0, "taken apart");
		}
	}
	for (unsigned int n = 0; n < 2; n++) {
		walker_close(&w[n]);
		small_vm_close(&vms[n]);
	}
}
