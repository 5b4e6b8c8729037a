// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include "error.h"
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

int chunk_writer_open(struct chunk_writer *writer, int fd)
{
	*writer = (struct chunk_writer){ .fd = fd, .size = LINE_SIZE };
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
		ssize_t done = write(writer->fd, writer->buffer + writer->done,
				     writer->size - writer->done);

		if (done >= 0)
			writer->done += done;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* ---- reading ---- */

static int read_all(const struct chunk_reader *reader, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(reader->fd, (uint8_t *)to + done, size - done);

		if (got < 0 && errno != EINTR)
			return fail(errno, "--restore %s", reader->path);
		if (!got)
			return fail(0, "--restore %s: the file is cut off", reader->path);
		if (got > 0)
			done += got;
	}
	return 0;
}

static int damaged(const struct chunk_reader *reader)
{
	return fail(0, "--restore %s: the file is damaged", reader->path);
}

int chunk_reader_open(struct chunk_reader *reader, int fd, const char *path)
{
	char text[LINE_SIZE];
	int err;

	*reader = (struct chunk_reader){ .fd = fd, .path = path };
	err = read_all(reader, text, sizeof(text));
	if (err)
		return err;
	if (memcmp(text, line, KIND_SIZE))
		return fail(0, "--restore %s: the file is not a saved machine", path);
	if (memcmp(text, line, LINE_SIZE))
		return fail(0, "--restore %s: the file has another version of the format", path);
	return 0;
}

int chunk_read_head(struct chunk_reader *reader, struct chunk *chunk)
{
	int err = read_all(reader, chunk, sizeof(*chunk));

	if (err)
		return err;
	return chunk->number != reader->number++ || chunk->length > CHUNK_MOST ? damaged(reader)
									       : 0;
}

int chunk_read(struct chunk_reader *reader, const struct chunk *chunk, void *to)
{
	int err = read_all(reader, to, chunk->length);

	if (err)
		return err;
	return hash(chunk, to) != chunk->hash ? damaged(reader) : 0;
}
