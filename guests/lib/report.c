// SPDX-License-Identifier: GPL-2.0-only
/* Prints verdicts, facts and the final count, and ends a program. */
#include "report.h"

#include "console.h"
#include "cpu.h"
#include "psci.h"

u32 booted_in_hyp;

extern const char program_name[];

static u32 passed, failed, skipped;
static bool only_guest;

static void start_line(const char *word)
{
	if (only_guest)
		printf("@ ");
	printf("%s", word);
}

bool report(bool cond, const char *fmt, ...)
{
	va_list ap;

	if (cond)
		passed++;
	else
		failed++;
	start_line(cond ? "PASS " : "FAIL ");
	printf("%s: ", program_name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	return cond;
}

void report_skip(const char *reason, const char *fmt, ...)
{
	va_list ap;

	skipped++;
	start_line("SKIP ");
	printf("%s: ", program_name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(": %s\n", reason);
}

void say(const char *fmt, ...)
{
	va_list ap;

	start_line("");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void guest_only(bool on)
{
	only_guest = on;
}

void finish(const char *aborted)
{
	if (aborted) {
		failed++;
		printf("FAIL %s: %s\n", program_name, aborted);
	}
	printf("%u passed, %u failed\n", passed, failed);
	psci_system_off();
	for (;;)
		wfi();
}

/* Called by boot.S on the first CPU. */
void lib_main(void);
void lib_main(void)
{
	console_init();
	note("%s on %s", program_name, in_guest() ? "a virtual CPU" : "a bare board");
	guest_main();
	finish(passed + failed + skipped ? NULL : "it printed no verdict");
}
