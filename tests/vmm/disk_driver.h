/* SPDX-License-Identifier: GPL-2.0-only */
/* A driver of a disk that is under test, on the host of disk_host.h; a program includes it once. */
#ifndef TESTS_VMM_DISK_DRIVER_H
#define TESTS_VMM_DISK_DRIVER_H

#include "disk_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_ring.h>

#include "virtio/disk.h"
#include "virtio_driver.h"

#define BASE	 0x40000000u
#define AVAIL	 0x1000u
#define USED	 0x2000u
#define HEADER	 0x3000u
#define STATUS	 0x3800u
#define DATA	 0x4000u
#define RAM_SIZE 0x40000u
#define SIZE	 256u
#define SECTORS	 (HOST_BYTES / 512)
#define BYTES	 HOST_BYTES

#define WCE 32u

static uint8_t memory[RAM_SIZE] __attribute__((aligned(4096)));
static const struct ram ram = { .host = memory, .base = BASE, .size = RAM_SIZE };
static struct virtio device;

/* What armvm prints; not what cmocka does. */
static char *text_printed;
static size_t text_size;
static FILE *listener, *speaker;

static inline void listen(bool on)
{
	if (!listener) {
		listener = open_memstream(&text_printed, &text_size);
		speaker = stderr;
	}
	stderr = on ? listener : speaker;
}

/* What was printed since the last call. */
static inline const char *printed(void)
{
	static char text[4096];

	listen(false);
	fflush(listener);
	snprintf(text, sizeof(text), "%.*s", (int)text_size, text_printed);
	rewind(listener);
	return text;
}

/* ---- the driver ---- */

static inline void drive(uint32_t features)
{
	memset(memory, 0, sizeof(memory));
	driver_begin(&device, features);
	driver_queue(&device, 0, SIZE, BASE, BASE + AVAIL, BASE + USED);
	driver_ready(&device);
	assert_true(virtio_live(&device) && device.queues[0].ready);
}

struct piece {
	uint32_t at, length;
	bool in;
};

/* Send one request of these buffers; returns the length that the device says it wrote. */
static inline uint32_t send(const struct piece *pieces, unsigned int count)
{
	struct vring_desc *desc = (struct vring_desc *)memory;
	uint16_t *avail = (uint16_t *)(memory + AVAIL);
	const uint16_t *used = (const uint16_t *)(memory + USED);
	const uint32_t *element;
	uint16_t before = used[1];

	for (unsigned int i = 0; i < count; i++)
		desc[i] = (struct vring_desc){ .addr = BASE + pieces[i].at,
					       .len = pieces[i].length,
					       .flags = pieces[i].in * VRING_DESC_F_WRITE |
							(i + 1 < count) * VRING_DESC_F_NEXT,
					       .next = i + 1 };
	avail[2 + avail[1] % SIZE] = 0;
	avail[1]++;
	memory[STATUS] = 0xaa;
	listen(true);
	device.kind->serve(&device, 0);
	listen(false);
	if (device.queues[0].broken)
		return ~0u;
	assert_int_equal(used[1], (uint16_t)(before + 1));
	element = (const uint32_t *)(memory + USED + 4 + 8 * (before % SIZE));
	assert_int_equal(element[0], 0);
	return element[1];
}

static inline void header(uint32_t type, uint64_t sector)
{
	const struct virtio_blk_outhdr out = { .type = type, .sector = sector };

	memcpy(memory + HEADER, &out, sizeof(out));
}

/* A request as Linux sends it, with length bytes at DATA.  Returns the status. */
static inline uint8_t request(uint32_t type, uint64_t sector, uint32_t length)
{
	bool in = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;
	const struct piece pieces[] = { { HEADER, 16, false },
					{ DATA, length, in },
					{ STATUS, 1, true } };
	uint32_t written;

	header(type, sector);
	written = send(pieces, 3);
	assert_int_equal(written, in && memory[STATUS] && length ? 0 : in * length + 1);
	return memory[STATUS];
}

static inline uint8_t ranges(uint32_t type, uint64_t sector, uint32_t sectors, uint32_t flags)
{
	const struct virtio_blk_discard_write_zeroes range = { sector, sectors, flags };

	memcpy(memory + DATA, &range, sizeof(range));
	return request(type, 0, sizeof(range));
}

static inline void fill(uint32_t length, unsigned int seed)
{
	for (uint32_t i = 0; i < length; i++)
		memory[DATA + i] = (i * 7 + seed + i / 512) % 251 + 1;
}

#define FEATURES                                                                                   \
	(1u << VIRTIO_BLK_F_FLUSH | 1u << VIRTIO_BLK_F_DISCARD | 1u << VIRTIO_BLK_F_WRITE_ZEROES | \
	 1u << VIRTIO_BLK_F_CONFIG_WCE | 1u << 2)

static inline int create(struct virtio *disk, const char *name, bool readonly, const char *serial)
{
	const struct disk_options options = { .path = name,
					      .readonly = readonly,
					      .serial = serial };
	int err;

	listen(true);
	err = disk_create(disk, &ram, &options);
	listen(false);
	return err;
}

static inline int open_disk(bool readonly, const char *serial)
{
	return create(&device, host.path, readonly, serial);
}

static inline int fresh(void **state)
{
	(void)state;
	host_reset();
	printed();
	if (open_disk(false, "a serial"))
		return -1;
	drive(FEATURES);
	host.reads = host.writes = host.syncs = host.direct_calls = 0;
	return 0;
}

static inline int done(void **state)
{
	(void)state;
	virtio_destroy(&device);
	return 0;
}

/* How often is the word in the text? */
static inline unsigned int lines(const char *text, const char *word)
{
	unsigned int count = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		count++;
	return count;
}

static inline void remove_file(void)
{
	unlink(host.path);
}

/* What main() begins with. */
static inline void make_file(void)
{
	close(mkstemp(host.path));
	atexit(remove_file);
}

#endif
