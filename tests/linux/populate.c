// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel takes for a page that a process touches first: shared memory as armvm's RAM, and
 * loops as those of guests/icount.c, whose output it imitates.  A counter tick is 16 ns.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PARTS 8
#define PAGE  4096u

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void measure(const char *name, unsigned int rounds, int write)
{
	size_t size = (rounds + 1) * PAGE;
	int fd = memfd_create(name, MFD_CLOEXEC);
	volatile uint32_t *word;
	uint64_t least = ~0ull;

	if (fd < 0 || ftruncate(fd, size) < 0)
		exit(1);
	word = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (word == MAP_FAILED)
		exit(1);
	*word; /* the tables */
	for (unsigned int part = 0; part < PARTS; part++) {
		uint64_t start = now(), time;

		for (unsigned int n = 0; n < rounds / PARTS; n++) {
			word += PAGE / sizeof(*word);
			if (write)
				*word = 1;
			else
				*word;
		}
		time = now() - start;
		least = time < least ? time : least;
	}
	printf("icount %s rounds=%u ticks=%llu\n", name, rounds,
	       (unsigned long long)(PARTS * least / 16));
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? atoi(argv[1]) : 400;

	measure("host-page-read", rounds, 0);
	measure("host-page-write", rounds, 1);
	return 0;
}
