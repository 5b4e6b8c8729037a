// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the counter of guests/ticks.c with this CPU's, which is the same
 * counter at an offset that must not change.  Asked when our counter was A, the guest
 * says G, and we have read that at B: so the offset is between A - G and B - G.
 * What all questions say of it must agree, however long each of them took.
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
#define SPAN	  200 /* times the quickest question */

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

/* Until a line `name = HEX` comes; whatever else it says is passed on. */
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
	fprintf(stderr, "the guest says no %s\n", name);
	exit(3);
}

static pid_t start(char **argv)
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

/* What is known of the offset, and how well. */
struct known {
	int64_t low, high;
	uint64_t first, last, narrowest;
};

static void ask(struct known *known)
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
	pid = start(argv + 1);
	ask(&known);
	/* Where a question takes long, the clocks can be told apart only after longer. */
	do {
		late = answer('t', "latest");
		latest = late > latest ? late : latest;
		ask(&known);
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
