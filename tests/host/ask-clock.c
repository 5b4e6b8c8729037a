// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the counter of guests/ticks.c with this CPU's.  Both are the same counter at an
 * offset that must not change.  When this program asks at count A, the guest answers G and the
 * answer arrives at count B, the offset is between A - G and B - G.  The ranges from all
 * questions must agree, however long each question took.
 *
 *   ask-clock COMMAND..
 *
 * Between questions it lets the guest take its ticks.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUESTIONS 20
#define SPAN	  200 /* length of the measurement, in times of the quickest question */

static FILE *from;
static int to;

static uint64_t counter(void)
{
	uint64_t count;

	__asm__ volatile("isb\n"
			 "mrrc p15, 1, %Q0, %R0, c14\n"
			 "isb"
			 : "=r"(count)
			 :
			 : "memory");
	return count;
}

/* Waits for a line `name = HEX`; prints any other line of the guest. */
static uint64_t answer(char question, const char *name)
{
	char line[256];
	size_t length = strlen(name);
	uint64_t count;

	if (write(to, &question, 1) != 1)
		exit(3);
	while (fgets(line, sizeof(line), from)) {
		if (!strncmp(line, name, length) &&
		    sscanf(line + length, " = %" SCNx64, &count) == 1)
			return count;
		fputs(line, stdout);
	}
	fprintf(stderr, "the guest ended without printing %s\n", name);
	exit(3);
}

static pid_t start_guest(char **argv)
{
	int in[2], out[2];
	pid_t pid;

	if (pipe(in) || pipe(out))
		exit(3);
	pid = fork();
	if (!pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to = in[1];
	from = fdopen(out[0], "r");
	return pid;
}

struct known {
	int64_t low, high;    /* bounds of the offset */
	uint64_t first, last; /* when the first question was asked and the last answered */
	uint64_t narrowest;   /* how long the quickest question took */
};

static void ask_counter(struct known *known)
{
	int i;

	for (i = 0; i < QUESTIONS; i++) {
		uint64_t asked = counter(), said = answer('c', "counter"), got = counter();

		if ((int64_t)(asked - said) > known->low)
			known->low = (int64_t)(asked - said);
		if ((int64_t)(got - said) < known->high)
			known->high = (int64_t)(got - said);
		if (got - asked < known->narrowest)
			known->narrowest = got - asked;
		if (!known->first)
			known->first = asked;
		known->last = got;
	}
}

int main(int argc, char **argv)
{
	struct known known = { INT64_MIN, INT64_MAX, 0, 0, UINT64_MAX };
	uint64_t latest = 0, late;
	int rounds = 0, status;
	char line[256];
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = start_guest(argv + 1);
	ask_counter(&known);
	/* The slower the questions, the longer it takes until a drift would show. */
	do {
		late = answer('t', "latest");
		latest = late > latest ? late : latest;
		ask_counter(&known);
		rounds++;
	} while (known.last - known.first < SPAN * known.narrowest);
	if (write(to, "q", 1) != 1)
		return 3;
	while (fgets(line, sizeof(line), from))
		fputs(line, stdout);
	waitpid(pid, &status, 0);
	printf("offset = %" PRId64 " to %" PRId64 ", rounds %d, span %" PRIu64
	       ", narrowest %" PRIu64 ", latest %" PRIu64 "\n",
	       known.low, known.high, rounds, known.last - known.first, known.narrowest, latest);
	return status != 0;
}
