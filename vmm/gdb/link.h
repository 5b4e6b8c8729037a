/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection to a gdb: a listening socket, one client at a time, packets in both directions. */
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
	bool ack;   /* until QStartNoAckMode every packet is answered with + or - */
	size_t in_start, in_end;
	size_t out_start, out_end;
	size_t last; /* length of the last frame sent */
	uint8_t in[4096];
	/* What the client has not taken yet: it asks one thing at a time. */
	uint8_t out[2 * GDB_FRAME_MAX];
	uint8_t frame[GDB_FRAME_MAX];
	struct gdb_parser parser;
};

/* where: [HOST:]PORT.  Listens, and says where on stderr; 0 or, after one message, a negative errno. */
int gdb_link_open(struct gdb_link *link, const char *where);
void gdb_link_close(struct gdb_link *link);
/* Take a client that waits, while there is none: true where there is a new one. */
bool gdb_link_accept(struct gdb_link *link);
/* Close the connection of one that waits: there is another one already. */
void gdb_link_refuse(const struct gdb_link *link);
/* Has the client closed, or is it lost?  It may have sent something before. */
bool gdb_link_ended(const struct gdb_link *link);
void gdb_link_drop(struct gdb_link *link);

/* Read what is there.  False where the client is gone. */
bool gdb_link_fill(struct gdb_link *link);
/* The next thing out of what was read: GDB_PACKET, GDB_TOO_LONG, GDB_INTERRUPT, or GDB_MORE. */
enum gdb_input gdb_link_next(struct gdb_link *link);
void gdb_link_send(struct gdb_link *link, const char *data, size_t length);
/* Write what waits, as far as the client takes it.  False where it is gone. */
bool gdb_link_flush(struct gdb_link *link);

static inline bool gdb_link_pending(const struct gdb_link *link)
{
	return link->out_end > link->out_start;
}

#endif
