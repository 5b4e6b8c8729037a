// SPDX-License-Identifier: GPL-2.0-only
#include "claims.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static unsigned int passed, failed;

void claim_begin(bool good)
{
	printf("%s %s: ", good ? "PASS" : "FAIL", program_invocation_short_name);
	passed += good;
	failed += !good;
}

bool claim(bool good, const char *format, ...)
{
	va_list args;

	claim_begin(good);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return good;
}

bool claim_is(uint64_t got, uint64_t wanted, const char *format, ...)
{
	va_list args;

	claim_begin(got == wanted);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (got != wanted)
		printf(": %" PRIu64 " instead of %" PRIu64, got, wanted);
	putchar('\n');
	return got == wanted;
}

int claims_end(void)
{
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
