// SPDX-License-Identifier: GPL-2.0-only
/*
 * Touches what tests/modules/wide-point.c watches, on each CPU in turn.  It waits until the
 * points are on before each touch, so that each touch is one hit.
 *
 *   touch-point code ADDRESS TIMES   executes an instruction at ADDRESS
 *   touch-point data ADDRESS TIMES   stores a word at ADDRESS
 *   touch-point call - TIMES         calls getpriority(2)
 *   touch-point call free TIMES      the same without waiting for the points
 */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define BX_LR 0xe12fff1eu

/* Are all points of this kind on?  -1 if there are none. */
static int points_on(const char *kind)
{
	FILE *file = fopen("/proc/wide_point", "r");
	char name[8];
	unsigned int cpu, value, control, hits, again, on = 1, lines = 0;
	int slot;

	if (!file)
		return -1;
	while (fscanf(file, "%u %7s %d %x %x %u %u", &cpu, name, &slot, &value, &control, &hits,
		      &again) == 7) {
		if (strcmp(name, kind))
			continue;
		lines++;
		on &= control;
	}
	fclose(file);
	return lines ? (int)on : -1;
}

static int wait_points_on(const char *kind)
{
	int tries, on = 0;

	for (tries = 0; tries < 1000; tries++) {
		on = points_on(kind);
		if (on)
			return on;
		usleep(1000);
	}
	return -1;
}

static void *map_page(uintptr_t address)
{
	uintptr_t page = address & ~(uintptr_t)4095;
	void *at = mmap((void *)page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return (void *)address;
}

int main(int argc, char **argv)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN), times, n, wait;
	const char *kind;
	uint32_t *word = NULL;
	unsigned int wrong = 0;

	if (argc != 4)
		return 2;
	times = atoi(argv[3]);
	kind = strcmp(argv[1], "data") ? "code" : "data";
	wait = strcmp(argv[2], "free") != 0;
	if (strcmp(argv[1], "call")) {
		word = map_page(strtoul(argv[2], NULL, 16));
		if (!strcmp(kind, "code")) {
			*word = BX_LR;
			__builtin___clear_cache((char *)word, (char *)(word + 1));
		}
	}
	/* Let nothing run between a hit and the completion of the instruction that hit. */
	if (wait && sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ 1 }))
		perror("sched_setscheduler");
	for (n = 0; n < times; n++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(n % cpus, &set);
		sched_setaffinity(0, sizeof(set), &set);
		if (wait && wait_points_on(kind) < 0) {
			printf("the points of kind %s are not on\n", kind);
			return 1;
		}
		if (!strcmp(argv[1], "call")) {
			/* Linux returns 20 - nice. */
			wrong += syscall(SYS_getpriority, 0, 0) != 20;
		} else if (!strcmp(argv[1], "data")) {
			*(volatile uint32_t *)word = (uint32_t)n;
			wrong += *(volatile uint32_t *)word != (uint32_t)n;
		} else {
			((void (*)(void))word)();
		}
	}
	printf("%d touches, %u wrong\n", times, wrong);
	return wrong != 0;
}
