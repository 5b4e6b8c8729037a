// SPDX-License-Identifier: GPL-2.0-only
/* The disk, with a driver that may do anything, on a file whose host may fail in any way. */
#include "disk_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "virtio/disk.h"
#include "virtio/image.h"
#include "virtio/transport.h"
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

static void listen(bool on)
{
	if (!listener) {
		listener = open_memstream(&text_printed, &text_size);
		speaker = stderr;
	}
	stderr = on ? listener : speaker;
}

/* What was printed since the last call. */
static const char *printed(void)
{
	static char text[4096];

	listen(false);
	fflush(listener);
	snprintf(text, sizeof(text), "%.*s", (int)text_size, text_printed);
	rewind(listener);
	return text;
}

/* ---- the driver ---- */

static void drive(uint32_t features)
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
static uint32_t send(const struct piece *pieces, unsigned int count)
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

static void header(uint32_t type, uint64_t sector)
{
	const struct virtio_blk_outhdr out = { .type = type, .sector = sector };

	memcpy(memory + HEADER, &out, sizeof(out));
}

/* A request as Linux sends it, with length bytes at DATA.  Returns the status. */
static uint8_t request(uint32_t type, uint64_t sector, uint32_t length)
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

static uint8_t ranges(uint32_t type, uint64_t sector, uint32_t sectors, uint32_t flags)
{
	const struct virtio_blk_discard_write_zeroes range = { sector, sectors, flags };

	memcpy(memory + DATA, &range, sizeof(range));
	return request(type, 0, sizeof(range));
}

static void fill(uint32_t length, unsigned int seed)
{
	for (uint32_t i = 0; i < length; i++)
		memory[DATA + i] = (i * 7 + seed + i / 512) % 251 + 1;
}

#define FEATURES                                                                                   \
	(1u << VIRTIO_BLK_F_FLUSH | 1u << VIRTIO_BLK_F_DISCARD | 1u << VIRTIO_BLK_F_WRITE_ZEROES | \
	 1u << VIRTIO_BLK_F_CONFIG_WCE | 1u << 2)

static int create(struct virtio *disk, const char *name, bool readonly, const char *serial)
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

static int open_disk(bool readonly, const char *serial)
{
	return create(&device, host.path, readonly, serial);
}

static int fresh(void **state)
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

static int done(void **state)
{
	(void)state;
	virtio_destroy(&device);
	return 0;
}

/* ---- tests ---- */

static void describes_itself(void **state)
{
	struct virtio_blk_config config = { 0 };

	(void)state;
	memcpy(&config, device.config, device.config_size);
	assert_int_equal(device.kind->id, 2);
	assert_int_equal(config.capacity, SECTORS);
	assert_int_equal(config.seg_max, 254);
	assert_int_equal(config.wce, 1);
	assert_int_equal(config.max_write_zeroes_sectors, 0x20000);
	assert_int_equal(config.write_zeroes_may_unmap, 1);
	assert_int_equal(virtio_offered(&device) & 0xffffff, FEATURES);
	memset(memory + DATA, 0xff, 32);
	assert_int_equal(request(VIRTIO_BLK_T_GET_ID, 0, 20), VIRTIO_BLK_S_OK);
	assert_memory_equal(memory + DATA, "a serial\0\0\0\0\0\0\0\0\0\0\0\0\xff", 21);
	virtio_destroy(&device);
	assert_int_equal(open_disk(false, "12345678901234567890"), 0);
	drive(FEATURES);
	assert_int_equal(request(VIRTIO_BLK_T_GET_ID, 0, 20), VIRTIO_BLK_S_OK);
	assert_memory_equal(memory + DATA, "12345678901234567890", 21);
}

static void data_go_both_ways(void **state)
{
	static const uint32_t at[] = { 0, 1, 7, 8, 63, SECTORS - 8 };
	static uint8_t data[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		fill(sizeof(data), i);
		memcpy(data, memory + DATA, sizeof(data));
		assert_int_equal(request(VIRTIO_BLK_T_OUT, at[i], sizeof(data)), VIRTIO_BLK_S_OK);
		host_file_is(at[i], data, sizeof(data));
		memset(memory + DATA, 0, sizeof(data));
		assert_int_equal(request(VIRTIO_BLK_T_IN, at[i], sizeof(data)), VIRTIO_BLK_S_OK);
		assert_memory_equal(memory + DATA, data, sizeof(data));
	}
	assert_string_equal(printed(), "");
}

/* 2.7.4.2: a device must not assume how a request is cut into buffers. */
static void requests_in_any_pieces(void **state)
{
	struct piece pieces[64];
	unsigned int n = 0;
	static uint8_t data[1536];

	(void)state;
	fill(sizeof(data), 1);
	memcpy(data, memory + DATA, sizeof(data));
	header(VIRTIO_BLK_T_OUT, 5);
	for (unsigned int i = 0; i < 15; i++)
		pieces[n++] = (struct piece){ HEADER + i, 1, false };
	/* The header's last byte and the data are one buffer. */
	memory[DATA - 1] = memory[HEADER + 15];
	pieces[n++] = (struct piece){ DATA - 1, 8, false };
	pieces[n++] = (struct piece){ DATA + 7, 0, false };
	pieces[n++] = (struct piece){ DATA + 7, 1000, false };
	pieces[n++] = (struct piece){ DATA + 1007, 529, false };
	pieces[n++] = (struct piece){ STATUS, 1, true };
	assert_int_equal(send(pieces, n), 1);
	assert_int_equal(memory[STATUS], VIRTIO_BLK_S_OK);
	host_file_is(5, data, sizeof(data));
	/* Data and status are one buffer. */
	memset(memory + DATA, 0xff, 2048);
	header(VIRTIO_BLK_T_IN, 5);
	pieces[0] = (struct piece){ HEADER, 16, false };
	pieces[1] = (struct piece){ DATA, 3, true };
	pieces[2] = (struct piece){ DATA + 3, sizeof(data) - 2, true };
	assert_int_equal(send(pieces, 3), sizeof(data) + 1);
	assert_memory_equal(memory + DATA, data, sizeof(data));
	assert_int_equal(memory[DATA + sizeof(data)], VIRTIO_BLK_S_OK);
	assert_int_equal(memory[DATA + sizeof(data) + 1], 0xff);
	/* As many as there can be. */
	header(VIRTIO_BLK_T_IN, 5);
	for (n = 0; n < 62; n++)
		pieces[n + 1] = (struct piece){ DATA + 24 * n, n == 61 ? 72 : 24, true };
	pieces[63] = (struct piece){ STATUS, 1, true };
	assert_int_equal(send(pieces, 64), sizeof(data) + 1);
	assert_memory_equal(memory + DATA, data, sizeof(data));
}

static void mistakes_are_errors(void **state)
{
	static const struct {
		uint32_t type, length, header_length;
		uint64_t sector;
		bool wrong_way;
		uint8_t status;
	} cases[] = {
		{ VIRTIO_BLK_T_IN, 512, 15, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_IN, 512, 0, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_IN, 512, 16, 0, true, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_OUT, 512, 16, 0, true, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_IN, 511, 16, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_OUT, 513, 16, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_IN, 512, 16, SECTORS, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_OUT, 512, 16, SECTORS, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_OUT, 1024, 16, SECTORS - 1, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_OUT, 1024, 16, ~0ull, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_OUT, 512, 16, 1ull << 55, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_IN, 512, 16, 0x80000000000000, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_IN, 0, 16, SECTORS, false, VIRTIO_BLK_S_OK },
		{ VIRTIO_BLK_T_OUT, 0, 16, 0, false, VIRTIO_BLK_S_OK },
		{ VIRTIO_BLK_T_IN, 0, 16, SECTORS + 1, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_GET_ID, 19, 16, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_GET_ID, 20, 16, 0, true, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_FLUSH, 512, 16, 0, true, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_DISCARD, 15, 16, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_DISCARD, 0, 16, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_DISCARD, 33 * 16, 16, 0, false, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_WRITE_ZEROES, 16, 16, 0, true, VIRTIO_BLK_S_IOERR },
		{ VIRTIO_BLK_T_SECURE_ERASE, 16, 16, 0, false, VIRTIO_BLK_S_UNSUPP },
		{ 99, 512, 16, 0, false, VIRTIO_BLK_S_UNSUPP },
		{ ~0u, 512, 16, 0, false, VIRTIO_BLK_S_UNSUPP },
	};
	static uint8_t zeroes[BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool in = (cases[i].type == VIRTIO_BLK_T_IN ||
			   cases[i].type == VIRTIO_BLK_T_GET_ID) != cases[i].wrong_way;
		const struct piece pieces[] = { { HEADER, cases[i].header_length, false },
						{ DATA, cases[i].length, in },
						{ STATUS, 1, true } };

		memset(memory + DATA, 0, 4096);
		header(cases[i].type, cases[i].sector);
		send(pieces, 3);
		if (memory[STATUS] != cases[i].status)
			fail_msg("case %zu: status %u", i, memory[STATUS]);
		assert_null(device.queues[0].broken);
	}
	host_file_is(0, zeroes, BYTES);
	assert_int_equal(host.writes + host.syncs, 0);
	assert_string_equal(printed(), "");
}

static void a_request_needs_a_status(void **state)
{
	const struct piece out[] = { { HEADER, 16, false }, { DATA, 512, false } };

	(void)state;
	header(VIRTIO_BLK_T_OUT, 0);
	assert_int_equal(send(out, 2), ~0u);
	assert_string_equal(device.queues[0].broken, "a request has no room for its status");
	assert_int_equal(host.writes, 0);
	/* Nothing at all: two empty buffers. */
	drive(FEATURES);
	assert_int_equal(
		send((const struct piece[]){ { HEADER, 0, false }, { STATUS, 0, true } }, 2), ~0u);
	drive(FEATURES);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
}

static void ranges_are_checked(void **state)
{
	static const struct {
		uint64_t sector;
		uint32_t sectors, flags;
		uint8_t discard, zeroes;
	} cases[] = {
		{ 0, 0, 0, VIRTIO_BLK_S_OK, VIRTIO_BLK_S_OK },
		{ SECTORS, 0, 0, VIRTIO_BLK_S_OK, VIRTIO_BLK_S_OK },
		{ SECTORS, 1, 0, VIRTIO_BLK_S_IOERR, VIRTIO_BLK_S_IOERR },
		{ SECTORS + 1, 0, 0, VIRTIO_BLK_S_IOERR, VIRTIO_BLK_S_IOERR },
		{ ~0ull, 2, 0, VIRTIO_BLK_S_IOERR, VIRTIO_BLK_S_IOERR },
		{ 1, SECTORS, 0, VIRTIO_BLK_S_IOERR, VIRTIO_BLK_S_IOERR },
		{ 0, ~0u, 0, VIRTIO_BLK_S_IOERR, VIRTIO_BLK_S_IOERR },
		{ 0, 1, 1, VIRTIO_BLK_S_UNSUPP, VIRTIO_BLK_S_OK },
		{ 0, 1, 2, VIRTIO_BLK_S_UNSUPP, VIRTIO_BLK_S_UNSUPP },
		{ 0, 1, 0x80000001, VIRTIO_BLK_S_UNSUPP, VIRTIO_BLK_S_UNSUPP },
	};
	struct virtio_blk_discard_write_zeroes *two = (void *)(memory + DATA);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ranges(VIRTIO_BLK_T_DISCARD, cases[i].sector, cases[i].sectors,
					cases[i].flags),
				 cases[i].discard);
		assert_int_equal(ranges(VIRTIO_BLK_T_WRITE_ZEROES, cases[i].sector,
					cases[i].sectors, cases[i].flags),
				 cases[i].zeroes);
	}
	/* A bad range in second place: the first must stay as it is. */
	fill(512, 3);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 16, 512), VIRTIO_BLK_S_OK);
	two[0] = (struct virtio_blk_discard_write_zeroes){ 16, 1, 0 };
	two[1] = (struct virtio_blk_discard_write_zeroes){ SECTORS, 1, 0 };
	assert_int_equal(request(VIRTIO_BLK_T_WRITE_ZEROES, 0, 32), VIRTIO_BLK_S_IOERR);
	fill(512, 3);
	host_file_is(16, memory + DATA, 512);
	assert_string_equal(printed(), "");
}

static unsigned long blocks(void)
{
	struct stat st;

	assert_int_equal(stat(host.path, &st), 0);
	assert_int_equal(st.st_size, BYTES);
	return st.st_blocks;
}

static void zeroes_whatever_the_host_can(void **state)
{
	static const int fails[] = { 0, EOPNOTSUPP, EINVAL, ENOSYS };
	static uint8_t zeroes[0x20000], data[0x20000];
	unsigned long full;

	(void)state;
	for (size_t i = 0; i < sizeof(fails) / sizeof(fails[0]); i++) {
		for (unsigned int unmap = 0; unmap < 2; unmap++) {
			host.allocate_fails = fails[i];
			fill(sizeof(data), i);
			memcpy(data, memory + DATA, sizeof(data));
			assert_int_equal(request(VIRTIO_BLK_T_OUT, 8, sizeof(data)), 0);
			full = blocks();
			/* All but the first and the last sector. */
			assert_int_equal(ranges(VIRTIO_BLK_T_WRITE_ZEROES, 9,
						sizeof(data) / 512 - 2, unmap),
					 0);
			host_file_is(8, data, 512);
			host_file_is(9, zeroes, sizeof(zeroes) - 1024);
			host_file_is(8 + sizeof(data) / 512 - 1, data + sizeof(data) - 512, 512);
			if (unmap && !fails[i])
				assert_true(blocks() < full);
		}
		/* Discard is advice. */
		assert_int_equal(ranges(VIRTIO_BLK_T_DISCARD, 8, sizeof(data) / 512, 0), 0);
	}
	assert_string_equal(printed(), "");
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 8, sizeof(data)), 0);
	full = blocks();
	host.allocate_fails = 0;
	assert_int_equal(ranges(VIRTIO_BLK_T_DISCARD, 8, sizeof(data) / 512, 0), 0);
	assert_true(blocks() < full);
}

static void set_wce(uint8_t value)
{
	transport_ops.write(&device, VIRTIO_MMIO_CONFIG + WCE, value, 1);
}

/* 5.2.5.2, 5.2.6.2: when is a write on the disk? */
static void the_cache_is_the_drivers_choice(void **state)
{
	(void)state;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_int_equal(host.syncs, 0);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), 0);
	assert_int_equal(host.syncs, 1);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	/* Off: what is in the cache is written at once. */
	set_wce(0);
	device.kind->serve(&device, 0);
	assert_int_equal(host.syncs, 2);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), 0);
	assert_int_equal(host.syncs, 2);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_int_equal(host.syncs, 3);
	assert_int_equal(ranges(VIRTIO_BLK_T_WRITE_ZEROES, 0, 8, 1), 0);
	assert_int_equal(host.syncs, 4);
	set_wce(0xff);
	assert_int_equal(device.config[WCE], 1);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_int_equal(host.syncs, 4);
	/* A driver that cannot flush, and one that can but not choose; a reset undoes a choice. */
	set_wce(0);
	drive(1u << VIRTIO_BLK_F_DISCARD);
	assert_int_equal(device.config[WCE], 1);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_int_equal(host.syncs, 6); /* and one for the write before */
	set_wce(0);
	drive(1u << VIRTIO_BLK_F_FLUSH);
	set_wce(0);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_int_equal(host.syncs, 6);
}

/* How often is the word in the text? */
static unsigned int lines(const char *text, const char *word)
{
	unsigned int count = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		count++;
	return count;
}

static void host_errors_reach_the_guest(void **state)
{
	const char *text;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		host.read_fails = EIO;
		assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_IOERR);
		host.write_fails = EIO;
		assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
		host.write_fails = ENOSPC;
		assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
		host.allocate_fails = EIO;
		assert_int_equal(ranges(VIRTIO_BLK_T_DISCARD, 0, 8, 0), VIRTIO_BLK_S_IOERR);
		host.allocate_fails = ENOSPC;
		assert_int_equal(ranges(VIRTIO_BLK_T_WRITE_ZEROES, 0, 8, 0), VIRTIO_BLK_S_IOERR);
		host.read_fails = host.write_fails = host.allocate_fails = 0;
	}
	text = printed();
	assert_int_equal(lines(text, "armvm: disk "), 5);
	assert_int_equal(lines(text, "\n"), 5);
	assert_int_equal(lines(text, "reading failed"), 1);
	assert_int_equal(lines(text, "writing failed"), 2);
	assert_int_equal(lines(text, "No space left"), 2);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	assert_string_equal(printed(), "");
}

/* The kernel reports a lost write once, so one flush that fails spoils all. */
static void a_flush_that_fails_fails_for_good(void **state)
{
	(void)state;
	host.sync_fails = EIO;
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_IOERR);
	drive(1u << VIRTIO_BLK_F_DISCARD);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(lines(printed(), "flushing failed"), 1);
}

static void a_file_cut_short_is_an_error(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(truncate(host.path, 4096 + 512), 0);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 4096), VIRTIO_BLK_S_OK);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 8, 1024), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 100, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, SECTORS - 1, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(ranges(VIRTIO_BLK_T_WRITE_ZEROES, 0, 8, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(ranges(VIRTIO_BLK_T_DISCARD, 0, 8, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(stat(host.path, &st), 0);
	assert_int_equal(st.st_size, 4096 + 512);
	assert_int_equal(lines(printed(), "was truncated"), 1);
	/* A longer one does no harm. */
	assert_int_equal(truncate(host.path, BYTES + 512), 0);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, SECTORS - 1, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, SECTORS, 512), VIRTIO_BLK_S_IOERR);
}

/* Past the page cache if the alignment allows it, through it if not. */
static void direct_where_it_can_be(void **state)
{
	static const struct piece odd[] = { { HEADER, 16, false },
					    { DATA + 4, 512, true },
					    { STATUS, 1, true } };

	(void)state;
	host.at_once = true;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 1, 512), 0);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 1, 512), 0);
	assert_int_equal(host.direct_calls, 2);
	header(VIRTIO_BLK_T_IN, 1);
	assert_int_equal(send(odd, 3), 513);
	assert_int_equal(memory[STATUS], 0);
	assert_int_equal(host.direct_calls, 2);
	/* The file system wants more alignment: a try with 512, then only with 4096. */
	host.direct_fails = EINVAL;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 1, 512), 0);
	assert_int_equal(host.direct_calls, 3);
	host.direct_fails = 0;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 1, 4096), 0);
	assert_int_equal(host.direct_calls, 3);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 8, 8192), 0);
	assert_int_equal(host.direct_calls, 4);
	/* .. or not even with that. */
	host.direct_fails = EINVAL;
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 8, 4096), 0);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 8, 4096), 0);
	assert_int_equal(host.direct_calls, 5);
	virtio_destroy(&device);
	host.no_direct = true;
	host.is_direct = false;
	assert_int_equal(open_disk(false, NULL), 0);
	drive(FEATURES);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 8, 4096), 0);
	assert_int_equal(host.direct_calls, 5);
	assert_string_equal(printed(), "");
}

/* What the guest was told is safe survives a power cut, with each kind of cache. */
static void what_was_flushed_survives(void **state)
{
	static uint8_t model[BYTES], safe[BYTES];
	unsigned int flushes = 0;

	(void)state;
	for (unsigned int step = 0; step < 3000; step++) {
		uint32_t sector = rand() % (SECTORS - 64), sectors = 1 + rand() % 64;
		bool through = step > 1500;

		if (step == 1501)
			drive(1u << VIRTIO_BLK_F_SEG_MAX);
		switch (rand() % 4) {
		case 0:
			assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), 0);
			memcpy(safe, model, BYTES);
			flushes++;
			break;
		case 1:
			assert_int_equal(
				ranges(VIRTIO_BLK_T_WRITE_ZEROES, sector, sectors, step & 1), 0);
			memset(model + sector * 512, 0, sectors * 512);
			break;
		default:
			fill(sectors * 512, step);
			assert_int_equal(request(VIRTIO_BLK_T_OUT, sector, sectors * 512), 0);
			memcpy(model + sector * 512, memory + DATA, sectors * 512);
		}
		if (through)
			memcpy(safe, model, BYTES);
		if (flushes || through)
			assert_memory_equal(host.durable, safe, BYTES);
	}
	host_file_is(0, model, BYTES);
}

static void read_only(void **state)
{
	struct virtio other;

	(void)state;
	virtio_destroy(&device);
	assert_int_equal(open_disk(true, NULL), 0);
	assert_int_equal(virtio_offered(&device) & 0xffffff, 1 << VIRTIO_BLK_F_RO | 1 << 2);
	drive(1u << VIRTIO_BLK_F_RO);
	set_wce(0);
	assert_int_equal(device.config[WCE], 0);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(ranges(VIRTIO_BLK_T_DISCARD, 0, 1, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(ranges(VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(host.writes + host.syncs, 0);
	/* Two may read, but nobody may write meanwhile. */
	assert_int_equal(create(&other, host.path, true, NULL), 0);
	virtio_destroy(&device);
	assert_string_equal(printed(), "");
	assert_true(open_disk(false, NULL) < 0);
	assert_int_equal(lines(printed(), "another program uses it"), 1);
	virtio_destroy(&other);
}

static void refused(const char *name, const char *why)
{
	const char *text;

	virtio_destroy(&device);
	assert_true(create(&device, name, false, NULL) < 0);
	text = printed();
	if (!strstr(text, why) || lines(text, "\n") != 1)
		fail_msg("%s: %s instead of %s", name, text, why);
}

static void files_that_are_no_disk(void **state)
{
	struct virtio other;
	char fifo[64];

	(void)state;
	assert_true(create(&other, host.path, true, NULL) < 0);
	assert_int_equal(lines(printed(), "has it open for writing"), 1);
	virtio_destroy(&other);
	refused("/nonexistent/disk", "No such file");
	refused("/dev/null", "neither a regular file nor a block device");
	refused("/tmp", "Is a directory");
	host_make_file(1000);
	refused(host.path, "1000 bytes, not a multiple of 512");
	host_make_file(0);
	refused(host.path, "0 bytes");
	snprintf(fifo, sizeof(fifo), "%s.fifo", host.path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	refused(fifo, "neither a regular file nor a block device");
	unlink(fifo);
}

static void remove_file(void)
{
	unlink(host.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(describes_itself, fresh, done),
		cmocka_unit_test_setup_teardown(data_go_both_ways, fresh, done),
		cmocka_unit_test_setup_teardown(requests_in_any_pieces, fresh, done),
		cmocka_unit_test_setup_teardown(mistakes_are_errors, fresh, done),
		cmocka_unit_test_setup_teardown(a_request_needs_a_status, fresh, done),
		cmocka_unit_test_setup_teardown(ranges_are_checked, fresh, done),
		cmocka_unit_test_setup_teardown(zeroes_whatever_the_host_can, fresh, done),
		cmocka_unit_test_setup_teardown(the_cache_is_the_drivers_choice, fresh, done),
		cmocka_unit_test_setup_teardown(host_errors_reach_the_guest, fresh, done),
		cmocka_unit_test_setup_teardown(a_flush_that_fails_fails_for_good, fresh, done),
		cmocka_unit_test_setup_teardown(a_file_cut_short_is_an_error, fresh, done),
		cmocka_unit_test_setup_teardown(direct_where_it_can_be, fresh, done),
		cmocka_unit_test_setup_teardown(what_was_flushed_survives, fresh, done),
		cmocka_unit_test_setup_teardown(read_only, fresh, done),
		cmocka_unit_test_setup_teardown(files_that_are_no_disk, fresh, done),
	};

	close(mkstemp(host.path));
	atexit(remove_file);
	RUN_TESTS("virtio_disk", tests);
}
