/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The console, and verdicts on it: lines `PASS program: text` or `FAIL ..`, notes that
 * begin with `#`, and last a count.  Hypervisor and guest share it.
 */
#ifndef EXAMPLE_PRINT_H
#define EXAMPLE_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#define FORMAT(n) __attribute__((format(printf, n, n + 1)))

/* The name of each image: example or madeup. */
extern const char program_name[];

void print_start(void);
/* Only %s, %u and %x; %x prints 8 digits. */
void note(const char *format, ...) FORMAT(1);
void report(bool holds, const char *format, ...) FORMAT(2);
/* Both values are shown if they differ. */
void report_equal(uint32_t got, uint32_t wanted, const char *text);
/* The count, the last line. */
void print_end(void);

#endif
