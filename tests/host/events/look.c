// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a guest is that never comes out by itself: its PC and CPSR each time a
 * signal took it out.  Ends once it was found in one and the same place so many
 * times in a row, or after a hundred times as many looks.
 */
#include "vm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#define PC   15
#define CPSR 16

static void nothing(int number)
{
	(void)number;
}

int command_look(int argc, char **argv)
{
	/* CPU time of this process, and so of the guest: it is not looked at while others run. */
	struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	struct sigaction action = { .sa_handler = nothing };
	unsigned int times = (unsigned int)atoi(argv[2]), looks, same = 0;
	uint32_t pc = 0, now;
	static struct vm vm;
	enum door door;

	(void)argc;
	vm_new(&vm);
	vm_load(&vm, argv[0], argv[1]);
	vm.interruptible = true;
	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &often, NULL);
	for (looks = 0; looks < 100 * times && same < times; looks++) {
		if (vm_run(&vm, &door, &now) != SIGNALLED)
			die("it came out");
		now = vm_core(&vm, PC);
		same = now == pc ? same + 1 : 0;
		pc = now;
	}
	printf("%s", vm.text);
	vm_print_counters(&vm);
	printf("pc = %08x, cpsr %08x, %u times in a row\n", pc, vm_core(&vm, CPSR), same);
	return same != times;
}
