/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line for each claim, `PASS program: text` or `FAIL program: text: what came instead`.  The
 * last line is `N passed, N failed`.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

/* Returns `good`. */
bool claim(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A claim about a number; returns whether it is as wanted. */
bool claim_is(uint64_t got, uint64_t wanted, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Count a claim and begin its line; the caller prints the rest. */
void claim_begin(bool good);

/* Print the last line; returns the program's exit status. */
int claims_end(void);

#endif
