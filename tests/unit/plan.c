// SPDX-License-Identifier: GPL-2.0-only
/* Plans: what is saved, written and restored, and no more than that. */
#include "sim.h"

static struct v7dbg_vcpu vcpu;
static struct sim sim;
static struct v7dbg_regs host;

/* A host with Debian's leftovers (DBGWCR0 = 0x1FE0) and points of its own. */
static int fresh(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);
	unsigned int n;

	(void)state;
	ready(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
	for (n = 0; n < 6; n++)
		sim.hw.brp.value[n] = 0xb0000000 + n * 4;
	for (n = 0; n < 4; n++)
		sim.hw.wrp.value[n] = 0xa0000000 + n * 8;
	sim.hw.wrp.control[0] = 0x1fe0;
	sim.hw.wrp.control[1] = 0x1ff5;
	sim.hw.brp.control[2] = 0x01e5;
	sim.hw.brp.control[3] = 0x01e4;
	sim.hw.vcr = 0x02000000;
	host = sim.hw;
	return 0;
}

static void assert_host(void)
{
	assert_memory_equal(&sim.hw, &host, sizeof(host));
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_HOST);
	assert_true(sim.cpu.tde);
}

/* A guest without points enters, traps and exits, and no register is touched. */
static void inactive(void **state)
{
	(void)state;
	assert_false(v7dbg_needs_enter(&vcpu));
	sim_enter(&vcpu, &sim);
	put(&vcpu, &sim, BVR(0), 0x8000);
	put(&vcpu, &sim, BCR(0), BCR_LINUX & ~1u);
	put(&vcpu, &sim, WCR(0), 0x1fe0);
	put(&vcpu, &sim, VCR, 0);
	put(&vcpu, &sim, OSLAR, 0);
	put(&vcpu, &sim, DSCREXT, MDBGEN | MOE(5));
	assert_false(v7dbg_needs_exit(&sim.cpu));
	assert_int_equal(sim.writes + sim.saves, 0);
	sim_exit(&vcpu, &sim);
	assert_host();
}

/* The guest's points are in hardware and the host's are off; after the exit all is back. */
static void switched(void **state)
{
	unsigned int n;

	(void)state;
	v7dbg_set(&vcpu, BVR(0), 0x8000);
	v7dbg_set(&vcpu, BCR(0), BCR_LINUX);
	v7dbg_set(&vcpu, WVR(0), 0x9000);
	v7dbg_set(&vcpu, WCR(0), WCR_LINUX);
	v7dbg_set(&vcpu, VCR, 1u << 26);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
	assert_int_equal(sim.hw.brp.value[0], 0x8000);
	assert_int_equal(sim.hw.brp.control[0], 0x41e5);
	assert_int_equal(sim.hw.wrp.value[0], 0x9000);
	assert_int_equal(sim.hw.wrp.control[0], 0x5ff5);
	assert_int_equal(sim.hw.vcr, 1u << 26);
	for (n = 1; n < 6; n++)
		assert_int_equal(sim.hw.brp.control[n] & 1, 0);
	for (n = 1; n < 4; n++)
		assert_int_equal(sim.hw.wrp.control[n] & 1, 0);
	sim_exit(&vcpu, &sim);
	assert_host();
}

/* Cost is proportional to use: exactly these registers, in and out. */
static void proportional(void **state)
{
	struct v7dbg_plan plan;

	(void)state;
	v7dbg_set(&vcpu, WVR(0), 0x9000);
	v7dbg_set(&vcpu, WCR(0), WCR_LINUX);
	v7dbg_enter(&vcpu, &sim.cpu, MDBGEN, &plan);
	assert_true(plan.save_host);
	assert_int_equal(plan.wrp.save, 1);
	assert_int_equal(plan.wrp.write.values, 1);
	assert_int_equal(plan.wrp.write.controls, 1);
	assert_int_equal(plan.brp.save | plan.brp.write.values | plan.brp.write.controls |
				 plan.write_vcr,
			 0);
	assert_int_equal(plan.brp.clear | plan.wrp.clear, 0);
	assert_true(plan.tde_changed);
	sim_apply(&sim, &plan);
	v7dbg_exit(&vcpu, &sim.cpu, MDBGEN, &plan);
	assert_false(plan.save_host);
	assert_int_equal(plan.wrp.clear, 1);
	assert_int_equal(plan.wrp.write.values, 1);
	assert_int_equal(plan.wrp.write.controls, 3); /* DBGWCR1 was on */
	assert_int_equal(plan.brp.write.controls, 4); /* DBGBCR2 was on */
	assert_int_equal(plan.brp.write.values | plan.brp.clear, 0);
	assert_true(plan.write_vcr);
	sim_apply(&sim, &plan);
	assert_host();
}

/* A write while loaded writes only what changed, and a value only while it is off. */
static void incremental(void **state)
{
	unsigned int before;

	(void)state;
	put(&vcpu, &sim, BVR(1), 0x8000);
	put(&vcpu, &sim, BCR(1), BCR_LINUX);
	put(&vcpu, &sim, WCR(1), WCR_LINUX);
	assert_int_equal(sim.saves, 1);
	before = sim.writes;
	put(&vcpu, &sim, BVR(1), 0x8004); /* off, value, on */
	assert_int_equal(sim.hw.brp.value[1], 0x8004);
	assert_int_equal(sim.hw.brp.control[1], 0x41e5);
	assert_int_equal(sim.writes - before, 3);
	before = sim.writes;
	put(&vcpu, &sim, BCR(1), BCR_LINUX | 2); /* control only */
	assert_int_equal(sim.hw.brp.control[1], 0x41e7);
	assert_int_equal(sim.writes - before, 1);
	before = sim.writes;
	put(&vcpu, &sim, BCR(1), BCR_LINUX | 2); /* nothing */
	put(&vcpu, &sim, BVR(4), 0x1234);	 /* a slot that is off */
	put(&vcpu, &sim, DSCREXT, MDBGEN);
	assert_int_equal(sim.writes - before, 0);
	before = sim.writes;
	put(&vcpu, &sim, BCR(1), 0);
	assert_int_equal(sim.writes - before, 1);
	assert_int_equal(sim.hw.brp.control[1], 0);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
	assert_int_equal(sim.saves, 1);
	sim_exit(&vcpu, &sim);
	assert_host();
}

/* PARKED -> GUEST does not save again: what is there is not the host's. */
static void parked_and_back(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 3; round++) {
		put(&vcpu, &sim, WVR(1), 0x9000);
		put(&vcpu, &sim, WCR(1), WCR_LINUX);
		assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
		put(&vcpu, &sim, WCR(1), 0);
		assert_int_equal(sim.cpu.owner, V7DBG_OWNER_PARKED);
		assert_int_equal(sim.hw.wrp.control[1], 0);
	}
	assert_int_equal(sim.saves, 1);
	assert_int_equal(vcpu.stats.loads, 3);
	sim_exit(&vcpu, &sim);
	assert_host();
}

/* Each host register in turn is the only one set; every slot of the guest is used. */
static void bit_exact(void **state)
{
	unsigned int reg, n;

	for (reg = 0; reg < sizeof(host) / 4; reg++) {
		fresh(state);
		if ((reg >= 6 && reg < 16) || (reg >= 22 && reg < 32) || (reg >= 36 && reg < 48) ||
		    (reg >= 52 && reg < 64))
			continue; /* slots this CPU has not */
		memset(&sim.hw, 0, sizeof(sim.hw));
		((uint32_t *)&sim.hw)[reg] = 0x1fffffff;
		host = sim.hw;
		for (n = 0; n < 6; n++) {
			v7dbg_set(&vcpu, BVR(n), 0x4000 * n);
			v7dbg_set(&vcpu, BCR(n), BCR_LINUX);
		}
		for (n = 0; n < 4; n++) {
			v7dbg_set(&vcpu, WVR(n), 0x800 * n);
			v7dbg_set(&vcpu, WCR(n), WCR_LINUX);
		}
		v7dbg_set(&vcpu, VCR, 1u << 31);
		sim_enter(&vcpu, &sim);
		for (n = 0; n < 6; n++)
			assert_int_equal(sim.hw.brp.control[n], 0x41e5);
		for (n = 0; n < 4; n++)
			assert_int_equal(sim.hw.wrp.control[n], 0x5ff5);
		sim_exit(&vcpu, &sim);
		assert_host();
	}
}

/* A run with everything on leaves its values in v7dbg_cpu; then the host has others. */
static void earlier_run(void)
{
	unsigned int n;

	for (n = 0; n < 6; n++) {
		sim.hw.brp.control[n] = 0x01e7 | n << 16;
		v7dbg_set(&vcpu, BVR(n), 0x4000 * n);
		v7dbg_set(&vcpu, BCR(n), BCR_LINUX);
	}
	for (n = 0; n < 4; n++) {
		sim.hw.wrp.control[n] = 0x1ff7 | n << 16;
		v7dbg_set(&vcpu, WVR(n), 0x800 * n);
		v7dbg_set(&vcpu, WCR(n), WCR_LINUX);
	}
	v7dbg_set(&vcpu, VCR, 1u << 31);
	sim_enter(&vcpu, &sim);
	sim_exit(&vcpu, &sim);
	for (n = 0; n < 6; n++) {
		sim.hw.brp.value[n] = 0xc0000000 + n * 4;
		sim.hw.brp.control[n] = n & 1 ? 0x01e5 : 0x01e4;
	}
	for (n = 0; n < 4; n++) {
		sim.hw.wrp.value[n] = 0xd0000000 + n * 8;
		sim.hw.wrp.control[n] = n & 1 ? 0x1fe0 : 0x1ff5;
	}
	sim.hw.vcr = 1u << 25;
	host = sim.hw;
}

/* The same guest with nothing on: a host's point is parked. */
static void park(void)
{
	v7dbg_set(&vcpu, DSCREXT, 0);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_RESUME);
}

static void enter_all(void)
{
	sim_enter(&vcpu, &sim);
}

/* One point; then two more, whose values are saved when they are loaded; then off again. */
static void arm_late(void)
{
	static const uint32_t writes[][2] = {
		{ BVR(1), 0x5000 },    { BCR(1), BCR_LINUX },	{ WVR(3), 0x6000 },
		{ WCR(3), WCR_LINUX }, { BVR(1), 0x7000 },	{ BVR(0), 0x7100 },
		{ BCR(0), 0 },	       { OSLAR, DBGOSLAR_KEY },
	};
	unsigned int n;

	for (n = 0; n < 6; n++)
		v7dbg_set(&vcpu, BCR(n), n ? 0 : BCR_LINUX);
	for (n = 0; n < 4; n++)
		v7dbg_set(&vcpu, WCR(n), 0);
	sim_enter(&vcpu, &sim);
	for (n = 0; n < 8 && !sim.lost; n++)
		put(&vcpu, &sim, (uint16_t)writes[n][0], writes[n][1]);
}

static void host_off(void)
{
	unsigned int n;

	for (n = 0; n < 6; n++)
		sim.hw.brp.control[n] &= ~1u;
	for (n = 0; n < 4; n++)
		sim.hw.wrp.control[n] &= ~1u;
	sim.hw.vcr = 0;
	host = sim.hw;
}

/*
 * A caller that faults before any one of its accesses, in any plan of a run: the host gets
 * what it had, whatever an earlier run left in v7dbg_cpu.
 */
static void interrupted(void **state)
{
	static void (*const runs[])(void) = { enter_all, park, arm_late };
	unsigned int r, k, faults;

	for (r = 0; r < 9; r++) {
		for (k = 1, faults = 0;; k++) {
			fresh(state);
			earlier_run();
			/* Else the quick way in is not taken. */
			if (r >= 6)
				host_off();
			sim.fault_at = k;
			sim.quick = r >= 3;
			runs[r % 3]();
			if (!sim.lost)
				break;
			faults++;
			sim_exit_lost(&vcpu, &sim);
			assert_host();
			/* And the next run saves as usual. */
			sim_enter(&vcpu, &sim);
			sim_exit(&vcpu, &sim);
			assert_host();
		}
		sim.fault_at = 0;
		sim_exit(&vcpu, &sim);
		assert_host();
		/* Eleven are read; six or more are written where the host has points. */
		assert_true(faults > (r < 6 ? 16 : 10));
	}
}

/* Two guests, one after the other: the second finds nothing of the first. */
static void no_channel(void **state)
{
	struct v7dbg_vcpu other = vcpu;
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	ready(&other, &caps);
	put(&vcpu, &sim, BVR(0), 0x5ec0e4);
	put(&vcpu, &sim, BCR(0), BCR_LINUX);
	sim_exit(&vcpu, &sim);
	assert_host();
	sim_enter(&other, &sim);
	put(&other, &sim, WCR(3), WCR_LINUX);
	assert_int_equal(sim.hw.brp.value[0], host.brp.value[0]);
	assert_int_equal(get(&other, &sim, BVR(0)), 0);
	sim_exit(&other, &sim);
	assert_host();
}

/* Reset in place of PSCI CPU_OFF/ON: nothing stays armed. */
static void reset(void **state)
{
	(void)state;
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	sim_exit(&vcpu, &sim);
	v7dbg_reset(&vcpu);
	assert_false(v7dbg_needs_enter(&vcpu));
	assert_int_equal(vcpu.stats.activations, 1); /* counters stay */
	sim_enter(&vcpu, &sim);
	assert_host();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(inactive, fresh),
		cmocka_unit_test_setup(switched, fresh),
		cmocka_unit_test_setup(proportional, fresh),
		cmocka_unit_test_setup(incremental, fresh),
		cmocka_unit_test_setup(parked_and_back, fresh),
		cmocka_unit_test(bit_exact),
		cmocka_unit_test(interrupted),
		cmocka_unit_test_setup(no_channel, fresh),
		cmocka_unit_test_setup(reset, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
