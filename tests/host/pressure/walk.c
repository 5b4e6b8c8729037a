// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest for whose memory the case provides the pressure.
 *
 *   pressure walk PAGES STRIDE CPUS ROUNDS
 *
 * Each of CPUS vCPUs has PAGES pages, one every STRIDE pages.  It ends when each has made ROUNDS
 * rounds, or with ROUNDS 0 at SIGTERM; meanwhile it prints `at SUM` when the sum of rounds grows.
 */
#include <signal.h>
#include <time.h>

#include "pressure.h"

#define MOST 4u

void test_walk(char **arg)
{
	uint32_t pages = strtoul(arg[0], NULL, 0), stride = strtoul(arg[1], NULL, 0) * PAGE;
	uint32_t cpus = strtoul(arg[2], NULL, 0), rounds = strtoul(arg[3], NULL, 0), n, sum = 0;
	const struct timespec pause = { .tv_nsec = 100000000 };
	static struct walker w[MOST];
	struct small_vm vm;
	bool ended = false;
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	if (cpus > MOST) {
		errno = EINVAL;
		must(-1, "CPUS");
	}
	walkers_vm(&vm);
	for (n = 0; n < cpus; n++) {
		uint8_t *data = pages_of(-1, pages * (stride / PAGE),
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);

		if (stride > PAGE)
			only_small_pages(data, pages * stride);
		walker_new(&w[n], &vm, n, data, pages, stride, 0xabc);
		walker_start(&w[n], 1, rounds);
	}
	while (!ended) {
		uint32_t now = 0, done = 0;

		if (sigtimedwait(&term, NULL, &pause) == SIGTERM)
			break;
		for (n = 0; n < cpus; n++) {
			now += w[n].rounds;
			done += (rounds && w[n].rounds >= rounds) || w[n].wrong[0];
		}
		ended = done == cpus;
		if (now != sum)
			printf("at %u\n", now);
		sum = now;
	}
	for (n = 0; n < cpus; n++) {
		walker_stop(&w[n]);
		/* It finds each word empty once. */
		walker_claims(&w[n], pages, "a guest");
		claim(w[n].rounds > 0, "it ran %u rounds", w[n].rounds);
		walker_close(&w[n]);
	}
	small_vm_close(&vm);
}
