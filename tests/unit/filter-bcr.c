// SPDX-License-Identifier: GPL-2.0-only
/*
 * All 2^32 values of a DBGBCR through the filter, against an oracle that is written from
 * the manual's tables as text (C3.3, C11.11.2).
 *
 * A value goes the way that a guest's goes: the implemented bits are kept, then
 * v7dbg_brp_effective() and v7dbg_brp_hardware() decide.
 */
#include "sim.h"
#include "filter.h"

/*
 * {HMC, SSC, PMC}: where a breakpoint may match.  n: Non-secure PL1 or PL0 is
 * among it; s: Secure only; h: Hyp only; -: reserved.
 *                             PMC 00  01  10  11 */
static const char states[8][5] = {
	/* HMC 0, SSC 00 both      */ "nnnn",
	/* HMC 0, SSC 01 Non-secure*/ "nnnn",
	/* HMC 0, SSC 10 Secure    */ "ssss",
	/* HMC 0, SSC 11           */ "-s-s",
	/* HMC 1, SSC 00           */ "-n-n",
	/* HMC 1, SSC 01           */ "-n-n",
	/* HMC 1, SSC 10           */ "ss-s",
	/* HMC 1, SSC 11           */ "h---",
};

/* BT: a address, m mismatch, c context; capital: linked; -: VMID or reserved. */
static const char types[17] = "aAcCmM----------";

/*
 * BAS 0 to 15, for match and mismatch of an address without MASK: y fires; . never, or
 * UNPREDICTABLE.  C3.3.2: the bits of a halfword have to be equal; 0b0000 matches nothing,
 * so its mismatch matches everything.
 */
static const char bas_match[17] = "...y........y..y";
static const char bas_mismatch[17] = "y..y........y..y";

/* MASK legal for a value: none of the masked bits is set; 1 and 2 are reserved. */
static bool mask_legal(unsigned int mask, uint32_t bvr)
{
	uint64_t low = (1ull << mask) - 1;

	return mask > 2 && (bvr & low) == 0;
}

/* What hardware has to get, from the fields alone. */
static uint32_t oracle(uint32_t bcr, uint32_t bvr, bool ctx, bool has_mask, uint32_t linkable,
		       unsigned int lbn_to)
{
	unsigned int e = bcr & 1, pmc = bcr >> 1 & 3, bas = bcr >> 5 & 15, hmc = bcr >> 13 & 1;
	unsigned int ssc = bcr >> 14 & 3, lbn = bcr >> 16 & 15, bt = bcr >> 20 & 15;
	unsigned int mask = has_mask ? bcr >> 24 & 31 : 0;
	char type = types[bt];

	if (!e || states[hmc * 4 + ssc][pmc] != 'n' || type == '-')
		return 0;
	if (type == 'c' || type == 'C') {
		if (!ctx || bas != 15 || mask)
			return 0;
		/* Linked context: PMC 11, HMC 0, and SSC 00 on hardware. */
		if (type == 'C')
			return pmc == 3 && !hmc ? 1u | 3u << 1 | 15u << 5 | 3u << 20 : 0;
		return 1u | pmc << 1 | 15u << 5 | 1u << 14 | 2u << 20;
	}
	if (bvr & 3)
		return 0;
	if (mask ? bas != 15 || !mask_legal(mask, bvr)
		 : (type == 'a' || type == 'A' ? bas_match : bas_mismatch)[bas] != 'y')
		return 0;
	if (type == 'A' || type == 'M') {
		if (!(linkable >> lbn & 1))
			return 0;
		return 1u | pmc << 1 | bas << 5 | 1u << 14 | lbn_to << 16 | bt << 20 | mask << 24;
	}
	return 1u | pmc << 1 | bas << 5 | 1u << 14 | bt << 20 | mask << 24;
}

static inline uint32_t filtered(const struct v7dbg_caps *caps, uint32_t bcr, uint32_t bvr, bool ctx,
				uint32_t links, unsigned int lbn_to)
{
	bcr &= v7dbg_bcr_bits(caps);
	return v7dbg_brp_effective(bcr, bvr, ctx, links) ? v7dbg_brp_hardware(bcr, lbn_to) : 0;
}

/*
 * The oracle's answer depends on the two halves of a value only through a few classes.  It
 * is asked once for each pair of classes and then looked up, so that four billion
 * comparisons take seconds.  The reserved bits are in the loop.
 */
static uint16_t low_class[1u << 16];
static uint16_t high_class[1u << 16];

static void all_values(void **state)
{
	const uint32_t bvr = 0x00400000, links = 1u << 5;
	const unsigned int lbn_to = 9;
	static uint32_t expect[1u << 13][1u << 10];
	struct v7dbg_caps caps = caps_of(&big, NULL);
	uint32_t hi, lo, seen = 0, passed = 0, bad = 0, linked_context = 0;

	(void)state;
	/* Low: SSC, HMC, BAS, PMC, E.  High: MASK, BT, LBN.  Reserved bits dropped. */
	for (lo = 0; lo < 1u << 16; lo++)
		low_class[lo] = (uint16_t)((lo >> 13 & 7) << 7 | (lo >> 5 & 15) << 3 | (lo & 7));
	for (hi = 0; hi < 1u << 16; hi++)
		high_class[hi] = (uint16_t)(hi & 0x1fff);
	for (lo = 0; lo < 1u << 10; lo++)
		for (hi = 0; hi < 1u << 13; hi++)
			expect[hi][lo] =
				oracle(hi << 16 | (lo >> 7) << 13 | (lo >> 3 & 15) << 5 | (lo & 7),
				       bvr, true, true, links, lbn_to);

	for (hi = 0; hi < 1u << 16; hi++) {
		const uint32_t *row = expect[high_class[hi]];

		for (lo = 0; lo < 1u << 16; lo++) {
			uint32_t got = filtered(&caps, hi << 16 | lo, bvr, true, links, lbn_to);

			if (got != row[low_class[lo]])
				fail_msg("%08x gives %08x, not %08x", hi << 16 | lo, got,
					 row[low_class[lo]]);
			seen |= got;
			passed += got != 0;
			/* Non-secure only, except a linked context, which fires nothing. */
			linked_context += got && (got & 0xf0c000) == 0x300000;
			bad += got && (got & 0xf0c000) != 0x300000 && (got & 0xc000) != 0x4000;
			bad += (got & 0x600000) == 0x600000;
		}
	}
	/* Never HMC, SSC 0b1x, VMID or a reserved bit; bad counts BT 6 and 7. */
	assert_int_equal(seen & ~0x1f7941e7u, 0);
	assert_int_equal(bad, 0);
	/*
	 * All that is legal passes, counted by hand: 12 states, 20 MASKs for this value; 16
	 * LBNs if it is not linked, 1 if it is; 512 combinations of the reserved bits.
	 */
	assert_int_equal(linked_context, 2 * 16 * 512);
	assert_int_equal(passed, (12 * (17 * (3 + 20) + 17 * (4 + 20) + 16) + 2 * 16) * 512);
}

/* Everything else that an answer depends on, for all values of the implemented bits. */
static void all_contexts(void **state)
{
	static const uint32_t values[] = { 0, 4, 0x80000000, 0xfffffffc, 0x00400001, 0xffffffff };
	struct v7dbg_caps with = caps_of(&big, NULL), without = caps_of(&cortex_a15, NULL);
	unsigned int v, how;
	uint32_t n;

	(void)state;
	for (v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		for (how = 0; how < 8; how++) {
			bool ctx = how & 1, mask = how & 2;
			uint32_t links = how & 4 ? 0x8010 : 0;
			uint32_t bvr = ctx ? values[v] : values[v] & ~3u;

			/* MASK 5, BT 4, LBN 4, SSC and HMC 3, BAS 4, PMC and E 3. */
			for (n = 0; n < 1u << 23; n++) {
				uint32_t bcr = n >> 10 << 16 | (n >> 7 & 7) << 13 |
					       (n >> 3 & 15) << 5 | (n & 7);

				if (filtered(mask ? &with : &without, bcr, bvr, ctx, links, 3) !=
				    oracle(bcr, bvr, ctx, mask, links, 3))
					fail_msg("%08x with %08x", bcr, bvr);
			}
		}
}

/* A sample, from a guest's write to the CPU's register. */
static void through_a_trap(void **state)
{
	struct v7dbg_caps caps = caps_of(&big, NULL);
	static struct v7dbg_vcpu vcpu;
	static struct sim sim;
	uint32_t bcr = 1, n;

	(void)state;
	ready(&vcpu, &caps);
	sim_init(&sim, &big);
	put(&vcpu, &sim, BCR(15), 0x003001e7);
	put(&vcpu, &sim, BVR(13), 0x00400000);
	for (n = 0; n < 2000000; n++) {
		/* Most random values do not even set E: force such bits. */
		bcr = bcr * 1664525 + 1013904223;
		put(&vcpu, &sim, BCR(13), n & 1 ? bcr | 1 : (bcr & 0x003fffff) | 0x1e7);
		assert_int_equal(sim.hw.brp.control[13],
				 oracle(vcpu.regs.brp.control[13], 0x00400000, true, true, 1u << 15,
					15));
		assert_int_equal(get(&vcpu, &sim, BCR(13)),
				 (n & 1 ? bcr | 1 : (bcr & 0x003fffff) | 0x1e7) & 0x1fffe1e7);
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
