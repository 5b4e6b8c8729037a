// SPDX-License-Identifier: GPL-2.0-only
/* Syndromes to accesses, B3.13.6. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mrc_mcr),	 cmocka_unit_test(known_words),
		cmocka_unit_test(mrrc_mcrr),	 cmocka_unit_test(ldc_stc),
		cmocka_unit_test(other_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
