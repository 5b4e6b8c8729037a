// SPDX-License-Identifier: GPL-2.0-only
/* From a syndrome to an access and to its name, B3.13.6; the counters' names. */
#include "sim.h"

/* Every field in every position of EC 0x05. */
static void mrc_mcr(void **state)
{
	struct v7dbg_access acc;
	unsigned int enc, rt;

	(void)state;
	for (enc = 0; enc < 1u << 14; enc++)
		for (rt = 0; rt < 16; rt++) {
			uint32_t hsr = 0x05u << 26 | 1u << 25 | 0x1eu << 20 | (enc & 7) << 17 |
				       (enc >> 11) << 14 | ((enc >> 7) & 0xf) << 10 | rt << 5 |
				       ((enc >> 3) & 0xf) << 1 | (rt & 1);

			memset(&acc, 0x5a, sizeof(acc));
			assert_true(v7dbg_decode(hsr, &acc));
			assert_int_equal(acc.form, V7DBG_FORM_MRC_MCR);
			assert_int_equal(V7DBG_ENC(acc.opc1, acc.crn, acc.crm, acc.opc2), enc);
			assert_int_equal(acc.rt, rt);
			assert_int_equal(acc.write, !(rt & 1));
		}
}

/* Seen on the emulated board: mrc p14, 0, r3, c0, c1, 0 and mcr p14, 0, r3, c0, c2, 2. */
static void known_words(void **state)
{
	struct v7dbg_access acc;

	(void)state;
	assert_true(v7dbg_decode(0x17e00063, &acc));
	assert_int_equal(V7DBG_ENC(acc.opc1, acc.crn, acc.crm, acc.opc2), DSCRINT);
	assert_int_equal(acc.rt, 3);
	assert_false(acc.write);
	assert_true(v7dbg_decode(0x17e40064, &acc));
	assert_int_equal(V7DBG_ENC(acc.opc1, acc.crn, acc.crm, acc.opc2), DSCREXT);
	assert_true(acc.write);
}

static void mrrc_mcrr(void **state)
{
	struct v7dbg_access acc;
	unsigned int opc1, crm, rt;

	(void)state;
	for (opc1 = 0; opc1 < 16; opc1++)
		for (crm = 0; crm < 16; crm++)
			for (rt = 0; rt < 16; rt++) {
				unsigned int rt2 = rt ^ 5;

				memset(&acc, 0x5a, sizeof(acc));
				assert_true(v7dbg_decode(0x0cu << 26 | opc1 << 16 | rt2 << 10 |
								 rt << 5 | crm << 1 | 1,
							 &acc));
				assert_int_equal(acc.form, V7DBG_FORM_MRRC_MCRR);
				assert_int_equal(acc.opc1, opc1);
				assert_int_equal(acc.crm, crm);
				assert_int_equal(acc.rt, rt);
				assert_int_equal(acc.rt2, rt2);
				assert_false(acc.write);
			}
}

/* EC 0x06: the fields are an addressing mode, none is a coprocessor register. */
static void ldc_stc(void **state)
{
	struct v7dbg_access acc;

	(void)state;
	memset(&acc, 0x5a, sizeof(acc));
	assert_true(v7dbg_decode(0x06u << 26 | 0xfffff, &acc));
	assert_int_equal(acc.form, V7DBG_FORM_LDC_STC);
	assert_int_equal(V7DBG_ENC(acc.opc1, acc.crn, acc.crm, acc.opc2), V7DBG_ENC(0, 0, 5, 0));
	assert_int_equal(acc.rt, 0);
	/* The direction is that of memory: LDC reads it, STC writes it. */
	assert_true(acc.write);
	assert_true(v7dbg_decode(0x06u << 26, &acc));
	assert_false(acc.write);
}

static void other_classes(void **state)
{
	struct v7dbg_access acc;
	unsigned int ec;

	(void)state;
	for (ec = 0; ec < 64; ec++)
		assert_int_equal(v7dbg_decode(ec << 26 | 0x1ffffff, &acc),
				 ec == 0x05 || ec == 0x06 || ec == 0x0c);
}

/* The name of an access by its syndrome; expectations from C6.4.1 and A8.8.98. */
static void access_names(void **state)
{
	static const struct {
		uint32_t hsr;
		const char *name;
	} all[] = {
#define SYNDROME(opc1, crn, crm, opc2, read)                                            \
	(0x05u << 26 | 1u << 25 | (opc2) << 17 | (opc1) << 14 | (crn) << 10 | 3u << 5 | \
	 (crm) << 1 | (read))
#define SYNDROME64(opc1, crm, read) \
	(0x0cu << 26 | 1u << 25 | (opc1) << 16 | 4u << 10 | 3u << 5 | (crm) << 1 | (read))
		{ SYNDROME(0u, 0u, 0u, 0u, 1u), "DBGDIDR" },
		{ SYNDROME(0u, 0u, 13u, 4u, 1u), "DBGBVR13" },
		{ SYNDROME(0u, 0u, 3u, 5u, 0u), "DBGBCR3" },
		{ SYNDROME(0u, 0u, 15u, 7u, 0u), "DBGWCR15" },
		{ SYNDROME(0u, 1u, 12u, 1u, 0u), "DBGBXVR12" },
		{ SYNDROME(0u, 7u, 14u, 6u, 1u), "DBGAUTHSTATUS" },
		/* One encoding, two registers. */
		{ SYNDROME(0u, 0u, 5u, 0u, 1u), "DBGDTRRXint" },
		{ SYNDROME(0u, 0u, 5u, 0u, 0u), "DBGDTRTXint" },
		/* LDC reads memory and writes the register. */
		{ 0x06u << 26 | 1u << 25 | 0x1234u | 1u, "DBGDTRTXint" },
		{ 0x06u << 26 | 1u << 25 | 0x1234u, "DBGDTRRXint" },
		/* MRRC has its own numbers: opc1 and CRm. */
		{ SYNDROME64(0u, 1u, 1u), "DBGDRAR" },
		{ SYNDROME64(0u, 2u, 1u), "DBGDSAR" },
		{ SYNDROME(0u, 1u, 0u, 0u, 1u), "DBGDRAR" },
		{ SYNDROME(0u, 2u, 0u, 0u, 1u), "DBGDSAR" },
		{ SYNDROME64(0u, 0u, 1u), "p14, 0, c0" },
		{ SYNDROME64(1u, 1u, 1u), "p14, 1, c1" },
		{ SYNDROME64(15u, 12u, 0u), "p14, 15, c12" },
		/* Not debug registers, and none at all. */
		{ SYNDROME(6u, 0u, 0u, 0u, 1u), "p14, 6, c0, c0, 0" },
		{ SYNDROME(7u, 15u, 15u, 7u, 0u), "p14, 7, c15, c15, 7" },
		{ SYNDROME(0u, 0u, 9u, 0u, 1u), "p14, 0, c0, c9, 0" },
		{ SYNDROME(0u, 10u, 11u, 3u, 0u), "p14, 0, c10, c11, 3" },
	};
	char buf[V7DBG_ACCESS_NAME_MAX + 8];
	struct v7dbg_access acc;
	unsigned int n;

	(void)state;
	for (n = 0; n < sizeof(all) / sizeof(all[0]); n++) {
		memset(buf, 0x5a, sizeof(buf));
		memset(&acc, 0x5a, sizeof(acc));
		assert_true(v7dbg_decode(all[n].hsr, &acc));
		assert_ptr_equal(v7dbg_access_name(&acc, buf), buf);
		assert_string_equal(buf, all[n].name);
		assert_int_equal(buf[V7DBG_ACCESS_NAME_MAX], 0x5a);
	}
}

/* Each counter by its name, with the value of the member of that name. */
static void counters(void **state)
{
	static const struct v7dbg_stats stats = {
		.traps = 11,
		.undefs = 22,
		.activations = 33,
		.loads = 44,
		.reflections = 55,
		.parkings = 66,
		.rejected = 77,
		.not_monitor = 88,
	};
	static const char *const names[] = {
		"traps",       "undefs",   "activations", "loads",
		"reflections", "parkings", "rejected",	  "not_monitor"
	};
	unsigned int n;
	uint32_t value;

	(void)state;
	for (n = 0; n < 8; n++) {
		value = 0;
		assert_string_equal(v7dbg_stat(&stats, n, &value), names[n]);
		assert_int_equal(value, 11 * (n + 1));
	}
	assert_null(v7dbg_stat(&stats, n, &value));
	assert_null(v7dbg_stat(&stats, ~0u, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mrc_mcr),	 cmocka_unit_test(known_words),
		cmocka_unit_test(mrrc_mcrr),	 cmocka_unit_test(ldc_stc),
		cmocka_unit_test(other_classes), cmocka_unit_test(access_names),
		cmocka_unit_test(counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
