/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program prints.  Its lines must be the same on every run, and the same on the bare
 * board and in a guest; the tests in tests/oracle compare them:
 *
 *	PASS program: text		a claim from the manual, checked by the program
 *	FAIL program: text
 *	SKIP program: text: reason
 *	key = value			a fact, which the program does not check
 *	# text				a note, never compared
 *	@ text				any of the above that only a guest prints
 *	3 passed, 0 failed		the last line
 *
 * Within a program the text of each verdict and the key of each fact are unique.
 */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include "types.h"

#define FMT(n) __attribute__((format(printf, n, n + 1)))

bool report(bool cond, const char *fmt, ...) FMT(2);
/* reason comes first because it takes no arguments. */
void report_skip(const char *reason, const char *fmt, ...) FMT(2);
/* "key = value"; fmt holds both. */
void say(const char *fmt, ...) FMT(1);
void note(const char *fmt, ...) FMT(1);
/* While on, each line is marked as one that only a guest prints. */
void guest_only(bool on);

/* Print the count and power off.  If aborted is not NULL, it is reported as a FAIL first. */
void finish(const char *aborted) __attribute__((noreturn));

/* Nonzero if the program was entered in HYP mode, which means on the bare board. */
extern u32 booted_in_hyp;
static inline bool in_guest(void)
{
	return !booted_in_hyp;
}

/* What each program provides. */
void guest_main(void);

#endif
