// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everyday work of Linux, for a guest to be compared with the board: `work ROUNDS`, on one CPU.
 * Under -icount CLOCK_MONOTONIC's nanoseconds are instructions; the interrupts of the timer are
 * among them.  Prints `work NAME NANOSECONDS` for all rounds of a loop, and `work NAME-least
 * NANOSECONDS`, as if all took as long as the fastest, which no interrupt fell into.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGES 256
#define PAGE  4096

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void fork_and_exit(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		exit(1);
}

/* Two processes pass a byte to and fro. */
static int there[2], back[2];

static void pipe_round(void)
{
	char byte = 0;

	if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
		exit(1);
}

static pid_t pipe_begin(void)
{
	char byte;
	pid_t child;

	if (pipe(there) || pipe(back))
		exit(1);
	child = fork();
	if (child < 0)
		exit(1);
	if (child)
		return child;
	close(there[1]);
	while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
		;
	_exit(0);
}

static void cpu_loop(void)
{
	volatile uint32_t n = 10000;

	while (n)
		n--;
}

/* The kernel gives pages, and takes them back. */
static void touch_pages(void)
{
	char *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	unsigned int n;

	if (at == MAP_FAILED)
		exit(1);
	for (n = 0; n < PAGES; n++)
		at[n * PAGE] = 1;
	munmap(at, PAGES * PAGE);
}

static void measure(const char *name, void (*fn)(void), unsigned int rounds)
{
	uint64_t start, round, least = ~0ull;
	unsigned int n;

	/* What a guest gets from its host the first time is not its everyday work. */
	for (n = 0; n < rounds / 2; n++)
		fn();
	start = now();
	for (n = 0; n < rounds; n++) {
		round = now();
		fn();
		round = now() - round;
		least = round < least ? round : least;
	}
	printf("work %s %llu\n", name, (unsigned long long)(now() - start));
	printf("work %s-least %llu\n", name, (unsigned long long)(rounds * least));
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 100;
	pid_t child;

	measure("fork", fork_and_exit, rounds);
	child = pipe_begin();
	measure("pipe", pipe_round, 10 * rounds);
	close(there[1]);
	waitpid(child, NULL, 0);
	measure("cpu", cpu_loop, 10 * rounds);
	measure("touch", touch_pages, rounds);
	return 0;
}
