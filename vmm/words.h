/* SPDX-License-Identifier: GPL-2.0-only */
/* The value of an option that is a list, as in --disk FILE,readonly,serial=S. */
#ifndef ARMVM_WORDS_H
#define ARMVM_WORDS_H

#include <stdbool.h>

/*
 * Cut the next word off *rest, in place, and return it; NULL after the last one.  A comma
 * ends a word, two of them are one that belongs to it.
 */
char *words_next(char **rest);
/* Is it NAME=..?  Then *value is what follows. */
bool words_value(const char *word, const char *name, const char **value);

#endif
