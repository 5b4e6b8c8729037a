// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "error.h"
#include "file.h"

#define CONFIG_MAX 65536

static char *skip_blanks(char *text)
{
	return text + strspn(text, " \t");
}

/* Split `NAME`, `NAME VALUE` or `NAME = VALUE`.  The line's blanks at both ends are gone. */
static char *split(char *line)
{
	char *end = line + strcspn(line, " \t="), *value = skip_blanks(end);

	if (*value == '=')
		value = skip_blanks(value + 1);
	else if (!*value)
		value = NULL;
	*end = '\0';
	return value;
}

static void trim_end(char *line)
{
	size_t length = strlen(line);

	while (length && strchr(" \t\r", line[length - 1]))
		line[--length] = '\0';
}

int config_read(const char *path,
		int (*set)(void *owner, const char *name, const char *value, const char *where),
		void *owner)
{
	struct file file;
	char *text, *next;
	unsigned int number = 0;
	int err = file_open(&file, path);

	if (err)
		return err;
	text = file.size < CONFIG_MAX ? calloc(1, file.size + 1) : NULL;
	if (text)
		err = file_read(&file, 0, text, file.size);
	else
		err = fail(0, "%s: longer than 64 KiB", path);
	if (text && !err && strlen(text) != file.size)
		err = fail(0, "%s: has a NUL byte: not a file of options", path);
	file_close(&file);
	for (char *line = text; line && !err; line = next) {
		char *value, where[4200];

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		number++;
		trim_end(line);
		line = skip_blanks(line);
		if (!*line || *line == '#')
			continue;
		value = split(line);
		snprintf(where, sizeof(where), "%s:%u", path, number);
		err = set(owner, line, value, where);
	}
	return err;
}
