// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that does anything to one of armvm's virtio devices, and another end
 * of its network, port or vhost-user socket that does so too.  The sanitizers
 * see whatever leaves the guest's RAM, which has nothing around it; the oracle is
 * that a device gives back each request that it takes, and that a disk keeps its
 * size.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "input.h"
#include "virtio/balloon.h"
#include "virtio/console.h"
#include "virtio/disk.h"
#include "virtio/net.h"
#include "virtio/rng.h"
#include "virtio/transport.h"
#include "virtio/vhost_user_devices.h"
#include "virtio_driver.h"

#define BASE	  0x40000000u
#define RAM_SIZE  0x20000u
#define QUEUE(n)  ((n)*0x2000u)
#define AVAIL	  0x1000u
#define USED	  0x1400u
#define DATA	  0x10000u
#define DISK_SIZE 0x8000
#define MAX_STEPS 200u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static uint8_t *memory;
static struct ram ram;
static struct virtio device;
static int disk_fd = -1, peer = -1;

static uint32_t word(void)
{
	uint32_t value = byte() << 8;

	return value | byte();
}

/* An address that is somewhere interesting. */
static uint64_t address(void)
{
	static const uint64_t from[] = {
		BASE, BASE + DATA, BASE + RAM_SIZE, 0, 0xfffffffffffff, BASE - 8, UINT64_MAX - 64,
		BASE
	};
	uint8_t which = byte();

	return from[which & 7] + (which & 8 ? word() : byte() * 16) - (which & 16 ? 64 : 0);
}

static uint32_t length(void)
{
	static const uint32_t from[] = { 0, 1, 12, 16, 512, 4096, 0xffffffff, 0x10000 };
	uint8_t which = byte();

	return from[which & 7] + (which & 8 ? byte() : 0) - (which & 16 ? 1 : 0);
}

static void set_up_queue(uint32_t n, uint32_t size)
{
	driver_queue(&device, n, size, BASE + QUEUE(n), BASE + QUEUE(n) + AVAIL,
		     BASE + QUEUE(n) + USED);
}

/* What a good driver does. */
static void set_up(void)
{
	uint32_t features = byte() << 8 | (uint32_t)byte() << 24 | byte();

	driver_begin(&device, features & virtio_offered(&device));
	for (uint32_t n = 0; n < device.kind->nr_queues; n++) {
		memset(memory + QUEUE(n) + AVAIL, 0, 0x1000);
		set_up_queue(n, device.kind->queue_size < 128 ? device.kind->queue_size : 128);
	}
	driver_ready(&device);
}

/* Mostly one of the first two. */
static uint32_t a_queue(uint8_t choice)
{
	return choice & 2 ? byte() % device.kind->nr_queues : choice & 1;
}

static void put_descriptor(void)
{
	uint8_t where = byte();
	uint32_t table = where & 0x80 ? DATA : QUEUE(a_queue(where >> 4));
	struct vring_desc desc = { .addr = address(), .len = length() };

	desc.flags = byte() & 7;
	desc.next = byte() & 15;
	memcpy(memory + table + sizeof(desc) * (where & 15), &desc, sizeof(desc));
}

static void make_available(void)
{
	uint8_t how = byte();
	uint16_t *avail = (uint16_t *)(memory + QUEUE(a_queue(how >> 5)) + AVAIL);

	avail[2 + avail[1] % 128] = how & 2 ? word() : byte() & 15;
	avail[1] += how & 4 ? byte() : 1;
	avail[0] = how >> 3 & 1;
	avail[2 + 128] = how & 16 ? word() : avail[2 + 128];
}

/* A request of the form that a disk has: a header, data in some buffers, a status. */
static void put_request(void)
{
	static const uint8_t types[] = { 0, 1, 4, 8, 11, 13, 1, 99 };
	static const uint16_t lengths[] = { 0, 1, 16, 20, 512, 1024, 4096, 12 };
	uint8_t how = byte(), count = how >> 3 & 3, type = types[how & 7], sector = byte(), n = 0;
	/* Mostly the right way for the data, and mostly near the end of the disk. */
	bool in = (type == 0 || type == 8) != (how >> 5 == 7);
	const struct {
		uint32_t type, priority;
		uint64_t sector;
	} header = { .type = type,
		     .sector = sector & 0x80 ? sector : DISK_SIZE / 512 - sector % 16 };
	struct vring_desc *desc = (struct vring_desc *)memory;
	uint16_t *avail = (uint16_t *)(memory + AVAIL);

	memcpy(memory + DATA, &header, sizeof(header));
	desc[n++] = (struct vring_desc){ BASE + DATA, sizeof(header), VRING_DESC_F_NEXT, 1 };
	for (; n <= count; n++) {
		uint8_t length = byte();

		desc[n] = (struct vring_desc){
			.addr = BASE + DATA + 0x1000 * n,
			.len = lengths[length & 7] + (length & 8 ? length >> 4 : 0),
			.flags = in * VRING_DESC_F_WRITE | VRING_DESC_F_NEXT,
			.next = n + 1,
		};
	}
	desc[n] = (struct vring_desc){ BASE + DATA + 16, 1, VRING_DESC_F_WRITE, 0 };
	avail[2 + avail[1] % 128] = 0;
	avail[1]++;
}

static void check(void)
{
	struct stat st;

	for (unsigned int n = 0; n < device.kind->nr_queues; n++) {
		const struct queue *queue = &device.queues[n];

		if (queue->ready && !queue->broken && queue->next_avail != queue->next_used)
			abort();
	}
	if (disk_fd >= 0 && (fstat(disk_fd, &st) < 0 || st.st_size != DISK_SIZE))
		abort();
}

/* As the device's thread does. */
static void serve(void)
{
	short any = 0;

	for (unsigned int n = 0; n < device.kind->nr_queues; n++) {
		if (virtio_live(&device) && device.queues[n].ready)
			device.kind->serve(&device, n);
		if (device.queues[n].broken)
			virtio_broken(&device, device.queues[n].broken);
	}
	for (unsigned int i = 0; i < device.nr_polls; i++) {
		any |= device.polls[i].events;
		device.polls[i].revents = byte() & 1 ? device.polls[i].events : 0;
	}
	if (any)
		device.kind->ready(&device);
	check();
}

/* Frames, whole or not, and what is none. */
static void talk(void)
{
	uint8_t how = byte(), data[4 + 300] = { 0 };
	size_t size = how & 1 ? byte() : 0;

	if (peer < 0)
		return;
	for (size_t i = 0; i < size; i++)
		data[4 + i] = i;
	data[3] = how & 2 ? byte() : size;
	data[0] = how & 4 ? byte() : 0;
	if (send(peer, data, 4 + size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	if (how & 8)
		shutdown(peer, SHUT_WR);
}

static void hear(void)
{
	uint8_t data[4096];

	while (peer >= 0 && recv(peer, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
}

/* What armvm ctl attach and detach do, between two requests. */
static void change_disk(void)
{
	int fd = disk_fd < 0 ? -1 : dup(disk_fd);

	if (fd < 0)
		return;
	if (disk_detach(&device))
		disk_attach(&device, fd, "disk");
	else
		close(fd);
}

static void step(void)
{
	uint32_t reg;

	switch (byte() % 13) {
	case 0:
		set_up();
		break;
	case 1:
	case 2:
		put_descriptor();
		break;
	case 3:
	case 4:
		make_available();
		break;
	case 5:
	case 6:
		put_request();
		/* fall through */
	case 7:
		serve();
		break;
	case 8:
		reg = byte() << 1;
		transport_ops.write(&device, reg, byte() & 1 ? address() : byte(),
				    1u << (byte() % 3));
		transport_ops.read(&device, reg, 4);
		break;
	case 9:
		talk();
		serve();
		break;
	case 10:
		hear();
		break;
	case 11:
		virtio_restart(&device);
		break;
	case 12:
		change_disk();
		break;
	}
}

static void create_disk(bool readonly)
{
	char path[32];
	const struct disk_options options = { .path = path, .readonly = readonly, .serial = "s" };

	disk_fd = memfd_create("disk", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", disk_fd);
	if (disk_fd < 0 || ftruncate(disk_fd, DISK_SIZE) < 0 ||
	    disk_create(&device, &ram, &options) < 0)
		abort();
}

static void create_net(void)
{
	static const uint8_t mac[ETH_ALEN] = { 2 };
	struct link *link;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	peer = fds[1];
	if (stream_open(&link, fds[0], "peer") || net_create_on(&device, &ram, link, mac))
		abort();
}

/* Two ports: one that is talked to, and one whose other end is gone. */
static void create_console(void)
{
	char targets[2][16];
	const struct port_options ports[] = { { "first", targets[0], NULL },
					      { "second", targets[1], NULL } };
	int fds[4];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds + 2) < 0)
		abort();
	peer = fds[1];
	close(fds[3]);
	snprintf(targets[0], sizeof(targets[0]), "fd:%d", fds[0]);
	snprintf(targets[1], sizeof(targets[1]), "fd:%d", fds[2]);
	if (console_create(&device, &ram, ports, 2))
		abort();
}

/* ---- a back end of vhost-user that answers anything ---- */

static bool has_back_end;

/* The connection is a pair of sockets. */
int connect(int fd, const struct sockaddr *to, socklen_t length)
{
	int fds[2];

	(void)to;
	(void)length;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 || dup2(fds[0], fd) < 0)
		abort();
	close(fds[0]);
	peer = fds[1];
	return 0;
}

/* Mostly what is right; if too little, then the end, as nobody waits for more here. */
static void answer(const uint32_t *request, size_t size)
{
	uint32_t reply[3 + 64] = { request[0], 5, 8, ~0u, ~0u };
	uint8_t how = byte();
	size_t send_size = 12;

	if (request[0] == 1 || request[0] == 15) /* GET_FEATURES, GET_PROTOCOL_FEATURES */
		reply[4] = how & 1 ? ~0u : how;
	else if (request[0] == 24) /* GET_CONFIG */
		reply[2] = size - 12;
	else if (request[0] != 11 && !(request[1] & 8)) /* GET_VRING_BASE; nothing to say */
		return;
	else
		reply[3] = reply[4] = how == 0xff;
	if (how & 0x80) {
		reply[how & 3] = word();
		reply[2] = how & 4 ? byte() : reply[2];
	}
	send_size += reply[2] < 256 ? reply[2] : 256;
	if ((how & 0xe0) == 0xc0)
		send_size -= send_size > how ? byte() % send_size : 1;
	if (send(peer, reply, send_size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	if ((how & 0x80) || !left)
		shutdown(peer, SHUT_WR);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	uint32_t request[3 + 64];
	size_t size = 0;

	if (!has_back_end)
		return syscall(SYS_sendmsg, fd, message, flags);
	for (size_t i = 0; i < message->msg_iovlen; i++) {
		const struct iovec *iov = &message->msg_iov[i];

		if (size + iov->iov_len > sizeof(request))
			abort();
		memcpy((uint8_t *)request + size, iov->iov_base, iov->iov_len);
		size += iov->iov_len;
	}
	answer(request, size);
	return size;
}

/* Returns false if the back end is so wrong that armvm would not start. */
static bool create_vhost_user(bool is_net)
{
	static const uint8_t mac[ETH_ALEN] = { 2 };

	has_back_end = true;
	return !(is_net ? vhost_user_net_create(&device, &ram, "x", mac)
			: vhost_user_blk_create(&device, &ram, "x"));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* As armvm does: else a port whose other end is gone kills the fuzzer without a word. */
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool starts = true;

	input = data;
	left = size;
	memory = aligned_alloc(4096, RAM_SIZE);
	memset(memory, 0, RAM_SIZE);
	ram = (struct ram){ .host = memory, .base = BASE, .size = RAM_SIZE, .page = 4096 };
	switch (byte() % 9) {
	case 0:
		if (rng_create(&device, &ram))
			abort();
		break;
	case 1:
		create_net();
		break;
	case 2:
		create_disk(true);
		break;
	case 3:
		create_disk(false);
		break;
	case 4:
	case 5:
		starts = create_vhost_user(data[0] % 9 == 5);
		break;
	case 6:
	case 7:
		create_console();
		break;
	case 8:
		if (balloon_create(&device, &ram))
			abort();
		break;
	}
	if (starts)
		set_up();
	for (unsigned int i = 0; starts && left && i < MAX_STEPS; i++)
		step();
	virtio_destroy(&device);
	if (disk_fd >= 0)
		close(disk_fd);
	if (peer >= 0)
		close(peer);
	disk_fd = peer = -1;
	has_back_end = false;
	free(memory);
	return 0;
}
