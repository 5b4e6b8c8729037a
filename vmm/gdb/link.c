// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "gdb/link.h"

bool gdb_link_fill(struct gdb_link *link)
{
	ssize_t got;

	if (link->in_start == link->in_end)
		link->in_start = link->in_end = 0;
	if (link->in_end == sizeof(link->in))
		return true;
	got = recv(link->client, link->in + link->in_end, sizeof(link->in) - link->in_end, 0);
	if (got > 0)
		link->in_end += got;
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void queue_output(struct gdb_link *link, const uint8_t *data, size_t length)
{
	if (link->out_start) {
		memmove(link->out, link->out + link->out_start, link->out_end - link->out_start);
		link->out_end -= link->out_start;
		link->out_start = 0;
	}
	/* Drop the reply if the client keeps sending without reading its replies. */
	if (length > sizeof(link->out) - link->out_end)
		return;
	memcpy(link->out + link->out_end, data, length);
	link->out_end += length;
}

void gdb_link_send(struct gdb_link *link, const char *data, size_t length)
{
	link->last = gdb_packet_frame(link->frame, data, length);
	queue_output(link, link->frame, link->last);
}

static void queue_ack(struct gdb_link *link, char c)
{
	if (link->ack)
		queue_output(link, (const uint8_t *)&c, 1);
}

enum gdb_input gdb_link_next(struct gdb_link *link)
{
	while (link->in_start < link->in_end) {
		enum gdb_input input = gdb_parser_feed(&link->parser, link->in[link->in_start++]);

		switch (input) {
		case GDB_PACKET:
		case GDB_TOO_LONG:
			queue_ack(link, '+');
			return input;
		case GDB_INTERRUPT:
			return input;
		case GDB_BROKEN:
			queue_ack(link, '-');
			break;
		case GDB_NAK:
			if (link->ack)
				queue_output(link, link->frame, link->last);
			break;
		case GDB_ACK:
		case GDB_MORE:
			break;
		}
	}
	return GDB_MORE;
}

bool gdb_link_flush(struct gdb_link *link)
{
	ssize_t done;

	if (!gdb_link_pending(link))
		return true;
	done = send(link->client, link->out + link->out_start, link->out_end - link->out_start,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done > 0)
		link->out_start += done;
	return done >= 0 || errno == EAGAIN || errno == EINTR;
}
