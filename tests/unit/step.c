// SPDX-License-Identifier: GPL-2.0-only
/* The VMM steps the vCPU: an address mismatch breakpoint beside its points. */
#include "sim.h"

#define BT_MISMATCH_BITS (4u << 20)
/* E, PMC 0b11, SSC 0b01 and the type; BAS [8:5] is the instruction set's (C3.3.2). */
#define STEP_ARM   0x004041e7u
#define STEP_LOWER 0x00404067u
#define STEP_UPPER 0x00404187u

static struct v7dbg_vcpu vcpu;
static struct sim sim;
static struct v7dbg_regs points, host;
static struct v7dbg_cpu_id a15, large;

static int fresh(void **state)
{
	struct v7dbg_caps caps;

	(void)state;
	a15 = cortex_a15;
	a15.mismatch = true;
	large = big;
	large.mismatch = true;
	caps = caps_of(&a15, NULL);
	ready(&vcpu, &caps);
	sim_init(&sim, &a15);
	sim.hw.brp.control[0] = 0x1e5;
	sim.hw.brp.value[0] = 0xb0000000;
	sim.hw.brp.control[5] = 0x4001e5; /* the host steps too */
	sim.hw.brp.value[5] = 0xb0000004;
	host = sim.hw;
	memset(&points, 0, sizeof(points));
	return 0;
}

/* Mismatch breakpoints that are on. */
static unsigned int mismatches(void)
{
	unsigned int n, count = 0;

	for (n = 0; n < V7DBG_MAX_SLOTS; n++)
		count += (sim.hw.brp.control[n] & 1) &&
			 (sim.hw.brp.control[n] & 0xfu << 20) == BT_MISMATCH_BITS;
	return count;
}

static void leave(void)
{
	sim_exit(&vcpu, &sim);
	assert_memory_equal(&sim.hw, &host, sizeof(host));
}

static void is_loaded(uint32_t pc, bool thumb, uint32_t value, uint32_t control)
{
	assert_int_equal(v7dbg_user_step(&vcpu, pc, thumb), V7DBG_OK);
	assert_int_equal(vcpu.user_eff.brp, 1);
	assert_true(v7dbg_needs_enter(&vcpu));
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_USER);
	assert_true(sim.cpu.tde);
	assert_int_equal(sim.hw.brp.value[0], value);
	assert_int_equal(sim.hw.brp.control[0], control);
	assert_int_equal(mismatches(), 1);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1), V7DBG_TO_USER);
	assert_int_equal(vcpu.moe, 0); /* the guest sees nothing */
	leave();
}

static void each_instruction_set(void **state)
{
	(void)state;
	v7dbg_user(&vcpu, &points);
	is_loaded(0x8004, false, 0x8004, STEP_ARM);
	is_loaded(0x8004, true, 0x8004, STEP_LOWER);
	is_loaded(0x8006, true, 0x8004, STEP_UPPER);
	is_loaded(0xfffffffe, true, 0xfffffffc, STEP_UPPER);
	is_loaded(0, false, 0, STEP_ARM);
}

/* Beside the VMM's points, which work as before; one step at a time; v7dbg_user() ends it. */
static void beside_points(void **state)
{
	(void)state;
	points.brp.value[0] = 0x9000;
	points.brp.control[0] = BCR_LINUX | 2;
	points.brp.value[2] = 0xa000;
	points.brp.control[2] = BCR_LINUX & ~1u; /* off: free */
	points.wrp.value[1] = 0xb000;
	points.wrp.control[1] = WCR_LINUX;
	v7dbg_user(&vcpu, &points);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false), V7DBG_OK);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8010, false), V7DBG_OK);
	assert_int_equal(vcpu.user_eff.brp, 3);
	assert_int_equal(vcpu.user_eff.wrp, 2);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.hw.brp.value[0], 0x9000);
	assert_int_equal(sim.hw.brp.control[0], 0x41e7);
	assert_int_equal(sim.hw.brp.value[1], 0x8010);
	assert_int_equal(sim.hw.brp.control[1], STEP_ARM);
	assert_int_equal(sim.hw.brp.control[2] & 1, 0);
	assert_int_equal(sim.hw.wrp.control[1], 0x5ff5);
	assert_int_equal(mismatches(), 1);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_TO_USER);
	leave();
	v7dbg_user(&vcpu, &points);
	assert_int_equal(vcpu.user_step, 0);
	assert_int_equal(vcpu.user_eff.brp, 1);
	sim_enter(&vcpu, &sim);
	assert_int_equal(mismatches(), 0);
	leave();
	v7dbg_user_step(&vcpu, 0x8000, false);
	v7dbg_user(&vcpu, NULL);
	assert_int_equal(vcpu.user_step | vcpu.user_eff.brp, 0);
	assert_false(v7dbg_needs_enter(&vcpu));
}

/* A context-aware slot only if no other is free; no step if none is. */
static void slots_in_use(void **state)
{
	unsigned int used, n;

	(void)state;
	for (used = 0; used <= 6; used++) {
		memset(&points, 0, sizeof(points));
		for (n = 0; n < used; n++) {
			points.brp.value[n] = 0x9000 + 16 * n;
			points.brp.control[n] = BCR_LINUX;
		}
		v7dbg_user(&vcpu, &points);
		assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false),
				 used < 6 ? V7DBG_OK : V7DBG_ERR_NO_SLOT);
		assert_int_equal(vcpu.user_eff.brp, (1u << (used < 6 ? used + 1 : 6)) - 1);
		sim_enter(&vcpu, &sim);
		for (n = 0; n < used; n++)
			assert_int_equal(sim.hw.brp.value[n], 0x9000 + 16 * n);
		assert_int_equal(mismatches(), used < 6);
		if (used < 6)
			assert_int_equal(sim.hw.brp.control[used], STEP_ARM);
		leave();
	}
	/* Both context-aware slots are used: another one is taken. */
	memset(&points, 0, sizeof(points));
	points.brp.control[4] = points.brp.control[5] = 0x003001e7;
	v7dbg_user(&vcpu, &points);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false), V7DBG_OK);
	assert_int_equal(vcpu.user_step, 1);
}

/* No step without mismatch breakpoints on all CPUs, or if the VMM does not debug. */
static void not_there(void **state)
{
	struct v7dbg_caps caps = caps_of(&a15, &big);

	(void)state;
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false), V7DBG_ERR_NOT_DEBUGGED);
	assert_int_equal(vcpu.user_step | vcpu.user_eff.brp | vcpu.user.brp.control[0], 0);
	assert_false(v7dbg_needs_enter(&vcpu));
	ready(&vcpu, &caps);
	v7dbg_user(&vcpu, &points);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false), V7DBG_ERR_NO_MISMATCH);
	assert_int_equal(vcpu.user_step | vcpu.user_eff.brp | vcpu.user.brp.control[0], 0);
	v7dbg_caps_init(&caps, true);
	assert_int_equal(v7dbg_caps_add(&caps, &a15), V7DBG_OK);
	v7dbg_init(&vcpu, &caps);
	v7dbg_user(&vcpu, &points);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false), V7DBG_ERR_NO_MISMATCH);
}

/* The slot is virtual: on a larger CPU a context-aware one has another number. */
static void on_other_cpus(void **state)
{
	struct v7dbg_caps caps = caps_of(&a15, &large);
	unsigned int n;

	(void)state;
	ready(&vcpu, &caps);
	for (n = 0; n < 4; n++)
		points.brp.control[n] = BCR_LINUX;
	v7dbg_user(&vcpu, &points);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8006, true), V7DBG_OK);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.hw.brp.control[4], STEP_UPPER);
	leave();
	sim_init(&sim, &large);
	host = sim.hw;
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.hw.brp.control[14], STEP_UPPER);
	assert_int_equal(sim.hw.brp.value[14], 0x8004);
	assert_int_equal(mismatches(), 1);
	leave();
}

/* The guest's own accesses do not change the step. */
static void the_guest(void **state)
{
	(void)state;
	v7dbg_set(&vcpu, BVR(0), 0x4000);
	v7dbg_set(&vcpu, BCR(0), BCR_LINUX);
	v7dbg_user(&vcpu, &points);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false), V7DBG_OK);
	sim_enter(&vcpu, &sim);
	assert_int_equal(get(&vcpu, &sim, BCR(0)), BCR_LINUX);
	assert_int_equal(get(&vcpu, &sim, BVR(0)), 0x4000);
	put(&vcpu, &sim, BCR(0), 0);
	put(&vcpu, &sim, DSCREXT, 0);
	assert_int_equal(sim.hw.brp.control[0], STEP_ARM);
	/* Its BKPT goes to it; the step then stops at the vector. */
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_REFLECT);
	assert_int_equal(sim.hw.brp.control[0], STEP_ARM);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1), V7DBG_TO_USER);
	assert_int_equal(vcpu.moe, 3);
	leave();
	v7dbg_reset(&vcpu); /* its reset is not the VMM's */
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.hw.brp.control[0], STEP_ARM);
	leave();
}

static void not_monitor(void **state)
{
	(void)state;
	v7dbg_user(&vcpu, &points);
	assert_int_equal(v7dbg_user_step(&vcpu, 0x8000, false), V7DBG_OK);
	sim.dscr = MDBGEN | HDBGEN;
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.writes + sim.saves, 0);
	assert_true(vcpu.held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_instruction_set, fresh),
		cmocka_unit_test_setup(beside_points, fresh),
		cmocka_unit_test_setup(slots_in_use, fresh),
		cmocka_unit_test_setup(not_there, fresh),
		cmocka_unit_test_setup(on_other_cpus, fresh),
		cmocka_unit_test_setup(the_guest, fresh),
		cmocka_unit_test_setup(not_monitor, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
