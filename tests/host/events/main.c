// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs guests/events.c, or another program, directly on /dev/kvm, and interferes where the guest
 * leaves the CPU.  It prints the guest's output and its own counts; the cases in tests/host check
 * them.
 */
#include "vm.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *arguments;
	int count; /* 0: any */
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "moe", "ELF SEED EVENTS CPUS apart|mixed", 5, command_moe },
	{ "mix", "ELF BOOTARGS CODE DATA self|- other|-", 6, command_mix },
	{ "save", "ELF BOOTARGS DOORS FILE", 4, command_save },
	{ "resume", "FILE listed|reversed|SEED DOORS FILE", 4, command_resume },
	{ "steps", "ELF BOOTARGS STEP..", 0, command_steps },
	{ "look", "ELF BOOTARGS TIMES", 3, command_look },
};

int main(int argc, char **argv)
{
	unsigned int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (n = 0; n < sizeof(commands) / sizeof(commands[0]); n++)
		if (argc > 1 && !strcmp(argv[1], commands[n].name) &&
		    (!commands[n].count || argc == commands[n].count + 2))
			return commands[n].run(argc - 2, argv + 2);
	for (n = 0; n < sizeof(commands) / sizeof(commands[0]); n++)
		fprintf(stderr, "usage: events %s %s\n", commands[n].name, commands[n].arguments);
	return 2;
}
