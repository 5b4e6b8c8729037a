// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xxhash.h>

#include "error.h"
#include "loop.h"
#include "save/chunk.h"

static const char line[] = "armvm machine 1\n";

#define LINE_SIZE (sizeof(line) - 1)
/* The line up to the version. */
#define KIND_SIZE (LINE_SIZE - 2)

_Static_assert(sizeof(struct chunk) == 24 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "chunks are written as they are");

static uint32_t hash(const struct chunk *chunk, const void *contents)
{
	return XXH32(contents, chunk->length, XXH32(chunk, offsetof(struct chunk, hash), 0));
}

/* ---- writing ---- */

int chunk_writer_open(struct chunk_writer *writer, int fd, bool is_socket)
{
	*writer = (struct chunk_writer){ .fd = fd, .is_socket = is_socket, .size = LINE_SIZE };
	writer->buffer = malloc(sizeof(struct chunk) + CHUNK_MOST);
	if (!writer->buffer)
		return -ENOMEM;
	memcpy(writer->buffer, line, LINE_SIZE);
	return 0;
}

void chunk_writer_close(struct chunk_writer *writer)
{
	free(writer->buffer);
	writer->buffer = NULL;
}

void *chunk_room(struct chunk_writer *writer)
{
	return writer->buffer + sizeof(struct chunk);
}

void chunk_put(struct chunk_writer *writer, enum chunk_kind kind, uint64_t address, size_t length)
{
	struct chunk chunk = {
		.kind = kind,
		.length = length,
		.address = address,
		.number = writer->number++,
	};

	chunk.hash = hash(&chunk, chunk_room(writer));
	memcpy(writer->buffer, &chunk, sizeof(chunk));
	writer->size = sizeof(chunk) + length;
	writer->done = 0;
}

int chunk_flush(struct chunk_writer *writer)
{
	while (writer->done < writer->size) {
		const uint8_t *from = writer->buffer + writer->done;
		size_t size = writer->size - writer->done;
		ssize_t done = writer->is_socket
				       ? send(writer->fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL)
				       : write(writer->fd, from, size);

		if (done >= 0)
			writer->done += done;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* ---- reading ---- */

/* Signals are blocked, and a sender that never pauses would keep them out. */
static int look_for_signals(const struct chunk_reader *reader)
{
	return loop_ended_by_signal(reader->loop)
		       ? fail(0, "--restore %s: ended by a signal", reader->path)
		       : 0;
}

/* A socket has nothing now. */
static int wait_for_more(const struct chunk_reader *reader)
{
	struct pollfd fds[] = { { .fd = reader->fd, .events = POLLIN },
				{ .fd = reader->loop->signal_fd, .events = POLLIN } };

	if (poll(fds, 2, -1) < 0 && errno != EINTR)
		return fail(errno, "--restore %s", reader->path);
	return look_for_signals(reader);
}

int chunk_read_bytes(const struct chunk_reader *reader, void *to, size_t size)
{
	size_t done = 0;
	int err = 0;

	while (!err && done < size) {
		ssize_t got = read(reader->fd, (uint8_t *)to + done, size - done);

		if (got > 0)
			done += got;
		else if (!got)
			err = fail(0, "--restore %s: it is cut off", reader->path);
		else if (errno == EAGAIN)
			err = wait_for_more(reader);
		else if (errno != EINTR)
			err = fail(errno, "--restore %s", reader->path);
	}
	return err;
}

static int damaged(const struct chunk_reader *reader)
{
	return fail(0, "--restore %s: it is damaged", reader->path);
}

int chunk_reader_open(struct chunk_reader *reader, int fd, const char *path, struct loop *loop)
{
	char text[LINE_SIZE];
	int err;

	*reader = (struct chunk_reader){ .fd = fd, .path = path, .loop = loop };
	err = chunk_read_bytes(reader, text, sizeof(text));
	if (err)
		return err;
	if (memcmp(text, line, KIND_SIZE))
		return fail(0, "--restore %s: this is not a saved machine", path);
	if (memcmp(text, line, LINE_SIZE))
		return fail(0, "--restore %s: it has another version of the format", path);
	return 0;
}

int chunk_read_head(struct chunk_reader *reader, struct chunk *chunk)
{
	int err = look_for_signals(reader);

	if (!err)
		err = chunk_read_bytes(reader, chunk, sizeof(*chunk));
	if (err)
		return err;
	return chunk->number != reader->number++ || chunk->length > CHUNK_MOST ? damaged(reader)
									       : 0;
}

int chunk_read(struct chunk_reader *reader, const struct chunk *chunk, void *to)
{
	int err = chunk_read_bytes(reader, to, chunk->length);

	if (err)
		return err;
	return hash(chunk, to) != chunk->hash ? damaged(reader) : 0;
}
