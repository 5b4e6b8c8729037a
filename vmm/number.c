// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "number.h"

int number_digits(const char **text, uint64_t *value)
{
	const char *c = *text;

	*value = 0;
	if (*c < '0' || *c > '9')
		return -EINVAL;
	for (; *c >= '0' && *c <= '9'; c++) {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*c - '0'), value))
			return -ERANGE;
	}
	*text = c;
	return 0;
}

int number_size(const char *text, uint64_t *size)
{
	unsigned int shift = 0;
	int err = number_digits(&text, size);

	if (err)
		return err;
	switch (*text) {
	case 'K':
	case 'k':
		shift = 10;
		break;
	case 'M':
	case 'm':
		shift = 20;
		break;
	case 'G':
	case 'g':
		shift = 30;
		break;
	}
	if (shift)
		text++;
	if (*text)
		return -EINVAL;
	if (*size > UINT64_MAX >> shift)
		return -ERANGE;
	*size <<= shift;
	return 0;
}
