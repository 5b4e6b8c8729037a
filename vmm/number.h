/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers in options. */
#ifndef ARMVM_NUMBER_H
#define ARMVM_NUMBER_H

#include <stdint.h>

/*
 * Parse decimal digits, of which there must be one at least, and move *text past them.  Returns
 * 0, -EINVAL, or -ERANGE above 64 bits; prints no message.
 */
int number_digits(const char **text, uint64_t *value);
/*
 * Parse a byte count: decimal digits and at most one of K, M, G (powers of
 * 1024, in either case).  Returns 0, -EINVAL for anything else, or -ERANGE
 * above 64 bits; prints no message.
 */
int number_size(const char *text, uint64_t *size);

#endif
