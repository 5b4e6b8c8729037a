// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each assertion of v7dbg/invariant.c can fail: a good state passes, and the same state with
 * one thing wrong breaks the invariant that it should.  All other programs run with the
 * assertions too, and test what v7dbg's functions do.
 */
#define _GNU_SOURCE
#include "sim.h"
#include "v7dbg_int.h"

static struct v7dbg_vcpu vcpu;
static struct sim sim;
static struct v7dbg_before before;
static struct v7dbg_plan plan;
static enum v7dbg_step step;
static uint32_t dscr;
static unsigned int moe;

/* The name of the invariant that breaks, "" if none does. */
static const char *verdict(void)
{
	jmp_buf here;

	broken_text[0] = '\0';
	on_broken = &here;
	if (!setjmp(here))
		v7dbg_check_step(step, &before, &vcpu, &sim.cpu, dscr, moe, &plan);
	on_broken = NULL;
	*strchrnul(broken_text, ' ') = '\0';
	return broken_text;
}

static void start(void)
{
	struct v7dbg_caps caps = caps_of(&cortex_a15, NULL);

	ready(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
	memset(&plan, 0, sizeof(plan));
	step = V7DBG_STEP_TRAP;
	dscr = MDBGEN;
	moe = 0;
}

/* A guest with a linked pair, a watchpoint and vector catch, in the middle of a run. */
static void guest(void)
{
	start();
	v7dbg_set(&vcpu, BVR(0), 0x8000);
	v7dbg_set(&vcpu, BCR(0), 0x001501e5);
	v7dbg_set(&vcpu, BVR(5), 0x77);
	v7dbg_set(&vcpu, BCR(5), 0x003001e7);
	v7dbg_set(&vcpu, WVR(1), 0x9000);
	v7dbg_set(&vcpu, WCR(1), WCR_LINUX);
	v7dbg_set(&vcpu, VCR, 1u << 26);
	sim_enter(&vcpu, &sim);
	before = v7dbg_before(&vcpu, &sim.cpu);
}

static void user(void)
{
	struct v7dbg_regs points = { .wrp = { .value = { 0x9000 }, .control = { WCR_LINUX } } };

	start();
	v7dbg_user(&vcpu, &points);
	sim_enter(&vcpu, &sim);
	before = v7dbg_before(&vcpu, &sim.cpu);
}

static void parked(void)
{
	start();
	put(&vcpu, &sim, BCR(0), BCR_LINUX);
	put(&vcpu, &sim, BCR(0), 0);
	before = v7dbg_before(&vcpu, &sim.cpu);
}

static void inactive(void)
{
	start();
	before = v7dbg_before(&vcpu, &sim.cpu);
}

/* An exit from guest(), with all its plan. */
static void leaving(void)
{
	guest();
	sim.hw.brp.control[3] = 0; /* as save_host left it */
	sim.cpu.brp.host.control[3] = BCR_LINUX;
	v7dbg_exit(&vcpu, &sim.cpu, dscr, &plan);
	step = V7DBG_STEP_EXIT;
}

#define BREAKS(state, invariant, ...)                      \
	do {                                               \
		state();                                   \
		assert_string_equal(verdict(), "");        \
		state();                                   \
		__VA_ARGS__;                               \
		assert_string_equal(verdict(), invariant); \
	} while (0)

static void rest(void **state)
{
	(void)state;
	BREAKS(leaving, "I1", sim.cpu.owner = V7DBG_OWNER_PARKED);
	BREAKS(leaving, "I1", sim.cpu.tde = false; plan.tde_changed = before.tde);
}

static void tde(void **state)
{
	(void)state;
	BREAKS(inactive, "I2", sim.cpu.tde = before.tde = false);
	BREAKS(parked, "I2", sim.cpu.tde = before.tde = false);
	BREAKS(guest, "I2", plan.tde_changed = true);
	/* It may be cleared if P is M, and not otherwise. */
	BREAKS(guest, "", before.tde = true; plan.tde_changed = true);
	BREAKS(guest, "I2", before.tde = true; plan.tde_changed = true; dscr |= MOE(1));
	/* M is written while TDE is clear, and TDE stays clear. */
	BREAKS(guest, "I2", vcpu.moe = moe = 1);
	BREAKS(guest, "", vcpu.moe = moe = 1; dscr |= MOE(1));
}

static void save(void **state)
{
	(void)state;
	BREAKS(guest, "I3", plan.save_host = true);
	BREAKS(guest, "I3", before.owner = V7DBG_OWNER_HOST);
	BREAKS(guest, "", before.owner = V7DBG_OWNER_HOST; plan.save_host = true);
	BREAKS(leaving, "I3", plan.save_host = true);
}

static void nothing_parked(void **state)
{
	(void)state;
	BREAKS(parked, "I4", sim.cpu.brp.on = 1);
	BREAKS(parked, "I4", sim.cpu.wrp.on = 8);
	BREAKS(parked, "I4", sim.cpu.loaded_vcr = 1u << 26);
}

static void effective(void **state)
{
	(void)state;
	BREAKS(guest, "I5", vcpu.eff.brp ^= 1);
	BREAKS(guest, "I5", vcpu.eff.wrp ^= 1);
	BREAKS(guest, "I5", vcpu.eff.vcr = 0);
	BREAKS(guest, "I5", vcpu.oslock = true);
	BREAKS(guest, "I5", vcpu.osdlr = true);
	BREAKS(guest, "", vcpu.osdlr = vcpu.corenpdrq = true);
	BREAKS(guest, "I5", vcpu.dscr = 0);
	BREAKS(guest, "I5", vcpu.active = false);
	BREAKS(inactive, "I5", vcpu.active = true);
	BREAKS(user, "I5", vcpu.user_eff.wrp = 0);
}

static void loaded(void **state)
{
	(void)state;
	BREAKS(guest, "I6", sim.cpu.brp.loaded.value[0] ^= 4);
	BREAKS(guest, "I6", sim.cpu.brp.loaded.control[0] ^= 2);
	BREAKS(guest, "I6", sim.cpu.wrp.loaded.value[1] ^= 8);
	BREAKS(guest, "I6", sim.cpu.wrp.loaded.control[1] ^= 8);
	BREAKS(guest, "I6", sim.cpu.brp.on ^= 1);
	BREAKS(guest, "I6", sim.cpu.wrp.on |= 1; sim.cpu.wrp.loaded.control[0] = 0x5ff5);
	BREAKS(guest, "I6", sim.cpu.loaded_vcr = 0);
	BREAKS(user, "I6", sim.cpu.wrp.loaded.value[0] ^= 8);
	/* What the plan does to hardware. */
	BREAKS(guest, "I6", before.on_wrp |= 1);
	BREAKS(guest, "", before.on_wrp |= 1; plan.wrp.clear = 1);
	BREAKS(guest, "I6", before.on_brp &= ~1u);
	BREAKS(guest, "I6", before.on_brp &= ~1u; plan.brp.write.controls = 1);
	BREAKS(guest, "", before.on_brp &= ~1u; plan.brp.write.controls = 1;
	       plan.brp.regs.control[0] = sim.cpu.brp.loaded.control[0]);
	BREAKS(guest, "I6", plan.brp.clear = plan.brp.write.values = 1;
	       plan.brp.regs.value[0] = sim.cpu.brp.loaded.value[0]);
	BREAKS(guest, "I6", plan.write_vcr = true);
}

static void confined(void **state)
{
	(void)state;
	BREAKS(guest, "I7", sim.cpu.brp.loaded.control[0] |= 1u << 13);
	BREAKS(guest, "I7", sim.cpu.brp.loaded.control[0] ^= 3u << 14);
	BREAKS(guest, "I7", sim.cpu.brp.loaded.control[0] |= 8u << 20);
	BREAKS(guest, "I7", sim.cpu.wrp.loaded.control[1] ^= 3u << 14);
	BREAKS(guest, "I7", sim.cpu.wrp.loaded.control[1] &= ~(3u << 14));
	BREAKS(guest, "I7", sim.cpu.loaded_vcr |= 1u << 1);
	BREAKS(user, "I7", sim.cpu.wrp.loaded.control[0] |= 1u << 13);
}

static void suspended(void **state)
{
	struct v7dbg_regs none = { 0 };

	(void)state;
	BREAKS(guest, "I8", v7dbg_user(&vcpu, &none));
	BREAKS(user, "I8", v7dbg_user(&vcpu, NULL));
	BREAKS(user, "I2", sim.cpu.tde = before.tde = false);
	BREAKS(inactive, "I8", vcpu.user_bkpt = true);
	BREAKS(inactive, "I8", vcpu.user.vcr = 1u << 26);
	BREAKS(inactive, "I8", vcpu.user_step = 1);
	BREAKS(user, "I8", vcpu.user_step = 1); /* a slot that is off */
}

static void held(void **state)
{
	(void)state;
	BREAKS(guest, "I9", vcpu.held = true);
	BREAKS(user, "I9", vcpu.held = true);
	BREAKS(parked, "", vcpu.held = true);
	BREAKS(parked, "I9", v7dbg_set(&vcpu, BCR(0), BCR_LINUX));
	BREAKS(inactive, "I9", v7dbg_set(&vcpu, BCR(0), BCR_LINUX));
	BREAKS(inactive, "", v7dbg_set(&vcpu, BCR(0), BCR_LINUX); vcpu.held = true);
}

static void m(void **state)
{
	(void)state;
	BREAKS(guest, "I10", vcpu.moe = 1);
	BREAKS(guest, "I10", moe = 1);
	BREAKS(leaving, "I10", vcpu.moe = 10);
}

static void restored(void **state)
{
	(void)state;
	BREAKS(guest, "I11", sim.cpu.brp.saved = 0);
	BREAKS(guest, "I11", sim.cpu.wrp.saved = 0);
	BREAKS(guest, "I11", sim.cpu.brp.written.controls = 0);
	BREAKS(guest, "I11", sim.cpu.wrp.written.controls = 0);
	BREAKS(guest, "I11", sim.cpu.vcr_written = false);
	BREAKS(leaving, "I11", plan.brp.write.values &= ~1u);
	BREAKS(leaving, "I11", plan.wrp.write.values = 0);
	BREAKS(leaving, "I11", plan.brp.write.controls &= ~1u);
	BREAKS(leaving, "I11", plan.brp.write.controls &= ~8u); /* the host's own, only cleared */
	BREAKS(leaving, "I11", plan.wrp.write.controls = 0);
	BREAKS(leaving, "I11", plan.write_vcr = false);
	BREAKS(leaving, "I11", plan.brp.regs.value[0] ^= 4);
	BREAKS(leaving, "I11", plan.vcr ^= 4);
}

static void ordered(void **state)
{
	(void)state;
	BREAKS(guest, "I12", plan.brp.write.controls = 1u << 6);
	BREAKS(guest, "I12", plan.wrp.clear = 1u << 4);
	BREAKS(guest, "I12", plan.brp.save = 1u << 15);
	BREAKS(guest, "I12", plan.brp.write.values = 1);
	BREAKS(guest, "", plan.brp.write.values = plan.brp.clear = plan.brp.write.controls = 1;
	       plan.brp.regs.value[0] = sim.cpu.brp.loaded.value[0];
	       plan.brp.regs.control[0] = sim.cpu.brp.loaded.control[0]);
	BREAKS(guest, "I12", plan.wrp.write.values = 2);
	BREAKS(leaving, "I12", plan.brp.clear = 0);
}

static void untouched(void **state)
{
	(void)state;
	BREAKS(inactive, "I13", plan.brp.write.values = 1);
	BREAKS(inactive, "I13", plan.write_vcr = true);
	BREAKS(parked, "I13", before.owner = V7DBG_OWNER_HOST; plan.save_host = true);
	BREAKS(parked, "", before.owner = V7DBG_OWNER_HOST; plan.save_host = true;
	       step = V7DBG_STEP_EVENT);
}

static void bits(void **state)
{
	(void)state;
	BREAKS(inactive, "I14", vcpu.regs.brp.control[0] = 1u << 8 | 1u << 9);
	BREAKS(inactive, "I14", vcpu.regs.brp.control[6] = 2); /* there are six */
	BREAKS(inactive, "I14", vcpu.regs.wrp.value[0] = 2);
	BREAKS(inactive, "I14", vcpu.regs.wrp.control[4] = 2);
	BREAKS(inactive, "I14", vcpu.regs.wrp.control[0] = 1u << 21);
	BREAKS(inactive, "I14", vcpu.regs.brp.value[3] = 1);
	BREAKS(inactive, "", vcpu.regs.brp.value[4] = 1);
	BREAKS(inactive, "I14", vcpu.regs.vcr = 1u << 18);
	BREAKS(inactive, "I14", vcpu.dscr |= 1u << 14);
	BREAKS(inactive, "I14", vcpu.caps.monitor = false);
	BREAKS(inactive, "I14", vcpu.moe = 16; moe = 16);
	BREAKS(user, "I14", vcpu.user.vcr = 1u << 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rest),	     cmocka_unit_test(tde),
		cmocka_unit_test(save),	     cmocka_unit_test(nothing_parked),
		cmocka_unit_test(effective), cmocka_unit_test(loaded),
		cmocka_unit_test(confined),  cmocka_unit_test(suspended),
		cmocka_unit_test(held),	     cmocka_unit_test(m),
		cmocka_unit_test(restored),  cmocka_unit_test(ordered),
		cmocka_unit_test(untouched), cmocka_unit_test(bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
