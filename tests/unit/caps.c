// SPDX-License-Identifier: GPL-2.0-only
/* What guests are told of the CPUs: what every CPU has, the same everywhere. */
#include "sim.h"

static void cortex_a15_alone(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	assert_int_equal(caps.cpus, 1);
	assert_int_equal(caps.nr_brps, 6);
	assert_int_equal(caps.nr_ctx, 2);
	assert_int_equal(caps.nr_wrps, 4);
	assert_true(caps.monitor);
	assert_int_equal(caps.dbgdidr, 0x3515f021);
	/* No VMID, no auxiliary registers; double lock; BCR.MASK F, WCR.MASK 1. */
	assert_int_equal(caps.dbgdevid, 0x00100f13);
	assert_int_equal(caps.dbgdevid1, 1);
}

static void minimum(void **state)
{
	struct v7dbg_caps caps = caps_of(&big, &cortex_a15), other = caps_of(&cortex_a15, &big);

	(void)state;
	assert_int_equal(caps.dbgdidr, 0x3515f021);
	assert_int_equal(caps.dbgdevid, 0x00100f13);
	assert_memory_equal(&caps, &other, sizeof(caps));
	assert_int_equal(v7dbg_caps_add(&caps, &small), V7DBG_OK);
	assert_int_equal(caps.nr_brps, 4);
	assert_int_equal(caps.nr_ctx, 1);
	assert_int_equal(caps.nr_wrps, 2);
	assert_int_equal(caps.dbgdidr, 0x1305f021);
	assert_int_equal(caps.dbgdevid, 0x00100ff3);
	assert_int_equal(caps.cpus, 3);
}

/* MASK exists for guests only where every CPU has it. */
static void masks(void **state)
{
	struct v7dbg_cpu_id yes = big, no = big, silent = big;
	struct v7dbg_caps caps;

	(void)state;
	no.dbgdevid = DEVID(0xf, 0xf);
	silent.dbgdevid = 0;
	caps = caps_of(&yes, &yes);
	assert_int_equal(caps.dbgdevid & 0xff0, 0x110);
	caps = caps_of(&yes, &no);
	assert_int_equal(caps.dbgdevid & 0xff0, 0xff0);
	/* A CPU that does not say has DBGWCR.MASK and no DBGBCR.MASK. */
	caps = caps_of(&yes, &silent);
	assert_int_equal(caps.dbgdevid & 0xff0, 0xf10);
}

/* Monitor debug-mode on every CPU, and Halting debug-mode on none. */
static void monitor_mode(void **state)
{
	struct v7dbg_cpu_id off = cortex_a15, halting = cortex_a15;
	struct v7dbg_caps caps;

	(void)state;
	off.dbgdscr = 0;
	halting.dbgdscr = MDBGEN | HDBGEN;
	assert_true(caps_of(&cortex_a15, &big).monitor);
	assert_false(caps_of(&cortex_a15, &off).monitor);
	assert_false(caps_of(&off, &cortex_a15).monitor);
	assert_false(caps_of(&cortex_a15, &halting).monitor);
	assert_false(caps_of(&halting, NULL).monitor);
	v7dbg_caps_init(&caps, false);
	assert_false(caps.monitor);
}

/* Seen to stop on every CPU.  No register says so, and guests are not told. */
static void mismatch(void **state)
{
	struct v7dbg_cpu_id yes = cortex_a15, too = big;
	struct v7dbg_caps caps;

	(void)state;
	yes.mismatch = true;
	too.mismatch = true;
	caps = caps_of(&yes, NULL);
	assert_true(caps.mismatch);
	assert_int_equal(caps.dbgdidr, 0x3515f021);
	assert_int_equal(caps.dbgdevid, 0x00100f13);
	assert_true(caps_of(&yes, &too).mismatch);
	assert_false(caps_of(&yes, &big).mismatch);
	assert_false(caps_of(&cortex_a15, &too).mismatch);
	assert_false(caps_of(&cortex_a15, NULL).mismatch);
	v7dbg_caps_init(&caps, true);
	assert_false(caps.mismatch);
	assert_int_equal(v7dbg_caps_add(&caps, &yes), V7DBG_OK);
	assert_false(caps.mismatch);
}

static void other_architectures(void **state)
{
	unsigned int version;

	(void)state;
	for (version = 0; version < 16; version++) {
		struct v7dbg_cpu_id id = cortex_a15;
		struct v7dbg_caps caps = caps_of(&cortex_a15, NULL), before = caps;

		id.dbgdidr = (id.dbgdidr & ~0xf0000u) | version << 16;
		assert_int_equal(v7dbg_caps_add(&caps, &id),
				 version == 5 ? V7DBG_OK : V7DBG_ERR_ARCHITECTURE);
		if (version != 5)
			assert_memory_equal(&caps, &before, sizeof(caps));
	}
}

/* ID_DFR0 agrees with DBGDIDR; no trace, memory-mapped debug or PMU. */
static void id_dfr0(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	assert_int_equal(v7dbg_id_dfr0(&caps, 0x02010555), 0x55);
	assert_int_equal(v7dbg_id_dfr0(&caps, 0x02010505), 0x05);
	v7dbg_caps_init(&caps, true);
	assert_int_equal(v7dbg_caps_add(&caps, &cortex_a15), V7DBG_OK);
	assert_int_equal(v7dbg_id_dfr0(&caps, 0x02010555), 0);
	assert_int_equal(caps.dbgdidr, 0);
	assert_false(caps.monitor);
}

/* Guests that get no debug registers run on a CPU of any debug architecture. */
static void absent_on_any(void **state)
{
	unsigned int version;

	(void)state;
	for (version = 0; version < 16; version++) {
		struct v7dbg_cpu_id id = cortex_a15;
		struct v7dbg_caps caps;

		id.dbgdidr = (id.dbgdidr & ~0xf0000u) | version << 16;
		v7dbg_caps_init(&caps, true);
		assert_int_equal(v7dbg_caps_add(&caps, &id), V7DBG_OK);
		assert_int_equal(caps.dbgdidr, 0);
		assert_int_equal(caps.nr_brps + caps.nr_wrps, 0);
		assert_false(caps.monitor);
	}
}

static void cpu_init(void **state)
{
	struct v7dbg_cpu cpu;

	(void)state;
	memset(&cpu, 0x5a, sizeof(cpu));
	v7dbg_cpu_init(&cpu, &big);
	assert_int_equal(cpu.owner, V7DBG_OWNER_HOST);
	assert_true(cpu.tde);
	assert_int_equal(cpu.brp.count, 16);
	assert_int_equal(cpu.wrp.count, 16);
	assert_int_equal(cpu.nr_ctx, 4);
	assert_true(cpu.brp.mask);
	assert_true(cpu.wrp.mask);
	v7dbg_cpu_init(&cpu, &cortex_a15);
	assert_false(cpu.brp.mask);
	assert_true(cpu.wrp.mask);
	v7dbg_cpu_init(&cpu, &small);
	assert_false(cpu.brp.mask);
	assert_false(cpu.wrp.mask);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cortex_a15_alone),
		cmocka_unit_test(minimum),
		cmocka_unit_test(masks),
		cmocka_unit_test(monitor_mode),
		cmocka_unit_test(mismatch),
		cmocka_unit_test(other_architectures),
		cmocka_unit_test(id_dfr0),
		cmocka_unit_test(absent_on_any),
		cmocka_unit_test(cpu_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
