// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames on a stream socket: 4 bytes of length, the most significant one first,
 * then the frame without virtio's header.  passt and QEMU's -netdev stream
 * speak so.  The socket never blocks: a frame of which the socket took only a
 * part is kept, and the next one waits.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>

#include "error.h"
#include "link.h"
#include "queue.h"

#define NUM_BUFFERS offsetof(struct virtio_net_hdr_mrg_rxbuf, num_buffers)

#define PREFIX	  4u
#define MAX_FRAME 65550u /* an IP packet of 64 KiB and its Ethernet header */

struct stream {
	struct link link;
	const char *name;
	bool gone;
	/* Sent partly: the rest is out[out_start] to out[out_end]. */
	unsigned int out_start, out_end;
	unsigned int in_start, in_end;
	uint8_t out[PREFIX + MAX_FRAME];
	uint8_t in[PREFIX + MAX_FRAME];
};

static struct stream *to_stream(struct link *link)
{
	return (struct stream *)link;
}

static int gone(struct stream *stream, const char *why)
{
	if (!stream->gone)
		error("%s: %s: the guest's network is dead", stream->name, why);
	stream->gone = true;
	return -EPIPE;
}

/* Returns whether something is left. */
static bool stream_flush(struct link *link)
{
	struct stream *stream = to_stream(link);

	while (!stream->gone && stream->out_start < stream->out_end) {
		ssize_t done = send(link->fd, stream->out + stream->out_start,
				    stream->out_end - stream->out_start,
				    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EAGAIN)
			return true;
		if (done < 0)
			gone(stream, strerror(errno));
		else
			stream->out_start += done;
	}
	return false;
}

/* Append what follows the first `from` bytes. */
static void keep(struct stream *stream, const struct iovec *iov, unsigned int count, size_t from)
{
	for (unsigned int i = 0; i < count; i++) {
		size_t skip = from < iov[i].iov_len ? from : iov[i].iov_len;
		size_t length = iov[i].iov_len - skip;

		memcpy(stream->out + stream->out_end, (uint8_t *)iov[i].iov_base + skip, length);
		stream->out_end += length;
		from -= skip;
	}
}

static int stream_send(struct link *link, const struct iovec *iov, unsigned int count)
{
	struct stream *stream = to_stream(link);
	struct iovec with_prefix[QUEUE_MAX_SIZE + 1];
	struct msghdr message = { .msg_iov = with_prefix, .msg_iovlen = count + 1 };
	size_t length = 0, skip = NET_HEADER;
	uint8_t prefix[PREFIX];
	ssize_t done;

	if (stream_flush(link))
		return -EAGAIN;
	for (unsigned int i = 0; i < count; i++)
		length += iov[i].iov_len;
	if (stream->gone || length < NET_HEADER + ETH_HLEN || length > NET_HEADER + MAX_FRAME)
		return 0;
	length -= NET_HEADER;
	for (unsigned int i = 0; i < PREFIX; i++)
		prefix[i] = length >> (24 - 8 * i);
	with_prefix[0] = (struct iovec){ .iov_base = prefix, .iov_len = PREFIX };
	for (unsigned int i = 0; i < count; i++) {
		size_t part = skip < iov[i].iov_len ? skip : iov[i].iov_len;

		with_prefix[i + 1] = (struct iovec){ .iov_base = (uint8_t *)iov[i].iov_base + part,
						     .iov_len = iov[i].iov_len - part };
		skip -= part;
	}
	do {
		done = sendmsg(link->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (done < 0 && errno == EINTR);
	if (done < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (done < 0) {
		gone(stream, strerror(errno));
		return 0;
	}
	if ((size_t)done == PREFIX + length)
		return 0;
	/* The guest may change its buffers from here on, so what is left is copied. */
	stream->out_start = stream->out_end = 0;
	keep(stream, with_prefix, count + 1, done);
	return 0;
}

/* Is a frame here?  Sets its length; 0 if its length is not all here. */
static bool has_frame(const struct stream *stream, uint32_t *length)
{
	const uint8_t *in = stream->in + stream->in_start;
	unsigned int have = stream->in_end - stream->in_start;

	*length = 0;
	if (have < PREFIX)
		return false;
	*length = (uint32_t)in[0] << 24 | in[1] << 16 | in[2] << 8 | in[3];
	return have - PREFIX >= *length;
}

/* Returns 0, -EAGAIN or -EPIPE. */
static int receive_more(struct stream *stream)
{
	ssize_t got;

	memmove(stream->in, stream->in + stream->in_start, stream->in_end - stream->in_start);
	stream->in_end -= stream->in_start;
	stream->in_start = 0;
	do {
		got = recv(stream->link.fd, stream->in + stream->in_end,
			   sizeof(stream->in) - stream->in_end, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (got <= 0)
		return gone(stream, got ? strerror(errno) : "it has ended");
	stream->in_end += got;
	return 0;
}

/* Copy to the buffers; returns how much found room. */
static size_t scatter(const struct iovec *iov, unsigned int count, size_t at, const void *data,
		      size_t size)
{
	size_t done = 0;

	for (unsigned int i = 0; i < count && done < size; i++) {
		size_t skip = at < iov[i].iov_len ? at : iov[i].iov_len;
		size_t part = iov[i].iov_len - skip;

		if (part > size - done)
			part = size - done;
		memcpy((uint8_t *)iov[i].iov_base + skip, (const uint8_t *)data + done, part);
		done += part;
		at -= skip;
	}
	return done;
}

static int stream_receive(struct link *link, const struct iovec *iov, unsigned int count)
{
	static const uint8_t header[NET_HEADER] = { [NUM_BUFFERS] = 1 };
	struct stream *stream = to_stream(link);
	uint32_t length;

	while (!has_frame(stream, &length)) {
		int err;

		if (length > MAX_FRAME)
			return gone(stream, "it sent a frame that is too long");
		err = stream->gone ? -EPIPE : receive_more(stream);
		if (err)
			return err;
	}
	stream->in_start += PREFIX + length;
	if (length < ETH_HLEN)
		return 0;
	scatter(iov, count, 0, header, NET_HEADER);
	/* A frame that does not fit is dropped. */
	if (scatter(iov, count, NET_HEADER, stream->in + stream->in_start - length, length) <
	    length)
		return 0;
	return NET_HEADER + length;
}

static void stream_start(struct link *link, uint64_t features)
{
	(void)link;
	(void)features;
}

static void stream_close(struct link *link)
{
	close(link->fd);
	free(link);
}

static const struct link_ops stream_ops = {
	.send = stream_send,
	.receive = stream_receive,
	.flush = stream_flush,
	.start = stream_start,
	.close = stream_close,
};

int stream_open(struct link **link, int fd, const char *name)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return fail(ENOMEM, "%s", name);
	stream->link.ops = &stream_ops;
	stream->link.fd = fd;
	stream->name = name;
	*link = &stream->link;
	return 0;
}
