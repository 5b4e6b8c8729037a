// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs one guest step by step:
 *   cpu N     move its thread to CPU N
 *   run N     run it for N doors, then print how many events came since the last such step
 *   do TEXT   run a shell command
 *   counters  print the counters of its vCPU
 *   end       run it to its end
 */
#include "vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int command_steps(int argc, char **argv)
{
	static struct vm vm;
	uint32_t came = 0, before = 0;
	enum door door;
	int n;

	if (argc < 3)
		return 2;
	vm_new(&vm);
	vm_load(&vm, argv[0], argv[1]);
	for (n = 2; n < argc; n++) {
		const char *step = argv[n];

		if (!strncmp(step, "cpu ", 4)) {
			pin((unsigned int)atoi(step + 4));
		} else if (!strncmp(step, "do ", 3)) {
			int status;

			fflush(stdout);
			status = system(step + 3);
			if (status)
				die("status %#x of: %s", status, step + 3);
		} else if (!strncmp(step, "run ", 4)) {
			int doors = atoi(step + 4);

			while (doors--)
				if (vm_run(&vm, &door, &came) == ENDED)
					die("the guest has ended: %s", vm.text);
			printf("came = %u\n", came - before);
			before = came;
		} else if (!strcmp(step, "counters")) {
			vm_print_counters(&vm);
		} else if (!strcmp(step, "end")) {
			while (vm_run(&vm, &door, &came) != ENDED)
				;
		} else {
			die("no such step: %s", step);
		}
	}
	printf("%s", vm.text);
	vm_close(&vm);
	return 0;
}
