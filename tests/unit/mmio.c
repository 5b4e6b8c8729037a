// SPDX-License-Identifier: GPL-2.0-only
/* Watchpoints on accesses that hardware does not compare: bytes, MASK, LSC, PAC, links. */
#include "sim.h"

static struct v7dbg_vcpu vcpu;

static void watch(uint32_t wvr, uint32_t wcr)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	ready(&vcpu, &caps);
	assert_int_equal(v7dbg_set(&vcpu, WVR(2), wvr), 0);
	assert_int_equal(v7dbg_set(&vcpu, WCR(2), wcr), 0);
}

/* Every legal BAS, both halves of WVR[2], every size at every offset near it. */
static void bytes(void **state)
{
	unsigned int first, count, size, half;
	uint32_t va;

	(void)state;
	for (half = 0; half < 2; half++)
		for (first = 0; first < (half ? 4u : 8u); first++)
			for (count = 1; first + count <= (half ? 4u : 8u); count++) {
				uint32_t base = half ? 0x9004 : 0x9000, from = base + first;

				watch(base, 0x1f | ((1u << count) - 1) << (first + 5));
				assert_true(vcpu.active);
				for (size = 1; size <= 8; size *= 2)
					for (va = 0x8fe0; va < 0x9020; va++)
						assert_int_equal(v7dbg_mmio_watch(&vcpu, va, size,
										  true, false, 0),
								 va < from + count &&
									 va + size > from);
			}
}

static void masks(void **state)
{
	unsigned int mask;

	(void)state;
	for (mask = 3; mask < 32; mask++) {
		uint32_t base = 0x80000000, end = base + (1u << mask) - 1;

		if (mask == 31)
			end = 0xffffffff;
		watch(base, 0x1fffu | mask << 24);
		assert_true(vcpu.active);
		assert_true(v7dbg_mmio_watch(&vcpu, base, 1, false, false, 0));
		assert_true(v7dbg_mmio_watch(&vcpu, end, 1, false, false, 0));
		assert_true(v7dbg_mmio_watch(&vcpu, base - 3, 4, false, false, 0));
		assert_false(v7dbg_mmio_watch(&vcpu, base - 1, 1, false, false, 0));
		if (mask < 31)
			assert_false(v7dbg_mmio_watch(&vcpu, end + 1, 4, false, false, 0));
	}
}

/* An access that wraps touches the bytes at 0. */
static void wraps(void **state)
{
	(void)state;
	watch(0, 0x1fff);
	assert_true(v7dbg_mmio_watch(&vcpu, 0xfffffffe, 4, true, true, 0));
	assert_false(v7dbg_mmio_watch(&vcpu, 0xfffffffc, 4, true, true, 0));
}

static void direction_and_level(void **state)
{
	unsigned int lsc, pac, write, pl0;

	(void)state;
	for (lsc = 0; lsc < 4; lsc++)
		for (pac = 0; pac < 4; pac++)
			for (write = 0; write < 2; write++)
				for (pl0 = 0; pl0 < 2; pl0++) {
					watch(0x9000, 0x1fe1 | lsc << 3 | pac << 1);
					assert_int_equal(v7dbg_mmio_watch(&vcpu, 0x9000, 4, write,
									  pl0, 0),
							 (lsc >> write & 1) && (pac >> pl0 & 1));
				}
}

static void linked(void **state)
{
	(void)state;
	watch(0x9000, 0x00151fff);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0x77));
	v7dbg_set(&vcpu, BVR(5), 0x77);
	v7dbg_set(&vcpu, BCR(5), 0x003001e7);
	assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0x77));
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0x78));
}

/* Nothing where nothing is effective: off, locked, suspended, or filtered. */
static void not_effective(void **state)
{
	struct v7dbg_regs points = { 0 };

	(void)state;
	watch(0x9000, 0x1ffe);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
	watch(0x9000, 0x9fff); /* Secure */
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
	watch(0x9000, 0x1fff);
	assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
	v7dbg_user(&vcpu, &points);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
	v7dbg_user(&vcpu, NULL);
	v7dbg_set(&vcpu, OSLAR, OSLOCK_KEY);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
}

/*
 * A CPU without monitor mode matches nothing, and the answer is the same after the
 * exit, which is when the host asks; also where a host point was parked meanwhile.
 */
static void held(void **state)
{
	static struct sim sim;
	unsigned int parked;

	(void)state;
	for (parked = 0; parked < 2; parked++) {
		sim_init(&sim, &cortex_a15);
		sim.hw.wcr[1] = 0x1fff;
		watch(0x9000, 0x1fff);
		sim.dscr = 0;
		sim_enter(&vcpu, &sim);
		assert_true(vcpu.held);
		if (parked)
			assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10),
					 V7DBG_RESUME);
		assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
		sim_exit(&vcpu, &sim);
		assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
		sim.dscr = MDBGEN;
		sim_enter(&vcpu, &sim);
		assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
		sim_exit(&vcpu, &sim);
		assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),  cmocka_unit_test(masks),
		cmocka_unit_test(wraps),  cmocka_unit_test(direction_and_level),
		cmocka_unit_test(linked), cmocka_unit_test(not_effective),
		cmocka_unit_test(held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
