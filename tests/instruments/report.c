// SPDX-License-Identifier: GPL-2.0-only
/* The log that the tests read. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

#define KINDS  256
#define REPEAT 4

struct counts counts;

static FILE *out;

void report_open(const char *path)
{
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		exit(1);
	}
}

/* Has this been said often enough? */
static bool known(const char *rule, uint32_t pc)
{
	static struct {
		const char *rule;
		uint32_t pc;
		unsigned int times;
	} kinds[KINDS];
	unsigned int n;

	for (n = 0; n < KINDS && kinds[n].rule; n++)
		if (kinds[n].pc == pc && !strcmp(kinds[n].rule, rule))
			return ++kinds[n].times > REPEAT;
	if (n == KINDS)
		return true;
	kinds[n].rule = rule;
	kinds[n].pc = pc;
	kinds[n].times = 1;
	return false;
}

void violation(const char *rule, unsigned int cpu, uint32_t pc, const char *format, ...)
{
	va_list args;

	counts.violations++;
	if (known(rule, pc))
		return;
	fprintf(out, "violation %s %u %08x ", rule, cpu, pc);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
	fflush(out);
}

void report_counts(const char *label)
{
	fprintf(out,
		"counts %s stores=%lu debts=%lu settled=%lu flushes=%lu entries=%lu returns=%lu "
		"frees=%lu pages=%lu fetchable=%lu returned=%lu flushed=%lu "
		"violations=%lu\n",
		label, counts.stores, counts.debts, counts.settled, counts.flushes, counts.entries,
		counts.returns, counts.frees, counts.pages, counts.fetchable, counts.returned,
		counts.flushed, counts.violations);
	fflush(out);
}
