/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program prints.  Lines must be the same on every run, and the same on
 * the bare board and in a guest; the oracle compares them:
 *
 *	PASS program: text		a claim about the manual, checked here
 *	FAIL program: text
 *	SKIP program: text: reason
 *	key = value			a fact, not judged here
 *	# text				a note, never compared
 *	@ text				any of the above, only in a guest
 *	3 passed, 0 failed		the last line
 *
 * The text of a verdict and the key of a fact are unique in a program.
 */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include "types.h"

#define FMT(n) __attribute__((format(printf, n, n + 1)))

bool report(bool cond, const char *fmt, ...) FMT(2);
/* reason comes first: it never has arguments. */
void report_skip(const char *reason, const char *fmt, ...) FMT(2);
/* "key = value"; fmt holds both. */
void say(const char *fmt, ...) FMT(1);
void note(const char *fmt, ...) FMT(1);
/* Between these calls, each line is marked as one that only a guest prints. */
void guest_only(bool on);

/* Print the count and power off; never returns.  aborted: also one more FAIL. */
void finish(const char *aborted) __attribute__((noreturn));

/* Entered in HYP mode: this is the bare board, with nobody above but firmware. */
extern u32 booted_in_hyp;
static inline bool in_guest(void)
{
	return !booted_in_hyp;
}

/* What each program provides. */
void guest_main(void);

#endif
