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

/*
 * Every BAS, with gaps too, both values of DBGWVR[2], every size at every offset near it,
 * and which byte is the first: against a list of the bytes that are watched.
 */
static void bytes(void **state)
{
	unsigned int bas, size, half, n;
	uint32_t va;

	(void)state;
	for (half = 0; half < 2; half++)
		for (bas = 0; bas < 256; bas++) {
			uint32_t base = half ? 0x9004 : 0x9000;
			bool watched[0x60] = { false }; /* from 0x8fe0 on */

			for (n = 0; n < (half ? 4u : 8u); n++)
				watched[base - 0x8fe0 + n] = bas >> n & 1;
			watch(base, 0x1f | bas << 5);
			assert_int_equal(vcpu.active, (bas & (half ? 0x0f : 0xff)) != 0);
			for (size = 1; size <= 8; size *= 2)
				for (va = 0x8fe0; va < 0x9020; va++) {
					uint32_t far = 0x55, first = 0x55;

					for (n = size; n--;)
						if (watched[va + n - 0x8fe0])
							first = va + n;
					assert_int_equal(v7dbg_mmio_watch(&vcpu, va, size, true,
									  false, 0, &far),
							 first != 0x55);
					assert_int_equal(far, first);
				}
		}
}

/* DFAR is the first byte that any matching point watches, whatever their order. */
static void first_of_two(void **state)
{
	uint32_t far = 0;

	(void)state;
	watch(0x9000, 0x1f | 0x08u << 5); /* slot 2: byte 3 */
	v7dbg_set(&vcpu, WVR(0), 0x9000);
	v7dbg_set(&vcpu, WCR(0), 0x1f | 0x10u << 5); /* byte 4 */
	v7dbg_set(&vcpu, WVR(3), 0x9000);
	v7dbg_set(&vcpu, WCR(3), 0x17 | 0x02u << 5); /* stores to byte 1 */
	assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 8, false, false, 0, &far));
	assert_int_equal(far, 0x9003);
	assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 8, true, false, 0, &far));
	assert_int_equal(far, 0x9001);
	assert_true(v7dbg_mmio_watch(&vcpu, 0x9004, 4, false, false, 0, &far));
	assert_int_equal(far, 0x9004);
	/* The same for the VMM's points. */
	watch(0x9000, 0x1f | 0x90u << 5);
	v7dbg_user(&vcpu, &vcpu.regs);
	assert_true(v7dbg_user_watch(&vcpu, 0x9005, 4, false, false, 0, &far));
	assert_int_equal(far, 0x9007);
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
		assert_true(v7dbg_mmio_watch(&vcpu, base, 1, false, false, 0, NULL));
		assert_true(v7dbg_mmio_watch(&vcpu, end, 1, false, false, 0, NULL));
		assert_true(v7dbg_mmio_watch(&vcpu, base - 3, 4, false, false, 0, NULL));
		assert_false(v7dbg_mmio_watch(&vcpu, base - 1, 1, false, false, 0, NULL));
		if (mask < 31)
			assert_false(v7dbg_mmio_watch(&vcpu, end + 1, 4, false, false, 0, NULL));
	}
}

/* An access that wraps touches the bytes at 0. */
static void wraps(void **state)
{
	(void)state;
	watch(0, 0x1fff);
	assert_true(v7dbg_mmio_watch(&vcpu, 0xfffffffe, 4, true, true, 0, NULL));
	assert_false(v7dbg_mmio_watch(&vcpu, 0xfffffffc, 4, true, true, 0, NULL));
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
									  pl0, 0, NULL),
							 (lsc >> write & 1) && (pac >> pl0 & 1));
				}
}

static void linked(void **state)
{
	(void)state;
	watch(0x9000, 0x00151fff);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0x77, NULL));
	v7dbg_set(&vcpu, BVR(5), 0x77);
	v7dbg_set(&vcpu, BCR(5), 0x003001e7);
	assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0x77, NULL));
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0x78, NULL));
}

/* A watchpoint that is off, locked, suspended or filtered matches nothing. */
static void not_effective(void **state)
{
	struct v7dbg_regs points = { 0 };

	(void)state;
	watch(0x9000, 0x1ffe);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	watch(0x9000, 0x9fff); /* Secure */
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	watch(0x9000, 0x1fff);
	assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	v7dbg_user(&vcpu, &points);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	v7dbg_user(&vcpu, NULL);
	v7dbg_set(&vcpu, OSLAR, DBGOSLAR_KEY);
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
}

/*
 * A CPU without monitor mode matches nothing.  The answer is the same after the exit, which
 * is when the host asks, also if a host's point was parked before it.
 */
static void held(void **state)
{
	static struct sim sim;
	unsigned int parked;

	(void)state;
	for (parked = 0; parked < 2; parked++) {
		sim_init(&sim, &cortex_a15);
		sim.hw.wrp.control[1] = 0x1fff;
		watch(0x9000, 0x1fff);
		sim.dscr = 0;
		sim_enter(&vcpu, &sim);
		assert_true(vcpu.held);
		if (parked)
			assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10),
					 V7DBG_RESUME);
		assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
		sim_exit(&vcpu, &sim);
		assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
		sim.dscr = MDBGEN;
		sim_enter(&vcpu, &sim);
		assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
		sim_exit(&vcpu, &sim);
		assert_true(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),  cmocka_unit_test(masks),
		cmocka_unit_test(wraps),  cmocka_unit_test(direction_and_level),
		cmocka_unit_test(linked), cmocka_unit_test(not_effective),
		cmocka_unit_test(held),	  cmocka_unit_test(first_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
