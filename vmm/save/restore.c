// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "error.h"
#include "listener.h"
#include "save/chunk.h"
#include "save/restore.h"
#include "virtio/saved.h"

#define LISTEN "listen:"

/* The socket is there for one armvm, and as long as it takes to connect. */
static int wait_for_sender(struct file *file, const char *path)
{
	struct listener listener;
	struct pollfd waits;
	int err = listener_open(&listener, "--restore", path, 1);

	if (err)
		return err;
	waits = (struct pollfd){ .fd = listener.fd, .events = POLLIN };
	*file = (struct file){ .path = path, .fd = -1 };
	while (file->fd < 0 && (poll(&waits, 1, -1) >= 0 || errno == EINTR))
		file->fd = listener_accept(&listener);
	listener_close(&listener);
	return file->fd < 0 ? fail(errno, "--restore %s", path) : 0;
}

int restore_open(struct file *file, const char *path)
{
	/* Now, because later there may be no reading from /dev/urandom. */
	json_object_seed(0);
	if (!strncmp(path, LISTEN, strlen(LISTEN)))
		return wait_for_sender(file, path + strlen(LISTEN));
	return file_open(file, path);
}

static int out_of_order(const struct chunk_reader *reader)
{
	return fail(0, "--restore %s: its parts are not those of a saved machine", reader->path);
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
	if (!chunk->length || chunk->length % CHUNK_PAGE || chunk->address % CHUNK_PAGE ||
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

/* The sender has the guest until it hears from us, and we have it once we hear from it. */
static int take_over(const struct chunk_reader *reader, struct virtio_set *virtio)
{
	char byte = 1;

	if (send(reader->fd, &byte, 1, MSG_NOSIGNAL) != 1 || chunk_read_bytes(reader, &byte, 1))
		return fail(0, "--restore %s: the other armvm has kept its guest", reader->path);
	return virtio_set_hold(virtio, true);
}

int restore_read(const struct file *file, const struct machine_parts *parts, struct loop *loop)
{
	struct chunk_reader reader;
	json_t *state = NULL;
	int err = chunk_reader_open(&reader, file->fd, file->path, loop);

	if (!err)
		err = read_machine(&reader, parts);
	if (!err)
		err = read_rest(&reader, parts->ram, &state);
	/* Nothing of it is used before all of it is known to be whole. */
	if (!err)
		err = machine_load(parts, state);
	/* A file has a size, a sender has none. */
	if (!err && !file->size)
		err = take_over(&reader, parts->virtio);
	json_decref(state);
	return err;
}
