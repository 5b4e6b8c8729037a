// SPDX-License-Identifier: GPL-2.0-only
/* The disk, with a driver that may do anything. */
#include "disk_driver.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(describes_itself, fresh, done),
		cmocka_unit_test_setup_teardown(data_go_both_ways, fresh, done),
		cmocka_unit_test_setup_teardown(requests_in_any_pieces, fresh, done),
		cmocka_unit_test_setup_teardown(mistakes_are_errors, fresh, done),
		cmocka_unit_test_setup_teardown(a_request_needs_a_status, fresh, done),
		cmocka_unit_test_setup_teardown(ranges_are_checked, fresh, done),
		cmocka_unit_test_setup_teardown(the_cache_is_the_drivers_choice, fresh, done),
		cmocka_unit_test_setup_teardown(read_only, fresh, done),
	};

	make_file();
	RUN_TESTS("virtio_disk", tests);
}
