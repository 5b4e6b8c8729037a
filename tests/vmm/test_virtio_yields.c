// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver can make buffers available as fast as a device takes them, so no queue is served to its
 * end while another thread waits for the device: after one buffer the worker lets go.
 */
#include "test.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/virtio_console.h>
#include <linux/virtio_ring.h>

#include "device_options.h"
#include "virtio/balloon.h"
#include "virtio/console.h"
#include "virtio/rng.h"
#include "virtio_driver.h"

#define BASE	 0x40000000u
#define RAM_SIZE 0x400000u
#define COUNT	 4u
#define AVAIL	 0x1000u
#define USED	 0x2000u
#define DATA	 0x10000u
#define LENGTH	 8u
/* virtio 1.2, 5.3.2 and 5.5.2 */
#define CONTROL_OUT 3u
#define INFLATE	    0u

static struct ram ram;
static struct virtio device;

static uint16_t used(void)
{
	return ((uint16_t *)(ram.host + USED))[1];
}

/* A driver with queue n only, in which COUNT buffers wait. */
static void drive(unsigned int n, uint32_t features, bool writable)
{
	struct vring_desc *desc = (struct vring_desc *)ram.host;
	uint16_t *avail = (uint16_t *)(ram.host + AVAIL);

	driver_begin(&device, features);
	driver_queue(&device, n, COUNT, BASE, BASE + AVAIL, BASE + USED);
	for (uint16_t i = 0; i < COUNT; i++) {
		desc[i] = (struct vring_desc){ BASE + DATA + i * LENGTH, LENGTH,
					       writable ? VRING_DESC_F_WRITE : 0, 0 };
		avail[2 + i] = i;
	}
	avail[1] = COUNT;
	driver_ready(&device);
}

static void check(unsigned int n)
{
	uint64_t notified;

	/* DRIVER_OK notifies. */
	assert_int_equal(read(device.kick_fds[n], &notified, sizeof(notified)), sizeof(notified));
	for (unsigned int i = 1; i < COUNT; i++) {
		device.wanted = 1;
		device.kind->serve(&device, n);
		device.wanted = 0;
		assert_null(device.queues[n].broken);
		assert_int_equal(used(), i);
		/* The worker comes again. */
		assert_int_equal(read(device.kick_fds[n], &notified, sizeof(notified)),
				 sizeof(notified));
	}
	device.kind->serve(&device, n);
	assert_int_equal(used(), COUNT);
	virtio_destroy(&device);
}

static void rng(void **state)
{
	(void)state;
	assert_int_equal(rng_create(&device, &ram), 0);
	drive(0, 0, true);
	check(0);
}

static void balloon(void **state)
{
	uint32_t pages[COUNT * LENGTH / sizeof(uint32_t)];

	(void)state;
	for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		pages[i] = (BASE + RAM_SIZE / 2) / 4096 + i;
	memcpy(ram.host + DATA, pages, sizeof(pages));
	assert_int_equal(balloon_create(&device, &ram), 0);
	drive(INFLATE, 0, false);
	check(INFLATE);
}

static void console_control(void **state)
{
	char target[16];
	const struct port_options port = { "one", target, NULL };
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	snprintf(target, sizeof(target), "fd:%d", fds[0]);
	memset(ram.host + DATA, 0, COUNT * LENGTH);
	assert_int_equal(console_create(&device, &ram, &port, 1), 0);
	drive(CONTROL_OUT, 1u << VIRTIO_CONSOLE_F_MULTIPORT, false);
	check(CONTROL_OUT);
	close(fds[1]);
}

static int fresh(void **state)
{
	(void)state;
	return ram_map(&ram, BASE, RAM_SIZE, false);
}

static int done(void **state)
{
	(void)state;
	ram_unmap(&ram);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rng, fresh, done),
		cmocka_unit_test_setup_teardown(balloon, fresh, done),
		cmocka_unit_test_setup_teardown(console_control, fresh, done),
	};

	RUN_TESTS("virtio_yields", tests);
}
