// SPDX-License-Identifier: GPL-2.0-only
/* The client's points, in debug registers and in memory. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gdb/points.h"
#include "memmap.h"

#define MB   0x100000u
#define BKPT 0xe1200070u

static struct ram ram;
static struct gdb_points *points;

static int fresh(void **state)
{
	(void)state;
	points = calloc(1, sizeof(*points));
	if (!points || ram_map(&ram, RAM_BASE, 16 * MB, false))
		return -1;
	gdb_points_init(points, &ram, 3, 4);
	return 0;
}

static int done(void **state)
{
	(void)state;
	ram_unmap(&ram);
	free(points);
	return 0;
}

static uint32_t word_at(uint32_t pa)
{
	uint32_t value;

	memcpy(&value, ram_at(&ram, pa, 4), 4);
	return value;
}

static void put_word(uint32_t pa, uint32_t value)
{
	memcpy(ram_at(&ram, pa, 4), &value, 4);
}

/* The word as the client sees it. */
static uint32_t shown(uint32_t pa)
{
	uint32_t value = 0;

	gdb_points_read_memory(points, pa, (uint8_t *)&value, 4);
	return value;
}

/* ---- slots ---- */

#define E     1u
#define ANY   (3u << 1)
#define LOAD  (1u << 3)
#define STORE (2u << 3)

static void breakpoints(void **state)
{
	const struct kvm_armv7_guest_debug *debug = &points->debug;

	(void)state;
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008004, 4), 0);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008008, 2), 0);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc000800e, 3), 0);
	assert_int_equal(debug->dbgbvr[0], 0xc0008004);
	assert_int_equal(debug->dbgbcr[0], E | ANY | 0xf << 5);
	assert_int_equal(debug->dbgbvr[1], 0xc0008008);
	assert_int_equal(debug->dbgbcr[1], E | ANY | 0x3 << 5);
	assert_int_equal(debug->dbgbvr[2], 0xc000800c);
	assert_int_equal(debug->dbgbcr[2], E | ANY | 0xc << 5);
	/* No more than KVM has; setting one again takes no other slot. */
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008004, 4), 0);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008010, 4), -ENOSPC);
	assert_int_equal(debug->dbgbcr[3], 0);
	gdb_points_clear_hard(points, GDB_POINT_HARD, 0xc0008004, 4);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008010, 4), 0);
	gdb_points_clear(points);
	assert_int_equal(debug->dbgbcr[0] | debug->dbgbcr[1] | debug->dbgbcr[2], 0);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008002, 4), -EINVAL);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008001, 2), -EINVAL);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008000, 1), -EINVAL);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_HARD, 0xc0008000, 5), -EINVAL);
	assert_int_equal(points->nr_hard, 0);
}

static void directions(void **state)
{
	const struct kvm_armv7_guest_debug *debug = &points->debug;

	(void)state;
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_WRITE, 0x1000, 4), 0);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_READ, 0x1000, 4), 0);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_ACCESS, 0x1000, 4), 0);
	assert_int_equal(debug->dbgwcr[0], E | ANY | STORE | 0xf << 5);
	assert_int_equal(debug->dbgwcr[1], E | ANY | LOAD | 0xf << 5);
	assert_int_equal(debug->dbgwcr[2], E | ANY | LOAD | STORE | 0xf << 5);
	gdb_points_clear_hard(points, GDB_POINT_READ, 0x1000, 4);
	assert_int_equal(points->nr_hard, 2);
	assert_int_equal(debug->dbgwcr[2], 0);
}

static void lengths(void **state)
{
	static const struct {
		uint32_t va, length;
		int err;
		unsigned int used;
		uint32_t value[4], bas[4], mask[4];
	} cases[] = {
		{ 0x1001, 1, 0, 1, { 0x1000 }, { 0x02 }, { 0 } },
		{ 0x1007, 1, 0, 1, { 0x1004 }, { 0x08 }, { 0 } },
		{ 0x1002, 2, 0, 1, { 0x1000 }, { 0x0c }, { 0 } },
		{ 0x1004, 4, 0, 1, { 0x1004 }, { 0x0f }, { 0 } },
		{ 0x1003, 2, 0, 1, { 0x1000 }, { 0x18 }, { 0 } },
		{ 0x1000, 8, 0, 1, { 0x1000 }, { 0xff }, { 0 } },
		{ 0x1002, 5, 0, 1, { 0x1000 }, { 0x7c }, { 0 } },
		{ 0x1006, 4, 0, 2, { 0x1004, 0x1008 }, { 0x0c, 0x03 }, { 0, 0 } },
		{ 0x1000, 12, 0, 2, { 0x1000, 0x1008 }, { 0xff, 0x0f }, { 0, 0 } },
		{ 0x1000, 16, 0, 1, { 0x1000 }, { 0xff }, { 4 } },
		{ 0x1008, 16, 0, 2, { 0x1008, 0x1010 }, { 0xff, 0xff }, { 0, 0 } },
		{ 0x1000, 0x1000, 0, 1, { 0x1000 }, { 0xff }, { 12 } },
		{ 0x80000000, 0x80000000, 0, 1, { 0x80000000 }, { 0xff }, { 31 } },
		{ 0x00000000, 0xffffffff, -ENOSPC, 0, { 0 }, { 0 }, { 0 } },
		{ 0x1004,
		  32,
		  0,
		  4,
		  { 0x1004, 0x1008, 0x1010, 0x1020 },
		  { 0x0f, 0xff, 0xff, 0x0f },
		  { 0, 0, 4, 0 } },
		{ 0x1004, 0x41, -ENOSPC, 0, { 0 }, { 0 }, { 0 } },
		{ 0x1000, 0, -EINVAL, 0, { 0 }, { 0 }, { 0 } },
		{ 0xfffffffc, 8, -EINVAL, 0, { 0 }, { 0 }, { 0 } },
		{ 0xfffffff8, 8, 0, 1, { 0xfffffff8 }, { 0xff }, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		gdb_points_clear(points);
		assert_int_equal(gdb_points_set_hard(points, GDB_POINT_WRITE, cases[i].va,
						     cases[i].length),
				 cases[i].err);
		for (unsigned int n = 0; n < 4; n++) {
			uint32_t wcr = points->debug.dbgwcr[n];

			if (n >= cases[i].used) {
				assert_int_equal(wcr, 0);
				continue;
			}
			assert_int_equal(points->debug.dbgwvr[n], cases[i].value[n]);
			assert_int_equal(wcr, E | ANY | STORE | cases[i].bas[n] << 5 |
						      cases[i].mask[n] << 24);
		}
	}
}

/* A point that does not fit leaves the others unchanged. */
static void full(void **state)
{
	(void)state;
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_WRITE, 0x1004, 16), 0); /* 3 slots */
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_WRITE, 0x2004, 8), -ENOSPC);
	assert_int_equal(points->nr_hard, 1);
	assert_int_equal(points->debug.dbgwcr[3], 0);
	assert_int_equal(gdb_points_set_hard(points, GDB_POINT_WRITE, 0x2004, 4), 0);
	assert_int_equal(points->debug.dbgwvr[3], 0x2004);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(gdb_points_set_hard(points, GDB_POINT_READ, 0x3000 + i, 1),
				 -ENOSPC);
}

static void which_was_hit(void **state)
{
	const struct gdb_hard *hit;
	uint32_t at = 0;

	(void)state;
	assert_null(gdb_points_find_watch(points, 0x1000, true, &at));
	gdb_points_set_hard(points, GDB_POINT_HARD, 0x1000, 4);
	gdb_points_set_hard(points, GDB_POINT_WRITE, 0x1004, 4);
	gdb_points_set_hard(points, GDB_POINT_READ, 0x1010, 4);
	gdb_points_set_hard(points, GDB_POINT_ACCESS, 0x2000, 0x100);
	hit = gdb_points_find_watch(points, 0x1006, true, &at);
	assert_true(hit && hit->va == 0x1004 && at == 0x1006);
	/* LDM of eight words from 0x0ff0. */
	hit = gdb_points_find_watch(points, 0x0ff0, true, &at);
	assert_true(hit && hit->va == 0x1004 && at == 0x1004);
	hit = gdb_points_find_watch(points, 0x0ff0, false, &at);
	assert_true(hit && hit->va == 0x1010 && at == 0x1010);
	hit = gdb_points_find_watch(points, 0x20ff, false, &at);
	assert_true(hit && hit->type == GDB_POINT_ACCESS && at == 0x20ff);
	hit = gdb_points_find_watch(points, 0x2100, true, &at);
	assert_true(hit && hit->type == GDB_POINT_ACCESS && at == 0x2000);
}

/* ---- BKPT in memory ---- */

#define CODE (RAM_BASE + 0x8000u)

static void planted_and_taken_out(void **state)
{
	const uint64_t pa = CODE, other = CODE + 4;

	(void)state;
	put_word(CODE, 0xe3a00001);
	put_word(CODE + 4, 0x22221111);
	assert_int_equal(gdb_points_set_soft(points, 0xc0008000, CODE, 4), 0);
	assert_int_equal(gdb_points_set_soft(points, 0xc0008006, CODE + 6, 2), 0);
	assert_int_equal(word_at(CODE), BKPT);
	assert_int_equal(word_at(CODE + 4), 0xbe001111);
	assert_int_equal(shown(CODE), 0xe3a00001);
	assert_int_equal(shown(CODE + 4), 0x22221111);
	assert_int_equal(shown(CODE + 3), 0x221111e3);
	assert_true(gdb_points_have_soft(points, 0, &pa));
	assert_false(gdb_points_have_soft(points, 0xc0008000, &other));
	assert_true(gdb_points_have_soft(points, 0xc0008000, NULL));
	assert_false(gdb_points_have_soft(points, 0xc0008004, NULL));
	/* Setting one again keeps it, and what it hides. */
	assert_int_equal(gdb_points_set_soft(points, 0xc0008000, CODE, 4), 0);
	assert_int_equal(points->nr_soft, 2);
	gdb_points_clear_soft(points, 0xc0008000);
	assert_int_equal(word_at(CODE), 0xe3a00001);
	gdb_points_clear_soft(points, 0xc0008000);
	gdb_points_clear_soft(points, 0x12345678);
	gdb_points_clear(points);
	assert_int_equal(word_at(CODE + 4), 0x22221111);
}

static void refused(void **state)
{
	(void)state;
	assert_int_equal(gdb_points_set_soft(points, 0x8000, 0x8000, 4), -EFAULT);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, RAM_BASE + 16 * MB - 2, 4), -EFAULT);
	assert_int_equal(gdb_points_set_soft(points, 0x8002, CODE, 4), -EINVAL);
	assert_int_equal(gdb_points_set_soft(points, 0x8001, CODE, 2), -EINVAL);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 0), -EINVAL);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 5), -EINVAL);
	for (uint32_t i = 0; i < GDB_SOFT_MAX; i++)
		assert_int_equal(gdb_points_set_soft(points, 4 * i, CODE + 4 * i, 4), 0);
	assert_int_equal(gdb_points_set_soft(points, 4 * GDB_SOFT_MAX, CODE, 4), -ENOSPC);
	gdb_points_clear(points);
	for (uint32_t i = 0; i < GDB_SOFT_MAX; i++)
		assert_int_equal(word_at(CODE + 4 * i), 0);
}

/* Two virtual addresses of the same instruction. */
static void aliases(void **state)
{
	(void)state;
	put_word(CODE, 0xe3a00001);
	assert_int_equal(gdb_points_set_soft(points, 0xc0008000, CODE, 4), 0);
	assert_int_equal(gdb_points_set_soft(points, 0x00008000, CODE, 4), 0);
	gdb_points_clear_soft(points, 0xc0008000);
	assert_int_equal(word_at(CODE), BKPT);
	assert_int_equal(shown(CODE), 0xe3a00001);
	gdb_points_clear_soft(points, 0x00008000);
	assert_int_equal(word_at(CODE), 0xe3a00001);
}

/* An ARM breakpoint and a Thumb one in its middle: the second one is refused. */
static void overlapping(void **state)
{
	(void)state;
	put_word(CODE, 0xe3a00001);
	put_word(CODE + 4, 0x22221111);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 4), 0);
	assert_int_equal(gdb_points_set_soft(points, 0x8002, CODE + 2, 2), -EBUSY);
	assert_int_equal(gdb_points_set_soft(points, 0xc0008000, CODE, 2), -EBUSY);
	assert_int_equal(points->nr_soft, 1);
	assert_int_equal(word_at(CODE), BKPT);
	assert_int_equal(shown(CODE), 0xe3a00001);
	gdb_points_clear_soft(points, 0x8000);
	assert_int_equal(word_at(CODE), 0xe3a00001);
	assert_int_equal(gdb_points_set_soft(points, 0x8002, CODE + 2, 2), 0);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 4), -EBUSY);
	/* Adjacent points do not overlap, and a point may change its kind. */
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 2), 0);
	assert_int_equal(gdb_points_set_soft(points, 0x8004, CODE + 4, 2), 0);
	assert_int_equal(gdb_points_set_soft(points, 0x8004, CODE + 4, 4), 0);
	assert_int_equal(word_at(CODE + 4), BKPT);
	gdb_points_clear(points);
	assert_int_equal(word_at(CODE), 0xe3a00001);
	assert_int_equal(word_at(CODE + 4), 0x22221111);
}

/* The address now maps another page: the old page gets its instruction back. */
static void moved(void **state)
{
	(void)state;
	put_word(CODE, 1);
	put_word(CODE + 0x1000, 2);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 4), 0);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE + 0x1000, 4), 0);
	assert_int_equal(points->nr_soft, 1);
	assert_int_equal(word_at(CODE), 1);
	assert_int_equal(word_at(CODE + 0x1000), BKPT);
}

static void written_by_the_client(void **state)
{
	static const uint8_t new[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	put_word(CODE + 4, 0xe3a00001);
	assert_int_equal(gdb_points_set_soft(points, 0x8004, CODE + 4, 4), 0);
	gdb_points_write_memory(points, CODE + 2, new, 4);
	assert_int_equal(word_at(CODE), 0x02010000);
	assert_int_equal(word_at(CODE + 4), BKPT);
	assert_int_equal(shown(CODE + 4), 0xe3a00403);
	gdb_points_write_memory(points, CODE, new, 8);
	assert_int_equal(word_at(CODE + 4), BKPT);
	gdb_points_clear_soft(points, 0x8004);
	assert_int_equal(word_at(CODE + 4), 0x08070605);
}

/* The guest loaded other code there, which must not be damaged. */
static void written_by_the_guest(void **state)
{
	(void)state;
	put_word(CODE, 0xe3a00001);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 4), 0);
	put_word(CODE, 0x12345678);
	assert_int_equal(shown(CODE), 0x12345678);
	gdb_points_write_memory(points, CODE, (const uint8_t *)"abcd", 4);
	assert_int_equal(word_at(CODE), 0x64636261);
	gdb_points_clear_soft(points, 0x8000);
	assert_int_equal(word_at(CODE), 0x64636261);
}

/* A reset loads the guest's memory again, perhaps with other code. */
static void replanted(void **state)
{
	(void)state;
	put_word(CODE, 0xe3a00001);
	assert_int_equal(gdb_points_set_soft(points, 0x8000, CODE, 4), 0);
	assert_int_equal(gdb_points_set_soft(points, 0xc0008000, CODE, 4), 0);
	put_word(CODE, 0xe3a00002);
	gdb_points_replant(points);
	assert_int_equal(word_at(CODE), BKPT);
	assert_int_equal(shown(CODE), 0xe3a00002);
	gdb_points_clear_soft(points, 0x8000);
	assert_int_equal(word_at(CODE), BKPT);
	gdb_points_clear_soft(points, 0xc0008000);
	assert_int_equal(word_at(CODE), 0xe3a00002);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(breakpoints, fresh, done),
		cmocka_unit_test_setup_teardown(directions, fresh, done),
		cmocka_unit_test_setup_teardown(lengths, fresh, done),
		cmocka_unit_test_setup_teardown(full, fresh, done),
		cmocka_unit_test_setup_teardown(which_was_hit, fresh, done),
		cmocka_unit_test_setup_teardown(planted_and_taken_out, fresh, done),
		cmocka_unit_test_setup_teardown(refused, fresh, done),
		cmocka_unit_test_setup_teardown(aliases, fresh, done),
		cmocka_unit_test_setup_teardown(overlapping, fresh, done),
		cmocka_unit_test_setup_teardown(moved, fresh, done),
		cmocka_unit_test_setup_teardown(written_by_the_client, fresh, done),
		cmocka_unit_test_setup_teardown(written_by_the_guest, fresh, done),
		cmocka_unit_test_setup_teardown(replanted, fresh, done),
	};

	RUN_TESTS("gdb_points", tests);
}
