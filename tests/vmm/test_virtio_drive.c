// SPDX-License-Identifier: GPL-2.0-only
/* A disk whose file is taken out and another one put in, while its driver uses it. */
#include "disk_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

static uint64_t capacity(void)
{
	uint32_t low = transport_ops.read(&device, VIRTIO_MMIO_CONFIG, 4);

	return (uint64_t)transport_ops.read(&device, VIRTIO_MMIO_CONFIG + 4, 4) << 32 | low;
}

/* Has the device interrupted because of its configuration?  The driver takes note of it. */
static bool was_told(void)
{
	struct pollfd irq = { .fd = device.irq_fd, .events = POLLIN };
	uint32_t why = transport_ops.read(&device, VIRTIO_MMIO_INTERRUPT_STATUS, 4);
	uint64_t count;

	driver_write(&device, VIRTIO_MMIO_INTERRUPT_ACK, why);
	if (poll(&irq, 1, 0) <= 0 || read(device.irq_fd, &count, sizeof(count)) < 0)
		return false;
	return why & VIRTIO_MMIO_INT_CONFIG;
}

static uint32_t generation(void)
{
	return transport_ops.read(&device, VIRTIO_MMIO_CONFIG_GENERATION, 4);
}

static const char *attach(int fd)
{
	const char *why;

	listen(true);
	why = disk_attach(&device, fd, "the/file");
	listen(false);
	return why;
}

static const char *detach(void)
{
	const char *why;

	listen(true);
	why = disk_detach(&device);
	listen(false);
	return why;
}

static int open_host(int flags)
{
	int fd = open(host.path, flags | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void is_empty(void)
{
	assert_int_equal(capacity(), 0);
	host.reads = host.writes = host.syncs = 0;
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(ranges(VIRTIO_BLK_T_DISCARD, 0, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(ranges(VIRTIO_BLK_T_WRITE_ZEROES, 0, 1, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_GET_ID, 0, 20), VIRTIO_BLK_S_OK);
	assert_int_equal(host.reads + host.writes + host.syncs, 0);
	/* The cache can be turned off, and nothing is there to flush. */
	transport_ops.write(&device, VIRTIO_MMIO_CONFIG + WCE, 0, 1);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
	transport_ops.write(&device, VIRTIO_MMIO_CONFIG + WCE, 1, 1);
	assert_int_equal(device.kind->settle(&device), 0);
	assert_int_equal(device.kind->hold(&device, true), 0);
	assert_int_equal(device.kind->hold(&device, false), 0);
	assert_int_equal(host.syncs, 0);
	assert_string_equal(printed(), "");
}

static int empty(void **state)
{
	(void)state;
	host_reset();
	printed();
	if (create(&device, NULL, false, "a serial"))
		return -1;
	drive(FEATURES);
	was_told();
	return 0;
}

static void an_empty_drive(void **state)
{
	(void)state;
	assert_int_equal(virtio_offered(&device) & 0xffffff, FEATURES);
	is_empty();
	assert_string_equal(detach(), "the disk has no file");
	assert_false(was_told());
	is_empty();
}

static void a_file_comes_and_goes(void **state)
{
	static uint8_t data[4096];
	struct virtio other;
	uint32_t before;
	int fd;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		before = generation();
		fd = open_host(O_RDWR);
		assert_null(attach(fd));
		assert_true(was_told());
		assert_int_equal(generation(), before + 1);
		assert_int_equal(capacity(), SECTORS);
		assert_string_equal(attach(open_host(O_RDWR)),
				    "the disk has a file: detach that first");
		assert_false(was_told());
		fill(sizeof(data), i);
		memcpy(data, memory + DATA, sizeof(data));
		assert_int_equal(request(VIRTIO_BLK_T_OUT, SECTORS - 8, sizeof(data)), 0);
		host_file_is(SECTORS - 8, data, sizeof(data));
		/* It is this disk's alone. */
		assert_true(create(&other, host.path, false, NULL) < 0);
		virtio_destroy(&other);
		assert_int_equal(lines(printed(), "another program uses it"), 1);
		/* What the guest wrote is on the disk when it is out, and the lock is gone. */
		host.syncs = 0;
		fd = dup(fd);
		was_told();
		before = generation();
		assert_null(detach());
		assert_int_equal(host.syncs, 1);
		assert_memory_equal(host.durable + (SECTORS - 8) * 512, data, sizeof(data));
		assert_true(was_told());
		assert_int_equal(generation(), before + 1);
		is_empty();
		assert_int_equal(create(&other, host.path, false, NULL), 0);
		virtio_destroy(&other);
		close(fd);
	}
}

static void the_file_of_the_start_can_go(void **state)
{
	(void)state;
	virtio_destroy(&device);
	fresh(NULL);
	was_told();
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	assert_null(detach());
	assert_true(was_told());
	is_empty();
	/* Another size: what was there before is not there any more. */
	host_make_file(4 * 512);
	assert_null(attach(open_host(O_RDWR)));
	assert_int_equal(capacity(), 4);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 3, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 4, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 4, 512), VIRTIO_BLK_S_IOERR);
	/* A reset is not a detachment. */
	virtio_restart(&device);
	assert_int_equal(capacity(), 4);
	drive(FEATURES);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 3, 512), VIRTIO_BLK_S_OK);
}

/* A driver that is not there yet reads the capacity when it comes. */
static void without_a_driver(void **state)
{
	(void)state;
	virtio_restart(&device);
	assert_null(attach(open_host(O_RDWR)));
	assert_false(was_told());
	drive(FEATURES);
	assert_int_equal(capacity(), SECTORS);
	assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
}

static void a_file_that_fails(void **state)
{
	const char *why;

	(void)state;
	assert_null(attach(open_host(O_RDWR)));
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), 0);
	host.sync_fails = EIO;
	why = detach();
	assert_non_null(strstr(why, "is detached, but what the guest wrote last may be lost"));
	assert_int_equal(lines(printed(), "disk the/file: flushing failed"), 1);
	assert_true(was_told());
	is_empty();
	/* The next file is another one. */
	assert_null(attach(open_host(O_RDWR)));
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_OK);
	assert_null(detach());
}

/* The guest has heard of it, but whoever saves it or takes the file out has not. */
static void a_file_whose_flush_has_failed_before(void **state)
{
	const struct virtio_kind *kind = device.kind;
	const char *why;

	(void)state;
	assert_null(attach(open_host(O_RDWR)));
	assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_OK);
	host.sync_fails = EIO;
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_IOERR);
	assert_int_equal(lines(printed(), "disk the/file: flushing failed"), 1);
	assert_true(kind->settle(&device) < 0);
	why = detach();
	assert_non_null(why);
	assert_non_null(strstr(why, "is detached, but what the guest wrote last may be lost"));
	assert_null(attach(open_host(O_RDWR)));
	assert_int_equal(kind->settle(&device), 0);
	assert_int_equal(request(VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	assert_null(detach());
}

static void refused(int fd, const char *why)
{
	const char *said = attach(fd);

	assert_true(fd >= 0);
	if (!said || !strstr(said, why))
		fail_msg("%s instead of %s", said, why);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_false(was_told());
	is_empty();
}

static void descriptors_that_are_no_disk(void **state)
{
	int ends[2], other;

	(void)state;
	refused(open("/tmp", O_RDONLY), "neither a regular file nor a block device");
	refused(open("/dev/null", O_RDWR), "neither a regular file nor a block device");
	assert_int_equal(pipe(ends), 0);
	refused(ends[0], "neither");
	close(ends[1]);
	refused(open_host(O_RDONLY), "not open for reading and writing");
	refused(open_host(O_WRONLY), "not open for reading and writing");
	refused(open_host(O_PATH), "not open for reading and writing");
	other = open_host(O_RDWR);
	assert_int_equal(fcntl(other, F_OFD_SETLK,
			       &(struct flock){ .l_type = F_RDLCK, .l_whence = SEEK_SET }),
			 0);
	refused(open_host(O_RDWR), "another program uses the file");
	close(other);
	host_make_file(1000);
	refused(open_host(O_RDWR), "not a multiple of 512");
	host_make_file(0);
	refused(open_host(O_RDWR), "not a multiple of 512");
}

/* Writes go where the guest wants them. */
static void a_descriptor_that_appends(void **state)
{
	int fd = open_host(O_RDWR | O_APPEND), kept = dup(fd);

	(void)state;
	assert_null(attach(fd));
	assert_int_equal(host.flags, 0);
	close(kept);
}

static void read_only(void **state)
{
	struct virtio other;

	(void)state;
	virtio_destroy(&device);
	assert_int_equal(create(&device, NULL, true, NULL), 0);
	assert_int_equal(virtio_offered(&device) & 0xffffff, 1 << VIRTIO_BLK_F_RO | 1 << 2);
	drive(1u << VIRTIO_BLK_F_RO);
	assert_string_equal(attach(open_host(O_WRONLY)), "the file is not open for reading");
	for (unsigned int i = 0; i < 2; i++) {
		assert_null(attach(open_host(i ? O_RDWR : O_RDONLY)));
		assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
		assert_int_equal(request(VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_IOERR);
		/* Several may read. */
		assert_int_equal(create(&other, host.path, true, NULL), 0);
		virtio_destroy(&other);
		assert_null(detach());
		assert_int_equal(request(VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_IOERR);
	}
	assert_int_equal(host.writes + host.syncs, 0);
	assert_string_equal(printed(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_drive, empty, done),
		cmocka_unit_test_setup_teardown(a_file_comes_and_goes, empty, done),
		cmocka_unit_test_setup_teardown(the_file_of_the_start_can_go, empty, done),
		cmocka_unit_test_setup_teardown(without_a_driver, empty, done),
		cmocka_unit_test_setup_teardown(a_file_that_fails, empty, done),
		cmocka_unit_test_setup_teardown(a_file_whose_flush_has_failed_before, empty, done),
		cmocka_unit_test_setup_teardown(descriptors_that_are_no_disk, empty, done),
		cmocka_unit_test_setup_teardown(a_descriptor_that_appends, empty, done),
		cmocka_unit_test_setup_teardown(read_only, empty, done),
	};

	make_file();
	RUN_TESTS("virtio_drive", tests);
}
