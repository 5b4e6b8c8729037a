/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection to gdb: a listening socket, one client at a time, packets in both directions. */
#ifndef ARMVM_GDB_LINK_H
#define ARMVM_GDB_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gdb/packet.h"

struct gdb_link {
	int listener;
	int client; /* -1: none */
	bool ack;   /* acknowledge packets with + or -, until QStartNoAckMode */
	size_t in_start, in_end;
	size_t out_start, out_end;
	size_t last; /* length of the last frame sent */
	uint8_t in[4096];
	/* What the client has not read yet.  It waits for each reply before the next packet. */
	uint8_t out[2 * GDB_FRAME_MAX];
	uint8_t frame[GDB_FRAME_MAX];
	struct gdb_parser parser;
};

/*
 * Listen at [HOST:]PORT and print the address on stderr.  Returns 0 or, after
 * one message, a negative errno.
 */
int gdb_link_open(struct gdb_link *link, const char *where);
void gdb_link_close(struct gdb_link *link);
/* Accept a waiting client; there must be none yet.  Returns false if none waits. */
bool gdb_link_accept(struct gdb_link *link);
/* Accept a waiting client and close its connection, because there is one already. */
void gdb_link_refuse(const struct gdb_link *link);
/* Has the client closed or lost the connection?  Unread input may still be there. */
bool gdb_link_ended(const struct gdb_link *link);
void gdb_link_drop(struct gdb_link *link);

/* Read available input.  Returns false if the client is gone. */
bool gdb_link_fill(struct gdb_link *link);
/* The next item of the input: GDB_PACKET, GDB_TOO_LONG, GDB_INTERRUPT or GDB_MORE. */
enum gdb_input gdb_link_next(struct gdb_link *link);
void gdb_link_send(struct gdb_link *link, const char *data, size_t length);
/* Write as much queued output as the client takes.  Returns false if the client is gone. */
bool gdb_link_flush(struct gdb_link *link);

static inline bool gdb_link_pending(const struct gdb_link *link)
{
	return link->out_end > link->out_start;
}

#endif
