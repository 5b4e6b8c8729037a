// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <string.h>

#include "words.h"

char *words_next(char **rest)
{
	char *word = *rest, *from = word, *to = word;

	if (!word)
		return NULL;
	for (; *from && (*from != ',' || from[1] == ','); from++) {
		if (*from == ',')
			from++;
		*to++ = *from;
	}
	*rest = *from ? from + 1 : NULL;
	*to = 0;
	return word;
}

bool words_value(const char *word, const char *name, const char **value)
{
	size_t length = strlen(name);

	if (strncmp(word, name, length) || word[length] != '=')
		return false;
	*value = word + length + 1;
	return true;
}
