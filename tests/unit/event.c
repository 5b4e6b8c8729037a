// SPDX-License-Identifier: GPL-2.0-only
/* Debug exceptions that reach HYP: whose they are, and MOE. */
#include "sim.h"

static struct v7dbg_vcpu vcpu;
static struct sim sim;

static int fresh(void **state)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	(void)state;
	ready(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
	return 0;
}

static unsigned int read_moe(void)
{
	return DBGDSCR_MOE(get(&vcpu, &sim, DSCRINT));
}

/* What hardware does when the guest takes a debug exception itself. */
static void taken_by_guest(unsigned int moe)
{
	assert_false(sim.cpu.tde);
	sim.dscr = (sim.dscr & ~DBGDSCR_MOE_MASK) | MOE(moe);
}

/* Every owner x class x MOE x kind of point, against the rule. */
static void answers(void **state)
{
	enum v7dbg_owner owner;
	unsigned int points, moe, class;

	for (owner = V7DBG_OWNER_HOST; owner <= V7DBG_OWNER_USER; owner++)
		for (points = 0; points < 8; points++)
			for (moe = 0; moe < 16; moe++)
				for (class = 0; class < 2; class ++) {
					bool data = class == V7DBG_EVENT_DATA, explained;
					enum v7dbg_answer expected, answer;
					struct v7dbg_regs user = { 0 };

					fresh(state);
					if (!points && (owner == V7DBG_OWNER_GUEST ||
							owner == V7DBG_OWNER_USER))
						continue; /* nobody owns with nothing */
					sim.dscr |= MOE(7);
					if (owner == V7DBG_OWNER_USER) {
						user.brp.control[0] = points & 1 ? BCR_LINUX : 0;
						user.wrp.control[0] = points & 2 ? WCR_LINUX : 0;
						user.vcr = points & 4 ? 1u << 25 : 0;
						v7dbg_user(&vcpu, &user);
						sim_enter(&vcpu, &sim);
					}
					if (owner == V7DBG_OWNER_GUEST) {
						put(&vcpu, &sim, BCR(0),
						    points & 1 ? BCR_LINUX : 0);
						put(&vcpu, &sim, WCR(0),
						    points & 2 ? WCR_LINUX : 0);
						put(&vcpu, &sim, VCR, points & 4 ? 1u << 25 : 0);
					}
					if (owner == V7DBG_OWNER_PARKED) {
						put(&vcpu, &sim, BCR(0), BCR_LINUX);
						put(&vcpu, &sim, BCR(0), 0);
					}
					assert_int_equal(sim.cpu.owner, owner);
					assert_true(sim.cpu.tde);

					explained = data ? points & 2
							 : (moe == 1 && points & 1) ||
								    (moe == 5 && points & 4);
					if (!data && moe == 3)
						expected = V7DBG_REFLECT;
					else if (owner == V7DBG_OWNER_HOST)
						expected = data || moe == 1 || moe == 5
								   ? V7DBG_RESUME
								   : V7DBG_REJECT;
					else if (owner == V7DBG_OWNER_GUEST)
						expected = explained ? V7DBG_REFLECT : V7DBG_REJECT;
					else if (owner == V7DBG_OWNER_USER)
						expected = explained ? V7DBG_TO_USER : V7DBG_REJECT;
					else
						expected = V7DBG_REJECT;

					vcpu.moe = 7;
					memset(&vcpu.stats, 0, sizeof(vcpu.stats));
					answer = sim_event(&vcpu, &sim,
							   (enum v7dbg_event_class) class, moe);
					assert_int_equal(answer, expected);
					/* 10 of a watchpoint, else what hardware has. */
					assert_int_equal(vcpu.moe, answer != V7DBG_REFLECT ? 7
								   : data		   ? 10
											   : moe);
					assert_int_equal(vcpu.stats.reflections,
							 answer == V7DBG_REFLECT);
					assert_int_equal(vcpu.stats.rejected,
							 answer == V7DBG_REJECT);
					assert_int_equal(vcpu.stats.parkings,
							 answer == V7DBG_RESUME);
					assert_int_equal(sim.cpu.owner, answer == V7DBG_RESUME
										? V7DBG_OWNER_PARKED
										: owner);
					/* TDE goes only where the guest owns, and P is M now. */
					assert_int_equal(sim.cpu.tde,
							 !(owner == V7DBG_OWNER_GUEST &&
							   answer == V7DBG_REFLECT &&
							   vcpu.moe == moe));
				}
}

/* A host's point fires in a guest without points: parked once, and back after the exit. */
static void host_point(void **state)
{
	struct v7dbg_regs before;

	(void)state;
	sim.hw.wrp.control[2] = 0x1ff7;
	sim.hw.wrp.value[2] = 0x1000;
	sim.hw.brp.control[5] = 0x1e7;
	sim.hw.vcr = 1u << 25;
	before = sim.hw;
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim.writes, 0);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_RESUME);
	assert_int_equal(sim.hw.wrp.control[2] | sim.hw.brp.control[5] | sim.hw.vcr, 0);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 10), V7DBG_REJECT);
	assert_int_equal(read_moe(), 0);
	sim_exit(&vcpu, &sim);
	assert_memory_equal(&sim.hw, &before, sizeof(before));
	assert_int_equal(vcpu.stats.parkings, 1);
	assert_int_equal(vcpu.stats.rejected, 1);
}

/* MOE survives other events on that CPU, and on another one. */
static void moe_is_kept(void **state)
{
	struct sim other;

	(void)state;
	sim_init(&other, &big);
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	assert_false(sim.cpu.tde); /* P = M = 0 */
	taken_by_guest(10);
	/* Preempted before the handler reads it; then the host debugs on that CPU. */
	sim_exit(&vcpu, &sim);
	sim.dscr = MDBGEN | MOE(3);
	sim_enter(&vcpu, &sim);
	assert_true(sim.cpu.tde);
	assert_int_equal(read_moe(), 10);
	sim_exit(&vcpu, &sim);
	other.dscr = MDBGEN | MOE(1);
	sim_enter(&vcpu, &other);
	assert_true(other.cpu.tde);
	assert_int_equal(DBGDSCR_MOE(get(&vcpu, &other, DSCRINT)), 10);
	/* The next event is reflected, then P is the guest's again. */
	assert_int_equal(sim_event(&vcpu, &other, V7DBG_EVENT_DATA, 10), V7DBG_REFLECT);
	assert_false(other.cpu.tde);
	sim_exit(&vcpu, &other);
}

/* HYP reads P again after a reflection; it does not assume that hardware set it. */
static void not_assumed(void **state)
{
	(void)state;
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	sim_exit(&vcpu, &sim);
	sim.dscr = MDBGEN | MOE(1);
	sim_enter(&vcpu, &sim);
	assert_true(sim.cpu.tde);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 2), V7DBG_REFLECT);
	assert_true(sim.cpu.tde);
	assert_int_equal(read_moe(), 10);
}

/* A guest's write of MOE while P is its own: P cannot follow, so TDE is set. */
static void written_moe(void **state)
{
	(void)state;
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	assert_false(sim.cpu.tde);
	put(&vcpu, &sim, DSCREXT, MDBGEN | MOE(5));
	assert_true(sim.cpu.tde);
	assert_int_equal(read_moe(), 5);
	put(&vcpu, &sim, DSCREXT, MDBGEN | MOE(0));
	assert_false(sim.cpu.tde);
	taken_by_guest(10);
	assert_int_equal(read_moe(), 10);
	/* By ONE_REG, while no CPU runs it. */
	sim_exit(&vcpu, &sim);
	assert_int_equal(v7dbg_set(&vcpu, DSCREXT, MDBGEN | MOE(3)), 0);
	sim_enter(&vcpu, &sim);
	assert_true(sim.cpu.tde);
	assert_int_equal(read_moe(), 3);
}

/* Disarming copies P to M; after that M stays, whatever P becomes. */
static void disarmed(void **state)
{
	(void)state;
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	taken_by_guest(10);
	put(&vcpu, &sim, WCR(0), 0);
	assert_true(sim.cpu.tde);
	sim.dscr = MDBGEN | MOE(1);
	assert_int_equal(read_moe(), 10);
}

/* Monitor mode is checked again at each entry, and when a write arms. */
static void not_monitor(void **state)
{
	static const uint32_t bad[] = { 0, HDBGEN, MDBGEN | HDBGEN };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		fresh(state);
		v7dbg_set(&vcpu, WCR(0), WCR_LINUX);
		sim.dscr = bad[i];
		sim_enter(&vcpu, &sim);
		assert_int_equal(sim.writes + sim.saves, 0);
		assert_int_equal(sim.cpu.owner, V7DBG_OWNER_HOST);
		assert_int_equal(vcpu.stats.not_monitor, 1);
		/* The virtual bit stays. */
		assert_int_equal(get(&vcpu, &sim, DSCRINT) & MDBGEN, MDBGEN);
		assert_false(v7dbg_mmio_watch(&vcpu, 0, 4, true, true, 0, NULL));
		put(&vcpu, &sim, WCR(1), WCR_LINUX);
		assert_int_equal(sim.writes + sim.saves, 0);
		assert_true(sim.cpu.tde);
		sim_exit(&vcpu, &sim);
		sim.dscr = MDBGEN;
		sim_enter(&vcpu, &sim);
		assert_int_equal(sim.hw.wrp.control[0], 0x5ff5);
		assert_int_equal(sim.hw.wrp.control[1], 0x5ff5);
		assert_true(v7dbg_mmio_watch(&vcpu, 0, 4, true, true, 0, NULL));
	}
}

/* BKPT needs neither MDBGen nor a point, and leaves the host's registers alone. */
static void bkpt(void **state)
{
	(void)state;
	v7dbg_reset(&vcpu);
	sim_enter(&vcpu, &sim);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_PREFETCH, 3), V7DBG_REFLECT);
	assert_int_equal(sim.writes + sim.saves, 0);
	assert_true(sim.cpu.tde);
	assert_int_equal(read_moe(), 3);
}

/* A watchpoint that hardware could not see, given by HYP or after an exit. */
static void mmio(void **state)
{
	(void)state;
	put(&vcpu, &sim, WCR(0), WCR_LINUX);
	assert_false(sim.cpu.tde);
	assert_int_equal(sim_event(&vcpu, &sim, V7DBG_EVENT_DATA, 0), V7DBG_REFLECT);
	assert_true(sim.cpu.tde);
	assert_int_equal(read_moe(), 10);
	sim_exit(&vcpu, &sim);
	vcpu.moe = 0;
	v7dbg_watch_taken(&vcpu);
	sim_enter(&vcpu, &sim);
	assert_true(sim.cpu.tde);
	assert_int_equal(read_moe(), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test_setup(host_point, fresh),
		cmocka_unit_test_setup(moe_is_kept, fresh),
		cmocka_unit_test_setup(not_assumed, fresh),
		cmocka_unit_test_setup(written_moe, fresh),
		cmocka_unit_test_setup(disarmed, fresh),
		cmocka_unit_test(not_monitor),
		cmocka_unit_test_setup(bkpt, fresh),
		cmocka_unit_test_setup(mmio, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
