/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a device as JSON, for a saved machine.  Tables of fields do both directions, so
 * that what is written is what is read.  What is read is a file's, which may be anything: each
 * value is checked, and nothing may be missing or left over.
 */
#ifndef ARMVM_STATE_H
#define ARMVM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* jansson's. */
struct json_t;

/* An unsigned number of 1, 2, 4 or 8 bytes that is at most max, or a bool. */
struct state_field {
	const char *name;
	uint16_t offset;
	uint8_t size;
	uint64_t max;
};

#define STATE_FIELD(type, member, max)                                              \
	{                                                                           \
#member, offsetof(type, member), sizeof(((type *)0)->member), (max) \
	}
#define STATE_FIELDS(table) (table), sizeof(table) / sizeof((table)[0])

/* A new object with these fields, which the caller may add to. */
struct json_t *state_save(const struct state_field *fields, size_t count, const void *from);
/* Add bytes, as text. */
void state_save_bytes(struct json_t *to, const char *name, const void *data, size_t size);
void state_save_number(struct json_t *to, const char *name, uint64_t value);

/*
 * The rest returns 0 or, after one message that names `where`, a negative errno.  What was read
 * before the mistake is in its place then.
 */

/* Fill the fields; from must be an object that has these and `more` other members. */
int state_load(const struct state_field *fields, size_t count, void *to, const struct json_t *from,
	       size_t more, const char *where);
/* *size is the room in data, and then how many bytes there were. */
int state_load_bytes(const struct json_t *from, const char *name, void *data, size_t *size,
		     const char *where);
int state_load_number(const struct json_t *from, const char *name, uint64_t max, uint64_t *value,
		      const char *where);
/* A member that must be a list of exactly `count` elements. */
int state_load_list(const struct json_t *from, const char *name, size_t count,
		    const struct json_t **list, const char *where);
/* Refuse the file because of what it says of `where`. */
int state_wrong(const char *where, const char *what);

#endif
