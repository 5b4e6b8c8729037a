// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the emulated CPU does not match, from the guest's write to the hardware and to the
 * event: mismatch, context ID, vector catch, every reserved control, unknown MOE.
 */
#include "sim.h"

static struct v7dbg_vcpu vcpu;
static struct sim sim;
static struct v7dbg_regs host;

static int fresh(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	ready(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
	sim.hw.brp.control[1] = 0x1e7;
	sim.hw.brp.value[1] = 0xb0000000;
	sim.hw.wrp.control[0] = 0x1fe0;
	host = sim.hw;
	return 0;
}

static void gives_back(void)
{
	sim_exit(&vcpu, &sim);
	assert_memory_equal(&sim.hw, &host, sizeof(host));
}

/* BT 0b0100 and 0b0101, C3.3.2: goes to hardware as it is, in Non-secure state only. */
static void mismatch(void **state)
{
	(void)state;
	put(&vcpu, &sim, BVR(0), 0x8000);
	put(&vcpu, &sim, BCR(0), 0x004001e5); /* step from here, in User mode */
	assert_int_equal(sim.hw.brp.control[0], 0x004041e5);
	assert_int_equal(sim.hw.brp.value[0], 0x8000);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1), V7DBG_REFLECT);
	assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), 1);
	put(&vcpu, &sim, BCR(0), 0x00400005); /* BAS 0b0000: every instruction */
	assert_int_equal(sim.hw.brp.control[0], 0x00404005);
	put(&vcpu, &sim, BCR(0), 0x00000005); /* not so for a match */
	assert_int_equal(sim.hw.brp.control[0] & 1, 0);
	put(&vcpu, &sim, BCR(0), 0x005501e5); /* linked to what is not there, then to a context */
	assert_int_equal(sim.hw.brp.control[0] & 1, 0);
	put(&vcpu, &sim, BVR(5), 0x77);
	put(&vcpu, &sim, BCR(5), 0x003001e7);
	assert_int_equal(sim.hw.brp.control[0], 0x005541e5);
	assert_int_equal(get(&vcpu, &sim, BCR(0)), 0x005501e5);
	gives_back();
}

/*
 * An unlinked context ID that matches PL1 too: it matches again in the guest's abort handler,
 * for ever.  That hurts the guest alone.  Each event is taken or reflected like any other,
 * the CPU's registers stay loaded, and the host has its own back after the next exit.
 */
static void context_id_in_abort_mode(void **state)
{
	unsigned int n, writes;

	(void)state;
	put(&vcpu, &sim, BVR(4), 0x77);
	put(&vcpu, &sim, BCR(4), 0x002001e7);
	assert_int_equal(sim.hw.brp.control[4], 0x002041e7);
	assert_int_equal(sim.hw.brp.value[4], 0x77);
	writes = sim.writes;
	for (n = 0; n < 1000; n++) {
		assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1), V7DBG_REFLECT);
		assert_false(sim.cpu.tde); /* from now on without HYP */
	}
	assert_int_equal(vcpu.stats.loads, 1);
	assert_int_equal(sim.writes, writes);
	gives_back();
	/* Only in a context-aware slot. */
	put(&vcpu, &sim, BCR(4), 0);
	put(&vcpu, &sim, BCR(3), 0x002001e7);
	assert_int_equal(sim.hw.brp.control[3] & 1, 0);
	gives_back();
}

/* DBGVCR: the four vectors that may be caught, each alone; never an abort vector. */
static void vector_catch(void **state)
{
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		bool caught = bit == 25 || bit == 26 || bit == 30 || bit == 31;

		fresh(state);
		put(&vcpu, &sim, VCR, 1u << bit);
		assert_int_equal(sim.hw.vcr, caught ? 1u << bit : 0);
		assert_int_equal(vcpu.active, caught);
		if (caught) {
			assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 5),
					 V7DBG_REFLECT);
			assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), 5);
		}
		gives_back();
	}
}

/* Bits that a match of {HMC, SSC, PMC} in Hyp or Secure state would need. */
static void assert_confined(uint32_t control, bool linked_context)
{
	if (!(control & 1))
		return;
	assert_int_equal(control >> 13 & 1, 0);
	assert_int_equal(control >> 14 & 3, linked_context ? 0 : 1);
}

/* Every type, state and BAS of a breakpoint, every field of a watchpoint. */
static void every_reserved_control(void **state)
{
	unsigned int n, on = 0;

	(void)state;
	put(&vcpu, &sim, BVR(5), 0x8000);
	for (n = 0; n < 1u << 13; n++) {
		/* BT, HMC, SSC, PMC, BAS */
		uint32_t bcr = 1 | (n & 3) << 1 | (n >> 2 & 0xf) << 5 | (n >> 6 & 7) << 13 |
			       (n >> 9 & 0xf) << 20;
		unsigned int bt = n >> 9 & 0xf;

		put(&vcpu, &sim, BCR(5), bcr);
		assert_int_equal(get(&vcpu, &sim, BCR(5)), bcr);
		assert_confined(sim.hw.brp.control[5], bt == 3);
		if (bt > 5)
			assert_int_equal(sim.hw.brp.control[5] & 1, 0);
		on += sim.hw.brp.control[5] & 1;
	}
	put(&vcpu, &sim, BCR(5), 0);
	assert_in_range(on, 20, 200);
	gives_back();
	for (n = 0, on = 0; n < 1u << 16; n++) {
		/* PAC, LSC, BAS, HMC and SSC, WT */
		uint32_t wcr = 1 | (n & 3) << 1 | (n >> 2 & 3) << 3 | (n >> 4 & 0xff) << 5 |
			       (n >> 12 & 7) << 13 | (n >> 15 & 1) << 20;

		put(&vcpu, &sim, WCR(3), wcr);
		assert_confined(sim.hw.wrp.control[3], false);
		on += sim.hw.wrp.control[3] & 1;
	}
	/* 10 states, 3 directions, any bytes but none; LBN 0 is no context breakpoint. */
	assert_int_equal(on, 10 * 3 * 255);
	gives_back();
}

/* Any MOE that a guest writes is what it reads, with TDE set and clear, and P never is. */
static void unknown_moe(void **state)
{
	unsigned int p, m;

	for (p = 0; p < 16; p++)
		for (m = 0; m < 16; m++) {
			fresh(state);
			sim.dscr = MDBGEN | MOE(p);
			put(&vcpu, &sim, WCR(0), WCR_LINUX);
			assert_int_equal(sim.cpu.tde, p != 0);
			put(&vcpu, &sim, DSCREXT, MDBGEN | MOE(m));
			assert_int_equal(sim.cpu.tde, p != m);
			assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), m);
			sim_exit(&vcpu, &sim);
			assert_int_equal(vcpu.moe, m);
			/* And one that hardware shows with a prefetch abort explains nothing. */
			sim_enter(&vcpu, &sim);
			if (sim.cpu.tde && p != 3)
				assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, p),
						 V7DBG_REJECT);
			assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), m);
			gives_back();
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(mismatch, fresh),
		cmocka_unit_test_setup(context_id_in_abort_mode, fresh),
		cmocka_unit_test_setup(vector_catch, fresh),
		cmocka_unit_test_setup(every_reserved_control, fresh),
		cmocka_unit_test_setup(unknown_moe, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
