// SPDX-License-Identifier: GPL-2.0-only
/* The balloon, on RAM whose pages can be counted. */
#include "test.h"

#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/virtio_balloon.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

#include "virtio/balloon.h"
#include "virtio_driver.h"

#define BASE	 0x40000000u
#define RAM_SIZE 0x400000u
#define PAGE	 4096u
#define SIZE	 16u
#define QUEUE(n) ((n)*0x3000u)
#define AVAIL	 0x1000u
#define USED	 0x2000u
#define LIST	 0x10000u /* page numbers; up to 0x90000 */
#define FREE	 0x100000u

enum {
	INFLATE,
	DEFLATE,
	REPORTING
};

static struct ram ram;
static struct virtio device;

/* ---- the driver ---- */

static uint32_t rd(uint32_t offset)
{
	return transport_ops.read(&device, offset, 4);
}

static void drive(void)
{
	driver_begin(&device, 1u << VIRTIO_BALLOON_F_REPORTING);
	for (unsigned int n = 0; n < 3; n++) {
		memset(ram.host + QUEUE(n), 0, 0x3000);
		driver_queue(&device, n, SIZE, BASE + QUEUE(n), BASE + QUEUE(n) + AVAIL,
			     BASE + QUEUE(n) + USED);
	}
	driver_ready(&device);
	assert_true(virtio_live(&device));
}

static uint16_t used(unsigned int n)
{
	return ((uint16_t *)(ram.host + QUEUE(n) + USED))[1];
}

/* Make a chain of two buffers available, and have it served. */
static void give(unsigned int n, uint32_t at, uint32_t first, uint32_t second, uint32_t length)
{
	struct vring_desc *desc = (struct vring_desc *)(ram.host + QUEUE(n));
	uint16_t *avail = (uint16_t *)(ram.host + QUEUE(n) + AVAIL);
	uint16_t write = n == REPORTING ? VRING_DESC_F_WRITE : 0;

	desc[0] = (struct vring_desc){ BASE + at, first, write | VRING_DESC_F_NEXT, 1 };
	desc[1] = (struct vring_desc){ BASE + second, length, write, 0 };
	avail[2 + avail[1] % SIZE] = 0;
	__atomic_store_n(&avail[1], avail[1] + 1, __ATOMIC_RELEASE);
	device.kind->serve(&device, n);
	if (device.queues[n].broken)
		virtio_broken(&device, device.queues[n].broken);
}

static void give_list(unsigned int n, const uint32_t *pages, unsigned int count)
{
	uint32_t size = count * sizeof(*pages);

	memcpy(ram.host + LIST, pages, size);
	/* Cut in the middle of a number. */
	give(n, LIST, 3, LIST + 3, size - 3);
}

static uint32_t page(uint32_t offset)
{
	return (BASE + offset) / PAGE;
}

static void fill(uint32_t at, uint32_t size)
{
	memset(ram.host + at, 0x55, size);
}

static uint64_t blocks(void)
{
	struct stat st;

	assert_int_equal(fstat(ram.fd, &st), 0);
	return st.st_blocks / 8;
}

static void is(uint32_t at, uint32_t size, uint8_t value)
{
	for (uint32_t i = 0; i < size; i++)
		assert_int_equal(ram.host[at + i], value);
}

static int fresh(void **state)
{
	(void)state;
	if (ram_map(&ram, BASE, RAM_SIZE, false) || balloon_create(&device, &ram))
		return -1;
	drive();
	fill(LIST, PAGE);
	return 0;
}

static int done(void **state)
{
	(void)state;
	virtio_destroy(&device);
	ram_unmap(&ram);
	return 0;
}

/* ---- tests ---- */

static void describes_itself(void **state)
{
	(void)state;
	assert_int_equal(device.kind->id, VIRTIO_ID_BALLOON);
	assert_int_equal(virtio_offered(&device) & 0xffffff,
			 1 << VIRTIO_BALLOON_F_REPORTING | 1 << VIRTIO_BALLOON_F_DEFLATE_ON_OOM);
	assert_int_equal(device.kind->nr_queues, 3);
	assert_int_equal(device.config_size, 8);
}

static void pages_in_the_balloon_go_back(void **state)
{
	/* In any order, one of them twice. */
	const uint32_t list[] = { page(FREE + 5 * PAGE), page(FREE + PAGE), page(FREE + 2 * PAGE),
				  page(FREE + 2 * PAGE), page(RAM_SIZE - PAGE) };
	uint64_t before;

	(void)state;
	fill(FREE, 7 * PAGE);
	fill(RAM_SIZE - PAGE, PAGE);
	before = blocks();
	give_list(INFLATE, list, 5);
	assert_int_equal(used(INFLATE), 1);
	assert_int_equal(blocks(), before - 4);
	is(FREE, PAGE, 0x55);
	is(FREE + PAGE, 2 * PAGE, 0);
	is(FREE + 3 * PAGE, 2 * PAGE, 0x55);
	is(FREE + 5 * PAGE, PAGE, 0);
	is(FREE + 6 * PAGE, PAGE, 0x55);
	is(RAM_SIZE - PAGE, PAGE, 0);
	/* Taking them back needs nothing but an answer. */
	fill(FREE, 7 * PAGE);
	give_list(DEFLATE, list, 5);
	assert_int_equal(used(DEFLATE), 1);
	is(FREE, 7 * PAGE, 0x55);
}

static void a_long_list(void **state)
{
	uint32_t list[700];
	uint64_t before;

	(void)state;
	for (unsigned int i = 0; i < 700; i++)
		list[i] = page(FREE + (699 - i) * PAGE);
	fill(FREE, 700 * PAGE);
	before = blocks();
	give_list(INFLATE, list, 700);
	assert_int_equal(blocks(), before - 700);
}

/* Free pages are reported as buffers, and only whole pages of them are known to be free. */
static void reported_pages_go_back(void **state)
{
	uint64_t before;

	(void)state;
	fill(FREE, 16 * PAGE);
	before = blocks();
	give(REPORTING, FREE + 1, 3 * PAGE, FREE + 8 * PAGE, 4 * PAGE + 7);
	assert_int_equal(used(REPORTING), 1);
	assert_int_equal(blocks(), before - 2 - 4);
	is(FREE, PAGE, 0x55);
	is(FREE + PAGE, 2 * PAGE, 0);
	is(FREE + 3 * PAGE, 5 * PAGE, 0x55);
	is(FREE + 8 * PAGE, 4 * PAGE, 0);
	is(FREE + 12 * PAGE, 4 * PAGE, 0x55);
	/* Less than a page. */
	give(REPORTING, FREE + 1, 10, FREE + PAGE - 5, 10);
	assert_int_equal(used(REPORTING), 2);
}

static void the_host_asks(void **state)
{
	uint32_t generation = rd(VIRTIO_MMIO_CONFIG_GENERATION);
	eventfd_t count;

	(void)state;
	assert_int_equal(rd(VIRTIO_MMIO_CONFIG), 0);
	balloon_ask(&device, 64 * PAGE);
	assert_int_equal(rd(VIRTIO_MMIO_CONFIG), 64);
	assert_true(rd(VIRTIO_MMIO_CONFIG_GENERATION) != generation);
	assert_int_equal(rd(VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_CONFIG);
	assert_int_equal(eventfd_read(device.irq_fd, &count), 0);
	driver_write(&device, VIRTIO_MMIO_CONFIG + 4, 60);
	assert_int_equal(balloon_size(&device), 60 * PAGE);
	/* What is asked for, and what is a part of a field, is not the driver's to write. */
	driver_write(&device, VIRTIO_MMIO_CONFIG, 1);
	transport_ops.write(&device, VIRTIO_MMIO_CONFIG + 4, 1, 1);
	assert_int_equal(rd(VIRTIO_MMIO_CONFIG), 64);
	assert_int_equal(rd(VIRTIO_MMIO_CONFIG + 4), 60);
	/* The next driver has all memory, and is asked for the same. */
	virtio_restart(&device);
	assert_int_equal(balloon_size(&device), 0);
	assert_int_equal(rd(VIRTIO_MMIO_CONFIG), 64);
	/* Nobody is there to be interrupted. */
	balloon_ask(&device, 0);
	assert_int_equal(rd(VIRTIO_MMIO_INTERRUPT_STATUS), 0);
}

static void lists_that_cannot_be(void **state)
{
	static const uint32_t outside[] = { BASE / PAGE - 1, (BASE + RAM_SIZE) / PAGE, 0,
					    UINT32_MAX };

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		give_list(INFLATE, &outside[i], 1);
		assert_false(virtio_live(&device));
		drive();
	}
	give(INFLATE, LIST, 4, LIST, 1);
	assert_false(virtio_live(&device));
	drive();
	give(INFLATE, LIST, 0x40000, LIST, 4);
	assert_false(virtio_live(&device));
	drive();
	/* What is not a list is not looked at. */
	give_list(DEFLATE, outside, 4);
	assert_true(virtio_live(&device));
	give(INFLATE, LIST, 0, LIST, 0);
	assert_int_equal(used(INFLATE), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(describes_itself, fresh, done),
		cmocka_unit_test_setup_teardown(pages_in_the_balloon_go_back, fresh, done),
		cmocka_unit_test_setup_teardown(a_long_list, fresh, done),
		cmocka_unit_test_setup_teardown(reported_pages_go_back, fresh, done),
		cmocka_unit_test_setup_teardown(the_host_asks, fresh, done),
		cmocka_unit_test_setup_teardown(lists_that_cannot_be, fresh, done),
	};

	RUN_TESTS("virtio_balloon", tests);
}
