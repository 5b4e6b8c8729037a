/* SPDX-License-Identifier: GPL-2.0-only */
/* The input of a fuzzer that takes its decisions from one byte after the other. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

static const uint8_t *input;
static size_t left;

/* 0 if there are no more. */
static inline uint8_t byte(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

#endif
