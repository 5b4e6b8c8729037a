// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "error.h"
#include "save/chunk.h"
#include "save/restore.h"

int restore_open(struct file *file, const char *path)
{
	/* Now, because later there may be no reading from /dev/urandom. */
	json_object_seed(0);
	return file_open(file, path);
}

static int out_of_order(const struct chunk_reader *reader)
{
	return fail(0, "--restore %s: the parts of the file are not those of a saved machine",
		    reader->path);
}

/* The contents of a chunk, which the caller releases; NULL after one message. */
static json_t *read_json(struct chunk_reader *reader, const struct chunk *chunk)
{
	char *text = malloc(CHUNK_MOST);
	json_error_t problem;
	json_t *value = NULL;

	if (!text)
		fail(ENOMEM, "--restore %s", reader->path);
	else if (!chunk_read(reader, chunk, text)) {
		value = json_loadb(text, chunk->length, JSON_REJECT_DUPLICATES, &problem);
		if (!value)
			fail(0, "--restore %s: %s", reader->path, problem.text);
	}
	free(text);
	return value;
}

static int read_machine(struct chunk_reader *reader, const struct machine_parts *parts)
{
	struct chunk chunk;
	json_t *saved, *here;
	int err = chunk_read_head(reader, &chunk);

	if (err)
		return err;
	if (chunk.kind != CHUNK_MACHINE)
		return out_of_order(reader);
	saved = read_json(reader, &chunk);
	if (!saved)
		return -EINVAL;
	here = machine_describe(parts);
	err = machine_compare(saved, here);
	json_decref(saved);
	json_decref(here);
	return err;
}

static int read_pages(struct chunk_reader *reader, const struct chunk *chunk, const struct ram *ram)
{
	if (chunk->length % CHUNK_PAGE || chunk->address % CHUNK_PAGE ||
	    !ram_covers(ram, chunk->address, chunk->length))
		return out_of_order(reader);
	return chunk_read(reader, chunk, ram_at(ram, chunk->address, chunk->length));
}

/* All pages, then the state, then the end.  Sets *state, which the caller releases. */
static int read_rest(struct chunk_reader *reader, const struct ram *ram, json_t **state)
{
	for (;;) {
		struct chunk chunk;
		char none;
		int err = chunk_read_head(reader, &chunk);

		if (err)
			return err;
		if (chunk.kind == CHUNK_PAGES && !*state) {
			err = read_pages(reader, &chunk, ram);
		} else if (chunk.kind == CHUNK_STATE && !*state) {
			*state = read_json(reader, &chunk);
			err = *state ? 0 : -EINVAL;
		} else if (chunk.kind == CHUNK_END && *state && !chunk.length) {
			return chunk_read(reader, &chunk, &none);
		} else {
			err = out_of_order(reader);
		}
		if (err)
			return err;
	}
}

int restore_read(const struct file *file, const struct machine_parts *parts)
{
	struct chunk_reader reader;
	json_t *state = NULL;
	int err = chunk_reader_open(&reader, file->fd, file->path);

	if (!err)
		err = read_machine(&reader, parts);
	if (!err)
		err = read_rest(&reader, parts->ram, &state);
	/* Nothing of it is used before all of it is known to be whole. */
	if (!err)
		err = machine_load(parts, state);
	json_decref(state);
	return err;
}
