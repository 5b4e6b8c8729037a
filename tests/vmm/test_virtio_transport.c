// SPDX-License-Identifier: GPL-2.0-only
/* The registers: what a driver sees, in order and out of order; in one case with a worker. */
#include "test.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/virtio_mmio.h>

#include "virtio/device.h"
#include "virtio/transport.h"

#define BASE 0x40000000u

static uint8_t memory[0x4000] __attribute__((aligned(4096)));
static const struct ram ram = { .host = memory, .base = BASE, .size = sizeof(memory) };
static struct virtio device;
static unsigned int stops, writes;

static void serve(struct virtio *one, unsigned int queue)
{
	(void)one;
	(void)queue;
}

static void stopped(struct virtio *one)
{
	(void)one;
	stops++;
}

static void configured(struct virtio *one)
{
	(void)one;
	writes++;
}

static const struct virtio_kind kind = {
	.name = "test",
	.id = 77,
	.nr_queues = 2,
	.queue_size = 64,
	.serve = serve,
	.stopped = stopped,
	.configured = configured,
};

static sem_t served[2];

static void note_serve(struct virtio *one, unsigned int queue)
{
	(void)one;
	sem_post(&served[queue]);
}

static void delegate(struct virtio *one)
{
	one->delegated = true;
}

static void recall(struct virtio *one)
{
	one->delegated = false;
}

/* The kernel serves it. */
static const struct virtio_kind delegated_kind = {
	.name = "test",
	.nr_queues = 2,
	.queue_size = 64,
	.thread = SANDBOX_VSOCK,
	.serve = note_serve,
	.delegate = delegate,
	.recall = recall,
};

static uint32_t rd(uint32_t reg)
{
	return transport_ops.read(&device, reg, 4);
}

static void wr(uint32_t reg, uint32_t value)
{
	transport_ops.write(&device, reg, value, 4);
}

/* How often was it signalled since the last call? */
static uint64_t signals(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) < 0 ? 0 : count;
}

static int fresh(void **state)
{
	(void)state;
	stops = writes = 0;
	if (virtio_create(&device, &kind, &ram, NULL))
		return -1;
	device.features = 1ull << 5;
	memcpy(device.config, "\1\2\3\4\5\6", 6);
	device.config_size = 6;
	device.config_writable = 4;
	device.config_writable_size = 1;
	return 0;
}

static int done(void **state)
{
	(void)state;
	virtio_destroy(&device);
	return 0;
}

static void features(uint32_t low, uint32_t high)
{
	wr(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	wr(VIRTIO_MMIO_DRIVER_FEATURES, low);
	wr(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	wr(VIRTIO_MMIO_DRIVER_FEATURES, high);
	wr(VIRTIO_MMIO_STATUS, 3);
	wr(VIRTIO_MMIO_STATUS, 11);
}

static void queue_at(uint32_t n, uint32_t size, uint32_t address)
{
	wr(VIRTIO_MMIO_QUEUE_SEL, n);
	wr(VIRTIO_MMIO_QUEUE_NUM, size);
	wr(VIRTIO_MMIO_QUEUE_DESC_LOW, address);
	wr(VIRTIO_MMIO_QUEUE_AVAIL_LOW, address + 0x800);
	wr(VIRTIO_MMIO_QUEUE_USED_LOW, address + 0xc00);
	wr(VIRTIO_MMIO_QUEUE_READY, 1);
}

static void identifies_itself(void **state)
{
	(void)state;
	assert_int_equal(rd(VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	assert_int_equal(rd(VIRTIO_MMIO_VERSION), 2);
	assert_int_equal(rd(VIRTIO_MMIO_DEVICE_ID), 77);
	wr(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	assert_int_equal(rd(VIRTIO_MMIO_DEVICE_FEATURES), 1 << 5 | 1 << 28 | 1 << 29);
	wr(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	assert_int_equal(rd(VIRTIO_MMIO_DEVICE_FEATURES), 1);
	wr(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
	assert_int_equal(rd(VIRTIO_MMIO_DEVICE_FEATURES), 0);
	for (uint32_t reg = VIRTIO_MMIO_SHM_LEN_LOW; reg <= VIRTIO_MMIO_SHM_BASE_HIGH; reg += 4)
		assert_int_equal(rd(reg), ~0u);
	assert_int_equal(rd(VIRTIO_MMIO_QUEUE_NUM_MAX), 64);
	wr(VIRTIO_MMIO_QUEUE_SEL, 2);
	assert_int_equal(rd(VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
	wr(VIRTIO_MMIO_QUEUE_SEL, ~0u);
	wr(VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(rd(VIRTIO_MMIO_QUEUE_READY), 0);
}

static void features_are_settled_once(void **state)
{
	(void)state;
	features(1 << 6, 1); /* not offered */
	assert_int_equal(rd(VIRTIO_MMIO_STATUS), 3);
	features(1 << 5, 0); /* a driver of before version 1 */
	assert_int_equal(rd(VIRTIO_MMIO_STATUS), 3);
	wr(VIRTIO_MMIO_STATUS, 7); /* DRIVER_OK without FEATURES_OK */
	assert_int_equal(rd(VIRTIO_MMIO_STATUS), 3);
	features(1 << 5, 1);
	assert_int_equal(rd(VIRTIO_MMIO_STATUS), 11);
	features(1 << 28, 1);
	assert_true(virtio_has(&device, 5));
	assert_false(virtio_has(&device, 28));
	/* Bits stay set; only the device sets NEEDS_RESET. */
	wr(VIRTIO_MMIO_STATUS, 0x40 | 0x80);
	assert_int_equal(rd(VIRTIO_MMIO_STATUS), 11 | 0x80);
	wr(VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(rd(VIRTIO_MMIO_STATUS), 0);
	assert_int_equal(stops, 1);
	assert_false(virtio_has(&device, 5));
}

static void a_queue_starts_and_stays(void **state)
{
	(void)state;
	features(1 << 29, 1);
	queue_at(1, 64, BASE);
	assert_int_equal(rd(VIRTIO_MMIO_QUEUE_READY), 1);
	assert_true(device.queues[1].event_idx);
	assert_false(device.queues[1].indirect);
	wr(VIRTIO_MMIO_QUEUE_NUM, 8);
	wr(VIRTIO_MMIO_QUEUE_DESC_LOW, 0);
	assert_int_equal(device.queues[1].size, 64);
	assert_int_equal(device.queues[1].desc_address, BASE);
	assert_int_equal(signals(device.kick_fds[1]), 0);
	wr(VIRTIO_MMIO_STATUS, 15);
	assert_int_equal(signals(device.kick_fds[1]), 1);
	assert_int_equal(signals(device.kick_fds[0]), 1);
	wr(VIRTIO_MMIO_QUEUE_NOTIFY, 1);
	wr(VIRTIO_MMIO_QUEUE_NOTIFY, 2);
	wr(VIRTIO_MMIO_QUEUE_NOTIFY, ~0u);
	assert_int_equal(signals(device.kick_fds[1]), 1);
	assert_int_equal(signals(device.kick_fds[0]), 0);
	/* Until the driver stops it, and reads that back. */
	wr(VIRTIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(rd(VIRTIO_MMIO_QUEUE_READY), 0);
	assert_false(device.queues[1].ready);
	queue_at(1, 8, BASE);
	assert_int_equal(rd(VIRTIO_MMIO_QUEUE_READY), 1);
	assert_int_equal(device.queues[1].size, 8);
	wr(VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(rd(VIRTIO_MMIO_QUEUE_READY), 0);
	assert_false(device.queues[1].ready);
}

/* The kernel has had the notifications so far, so the worker looks at the queue that is left. */
static void the_worker_serves_what_the_kernel_gives_back(void **state)
{
	struct timespec deadline;
	int none;

	(void)state;
	for (unsigned int n = 0; n < 2; n++)
		sem_init(&served[n], 0, 0);
	device.kind = &delegated_kind;
	features(0, 1);
	queue_at(0, 8, BASE);
	queue_at(1, 8, BASE + 0x1000);
	wr(VIRTIO_MMIO_STATUS, 15);
	assert_int_equal(virtio_start(&device), 0);
	assert_true(device.delegated);
	usleep(100000); /* it waits, but not for notifications */
	wr(VIRTIO_MMIO_QUEUE_SEL, 0);
	wr(VIRTIO_MMIO_QUEUE_READY, 0);
	assert_false(device.delegated);
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += 20;
	assert_int_equal(sem_timedwait(&served[1], &deadline), 0);
	/* It goes on: the driver notifies as ever. */
	wr(VIRTIO_MMIO_QUEUE_NOTIFY, 1);
	assert_int_equal(sem_timedwait(&served[1], &deadline), 0);
	virtio_stop(&device);
	sem_getvalue(&served[0], &none);
	assert_int_equal(none, 0);
}

static void a_bad_queue_needs_a_reset(void **state)
{
	static const struct {
		uint32_t size, address;
	} cases[] = { { 0, BASE }, { 65, BASE }, { 128, BASE }, { 64, BASE + 8 }, { 64, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		features(0, 1);
		queue_at(0, cases[i].size, cases[i].address);
		assert_int_equal(rd(VIRTIO_MMIO_QUEUE_READY), 0);
		assert_int_equal(rd(VIRTIO_MMIO_STATUS), 11 | 0x40);
		assert_int_equal(signals(device.irq_fd), 0); /* not before DRIVER_OK */
		wr(VIRTIO_MMIO_STATUS, 15);
		assert_false(virtio_live(&device));
		assert_int_equal(signals(device.kick_fds[0]), 0);
		wr(VIRTIO_MMIO_STATUS, 0);
	}
	/* High words count. */
	features(0, 1);
	wr(VIRTIO_MMIO_QUEUE_SEL, 0);
	wr(VIRTIO_MMIO_QUEUE_USED_HIGH, 1);
	queue_at(0, 64, BASE);
	assert_int_equal(rd(VIRTIO_MMIO_STATUS), 11 | 0x40);
}

static void interrupts_are_acknowledged(void **state)
{
	(void)state;
	features(0, 1);
	queue_at(0, 64, BASE);
	wr(VIRTIO_MMIO_STATUS, 15);
	device.queues[0].next_used = 1;
	virtio_used(&device, 0);
	assert_int_equal(signals(device.irq_fd), 1);
	assert_int_equal(rd(VIRTIO_MMIO_INTERRUPT_STATUS), 1);
	virtio_used(&device, 0); /* nothing new */
	assert_int_equal(signals(device.irq_fd), 0);
	virtio_broken(&device, "test");
	virtio_broken(&device, "test");
	assert_int_equal(signals(device.irq_fd), 1);
	assert_int_equal(rd(VIRTIO_MMIO_INTERRUPT_STATUS), 3);
	wr(VIRTIO_MMIO_INTERRUPT_ACK, 1);
	assert_int_equal(rd(VIRTIO_MMIO_INTERRUPT_STATUS), 2);
	wr(VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(rd(VIRTIO_MMIO_INTERRUPT_STATUS), 0);
}

static void configuration_space(void **state)
{
	(void)state;
	assert_int_equal(rd(VIRTIO_MMIO_CONFIG), 0x04030201);
	assert_int_equal(transport_ops.read(&device, VIRTIO_MMIO_CONFIG + 4, 2), 0x0605);
	assert_int_equal(transport_ops.read(&device, VIRTIO_MMIO_CONFIG + 5, 1), 6);
	assert_int_equal(rd(VIRTIO_MMIO_CONFIG + 4), 0); /* half of it is past the end */
	assert_int_equal(rd(0x1fc), 0);
	transport_ops.write(&device, VIRTIO_MMIO_CONFIG + 4, 9, 1);
	assert_int_equal(writes, 1);
	for (uint32_t at = 0; at < 8; at++) {
		transport_ops.write(&device, VIRTIO_MMIO_CONFIG + at, 0xff, at == 4 ? 2 : 1);
		transport_ops.write(&device, VIRTIO_MMIO_CONFIG + at, 0xff, 4);
	}
	assert_int_equal(writes, 1);
	assert_memory_equal(device.config, "\1\2\3\4\t\6\0\0", 8);
}

static void odd_accesses_do_nothing(void **state)
{
	(void)state;
	for (uint32_t reg = 0; reg < VIRTIO_MMIO_CONFIG; reg++) {
		for (unsigned int size = 1; size <= 4; size *= 2) {
			if (size == 4 && !(reg & 3))
				continue;
			transport_ops.write(&device, reg, ~0u, size);
			assert_int_equal(transport_ops.read(&device, reg, size), 0);
		}
	}
	assert_int_equal(device.status, 0);
	assert_int_equal(device.queue_select, 0);
	assert_int_equal(signals(device.kick_fds[0]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(identifies_itself, fresh, done),
		cmocka_unit_test_setup_teardown(features_are_settled_once, fresh, done),
		cmocka_unit_test_setup_teardown(a_queue_starts_and_stays, fresh, done),
		cmocka_unit_test_setup_teardown(the_worker_serves_what_the_kernel_gives_back, fresh,
						done),
		cmocka_unit_test_setup_teardown(a_bad_queue_needs_a_reset, fresh, done),
		cmocka_unit_test_setup_teardown(interrupts_are_acknowledged, fresh, done),
		cmocka_unit_test_setup_teardown(configuration_space, fresh, done),
		cmocka_unit_test_setup_teardown(odd_accesses_do_nothing, fresh, done),
	};

	RUN_TESTS("virtio_transport", tests);
}
