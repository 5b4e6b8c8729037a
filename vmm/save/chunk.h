/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A saved machine as a stream: a line with the format's version, then chunks, each with its place
 * in the order and a hash, so that what is cut off, mixed up or damaged is noticed.
 * docs/armvm.md, "Saving and restoring", has the format.
 */
#ifndef ARMVM_SAVE_CHUNK_H
#define ARMVM_SAVE_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chunk_kind {
	CHUNK_MACHINE = 1, /* JSON: what has to be the same where it is restored */
	CHUNK_PAGES = 2,   /* whole pages of RAM, from an address on */
	CHUNK_STATE = 3,   /* JSON: the rest of the state */
	CHUNK_END = 4,
};

#define CHUNK_PAGE 4096u
/* The contents of one chunk: JSON of eight vCPUs has a quarter of that. */
#define CHUNK_MOST (1u << 20)

struct chunk {
	uint32_t kind;
	uint32_t length;  /* of what follows */
	uint64_t address; /* of pages; else 0 */
	uint32_t number;  /* from 0 on */
	uint32_t hash;	  /* XXH32 of what follows, with XXH32 of the fields before as its seed */
};

struct chunk_writer {
	int fd;
	bool is_socket; /* which may not block */
	uint32_t number;
	size_t size, done; /* bytes of the buffer that are to be written, that are written */
	uint8_t *buffer;
};

/* Begin, with the line; returns 0 or a negative errno, and prints no message. */
int chunk_writer_open(struct chunk_writer *writer, int fd, bool is_socket);
void chunk_writer_close(struct chunk_writer *writer);
/* Where the contents of the next chunk, CHUNK_MOST bytes at most, are to be put. */
void *chunk_room(struct chunk_writer *writer);
/* Queue a chunk with this much there; chunk_flush() must have returned 0 before. */
void chunk_put(struct chunk_writer *writer, enum chunk_kind kind, uint64_t address, size_t length);
/* Write what is queued, as far as it goes.  0 if all is written, -EAGAIN, or another errno. */
int chunk_flush(struct chunk_writer *writer);

struct loop;

struct chunk_reader {
	int fd;
	const char *path;  /* for messages */
	struct loop *loop; /* whose signals end the reading */
	uint32_t number;
};

/* Both return 0 or, after one message, a negative errno. */

/* Begin: read the line. */
int chunk_reader_open(struct chunk_reader *reader, int fd, const char *path, struct loop *loop);
/* Read what comes before a chunk's contents.  Its length is at most CHUNK_MOST. */
int chunk_read_head(struct chunk_reader *reader, struct chunk *chunk);
/* Read its contents to a place with this much room, and check them. */
int chunk_read(struct chunk_reader *reader, const struct chunk *chunk, void *to);
/* Read bytes that are no chunk. */
int chunk_read_bytes(const struct chunk_reader *reader, void *to, size_t size);

#endif
