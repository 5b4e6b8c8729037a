// SPDX-License-Identifier: GPL-2.0-only
/* Cuts the channel's byte stream into frames. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "channel.h"

void die(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

int channel_open(const char *path)
{
	struct termios raw;
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		die(path);
	if (isatty(fd)) {
		if (tcgetattr(fd, &raw) < 0)
			die("tcgetattr");
		cfmakeraw(&raw);
		raw.c_cflag |= CLOCAL | CREAD;
		raw.c_cflag &= ~CRTSCTS;
		cfsetspeed(&raw, B115200);
		if (tcsetattr(fd, TCSAFLUSH, &raw) < 0)
			die("tcsetattr");
	}
	return fd;
}

static uint32_t sum_of(const struct frame_header *header, const uint8_t *payload)
{
	const uint32_t prime = 65521;
	const uint8_t *bytes = (const uint8_t *)header;
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < offsetof(struct frame_header, sum); i++) {
		a = (a + bytes[i]) % prime;
		b = (b + a) % prime;
	}
	for (size_t i = 0; i < header->length;) {
		/* 5552 bytes cannot overflow 32 bits before the next division. */
		size_t end = i + 5552 < header->length ? i + 5552 : header->length;

		for (; i < end; i++) {
			a += payload[i];
			b += a;
		}
		a %= prime;
		b %= prime;
	}
	return b << 16 | a;
}

static void write_all(int fd, const uint8_t *data, size_t length)
{
	while (length) {
		ssize_t n = write(fd, data, length);

		if (n > 0) {
			data += n;
			length -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			poll(&wait, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			die("write to the channel");
		}
	}
}

void channel_send(int fd, uint8_t type, uint16_t id, const void *payload, size_t length)
{
	struct frame_header header = {
		.magic = FRAME_MAGIC, .type = type, .id = id, .length = (uint32_t)length
	};

	header.sum = sum_of(&header, payload);
	write_all(fd, (const uint8_t *)&header, sizeof(header));
	write_all(fd, payload, length);
}

void channel_read(int fd, struct channel_reader *reader, frame_handler handle)
{
	ssize_t n = read(fd, reader->buffer + reader->fill, sizeof(reader->buffer) - reader->fill);
	size_t start = 0;

	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return;
		die("read from the channel");
	}
	reader->fill += (size_t)n;
	for (;;) {
		struct frame_header header;
		const uint8_t *payload;

		if (reader->fill - start < sizeof(header))
			break;
		memcpy(&header, reader->buffer + start, sizeof(header));
		errno = EPROTO;
		if (header.magic != FRAME_MAGIC || header.length > FRAME_MAX)
			die("bytes were lost: no frame where one must begin");
		if (reader->fill - start < sizeof(header) + header.length)
			break;
		payload = reader->buffer + start + sizeof(header);
		if (header.sum != sum_of(&header, payload))
			die("bytes were lost or changed: the sum of a frame is wrong");
		handle(&header, payload);
		start += sizeof(header) + header.length;
	}
	memmove(reader->buffer, reader->buffer + start, reader->fill - start);
	reader->fill -= start;
}
