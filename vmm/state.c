// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "state.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied as they are");

int state_wrong(const char *where, const char *what)
{
	return fail(0, "--restore: the file is not one of this armvm's: %s: %s is wrong or missing",
		    where, what);
}

/* jansson's numbers are signed: those from 2^63 on are written as negative ones. */
void state_save_number(struct json_t *to, const char *name, uint64_t value)
{
	json_object_set_new(to, name, json_integer((json_int_t)value));
}

struct json_t *state_save(const struct state_field *fields, size_t count, const void *from)
{
	json_t *to = json_object();

	for (size_t i = 0; i < count; i++) {
		uint64_t value = 0;

		memcpy(&value, (const uint8_t *)from + fields[i].offset, fields[i].size);
		state_save_number(to, fields[i].name, value);
	}
	return to;
}

void state_save_bytes(struct json_t *to, const char *name, const void *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;
	char *text = malloc(2 * size + 1);

	if (!text)
		return;
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	json_object_set_new(to, name, json_stringn(text, 2 * size));
	free(text);
}

int state_load_number(const struct json_t *from, const char *name, uint64_t max, uint64_t *value,
		      const char *where)
{
	const json_t *member = json_object_get(from, name);

	*value = (uint64_t)json_integer_value(member);
	return json_is_integer(member) && *value <= max ? 0 : state_wrong(where, name);
}

int state_load(const struct state_field *fields, size_t count, void *to, const struct json_t *from,
	       size_t more, const char *where)
{
	if (!json_is_object(from) || json_object_size(from) != count + more)
		return state_wrong(where, "the list of its members");
	for (size_t i = 0; i < count; i++) {
		uint64_t value;
		int err = state_load_number(from, fields[i].name, fields[i].max, &value, where);

		if (err)
			return err;
		memcpy((uint8_t *)to + fields[i].offset, &value, fields[i].size);
	}
	return 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int state_load_bytes(const struct json_t *from, const char *name, void *data, size_t *size,
		     const char *where)
{
	const json_t *member = json_object_get(from, name);
	const char *text = json_string_value(member);
	size_t length = json_string_length(member);

	if (!text || length % 2 || length / 2 > *size)
		return state_wrong(where, name);
	for (size_t i = 0; i < length / 2; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return state_wrong(where, name);
		((uint8_t *)data)[i] = high << 4 | low;
	}
	*size = length / 2;
	return 0;
}

int state_load_list(const struct json_t *from, const char *name, size_t count,
		    const struct json_t **list, const char *where)
{
	*list = json_object_get(from, name);
	return json_is_array(*list) && json_array_size(*list) == count ? 0
								       : state_wrong(where, name);
}
