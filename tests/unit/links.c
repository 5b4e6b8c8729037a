// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked pairs: every BT x BT x LBN x enable, for breakpoints and watchpoints, on a CPU of
 * six breakpoints whose last two, 4 and 5, are context-aware.
 */
#include "sim.h"

static struct v7dbg_vcpu vcpu;
static struct sim sim;

/* C3.3.3: a link holds if it names an enabled linked context breakpoint. */
static bool link_holds(unsigned int lbn, unsigned int from, unsigned int to, unsigned int to_type,
		       bool to_on)
{
	return lbn != from && lbn == to && to >= 4 && to < 6 && to_type == 3 && to_on;
}

static bool expected(unsigned int type, bool on, bool aware, bool linked_ok)
{
	if (!on)
		return false;
	switch (type) {
	case 0:
	case 4:
		return true;
	case 1:
	case 5:
		return linked_ok;
	case 2:
	case 3:
		return aware;
	default:
		return false;
	}
}

static void arm(unsigned int n, uint32_t bcr)
{
	v7dbg_set(&vcpu, BVR(n), 0x8000);
	v7dbg_set(&vcpu, BCR(n), bcr);
}

/* From breakpoint `from` of type a with LBN to breakpoint `to` of type b. */
static void breakpoints(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, &big);
	unsigned int from, to, a, b, lbn, on, n;

	(void)state;
	for (from = 0; from < 6; from++)
		for (to = 0; to < 6; to++)
			for (a = 0; a < 16; a++)
				for (b = 0; b < 16; b++)
					for (lbn = 0; lbn < 16; lbn++)
						for (on = 0; on < 4; on++) {
							bool from_on = on & 1, to_on = on & 2;
							bool expect_from, expect_to;
							unsigned int top, p;

							if (from == to)
								continue;
							ready(&vcpu, &caps);
							arm(from,
							    0x1e6 | a << 20 | lbn << 16 | from_on);
							arm(to, 0x1e6 | b << 20 | to_on);
							expect_from =
								expected(a, from_on, from >= 4,
									 link_holds(lbn, from, to,
										    b, to_on));
							/* Its LBN is 0, which is never linkable. */
							expect_to =
								expected(b, to_on, to >= 4, false);
							for (n = 0; n < 6; n++)
								assert_int_equal(
									(vcpu.eff.brp >> n) & 1,
									n == from ? expect_from
									: n == to ? expect_to
										  : 0);
							if (!expect_from || !(a == 1 || a == 5))
								continue;
							/* With 16, LBN moves with its target. */
							sim_init(&sim, &big);
							sim_enter(&vcpu, &sim);
							top = to + 10;
							p = from >= 4 ? from + 10 : from;
							assert_int_equal(sim.hw.brp.control[p],
									 0x41e7 | a << 20 |
										 top << 16);
							assert_int_equal(sim.hw.brp.control[top],
									 0x003001e7);
							sim_exit(&vcpu, &sim);
						}
}

static void watchpoints(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);
	unsigned int w, to, b, lbn, on;

	(void)state;
	for (w = 0; w < 4; w++)
		for (to = 0; to < 6; to++)
			for (b = 0; b < 16; b++)
				for (lbn = 0; lbn < 16; lbn++)
					for (on = 0; on < 4; on++) {
						ready(&vcpu, &caps);
						arm(to, 0x1e6 | b << 20 | (on >> 1));
						v7dbg_set(&vcpu, WCR(w),
							  0x00101ffe | lbn << 16 | (on & 1));
						assert_int_equal(vcpu.eff.wrp,
								 (on & 1) && link_holds(lbn, 16, to,
											b, on & 2)
									 ? 1u << w
									 : 0);
						/* Not linked: LBN means nothing. */
						v7dbg_set(&vcpu, WCR(w),
							  0x00001ffe | lbn << 16 | (on & 1));
						assert_int_equal(vcpu.eff.wrp,
								 on & 1 ? 1u << w : 0);
					}
}

/* What a linked context breakpoint has to be: else matching is UNPREDICTABLE. */
static void context_fields(void **state)
{
	static const struct {
		uint32_t bcr;
		bool linkable;
	} cases[] = {
		{ 0x003001e7, true },  { 0x003041e7, true }, /* SSC 00, 01 */
		{ 0x003081e7, false }, { 0x0030c1e7, false }, { 0x003021e7, false },
		{ 0x003001e6, false }, { 0x003001e5, false }, { 0x003001e3, false },
		{ 0x003001e1, false }, { 0x00300067, false }, { 0x00300187, false },
		{ 0x003000e7, false }, { 0x00300007, false }, { 0x033001e7, false },
		{ 0x003501e7, true }, /* its own LBN means nothing */
	};
	struct v7dbg_caps caps = caps_of(&big, NULL);
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ready(&vcpu, &caps);
		v7dbg_set(&vcpu, BCR(15), cases[i].bcr);
		v7dbg_set(&vcpu, BCR(0), 0x001f01e5);
		v7dbg_set(&vcpu, WCR(0), 0x001f1ff5);
		assert_int_equal(vcpu.eff.brp, cases[i].linkable ? 0x8001 : 0);
		assert_int_equal(vcpu.eff.wrp, cases[i].linkable);
	}
}

/* Without its context breakpoint what links to it is off, in hardware too. */
static void unlinked_while_on(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	ready(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
	put(&vcpu, &sim, BCR(5), 0x003001e7);
	put(&vcpu, &sim, BCR(0), 0x001501e5);
	put(&vcpu, &sim, WCR(3), 0x00151ff5);
	assert_int_equal(sim.hw.brp.control[0], 0x001541e5);
	assert_int_equal(sim.hw.wrp.control[3], 0x00155ff5);
	put(&vcpu, &sim, BCR(5), 0);
	assert_int_equal(sim.hw.brp.control[0] | sim.hw.wrp.control[3] | sim.hw.brp.control[5], 0);
	assert_false(vcpu.active);
	put(&vcpu, &sim, BCR(5), 0x003001e7);
	assert_int_equal(sim.hw.brp.control[0], 0x001541e5);
	assert_int_equal(sim.hw.wrp.control[3], 0x00155ff5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breakpoints),
		cmocka_unit_test(watchpoints),
		cmocka_unit_test(context_fields),
		cmocka_unit_test(unlinked_while_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
