// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds out where a guest is that never exits by itself: a signal interrupts it again and again,
 * and each time its PC is read.  Ends once the PC was the same TIMES times in a row, or after
 * 100 * TIMES looks.
 */
#include "vm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#define PC   15
#define CPSR 16

static void ignore_signal(int number)
{
	(void)number;
}

int command_look(int argc, char **argv)
{
	/*
	 * In CPU time of this process, which the guest uses: no looks while others run.  On a slow
	 * kernel the guest needs several ticks to get over a page that it touches first.
	 */
	struct itimerval often = { { 0, 50000 }, { 0, 50000 } };
	struct sigaction action = { .sa_handler = ignore_signal };
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
			die("the guest exited by itself");
		now = vm_core(&vm, PC);
		same = now == pc ? same + 1 : 0;
		pc = now;
	}
	printf("%s", vm.text);
	vm_print_counters(&vm);
	printf("pc = %08x, cpsr %08x, %u times in a row\n", pc, vm_core(&vm, CPSR), same);
	return same != times;
}
