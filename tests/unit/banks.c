// SPDX-License-Identifier: GPL-2.0-only
/* Slot n is slot n: in the vCPU's file, in hardware, and on CPUs of other counts. */
#include "sim.h"

static struct v7dbg_vcpu vcpu;
static struct sim sim;

/* A distinct value in every register of every bank, then all are read. */
static void distinct(void **state)
{
	struct v7dbg_caps caps = caps_of(&big, NULL);
	unsigned int n;

	(void)state;
	v7dbg_init(&vcpu, &caps);
	sim_init(&sim, &big);
	for (n = 0; n < 16; n++) {
		put(&vcpu, &sim, BVR(n), 0x1000 + n * 4);
		put(&vcpu, &sim, BCR(n), n << 16);
		put(&vcpu, &sim, WVR(n), 0x2000 + n * 4);
		put(&vcpu, &sim, WCR(n), n << 5);
		if (n >= 12)
			put(&vcpu, &sim, BXVR(n), 0xa0 + n);
	}
	for (n = 0; n < 16; n++) {
		assert_int_equal(get(&vcpu, &sim, BVR(n)), 0x1000 + n * 4);
		assert_int_equal(get(&vcpu, &sim, BCR(n)), n << 16);
		assert_int_equal(get(&vcpu, &sim, WVR(n)), 0x2000 + n * 4);
		assert_int_equal(get(&vcpu, &sim, WCR(n)), n << 5);
		if (n >= 12)
			assert_int_equal(get(&vcpu, &sim, BXVR(n)), 0xa0 + n);
	}
}

/* One slot armed: exactly that one is on in hardware, with its value. */
static void each_alone(void **state)
{
	struct v7dbg_caps caps = caps_of(&big, NULL);
	unsigned int n, other;

	(void)state;
	for (n = 0; n < 16; n++) {
		ready(&vcpu, &caps);
		sim_init(&sim, &big);
		put(&vcpu, &sim, BVR(n), 0x8000 + n * 4);
		put(&vcpu, &sim, BCR(n), BCR_LINUX);
		put(&vcpu, &sim, WVR(n), 0x9000 + n * 8);
		put(&vcpu, &sim, WCR(n), WCR_LINUX);
		for (other = 0; other < 16; other++) {
			assert_int_equal(sim.hw.bcr[other], other == n ? 0x000041e5 : 0);
			assert_int_equal(sim.hw.bvr[other], other == n ? 0x8000 + n * 4 : 0);
			assert_int_equal(sim.hw.wcr[other], other == n ? 0x00005ff5 : 0);
			assert_int_equal(sim.hw.wvr[other], other == n ? 0x9000 + n * 8 : 0);
		}
		put(&vcpu, &sim, BCR(n), 0);
		assert_int_equal(sim.hw.bcr[n], 0);
		put(&vcpu, &sim, WCR(n), 0);
		assert_int_equal(sim.hw.wcr[n], 0);
		assert_int_equal(sim.cpu.owner, V7DBG_OWNER_PARKED);
	}
}

/*
 * CPUs with 6 (2 context-aware) and 16 (4): guests see 6 and 2.  Slots 0-3 are
 * at 0-3, 4 and 5 at the top of each file, and LBN says so on each.
 */
static void two_cpus(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, &big);
	const struct v7dbg_cpu_id *ids[2] = { &cortex_a15, &big };
	const unsigned int top[2] = { 6, 16 };
	unsigned int i, n;

	(void)state;
	ready(&vcpu, &caps);
	v7dbg_set(&vcpu, BVR(5), 0xc0de);
	v7dbg_set(&vcpu, BCR(5), 0x003001e7); /* linked context */
	v7dbg_set(&vcpu, BVR(4), 0xbeef);
	v7dbg_set(&vcpu, BCR(4), 0x002001e5); /* context, User */
	for (n = 0; n < 4; n++) {
		v7dbg_set(&vcpu, BVR(n), 0x8000 + n * 4);
		v7dbg_set(&vcpu, BCR(n), n & 1 ? 0x001501e5 : BCR_LINUX);
		v7dbg_set(&vcpu, WVR(n), 0x9000 + n * 8);
		v7dbg_set(&vcpu, WCR(n), n & 1 ? WCR_LINUX | 0x00150000 : WCR_LINUX);
	}
	for (i = 0; i < 2; i++) {
		sim_init(&sim, ids[i]);
		sim_enter(&vcpu, &sim);
		assert_int_equal(sim.hw.bvr[top[i] - 1], 0xc0de);
		assert_int_equal(sim.hw.bcr[top[i] - 1], 0x003001e7);
		assert_int_equal(sim.hw.bvr[top[i] - 2], 0xbeef);
		assert_int_equal(sim.hw.bcr[top[i] - 2], 0x002041e5);
		for (n = 0; n < 4; n++) {
			uint32_t link = n & 1 ? 0x00100000 | (top[i] - 1) << 16 : 0;

			assert_int_equal(sim.hw.bvr[n], 0x8000 + n * 4);
			assert_int_equal(sim.hw.bcr[n], 0x000041e5 | link);
			assert_int_equal(sim.hw.wvr[n], 0x9000 + n * 8);
			assert_int_equal(sim.hw.wcr[n], 0x00005ff5 | link);
		}
		for (n = 4; n < top[i] - 2; n++)
			assert_int_equal(sim.hw.bcr[n], 0);
		sim_exit(&vcpu, &sim);
	}
}

/* For all counts of two CPUs: no two slots share one, context-aware stays so. */
static void every_mapping(void **state)
{
	unsigned int a, actx, b, bctx, n, i;

	(void)state;
	for (a = 1; a <= 16; a++)
		for (actx = 1; actx <= a; actx++)
			for (b = 1; b <= 16; b++)
				for (bctx = 1; bctx <= b; bctx++) {
					struct v7dbg_cpu_id ids[2] = {
						{ DIDR(a, actx, 1), 0, 0, 0, MDBGEN },
						{ DIDR(b, bctx, 1), 0, 0, 0, MDBGEN }
					};
					struct v7dbg_caps caps = caps_of(&ids[0], &ids[1]);
					unsigned int count[2] = { a, b }, ctx[2] = { actx, bctx };

					ready(&vcpu, &caps);
					for (n = 0; n < caps.nr_brps; n++) {
						bool aware = n >= (unsigned int)caps.nr_brps -
									  caps.nr_ctx;

						v7dbg_set(&vcpu, BVR(n), 0x8000 + n * 4);
						v7dbg_set(&vcpu, BCR(n),
							  aware ? 0x002001e5 : BCR_LINUX);
					}
					for (i = 0; i < 2; i++) {
						unsigned int on = 0;

						sim_init(&sim, &ids[i]);
						sim_enter(&vcpu, &sim);
						for (n = 0; n < count[i]; n++) {
							on += sim.hw.bcr[n] & 1;
							/* Types that need a context-aware slot are in one. */
							if ((sim.hw.bcr[n] >> 20) == 2)
								assert_true(n >= count[i] - ctx[i]);
						}
						assert_int_equal(on, caps.nr_brps);
						sim_exit(&vcpu, &sim);
					}
				}
}

/*
 * The same for LBN: a watchpoint linked to the highest context-aware breakpoint that
 * guests see names the highest one of each CPU, one linked to the lowest its like.
 */
static void every_link(void **state)
{
	unsigned int a, actx, b, bctx, i, low;

	(void)state;
	for (a = 1; a <= 16; a++)
		for (actx = 1; actx <= a; actx++)
			for (b = 1; b <= 16; b += 3)
				for (bctx = 1; bctx <= b; bctx++) {
					struct v7dbg_cpu_id ids[2] = {
						{ DIDR(a, actx, 4), 0, 0, 0, MDBGEN },
						{ DIDR(b, bctx, 1), 0, 0, 0, MDBGEN }
					};
					struct v7dbg_caps caps = caps_of(&ids[0], &ids[1]);

					assert_int_equal(caps.nr_brps, a < b ? a : b);
					assert_int_equal(caps.nr_wrps, 1);
					for (i = 0; i < 4; i++) {
						unsigned int count = i & 1 ? b : a, n, p;

						low = i & 2;
						n = low ? (unsigned int)(caps.nr_brps - caps.nr_ctx)
							: caps.nr_brps - 1u;
						p = low ? count - caps.nr_ctx : count - 1;
						ready(&vcpu, &caps);
						v7dbg_set(&vcpu, BVR(n), 0x77);
						v7dbg_set(&vcpu, BCR(n), 0x003001e7);
						v7dbg_set(&vcpu, WVR(0), 0x9000);
						v7dbg_set(&vcpu, WCR(0),
							  WCR_LINUX | 1u << 20 | n << 16);
						sim_init(&sim, &ids[i & 1]);
						sim_enter(&vcpu, &sim);
						assert_int_equal(sim.hw.wcr[0],
								 0x00105ff5 | p << 16);
						assert_int_equal(sim.hw.bcr[p], 0x003001e7);
						assert_int_equal(sim.hw.bvr[p], 0x77);
						sim_exit(&vcpu, &sim);
					}
				}
}

/* A CPU with less than the guest was promised gets none of its points. */
static void weaker_cpu(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	ready(&vcpu, &caps);
	v7dbg_set(&vcpu, BCR(0), BCR_LINUX);
	sim_init(&sim, &small);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.writes, 0);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_HOST);
	assert_true(vcpu.held);
	assert_int_equal(vcpu.stats.not_monitor, 1);
	sim_exit(&vcpu, &sim);
	sim_init(&sim, &cortex_a15);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
}

/* Nor where the guest may have used an address mask, and the CPU has none. */
static void maskless_cpu(void **state)
{
	static const uint32_t masks[] = { 0xf << 8, 0xf << 4 }; /* BPAddrMask, WPAddrMask */
	struct v7dbg_caps caps = caps_of(&big, NULL);
	struct v7dbg_cpu_id id;
	unsigned int n;

	(void)state;
	for (n = 0; n < 2; n++) {
		ready(&vcpu, &caps);
		v7dbg_set(&vcpu, BCR(0), BCR_LINUX);
		id = big;
		id.dbgdevid |= masks[n];
		sim_init(&sim, &id);
		sim_enter(&vcpu, &sim);
		assert_int_equal(sim.writes, 0);
		assert_true(vcpu.held);
	}
	sim_init(&sim, &big);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distinct),	cmocka_unit_test(each_alone),
		cmocka_unit_test(two_cpus),	cmocka_unit_test(every_mapping),
		cmocka_unit_test(every_link),	cmocka_unit_test(weaker_cpu),
		cmocka_unit_test(maskless_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
