// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include <errno.h>
#include <string.h>

#include "bus.h"
#include "testdev.h"

struct probe {
	uint32_t offset, value;
	unsigned int size, reads, writes;
};

static uint32_t probe_read(void *owner, uint32_t offset, unsigned int size)
{
	struct probe *probe = owner;

	probe->offset = offset;
	probe->size = size;
	probe->reads++;
	return probe->value;
}

static void probe_write(void *owner, uint32_t offset, uint32_t value, unsigned int size)
{
	struct probe *probe = owner;

	probe->offset = offset;
	probe->value = value;
	probe->size = size;
	probe->writes++;
}

static const struct bus_ops ops = { .read = probe_read, .write = probe_write };

static void ranges(void **state)
{
	struct bus bus = { 0 };
	struct probe probe;

	(void)state;
	assert_int_equal(bus_add(&bus, 0x1000, 0, &ops, &probe), -EINVAL);
	assert_int_equal(bus_add(&bus, 0xfffff000, 0x2000, &ops, &probe), -EINVAL);
	assert_int_equal(bus_add(&bus, 0xfffff000, 0x1000, &ops, &probe), 0);
	assert_int_equal(bus_add(&bus, 0x2000, 0x1000, &ops, &probe), 0);
	assert_int_equal(bus_add(&bus, 0x1001, 0x1000, &ops, &probe), -EEXIST);
	assert_int_equal(bus_add(&bus, 0x2fff, 1, &ops, &probe), -EEXIST);
	assert_int_equal(bus_add(&bus, 0x2800, 1, &ops, &probe), -EEXIST);
	assert_int_equal(bus_add(&bus, 0, 0xffffffff, &ops, &probe), -EEXIST);
	assert_int_equal(bus_add(&bus, 0x1000, 0x1000, &ops, &probe), 0);
	assert_int_equal(bus_add(&bus, 0x3000, 0x1000, &ops, &probe), 0);
}

static void full(void **state)
{
	struct bus bus = { 0 };
	struct probe probe;

	(void)state;
	for (unsigned int i = 0; i < BUS_MAX_DEVICES; i++)
		assert_int_equal(bus_add(&bus, i * 0x1000, 0x1000, &ops, &probe), 0);
	assert_int_equal(bus_add(&bus, 0x100000, 0x1000, &ops, &probe), -ENOSPC);
}

static void each_size_reaches_the_owner(void **state)
{
	struct bus bus = { 0 };
	struct probe a = { 0 }, b = { 0 };
	uint8_t data[8];

	(void)state;
	bus_add(&bus, 0x1000, 0x1000, &ops, &a);
	bus_add(&bus, 0x2000, 0x1000, &ops, &b);
	for (uint32_t size = 1; size <= 4; size *= 2) {
		memset(data, 0xaa, sizeof(data));
		data[0] = 0x10 + size;
		assert_true(bus_access(&bus, 0x2000 + 8 * size, data, size, true));
		assert_int_equal(b.offset, 8 * size);
		assert_int_equal(b.size, size);
		assert_int_equal(b.value & 0xff, 0x10 + size);
		/* No byte beyond those of the access. */
		if (size < 4)
			assert_int_equal(b.value >> (8 * size), 0);
		b.value = 0x44332211;
		memset(data, 0xaa, sizeof(data));
		assert_true(bus_access(&bus, 0x2000 + 8 * size, data, size, false));
		assert_memory_equal(data, "\x11\x22\x33\x44", size);
		assert_int_equal(data[size], 0xaa);
	}
	assert_int_equal(b.writes, 3);
	assert_int_equal(b.reads, 3);
	assert_int_equal(a.writes + a.reads, 0);
}

static void nobody_there(void **state)
{
	struct bus bus = { 0 };
	struct probe probe = { .value = ~0u };
	static const struct {
		uint64_t address;
		uint32_t size;
	} wild[] = {
		{ 0xfff, 1 },	       { 0x2000, 4 },	  { 0x1ffe, 4 },     { 0x1000, 3 },
		{ 0x1000, 8 },	       { 0x1000, 0 },	  { 0x1000, ~0u },   { 0x100001000, 4 },
		{ UINT64_MAX - 1, 4 }, { 0xffffffff, 4 }, { UINT64_MAX, 1 },
	};

	(void)state;
	bus_add(&bus, 0x1000, 0x1000, &ops, &probe);
	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

		assert_false(bus_access(&bus, wild[i].address, data, wild[i].size, true));
		assert_int_equal(data[0], 1);
		assert_false(bus_access(&bus, wild[i].address, data, wild[i].size, false));
		assert_memory_equal(data, "\0\0\0\0\0\0\0\0", 8);
	}
	assert_int_equal(probe.reads + probe.writes, 0);
}

static void scratch_page(void **state)
{
	struct bus bus = { 0 };
	static struct testdev dev;
	uint8_t data[8] = { 0x78, 0x56, 0x34, 0x12 };

	(void)state;
	testdev_init(&dev);
	bus_add(&bus, TESTDEV_BASE, DEVICE_SIZE, &testdev_ops, &dev);
	assert_true(bus_access(&bus, TESTDEV_BASE + 0xffc, data, 4, true));
	memset(data, 0, sizeof(data));
	assert_true(bus_access(&bus, TESTDEV_BASE + 0xfff, data, 1, false));
	assert_int_equal(data[0], 0x12);
	assert_true(bus_access(&bus, TESTDEV_BASE + 0xffd, data, 2, false));
	assert_memory_equal(data, "\x56\x34", 2);
	assert_false(bus_access(&bus, TESTDEV_BASE + 0xffe, data, 4, false));
	assert_true(bus_access(&bus, TESTDEV_BASE, data, 4, false));
	assert_memory_equal(data, "\0\0\0\0", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(full),
		cmocka_unit_test(each_size_reaches_the_owner),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(scratch_page),
	};

	RUN_TESTS("bus", tests);
}
