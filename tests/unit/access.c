// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every encoding: which exist, in which direction and from which level, and what they read
 * as after reset and after a write of all ones.  The table is written from the manual, not
 * from v7dbg_regs.def.
 */
#include "sim.h"

enum {
	R = 1,
	W = 2,
	U = 4
}; /* readable, writable, from PL0 with UDCCdis 0 */

struct reg {
	uint8_t crn, crm, opc2, access;
	uint32_t reset, ones; /* read after reset; after all ones were written */
};

/* A CPU like Cortex-A15: no DBGBCR.MASK.  Its slots are in the banks below. */
static const struct reg regs[] = {
	{ 0, 0, 0, R | U, 0x3515f021, 0 },
	{ 0, 1, 0, R | U, 0x00070000, 0 },
	{ 0, 5, 0, R | W | U, 0, 0 },
	{ 0, 6, 0, R | W, 0, 0xffffffff },
	{ 0, 7, 0, R | W, 0, 0xde00dcdf },
	{ 0, 0, 2, R | W, 0, 0 },
	/* The OS lock is set after reset, so that TXfull is writable too. */
	{ 0, 2, 2, R | W, 0x00070000, 0x2007903c },
	{ 0, 3, 2, R | W, 0, 0xffffffff },
	{ 0, 6, 2, R | W, 0, 0 },
	{ 1, 0, 0, R | U, 0, 0 },
	{ 1, 0, 4, W, 0, 0 },
	{ 1, 1, 4, R, 0x0000000a, 0 },
	{ 1, 3, 4, R | W, 0, 1 },
	{ 1, 4, 4, R | W, 0, 1 },
	{ 2, 0, 0, R | U, 0, 0 },
	{ 7, 0, 4, R | W, 0, 0 },
	{ 7, 8, 6, R | W, 0xff, 0xff },
	{ 7, 9, 6, R | W, 0, 0 },
	{ 7, 14, 6, R, 0xaf, 0 },
	{ 7, 0, 7, R, 0, 0 },
	{ 7, 1, 7, R, 1, 0 },
	{ 7, 2, 7, R, 0x00100f13, 0 },
};

/* Register n of a bank at CRm = n, for n in [first, end). */
static const struct {
	uint8_t crn, opc2, first, end;
	uint32_t ones, ones_ctx; /* the second for context-aware breakpoints, 4 and 5 */
} banks[] = {
	{ 0, 4, 0, 6, 0xfffffffc, 0xffffffff }, { 0, 5, 0, 6, 0x00ffe1e7, 0x00ffe1e7 },
	{ 0, 6, 0, 4, 0xfffffffc, 0xfffffffc }, { 0, 7, 0, 4, 0x1f1fffff, 0x1f1fffff },
	{ 1, 1, 4, 6, 0x000000ff, 0x000000ff },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool expect(uint16_t enc, struct reg *reg)
{
	unsigned int opc1 = enc >> 11, crn = (enc >> 7) & 0xf, crm = (enc >> 3) & 0xf, i;
	unsigned int opc2 = enc & 7;

	if (opc1)
		return false;
	for (i = 0; i < COUNT(regs); i++) {
		*reg = regs[i];
		if (reg->crn == crn && reg->crm == crm && reg->opc2 == opc2)
			return true;
	}
	for (i = 0; i < COUNT(banks); i++) {
		if (banks[i].crn != crn || banks[i].opc2 != opc2 || crm < banks[i].first ||
		    crm >= banks[i].end)
			continue;
		reg->access = R | W;
		reg->reset = 0;
		reg->ones = crm >= 4 ? banks[i].ones_ctx : banks[i].ones;
		return true;
	}
	return false;
}

static struct v7dbg_vcpu vcpu;
static struct sim sim;
static struct quick quick; /* v7dbg_quick() of the last access() */

static void fresh(bool absent)
{
	struct v7dbg_caps caps;

	v7dbg_caps_init(&caps, absent);
	assert_int_equal(v7dbg_caps_add(&caps, &cortex_a15), V7DBG_OK);
	v7dbg_init(&vcpu, &caps);
	sim_init(&sim, &cortex_a15);
}

static enum v7dbg_verdict access(uint16_t enc, bool write, bool pl0, uint32_t *value)
{
	struct v7dbg_access acc = sim_access(enc, write, *value);
	struct v7dbg_result result;
	enum v7dbg_verdict verdict;
	const char *differs;

	acc.pl0 = pl0;
	acc.dscr = MDBGEN;
	quick = sim_quick(&vcpu, &sim.cpu, &acc);
	verdict = v7dbg_trap(&vcpu, &sim.cpu, &acc, &result);
	differs = sim_quick_differs(&quick, &vcpu, &acc, verdict, &result);
	if (differs)
		fail_msg("%s", differs);
	sim_apply(&sim, &result.plan);
	*value = result.value;
	return verdict;
}

static enum v7dbg_verdict verdict_for(uint16_t enc, bool write, bool pl0, bool udccdis)
{
	unsigned int opc1 = enc >> 11;
	struct reg reg;

	if (opc1 == 1 || opc1 == 6 || opc1 == 7)
		return V7DBG_NOT_MINE;
	if (!expect(enc, &reg) || !(reg.access & (write ? W : R)))
		return V7DBG_UNDEF;
	if (pl0 && (!(reg.access & U) || udccdis))
		return V7DBG_UNDEF;
	return V7DBG_DONE;
}

/* All 16,384 encodings, both directions, both levels, UDCCdis both ways. */
static void which_exist(void **state)
{
	unsigned int enc, how, done = 0;
	uint32_t value;

	(void)state;
	for (how = 0; how < 8; how++) {
		bool write = how & 1, pl0 = how & 2, udccdis = how & 4;

		for (enc = 0; enc < 1u << 14; enc++) {
			fresh(false);
			value = udccdis ? 1u << 12 : 0;
			access(DSCREXT, true, false, &value);
			value = 0;
			assert_int_equal(access((uint16_t)enc, write, pl0, &value),
					 verdict_for((uint16_t)enc, write, pl0, udccdis));
			done += verdict_for((uint16_t)enc, write, pl0, udccdis) == V7DBG_DONE;
		}
	}
	/* 21 + 22 readable, 13 + 22 writable at PL1; 5 and 1 at PL0; UDCCdis twice. */
	assert_int_equal(done, 2 * (43 + 35) + 5 + 1);
}

static void after_reset(void **state)
{
	unsigned int enc;
	uint32_t value;
	struct reg reg;

	(void)state;
	for (enc = 0; enc < 1u << 11; enc++) {
		if (!expect((uint16_t)enc, &reg) || !(reg.access & R))
			continue;
		fresh(false);
		access((uint16_t)enc, false, false, &value);
		assert_int_equal(value, reg.reset);
		/* The same after everything was written and reset again. */
		for (unsigned int other = 0; other < 1u << 11; other++) {
			value = 0xffffffff;
			access((uint16_t)other, true, false, &value);
		}
		sim_exit(&vcpu, &sim);
		v7dbg_reset(&vcpu);
		access((uint16_t)enc, false, false, &value);
		assert_int_equal(value, reg.reset);
	}
}

/* Reserved bits read 0, implemented ones as written. */
static void read_back(void **state)
{
	unsigned int enc;
	uint32_t value;
	struct reg reg;

	(void)state;
	for (enc = 0; enc < 1u << 11; enc++) {
		if (!expect((uint16_t)enc, &reg) || !(reg.access & R) || !(reg.access & W))
			continue;
		fresh(false);
		value = 0xffffffff;
		assert_int_equal(access((uint16_t)enc, true, false, &value), V7DBG_DONE);
		access((uint16_t)enc, false, false, &value);
		assert_int_equal(value, reg.ones);
		if (reg.access & U) /* DBGDTRTXint changes TXfull */
			continue;
		value = 0;
		access((uint16_t)enc, true, false, &value);
		access((uint16_t)enc, false, false, &value);
		if (enc == DSCREXT)
			assert_int_equal(value, 0x00070000);
		else
			assert_int_equal(value, enc == V7DBG_ENC(0, 7, 8, 6) ? 0xff : 0);
	}
}

static enum v7dbg_verdict mrrc(unsigned int opc1, unsigned int crm, bool write, bool pl0)
{
	struct v7dbg_access acc = { .form = V7DBG_FORM_MRRC_MCRR,
				    .opc1 = (uint8_t)opc1,
				    .crm = (uint8_t)crm,
				    .write = write,
				    .pl0 = pl0 };
	struct v7dbg_result result;
	enum v7dbg_verdict verdict;

	memset(&result, 0x5a, sizeof(result));
	verdict = v7dbg_trap(&vcpu, &sim.cpu, &acc, &result);
	assert_true(v7dbg_plan_empty(&result.plan));
	if (verdict == V7DBG_DONE) {
		/* Not valid: [1:0] are 0. */
		assert_int_equal(result.value, 0);
		assert_int_equal(result.value2, 0);
	}
	return verdict;
}

static void sixty_four_bits(void **state)
{
	unsigned int opc1, crm;
	uint32_t value = 1u << 12;

	(void)state;
	fresh(false);
	for (opc1 = 0; opc1 < 16; opc1++)
		for (crm = 0; crm < 16; crm++) {
			bool mine = !opc1 && (crm == 1 || crm == 2);
			bool other = opc1 == 1 || opc1 == 6 || opc1 == 7;

			assert_int_equal(mrrc(opc1, crm, false, false), other  ? V7DBG_NOT_MINE
									: mine ? V7DBG_DONE
									       : V7DBG_UNDEF);
			assert_int_equal(mrrc(opc1, crm, true, false),
					 other ? V7DBG_NOT_MINE : V7DBG_UNDEF);
		}
	assert_int_equal(mrrc(0, 1, false, true), V7DBG_DONE);
	access(DSCREXT, true, false, &value);
	assert_int_equal(mrrc(0, 1, false, true), V7DBG_UNDEF);
	assert_int_equal(mrrc(0, 2, false, false), V7DBG_DONE);
}

/* STC reads DBGDTRRXint, LDC writes DBGDTRTXint; whatever the other fields hold. */
static void ldc_stc(void **state)
{
	struct v7dbg_access acc = {
		.form = V7DBG_FORM_LDC_STC,
		.opc1 = 7,
		.crn = 9,
		.crm = 5,
		.opc2 = 3,
		.value = 0x1234,
	};
	struct v7dbg_result result;
	uint32_t value = 1u << 12;

	(void)state;
	fresh(false);
	for (int pl0 = 0; pl0 < 2; pl0++) {
		acc.pl0 = pl0;
		acc.write = false;
		assert_int_equal(v7dbg_trap(&vcpu, &sim.cpu, &acc, &result), V7DBG_DONE);
		assert_int_equal(result.value, 0);
		acc.write = true;
		assert_int_equal(v7dbg_trap(&vcpu, &sim.cpu, &acc, &result), V7DBG_DONE);
	}
	access(DSCRINT, false, false, &value);
	assert_int_equal(value, 0x20070000);
	access(V7DBG_ENC(0, 0, 3, 2), false, false, &value);
	assert_int_equal(value, 0x1234);
	value = 1u << 12;
	access(DSCREXT, true, false, &value);
	acc.pl0 = true;
	assert_int_equal(v7dbg_trap(&vcpu, &sim.cpu, &acc, &result), V7DBG_UNDEF);
}

/* No debug registers for guests: each register is RAZ/WI, and so are all 16 slots. */
static void absent(void **state)
{
	unsigned int enc, n;
	uint32_t value;
	struct reg reg;

	(void)state;
	for (enc = 0; enc < 1u << 11; enc++) {
		fresh(true);
		if (!expect((uint16_t)enc, &reg))
			continue;
		value = 0xffffffff;
		assert_int_equal(access((uint16_t)enc, true, false, &value),
				 reg.access & W ? V7DBG_DONE : V7DBG_UNDEF);
		assert_int_equal(access((uint16_t)enc, false, false, &value),
				 reg.access & R ? V7DBG_DONE : V7DBG_UNDEF);
		assert_int_equal(value, 0);
		assert_false(vcpu.active);
	}
	for (n = 0; n < 16; n++) {
		assert_int_equal(access(BCR(n), false, false, &value), V7DBG_DONE);
		assert_int_equal(access(WCR(n), false, false, &value), V7DBG_DONE);
	}
	assert_int_equal(access(V7DBG_ENC(0, 0, 9, 0), false, false, &value), V7DBG_UNDEF);
	assert_int_equal(access(BCR(0), false, true, &value), V7DBG_UNDEF);
	assert_int_equal(access(V7DBG_ENC(0, 0, 0, 0), false, true, &value), V7DBG_DONE);
}

/* traps counts all accesses to debug registers, undefs those that are UNDEFINED. */
static void counters(void **state)
{
	uint32_t value = 0;

	(void)state;
	fresh(false);
	access(BCR(0), false, false, &value);
	access(BCR(6), false, false, &value);
	access(V7DBG_ENC(6, 0, 0, 0), false, false, &value);
	assert_int_equal(vcpu.stats.traps, 2);
	assert_int_equal(vcpu.stats.undefs, 1);
}

static bool quickly(uint16_t enc, bool write, uint32_t value)
{
	access(enc, write, false, &value);
	return quick.served;
}

/* What v7dbg_quick() serves; that v7dbg_trap() does the same, each access() has compared. */
static void served_quickly(void **state)
{
	unsigned int enc, served = 0;

	(void)state;
	for (enc = 0; enc < 1u << 14; enc++) {
		fresh(false);
		served += quickly((uint16_t)enc, false, 0);
		served += quickly((uint16_t)enc, true, 0);
	}
	/* Values and controls of 10 slots, read and written, and DBGDSCRint. */
	assert_int_equal(served, 10 * 2 * 2 + 1);
	fresh(true);
	assert_false(quickly(DSCRINT, false, 0));
	assert_false(quickly(BVR(0), false, 0));
	assert_false(quickly(WCR(0), true, 0));
}

/* A write that may change a point is not, nor one of a bit that not each slot has. */
static void not_served_quickly(void **state)
{
	(void)state;
	fresh(false);
	assert_true(quickly(BCR(1), true, BCR_LINUX & ~1u));
	assert_true(quickly(BVR(1), true, 0x8000));
	assert_false(quickly(BVR(1), true, 0x8002));
	assert_false(quickly(BVR(5), true, 0x8003)); /* a context ID */
	assert_false(quickly(BCR(1), true, 1u << 24));
	assert_false(quickly(BCR(1), true, BCR_LINUX));
	assert_false(quickly(BVR(1), true, 0x9000));
	assert_false(quickly(BCR(1), true, 0));
	assert_true(quickly(BVR(1), true, 0x9000));
	assert_true(quickly(WVR(3), true, 0x9000));
	assert_false(quickly(WCR(3), true, WCR_LINUX));
	assert_false(quickly(WVR(3), true, 0xa000));
	assert_true(quickly(WCR(3), false, 0));
	assert_true(quickly(DSCRINT, false, 0));
	/* The guest has a point, so P is its own: M is made from it first. */
	quickly(OSLAR, true, 0);
	quickly(DSCREXT, true, MDBGEN);
	assert_false(sim.cpu.tde);
	assert_false(quickly(DSCRINT, false, 0));
	assert_false(quickly(WVR(3), false, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_exist),
		cmocka_unit_test(after_reset),
		cmocka_unit_test(read_back),
		cmocka_unit_test(sixty_four_bits),
		cmocka_unit_test(ldc_stc),
		cmocka_unit_test(absent),
		cmocka_unit_test(counters),
		cmocka_unit_test(served_quickly),
		cmocka_unit_test(not_served_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
