// SPDX-License-Identifier: GPL-2.0-only
/*
 * All 2^32 values of a DBGWCR through the filter, against an oracle that is written from
 * the manual's tables as text (C3.4, C11.11.44), as in filter-bcr.c.
 */
#include "sim.h"
#include "filter.h"

/* {HMC, SSC, PAC}, as in filter-bcr.c; a watchpoint has no PAC 00 with HMC 0. */
static const char states[8][5] = {
	/* HMC 0, SSC 00 */ "-nnn",
	/* HMC 0, SSC 01 */ "-nnn",
	/* HMC 0, SSC 10 */ "-sss",
	/* HMC 0, SSC 11 */ "-s-s",
	/* HMC 1, SSC 00 */ "-n-n",
	/* HMC 1, SSC 01 */ "-n-n",
	/* HMC 1, SSC 10 */ "ss-s",
	/* HMC 1, SSC 11 */ "h---",
};

static uint32_t oracle(uint32_t wcr, uint32_t wvr, bool has_mask, uint32_t linkable,
		       unsigned int lbn_to)
{
	unsigned int e = wcr & 1, pac = wcr >> 1 & 3, lsc = wcr >> 3 & 3, bas = wcr >> 5 & 255;
	unsigned int hmc = wcr >> 13 & 1, ssc = wcr >> 14 & 3, lbn = wcr >> 16 & 15;
	unsigned int wt = wcr >> 20 & 1, mask = has_mask ? wcr >> 24 & 31 : 0;

	if (!e || !lsc || states[hmc * 4 + ssc][pac] != 'n')
		return 0;
	/* A word-aligned value watches a word: BAS[7:4] are not used. */
	if (wvr & 4)
		bas &= 15;
	if (mask) {
		uint64_t low = (1ull << mask) - 1;

		if (mask < 3 || bas != 255 || (wvr & low))
			return 0;
	} else if (!bas) { /* any bytes, gaps too */
		return 0;
	}
	if (wt && !(linkable >> lbn & 1))
		return 0;
	return 1u | pac << 1 | lsc << 3 | bas << 5 | 1u << 14 | (wt ? lbn_to << 16 : 0) | wt << 20 |
	       mask << 24;
}

static inline uint32_t filtered(const struct v7dbg_caps *caps, uint32_t wcr, uint32_t wvr,
				uint32_t links, unsigned int lbn_to)
{
	wcr &= v7dbg_wcr_bits(caps);
	return v7dbg_wrp_effective(wcr, wvr, links) ? v7dbg_wrp_hardware(wcr, wvr, lbn_to) : 0;
}

static void all_values(void **state)
{
	const uint32_t wvr = 0x00400000, links = 1u << 5;
	const unsigned int lbn_to = 9;
	/* High: MASK, WT, LBN, 10 bits.  Low: all of the 16 are implemented. */
	static uint32_t expect[1u << 10][1u << 16];
	struct v7dbg_caps caps = caps_of(&big, NULL);
	uint32_t hi, lo, seen = 0, passed = 0, bad = 0;

	(void)state;
	for (hi = 0; hi < 1u << 10; hi++)
		for (lo = 0; lo < 1u << 16; lo++)
			expect[hi][lo] = oracle((hi >> 5) << 24 | (hi & 31) << 16 | lo, wvr, true,
						links, lbn_to);
	for (hi = 0; hi < 1u << 16; hi++) {
		const uint32_t *row = expect[(hi >> 8 & 31) << 5 | (hi & 31)];

		for (lo = 0; lo < 1u << 16; lo++) {
			uint32_t got = filtered(&caps, hi << 16 | lo, wvr, links, lbn_to);

			if (got != row[lo])
				fail_msg("%08x gives %08x, not %08x", hi << 16 | lo, got, row[lo]);
			seen |= got;
			passed += got != 0;
			bad += got && (got & 0xe000) != 0x4000;
		}
	}
	/* Never HMC, Secure, or a reserved bit. */
	assert_int_equal(bad, 0);
	assert_int_equal(seen & ~0x1f195fffu, 0);
	/*
	 * All that is legal passes, counted by hand: 10 states, 3 directions, 255 sets of
	 * bytes or 20 MASKs for this value; 16 LBNs if it is not linked, 1 if it is; 64
	 * combinations of the reserved bits.
	 */
	assert_int_equal(passed, 10 * 3 * (255 + 20) * 17 * 64);
}

static void all_contexts(void **state)
{
	static const uint32_t values[] = { 0, 4, 0x80000000, 0x80000004 };
	struct v7dbg_caps with = caps_of(&big, NULL), without = caps_of(&small, NULL);
	unsigned int v;
	uint32_t n;

	(void)state;
	for (v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		/* MASK 5, WT 1, LBN 4 and all that is below. */
		for (n = 0; n < 1u << 26; n++) {
			uint32_t wcr = (n >> 21) << 24 | (n & 0x1fffff);
			bool mask = n & 1u << 16; /* LBN's low bit also chooses the CPU */

			if (filtered(mask ? &with : &without, wcr, values[v], 0x8010, 3) !=
			    oracle(wcr, values[v], mask, 0x8010, 3))
				fail_msg("%08x with %08x", wcr, values[v]);
		}
}

static void through_a_trap(void **state)
{
	struct v7dbg_caps caps = caps_of(&big, NULL);
	static struct v7dbg_vcpu vcpu;
	static struct sim sim;
	uint32_t wcr = 1, n;

	(void)state;
	ready(&vcpu, &caps);
	sim_init(&sim, &big);
	put(&vcpu, &sim, BCR(15), 0x003001e7);
	put(&vcpu, &sim, WVR(7), 0x00400000);
	for (n = 0; n < 2000000; n++) {
		wcr = wcr * 1664525 + 1013904223;
		put(&vcpu, &sim, WCR(7), n & 1 ? wcr | 1 : (wcr & 0x001fffff) | 0x1fe7);
		assert_int_equal(sim.hw.wrp.control[7],
				 oracle(vcpu.regs.wrp.control[7], 0x00400000, true, 1u << 15, 15));
		assert_int_equal(get(&vcpu, &sim, WCR(7)),
				 (n & 1 ? wcr | 1 : (wcr & 0x001fffff) | 0x1fe7) & 0x1f1fffff);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_a_trap),
		cmocka_unit_test(all_contexts),
		cmocka_unit_test(all_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
