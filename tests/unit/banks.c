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
			assert_int_equal(sim.hw.brp.control[other], other == n ? 0x000041e5 : 0);
			assert_int_equal(sim.hw.brp.value[other], other == n ? 0x8000 + n * 4 : 0);
			assert_int_equal(sim.hw.wrp.control[other], other == n ? 0x00005ff5 : 0);
			assert_int_equal(sim.hw.wrp.value[other], other == n ? 0x9000 + n * 8 : 0);
		}
		put(&vcpu, &sim, BCR(n), 0);
		assert_int_equal(sim.hw.brp.control[n], 0);
		put(&vcpu, &sim, WCR(n), 0);
		assert_int_equal(sim.hw.wrp.control[n], 0);
		assert_int_equal(sim.cpu.owner, V7DBG_OWNER_PARKED);
	}
}

/*
 * CPUs with 6 breakpoints (2 context-aware) and 16 (4): guests see 6 and 2.  Slots 0 to 3
 * are at 0 to 3, slots 4 and 5 at the top of each CPU's bank, and LBN moves with them.
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
		assert_int_equal(sim.hw.brp.value[top[i] - 1], 0xc0de);
		assert_int_equal(sim.hw.brp.control[top[i] - 1], 0x003001e7);
		assert_int_equal(sim.hw.brp.value[top[i] - 2], 0xbeef);
		assert_int_equal(sim.hw.brp.control[top[i] - 2], 0x002041e5);
		for (n = 0; n < 4; n++) {
			uint32_t link = n & 1 ? 0x00100000 | (top[i] - 1) << 16 : 0;

			assert_int_equal(sim.hw.brp.value[n], 0x8000 + n * 4);
			assert_int_equal(sim.hw.brp.control[n], 0x000041e5 | link);
			assert_int_equal(sim.hw.wrp.value[n], 0x9000 + n * 8);
			assert_int_equal(sim.hw.wrp.control[n], 0x00005ff5 | link);
		}
		for (n = 4; n < top[i] - 2; n++)
			assert_int_equal(sim.hw.brp.control[n], 0);
		sim_exit(&vcpu, &sim);
	}
}

/*
 * Where slot n of a guest is on a CPU with count breakpoints, by the manual's rule that the
 * context-aware ones are the highest-numbered (C11.11.15): these are counted from the top,
 * the others from the bottom.  Written from the manual, not from v7dbg.
 */
static unsigned int place(const struct v7dbg_caps *caps, unsigned int count, unsigned int n)
{
	return n + caps->nr_ctx >= caps->nr_brps ? count - (caps->nr_brps - n) : n;
}

static bool aware(const struct v7dbg_caps *caps, unsigned int n)
{
	return n >= (unsigned int)caps->nr_brps - caps->nr_ctx;
}

/* Two CPUs of every pair of counts, and a function for each of them. */
static void every_pair(unsigned int wrps,
		       void (*each)(const struct v7dbg_caps *caps, const struct v7dbg_cpu_id *id,
				    unsigned int count, unsigned int ctx))
{
	unsigned int a, actx, b, bctx;

	for (a = 1; a <= 16; a++)
		for (actx = 1; actx <= a; actx++)
			for (b = 1; b <= 16; b++)
				for (bctx = 1; bctx <= b; bctx++) {
					struct v7dbg_cpu_id ids[2] = {
						{ DIDR(a, actx, wrps), 0, 0, 0, MDBGEN },
						{ DIDR(b, bctx, 1), 0, 0, 0, MDBGEN }
					};
					struct v7dbg_caps caps = caps_of(&ids[0], &ids[1]);

					assert_int_equal(caps.nr_brps, a < b ? a : b);
					assert_int_equal(caps.nr_ctx, actx < bctx ? actx : bctx);
					assert_int_equal(caps.nr_wrps, 1);
					each(&caps, &ids[0], a, actx);
					each(&caps, &ids[1], b, bctx);
				}
}

/* Every slot on, each with its own value: each is at its place, and nothing else is. */
static void map_one(const struct v7dbg_caps *caps, const struct v7dbg_cpu_id *id,
		    unsigned int count, unsigned int ctx)
{
	uint32_t used = 0;
	unsigned int n, p;

	ready(&vcpu, caps);
	for (n = 0; n < caps->nr_brps; n++) {
		v7dbg_set(&vcpu, BVR(n), 0x8000 + n * 4);
		v7dbg_set(&vcpu, BCR(n), aware(caps, n) ? 0x002001e5 : BCR_LINUX);
	}
	sim_init(&sim, id);
	sim_enter(&vcpu, &sim);
	for (n = 0; n < caps->nr_brps; n++) {
		p = place(caps, count, n);
		assert_true(p < count && !(used >> p & 1));
		used |= 1u << p;
		assert_int_equal(sim.hw.brp.value[p], 0x8000 + n * 4);
		assert_int_equal(sim.hw.brp.control[p], aware(caps, n) ? 0x002041e5 : 0x000041e5);
		/* Types that need a context-aware slot are in one. */
		assert_true(!aware(caps, n) || p >= count - ctx);
	}
	for (p = 0; p < count; p++)
		if (!(used >> p & 1))
			assert_int_equal(sim.hw.brp.control[p] | sim.hw.brp.value[p], 0);
	sim_exit(&vcpu, &sim);
}

static void every_mapping(void **state)
{
	(void)state;
	every_pair(1, map_one);
}

/*
 * The same for LBN.  Each context-aware breakpoint in turn is linked to by the
 * watchpoint and by every other breakpoint: all of them name it where it is.
 */
static void link_one(const struct v7dbg_caps *caps, const struct v7dbg_cpu_id *id,
		     unsigned int count, unsigned int ctx)
{
	unsigned int n, m, p;

	(void)ctx;
	for (n = caps->nr_brps - caps->nr_ctx; n < caps->nr_brps; n++) {
		p = place(caps, count, n);
		ready(&vcpu, caps);
		for (m = 0; m < caps->nr_brps; m++) {
			v7dbg_set(&vcpu, BVR(m), m == n ? 0x77 : 0x8000 + m * 4);
			v7dbg_set(&vcpu, BCR(m),
				  m == n ? 0x003001e7 : BCR_LINUX | 1u << 20 | n << 16);
		}
		v7dbg_set(&vcpu, WVR(0), 0x9000);
		v7dbg_set(&vcpu, WCR(0), WCR_LINUX | 1u << 20 | n << 16);
		sim_init(&sim, id);
		sim_enter(&vcpu, &sim);
		assert_int_equal(sim.hw.wrp.value[0], 0x9000);
		assert_int_equal(sim.hw.wrp.control[0], 0x00105ff5 | p << 16);
		for (m = 0; m < caps->nr_brps; m++) {
			unsigned int at = place(caps, count, m);

			assert_int_equal(sim.hw.brp.value[at], m == n ? 0x77 : 0x8000 + m * 4);
			assert_int_equal(sim.hw.brp.control[at],
					 m == n ? 0x003001e7 : 0x001041e5 | p << 16);
		}
		sim_exit(&vcpu, &sim);
	}
}

static void every_link(void **state)
{
	(void)state;
	every_pair(4, link_one);
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
