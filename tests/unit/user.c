// SPDX-License-Identifier: GPL-2.0-only
/* The VMM debugs the vCPU: its points are loaded, the guest's are suspended. */
#include "sim.h"

static struct v7dbg_vcpu vcpu;
static struct sim sim;
static struct v7dbg_regs points, host;

static int fresh(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	ready(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
	sim.hw.brp.control[0] = 0x1e5;
	sim.hw.brp.value[0] = 0xb0000000;
	sim.hw.wrp.control[0] = 0x1fe0;
	host = sim.hw;
	memset(&points, 0, sizeof(points));
	points.brp.value[0] = 0x8000;
	points.brp.control[0] = BCR_LINUX | 2;
	points.wrp.value[3] = 0x9000;
	points.wrp.control[3] = WCR_LINUX;
	v7dbg_set(&vcpu, BVR(0), 0x4000);
	v7dbg_set(&vcpu, BCR(0), BCR_LINUX);
	return 0;
}

static void loaded(void **state)
{
	(void)state;
	v7dbg_user(&vcpu, &points);
	assert_true(v7dbg_needs_enter(&vcpu));
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_USER);
	assert_true(sim.cpu.tde);
	assert_int_equal(sim.hw.brp.value[0], 0x8000);
	assert_int_equal(sim.hw.brp.control[0], 0x41e7);
	assert_int_equal(sim.hw.wrp.control[3], 0x5ff5);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1), V7DBG_TO_USER);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_TO_USER);
	assert_int_equal(vcpu.moe, 0);
	sim_exit(&vcpu, &sim);
	assert_memory_equal(&sim.hw, &host, sizeof(host));
	v7dbg_user(&vcpu, NULL);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
	assert_int_equal(sim.hw.brp.value[0], 0x4000);
	assert_int_equal(sim.hw.wrp.control[3] & 1, 0);
}

/* The guest keeps its own registers and sees nothing of the VMM's. */
static void guest_accesses(void **state)
{
	unsigned int writes;

	(void)state;
	v7dbg_user(&vcpu, &points);
	sim_enter(&vcpu, &sim);
	writes = sim.writes;
	assert_int_equal(get(&vcpu, &sim, BVR(0)), 0x4000);
	assert_int_equal(get(&vcpu, &sim, WCR(3)), 0);
	put(&vcpu, &sim, WCR(3), WCR_LINUX);
	put(&vcpu, &sim, BCR(0), 0);
	put(&vcpu, &sim, OSLAR, DBGOSLAR_KEY);
	put(&vcpu, &sim, DSCREXT, MOE(5));
	put(&vcpu, &sim, DSCREXT, MDBGEN | MOE(0));
	put(&vcpu, &sim, OSLAR, 0);
	assert_int_equal(sim.writes, writes);
	assert_true(sim.cpu.tde);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_USER);
	assert_true(vcpu.active);
	/* BKPT stays the guest's. */
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_REFLECT);
	assert_true(sim.cpu.tde);
	sim_exit(&vcpu, &sim);
	assert_memory_equal(&sim.hw, &host, sizeof(host));
}

/* The same filter: nothing Secure, Hyp, VMID or reserved comes through the VMM. */
static void filtered(void **state)
{
	(void)state;
	points.brp.control[0] = 0x000081e5; /* Secure */
	points.brp.control[1] = 0x000021e1; /* HMC with PMC 00 */
	points.brp.control[2] = 0x008001e7; /* VMID */
	points.brp.control[3] = 0x001001e5; /* linked to what is not there */
	points.brp.control[4] = 0x0000e1e1; /* Hyp only */
	points.brp.control[5] = 0x000021e7; /* all states: goes to hardware without Hyp */
	points.wrp.control[0] = 0x0000bff7;
	points.wrp.control[3] = 0x000000a5; /* no direction */
	points.vcr = 0xffffffff;
	v7dbg_user(&vcpu, &points);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.hw.brp.control[0] | sim.hw.brp.control[1] | sim.hw.brp.control[2] |
				 sim.hw.brp.control[3] | sim.hw.brp.control[4],
			 0);
	assert_int_equal(sim.hw.brp.control[5], 0x41e7);
	assert_int_equal((sim.hw.wrp.control[0] | sim.hw.wrp.control[3]) & 1, 0);
	assert_int_equal(sim.hw.vcr, 0xc6000000);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 5), V7DBG_TO_USER);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_REJECT);
}

/* The guest need not have set MDBGen, nor cleared its OS lock. */
static void independent(void **state)
{
	(void)state;
	v7dbg_reset(&vcpu);
	v7dbg_user(&vcpu, &points);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.hw.brp.control[0], 0x41e7);
	sim_exit(&vcpu, &sim);
	v7dbg_reset(&vcpu); /* the guest's reset is not the VMM's */
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.hw.brp.control[0], 0x41e7);
}

/*
 * No points, only software breakpoints.  The guest's points are suspended all the same, TDE
 * is set even if P is M, and the host's points stay on and are the host's.
 */
static void empty(void **state)
{
	struct v7dbg_regs none = { 0 };

	(void)state;
	v7dbg_user(&vcpu, &none);
	assert_true(vcpu.active);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.writes + sim.saves, 0);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_HOST);
	assert_true(sim.cpu.tde);
	assert_false(vcpu.held);
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	put(&vcpu, &sim, DSCREXT, MDBGEN | MOE(0));
	assert_int_equal(sim.writes + sim.saves, 0);
	assert_true(sim.cpu.tde);
	/* The host's breakpoint in slot 0: parked, never mistaken for the guest's. */
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1), V7DBG_RESUME);
	put(&vcpu, &sim, BCR(0), BCR_LINUX);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_PARKED);
	assert_int_equal(sim.hw.brp.control[0] & 1, 0);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1), V7DBG_REJECT);
	assert_true(sim.cpu.tde);
	sim_exit(&vcpu, &sim);
	assert_memory_equal(&sim.hw, &host, sizeof(host));
}

static void not_monitor(void **state)
{
	struct v7dbg_regs none = { 0 };

	(void)state;
	v7dbg_user(&vcpu, &points);
	sim.dscr = 0;
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.writes + sim.saves, 0);
	assert_true(vcpu.held);
	assert_int_equal(vcpu.stats.not_monitor, 1);
	sim_exit(&vcpu, &sim);
	/* Without points there is nothing to hold back. */
	v7dbg_user(&vcpu, &none);
	assert_false(vcpu.held);
	sim_enter(&vcpu, &sim);
	assert_false(vcpu.held);
	assert_int_equal(vcpu.stats.not_monitor, 1);
}

/* BKPT goes to the VMM if it said so, whoever owns the registers; M does not change. */
static void bkpt(void **state)
{
	struct v7dbg_regs none = { 0 };

	(void)state;
	v7dbg_user_bkpt(&vcpu, true); /* nobody debugs: it stays the guest's */
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_REFLECT);
	assert_int_equal(vcpu.moe, 3);
	sim_exit(&vcpu, &sim);
	v7dbg_set(&vcpu, DSCREXT, MDBGEN | MOE(1));

	v7dbg_user(&vcpu, &none);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_REFLECT);
	sim_exit(&vcpu, &sim);
	v7dbg_set(&vcpu, DSCREXT, MDBGEN | MOE(1));
	v7dbg_user_bkpt(&vcpu, true);
	sim_enter(&vcpu, &sim); /* HOST */
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_TO_USER);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_RESUME);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_TO_USER);
	sim_exit(&vcpu, &sim);
	v7dbg_user(&vcpu, &points); /* other points, and BKPT as before */
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_TO_USER);
	assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), 1);
	assert_int_equal(vcpu.stats.reflections, 2);
	assert_true(sim.cpu.tde);
	sim_exit(&vcpu, &sim);

	/* The guest goes on: P is the VMM's 3, M is 1, so TDE stays set at first. */
	v7dbg_user(&vcpu, NULL);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
	assert_true(sim.cpu.tde);
	assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), 1);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_REFLECT);
	assert_int_equal(vcpu.moe, 3);
	sim_exit(&vcpu, &sim);
	/* The VMM gives the guest its BKPT back: M is as the exception leaves it. */
	v7dbg_set(&vcpu, DSCREXT, MDBGEN);
	v7dbg_bkpt_taken(&vcpu);
	assert_int_equal(vcpu.moe, 3);
	sim_enter(&vcpu, &sim);
	assert_false(sim.cpu.tde);
}

/* Debugging goes on and off between runs, the guest's MOE in the CPU: M survives. */
static void on_and_off(void **state)
{
	unsigned int round;

	(void)state;
	for (round = 0; round < 16; round++) {
		v7dbg_user(&vcpu, NULL);
		sim_enter(&vcpu, &sim);
		assert_int_equal(sim.cpu.owner, V7DBG_OWNER_GUEST);
		assert_int_equal(sim.hw.brp.value[0], 0x4000);
		assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), round ? 1 : 0);
		if (sim.cpu.tde)
			sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 1);
		assert_false(sim.cpu.tde);
		sim.dscr = MDBGEN | MOE(1); /* the guest takes one directly */
		sim_exit(&vcpu, &sim);
		assert_int_equal(vcpu.moe, 1);
		v7dbg_user(&vcpu, &points);
		sim_enter(&vcpu, &sim);
		assert_true(sim.cpu.tde);
		assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_TO_USER);
		assert_int_equal(DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT)), 1);
		sim_exit(&vcpu, &sim);
		assert_memory_equal(&sim.hw, &host, sizeof(host));
	}
	assert_int_equal(vcpu.stats.reflections, 15);
}

/* At a device the VMM's watchpoint stops as at memory, and the guest's is suspended. */
static void device(void **state)
{
	(void)state;
	v7dbg_set(&vcpu, WVR(1), 0xa000);
	v7dbg_set(&vcpu, WCR(1), WCR_LINUX);
	assert_true(v7dbg_mmio_watch(&vcpu, 0xa000, 4, true, true, 0, NULL));
	assert_false(v7dbg_user_watch(&vcpu, 0xa000, 4, true, true, 0, NULL));
	v7dbg_user(&vcpu, &points);
	assert_false(v7dbg_mmio_watch(&vcpu, 0xa000, 4, true, true, 0, NULL));
	assert_false(v7dbg_user_watch(&vcpu, 0xa000, 4, true, true, 0, NULL));
	assert_true(v7dbg_user_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	assert_false(v7dbg_user_watch(&vcpu, 0x9000, 4, false, true, 0, NULL)); /* stores */
	assert_false(v7dbg_user_watch(&vcpu, 0x9000, 4, true, false, 0, NULL)); /* PL0 */
	assert_false(v7dbg_mmio_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	/* If the CPU cannot have them they match nothing, during the run and after it. */
	sim.dscr = 0;
	sim_enter(&vcpu, &sim);
	assert_false(v7dbg_user_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	sim_exit(&vcpu, &sim);
	assert_false(v7dbg_user_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	sim.dscr = MDBGEN;
	sim_enter(&vcpu, &sim);
	assert_true(v7dbg_user_watch(&vcpu, 0x9000, 4, true, true, 0, NULL));
	sim_exit(&vcpu, &sim);
	v7dbg_user(&vcpu, NULL);
	assert_true(v7dbg_mmio_watch(&vcpu, 0xa000, 4, true, true, 0, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(loaded, fresh),
		cmocka_unit_test_setup(guest_accesses, fresh),
		cmocka_unit_test_setup(filtered, fresh),
		cmocka_unit_test_setup(independent, fresh),
		cmocka_unit_test_setup(empty, fresh),
		cmocka_unit_test_setup(not_monitor, fresh),
		cmocka_unit_test_setup(bkpt, fresh),
		cmocka_unit_test_setup(on_and_off, fresh),
		cmocka_unit_test_setup(device, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
