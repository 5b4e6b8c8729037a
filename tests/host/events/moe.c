// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two guests on one CPU: one takes only breakpoints and one only watchpoints, or both take every
 * kind of event.  One thread runs both guests, so this program decides what happens between an
 * exception and the guest's read of DBGDSCR: usually the other guest's next exceptions, sometimes
 * a move to another CPU.
 */
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct player {
	struct vm vm;
	bool ended;
	bool away;	 /* stopped in its handler before the read of MOE */
	uint32_t others; /* the other guest's count of events at that moment */
	uint32_t came;	 /* its own count of events */
};

int command_moe(int argc, char **argv)
{
	uint32_t seed = (uint32_t)strtoul(argv[1], NULL, 0), state = seed;
	uint32_t events = (uint32_t)strtoul(argv[2], NULL, 0);
	unsigned int cpus = (unsigned int)strtoul(argv[3], NULL, 0), cpu = 0, now = 0, n;
	bool mixed = !strcmp(argv[4], "mixed");
	uint32_t crossed = 0, moves = 0, switches = 0;
	static struct player players[2];

	(void)argc;
	for (n = 0; n < 2; n++) {
		char bootargs[128];

		snprintf(bootargs, sizeof(bootargs), "seed=%u events=%u kinds=%u doors=%u ways=%u",
			 seed + n, events / 2, mixed ? 15u : 1u << n, TAKEN, BY_STORE);
		vm_new(&players[n].vm);
		vm_load(&players[n].vm, argv[0], bootargs);
	}
	pin(0);
	while (!players[0].ended || !players[1].ended) {
		struct player *me = &players[now], *other = &players[!now];
		enum door door;

		if (me->away && other->came != me->others)
			crossed++;
		me->away = false;
		if (vm_run(&me->vm, &door, &me->came) == ENDED) {
			me->ended = true;
			now = !now;
			continue;
		}
		/* It is in its handler and will read MOE when it runs again. */
		me->away = true;
		me->others = other->came;
		if (!other->ended && next_random(&state) % 8) {
			now = !now;
			switches++;
		}
		if (!(next_random(&state) % 32)) {
			cpu = (cpu + 1) % cpus;
			pin(cpu);
			moves++;
		}
	}
	for (n = 0; n < 2; n++) {
		printf("%s", players[n].vm.text);
		vm_print_counters(&players[n].vm);
		vm_close(&players[n].vm);
	}
	printf("crossed = %u, switches %u, moves %u\n", crossed, switches, moves);
	return 0;
}
