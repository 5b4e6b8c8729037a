/* SPDX-License-Identifier: GPL-2.0-only */
/* A console device's driver, the other ends of its ports, and a device for each test. */
#ifndef TESTS_VMM_CONSOLE_DRIVER_H
#define TESTS_VMM_CONSOLE_DRIVER_H

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>

#include "virtio/console.h"
#include "split_memory.h"

#define DATA 0x40000u

#define READY	  VIRTIO_CONSOLE_DEVICE_READY
#define ADD	  VIRTIO_CONSOLE_PORT_ADD
#define PORT_IS	  VIRTIO_CONSOLE_PORT_READY
#define OPEN	  VIRTIO_CONSOLE_PORT_OPEN
#define NAME	  VIRTIO_CONSOLE_PORT_NAME
#define MULTIPORT (1u << VIRTIO_CONSOLE_F_MULTIPORT)

/* Queues: of port 0, of control messages, of port 1. */
enum {
	IN0,
	OUT0,
	TO_DRIVER,
	TO_DEVICE,
	IN1,
	OUT1,
	NR_QUEUES
};

static char directory[32], path[64];
static int peer; /* of the first port; the second one listens */

/* ---- the driver ---- */

/* The next buffer of a queue. */
static inline void offer(unsigned int n, uint32_t at, uint32_t first, uint32_t rest)
{
	offer_slot(n, ((uint16_t *)(memory + QUEUE(n) + AVAIL))[1] % 8, at, first, rest);
}

static inline void kick(unsigned int n)
{
	device.kind->serve(&device, n);
	if (device.queues[n].broken)
		virtio_broken(&device, device.queues[n].broken);
}

/* What the worker does when poll() returns. */
static inline void wait_once(void)
{
	struct pollfd fds[VIRTIO_MAX_POLLS];

	for (unsigned int i = 0; i < device.nr_polls; i++) {
		fds[i] = device.polls[i];
		if (!fds[i].events)
			fds[i].fd = -1;
	}
	assert_true(poll(fds, device.nr_polls, 0) >= 0);
	for (unsigned int i = 0; i < device.nr_polls; i++)
		device.polls[i].revents = fds[i].revents;
	device.kind->ready(&device);
}

static inline void send_text(unsigned int n, const char *text)
{
	memcpy(memory + DATA, text, strlen(text));
	offer(n, DATA, 1, strlen(text) - 1);
	kick(n);
}

static inline void control(uint32_t id, uint16_t event, uint16_t value)
{
	const struct virtio_console_control message = { id, event, value };

	memcpy(memory + DATA + 0x1000, &message, sizeof(message));
	offer(TO_DEVICE, DATA + 0x1000, 3, 5);
	kick(TO_DEVICE);
	assert_int_equal(device.queues[TO_DEVICE].next_used, used(TO_DEVICE));
}

static uint16_t heard; /* messages that have been checked */

/* The next message to the driver. */
static inline void told(uint32_t id, uint16_t event, uint16_t value, const char *name)
{
	struct virtio_console_control message;
	const uint8_t *at = memory + DATA + 0x2000 + 0x100 * (heard % 8);

	assert_true(used(TO_DRIVER) != heard);
	memcpy(&message, at, sizeof(message));
	assert_int_equal(message.id, id);
	assert_int_equal(message.event, event);
	assert_int_equal(message.value, value);
	assert_int_equal(used_length(TO_DRIVER, heard), sizeof(message) + strlen(name));
	assert_memory_equal(at + sizeof(message), name, strlen(name));
	heard++;
}

static inline void told_no_more(void)
{
	assert_int_equal(used(TO_DRIVER), heard);
}

static inline void room_for_message(void)
{
	uint16_t n = ((uint16_t *)(memory + QUEUE(TO_DRIVER) + AVAIL))[1];

	offer(TO_DRIVER, DATA + 0x2000 + 0x100 * (n % 8), 10, 0xf0);
}

/* As Linux does it. */
static inline void begin_with(bool client_there)
{
	drive(MULTIPORT, NR_QUEUES);
	heard = 0;
	for (unsigned int i = 0; i < 8; i++)
		room_for_message();
	control(VIRTIO_CONSOLE_BAD_ID, READY, 1);
	told(0, ADD, 0, "");
	told(1, ADD, 0, "");
	control(0, PORT_IS, 1);
	told(0, NAME, 1, "first");
	told(0, OPEN, 1, "");
	control(1, PORT_IS, 1);
	told(1, NAME, 1, "org.test.second");
	if (client_there)
		told(1, OPEN, 1, "");
	told_no_more();
	for (unsigned int i = 0; i < heard; i++)
		room_for_message();
}

static inline void begin(void)
{
	begin_with(false);
}

/* ---- the other ends ---- */

static inline int client(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(to.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static inline void got(int fd, const char *text)
{
	char data[64] = "";

	assert_int_equal(read(fd, data, sizeof(data)), strlen(text));
	assert_string_equal(data, text);
}

static inline void silent(int fd)
{
	char byte;

	assert_int_equal(read(fd, &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
}

static inline int create(int first)
{
	char target[2][80];
	const struct port_options ports[] = { { "first", target[0], NULL },
					      { "org.test.second", target[1], NULL } };

	sprintf(target[0], "fd:%d", first);
	sprintf(target[1], "listen:%s", path);
	return console_create(&device, &ram, ports, 2);
}

static inline int fresh(void **state)
{
	int fds[2];

	(void)state;
	strcpy(directory, "/tmp/test-console-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	sprintf(path, "%s/socket", directory);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -1;
	peer = fds[1];
	fcntl(peer, F_SETFL, O_NONBLOCK);
	return create(fds[0]);
}

static inline int done(void **state)
{
	(void)state;
	virtio_destroy(&device);
	if (peer >= 0)
		close(peer);
	/* The socket's file has gone with the device. */
	return rmdir(directory);
}

#endif
