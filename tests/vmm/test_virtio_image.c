// SPDX-License-Identifier: GPL-2.0-only
/* What is below the disk: a file, on a host that may fail in any way. */
#include "disk_driver.h"

#include <errno.h>
#include <sys/stat.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(zeroes_whatever_the_host_can, fresh, done),
		cmocka_unit_test_setup_teardown(host_errors_reach_the_guest, fresh, done),
		cmocka_unit_test_setup_teardown(a_flush_that_fails_fails_for_good, fresh, done),
		cmocka_unit_test_setup_teardown(a_file_cut_short_is_an_error, fresh, done),
		cmocka_unit_test_setup_teardown(direct_where_it_can_be, fresh, done),
		cmocka_unit_test_setup_teardown(what_was_flushed_survives, fresh, done),
		cmocka_unit_test_setup_teardown(files_that_are_no_disk, fresh, done),
	};

	make_file();
	RUN_TESTS("virtio_image", tests);
}
