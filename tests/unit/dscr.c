// SPDX-License-Identifier: GPL-2.0-only
/* Virtual DBGDSCR, the locks, the claim tags, the DCC. */
#include "sim.h"

#define FIXED 0x00070000u /* NS, SPNIDdis, SPIDdis */

static struct v7dbg_vcpu vcpu;
static struct sim sim;
static struct v7dbg_caps caps;

static int fresh(void **state)
{
	(void)state;
	caps = caps_of(&cortex_a15, NULL);
	v7dbg_init(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
	return 0;
}

/* What Linux, FreeBSD and NuttX do: set MDBGen and read it back. */
static void mdbgen_sticks(void **state)
{
	(void)state;
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED);
	put(&vcpu, &sim, DSCREXT, get(&vcpu, &sim, DSCRINT) | MDBGEN);
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED | MDBGEN);
	assert_int_equal(get(&vcpu, &sim, DSCREXT), FIXED | MDBGEN);
	put(&vcpu, &sim, DSCREXT, 0);
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED);
	assert_int_equal(sim.writes, 0);
}

/* If a CPU is not in monitor mode the guest can see that it has no points. */
static void mdbgen_does_not_stick(void **state)
{
	struct v7dbg_cpu_id off = cortex_a15;

	(void)state;
	off.dbgdscr = 0;
	caps = caps_of(&cortex_a15, &off);
	v7dbg_init(&vcpu, &caps);
	put(&vcpu, &sim, OSLAR, 0);
	put(&vcpu, &sim, BCR(0), BCR_LINUX);
	put(&vcpu, &sim, DSCREXT, MDBGEN);
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED);
	assert_false(vcpu.active);
	assert_int_equal(v7dbg_set(&vcpu, DSCREXT, MDBGEN), 0);
	assert_false(vcpu.active);
	/* DBGAUTHSTATUS says the same: implemented, not enabled. */
	assert_int_equal(get(&vcpu, &sim, V7DBG_ENC(0, 7, 14, 6)), 0xaa);
}

/* MOE is read and written; no other bit can be set, bit by bit. */
static void bits(void **state)
{
	unsigned int bit;

	(void)state;
	put(&vcpu, &sim, OSLAR, 0);
	for (bit = 0; bit < 32; bit++) {
		uint32_t kept = (1u << bit) & (MOE(0xf) | 1u << 12 | MDBGEN);

		put(&vcpu, &sim, DSCREXT, 1u << bit);
		assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED | kept);
		put(&vcpu, &sim, DSCREXT, ~(1u << bit));
		assert_int_equal(get(&vcpu, &sim, DSCRINT),
				 FIXED | ((MOE(0xf) | 1u << 12 | MDBGEN) & ~(1u << bit)));
	}
}

static void mdbgen_gates(void **state)
{
	(void)state;
	put(&vcpu, &sim, OSLAR, 0);
	put(&vcpu, &sim, BCR(0), BCR_LINUX);
	assert_false(vcpu.active);
	put(&vcpu, &sim, DSCREXT, MDBGEN);
	assert_true(vcpu.active);
	assert_int_equal(sim.hw.brp.control[0], 0x41e5);
	put(&vcpu, &sim, DSCREXT, 0);
	assert_false(vcpu.active);
	assert_int_equal(sim.hw.brp.control[0], 0);
	assert_int_equal(get(&vcpu, &sim, BCR(0)), BCR_LINUX);
	assert_int_equal(vcpu.stats.activations, 1);
}

/* Only the key locks, C11.11.31.  While it is locked all points are off, then on again. */
static void os_lock(void **state)
{
	(void)state;
	assert_int_equal(get(&vcpu, &sim, OSLSR), 0xa);
	put(&vcpu, &sim, OSLAR, ~DBGOSLAR_KEY);
	assert_int_equal(get(&vcpu, &sim, OSLSR), 0x8);
	put(&vcpu, &sim, DSCREXT, MDBGEN);
	put(&vcpu, &sim, BCR(0), BCR_LINUX);
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	put(&vcpu, &sim, VCR, 1u << 25);
	assert_int_equal(sim.hw.brp.control[0], 0x41e5);
	assert_int_equal(sim.hw.wrp.control[0], 0x5ff5);
	assert_int_equal(sim.hw.vcr, 1u << 25);
	put(&vcpu, &sim, OSLAR, DBGOSLAR_KEY);
	assert_int_equal(get(&vcpu, &sim, OSLSR), 0xa);
	assert_int_equal(sim.hw.brp.control[0] | sim.hw.wrp.control[0] | sim.hw.vcr, 0);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_PARKED);
	put(&vcpu, &sim, OSLAR, 1);
	assert_int_equal(sim.hw.brp.control[0], 0x41e5);
	assert_int_equal(sim.hw.wrp.control[0], 0x5ff5);
	assert_int_equal(sim.hw.vcr, 1u << 25);
}

/* DLK is effective while CORENPDRQ is 0. */
static void double_lock(void **state)
{
	(void)state;
	put(&vcpu, &sim, OSLAR, 0);
	put(&vcpu, &sim, DSCREXT, MDBGEN);
	put(&vcpu, &sim, WCR(1), WCR_LINUX);
	assert_true(vcpu.active);
	put(&vcpu, &sim, OSDLR, 1);
	assert_false(vcpu.active);
	assert_int_equal(get(&vcpu, &sim, OSDLR), 1);
	put(&vcpu, &sim, PRCR, 0xffffffff);
	assert_int_equal(get(&vcpu, &sim, PRCR), 1);
	assert_true(vcpu.active);
	put(&vcpu, &sim, PRCR, 0);
	assert_false(vcpu.active);
	put(&vcpu, &sim, OSDLR, 0);
	assert_true(vcpu.active);
}

static void claim_tags(void **state)
{
	uint16_t set = V7DBG_ENC(0, 7, 8, 6), clear = V7DBG_ENC(0, 7, 9, 6);

	(void)state;
	assert_int_equal(get(&vcpu, &sim, set), 0xff);
	assert_int_equal(get(&vcpu, &sim, clear), 0);
	put(&vcpu, &sim, set, 0xffffff03);
	assert_int_equal(get(&vcpu, &sim, clear), 0x03);
	put(&vcpu, &sim, set, 0x84);
	assert_int_equal(get(&vcpu, &sim, clear), 0x87);
	put(&vcpu, &sim, clear, 0x05);
	assert_int_equal(get(&vcpu, &sim, clear), 0x82);
	assert_int_equal(get(&vcpu, &sim, set), 0xff);
}

/* TXfull: set by DBGDTRTXint; cleared by DBGDSCRext under the OS lock, and reset. */
static void dcc(void **state)
{
	(void)state;
	put(&vcpu, &sim, OSLAR, 0);
	put(&vcpu, &sim, V7DBG_ENC(0, 0, 3, 2), 'e');
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED);
	put(&vcpu, &sim, V7DBG_ENC(0, 0, 5, 0), 'x');
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED | 1u << 29);
	assert_int_equal(get(&vcpu, &sim, V7DBG_ENC(0, 0, 5, 0)), 0);
	put(&vcpu, &sim, DSCREXT, 0);
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED | 1u << 29);
	put(&vcpu, &sim, OSLAR, DBGOSLAR_KEY);
	assert_int_equal(get(&vcpu, &sim, V7DBG_ENC(0, 0, 3, 2)), 'x');
	put(&vcpu, &sim, DSCREXT, 0);
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED);
	put(&vcpu, &sim, DSCREXT, 1u << 29);
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED | 1u << 29);
	v7dbg_reset(&vcpu);
	assert_int_equal(get(&vcpu, &sim, DSCRINT), FIXED);
}

/* The DBGVCR bits that are read back, and those that hardware may see. */
static void vector_catch(void **state)
{
	unsigned int bit;

	(void)state;
	put(&vcpu, &sim, OSLAR, 0);
	put(&vcpu, &sim, DSCREXT, MDBGEN);
	for (bit = 0; bit < 32; bit++) {
		static const char implemented[] = "11011110000000001101110011011111";
		static const char hardware[] = "11000110000000000000000000000000";

		put(&vcpu, &sim, VCR, 1u << bit);
		assert_int_equal(get(&vcpu, &sim, VCR),
				 implemented[31 - bit] == '1' ? 1u << bit : 0);
		assert_int_equal(sim.hw.vcr, hardware[31 - bit] == '1' ? 1u << bit : 0);
		assert_int_equal(vcpu.active, hardware[31 - bit] == '1');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(mdbgen_sticks, fresh),
		cmocka_unit_test_setup(mdbgen_does_not_stick, fresh),
		cmocka_unit_test_setup(bits, fresh),
		cmocka_unit_test_setup(mdbgen_gates, fresh),
		cmocka_unit_test_setup(os_lock, fresh),
		cmocka_unit_test_setup(double_lock, fresh),
		cmocka_unit_test_setup(claim_tags, fresh),
		cmocka_unit_test_setup(dcc, fresh),
		cmocka_unit_test_setup(vector_catch, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
