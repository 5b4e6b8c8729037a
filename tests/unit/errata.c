// SPDX-License-Identifier: GPL-2.0-only
/*
 * What depends on a CPU's revision.
 *
 * Erratum 798181: every row of what Arm published about the revisions of the Cortex-A15 and
 * their fixes, and the neighbours that must not be mistaken for one of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/branch-predictor.h"
#include "machine/diagnostic.h"
#include "machine/erratum-798181.h"

#define NONE ERRATUM_798181_NONE
#define TLBI ERRATUM_798181_TLBI
#define IPI  ERRATUM_798181_IPI

/* By REVIDR: neither fix, the first, the last, both. */
static const uint32_t revidrs[4] = { 0, 0x10, 0x200, 0x210 };

static const struct {
	uint32_t midr;
	uint8_t need[4];
} rows[] = {
	/* No fix was defined: the bits mean nothing. */
	{ 0x410fc0f0, { IPI, IPI, IPI, IPI } }, /* r0p0 */
	{ 0x410fc0ff, { IPI, IPI, IPI, IPI } },
	{ 0x411fc0f0, { IPI, IPI, IPI, IPI } },
	{ 0x412fc0f0, { IPI, IPI, IPI, IPI } },
	{ 0x412fc0f1, { IPI, IPI, IPI, IPI } }, /* r2p1 */
	/* The first fix only. */
	{ 0x412fc0f2, { IPI, TLBI, IPI, TLBI } },
	{ 0x412fc0f3, { IPI, TLBI, IPI, TLBI } },
	/* Both. */
	{ 0x412fc0f4, { IPI, TLBI, NONE, NONE } },
	{ 0x413fc0f0, { IPI, TLBI, NONE, NONE } },
	{ 0x413fc0f1, { IPI, TLBI, NONE, NONE } },
	{ 0x413fc0f2, { IPI, TLBI, NONE, NONE } },
	/* The last fix only: the first is in every chip. */
	{ 0x413fc0f3, { TLBI, TLBI, NONE, NONE } }, /* r3p3: Tegra K1 */
	/* Fixed. */
	{ 0x414fc0f0, { NONE, NONE, NONE, NONE } },
	{ 0x41ffc0ff, { NONE, NONE, NONE, NONE } },
	/* Brahma-B15. */
	{ 0x420f00f0, { IPI, IPI, IPI, IPI } },
	{ 0x420f00f1, { IPI, IPI, IPI, IPI } },
	{ 0x420f00f2, { IPI, IPI, IPI, IPI } },
	{ 0x420f00f3, { NONE, NONE, NONE, NONE } },
	{ 0x421f00f0, { NONE, NONE, NONE, NONE } },
	/* Other CPUs: A7, A12, A17, an A15 of another implementer, A9. */
	{ 0x410fc075, { NONE, NONE, NONE, NONE } },
	{ 0x410fc0d1, { NONE, NONE, NONE, NONE } },
	{ 0x411fc0e2, { NONE, NONE, NONE, NONE } },
	{ 0x512fc0f1, { NONE, NONE, NONE, NONE } },
	{ 0x413fc090, { NONE, NONE, NONE, NONE } },
};

static void every_row(void **state)
{
	unsigned int n, fix;

	(void)state;
	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
		for (fix = 0; fix < 4; fix++) {
			print_message("MIDR %08x REVIDR %03x\n", rows[n].midr, revidrs[fix]);
			assert_int_equal(erratum_798181_of(rows[n].midr, revidrs[fix]),
					 rows[n].need[fix]);
		}
}

/* The other bits of REVIDR are fixes of other errata. */
static void other_fixes(void **state)
{
	unsigned int n, fix;

	(void)state;
	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
		for (fix = 0; fix < 4; fix++)
			assert_int_equal(erratum_798181_of(rows[n].midr, revidrs[fix] | ~0x210u),
					 rows[n].need[fix]);
}

/* Every revision of the Cortex-A12 and A17 has the registers, and nobody else. */
static void diagnostic_registers(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		uint32_t part = rows[n].midr >> 4 & 0xfff;

		print_message("MIDR %08x\n", rows[n].midr);
		assert_int_equal(midr_has_diagnostic(rows[n].midr), part == 0xc0d || part == 0xc0e);
	}
	assert_false(midr_has_diagnostic(0x510fc0d0));
	assert_true(midr_has_diagnostic(0x410fc0d0));
	assert_true(midr_has_diagnostic(0x411fc0e1));
}

/* Arm's own A7, A12, A15 and A17, of every revision, and nobody else. */
static void l2_control_register(void **state)
{
	static const struct {
		uint32_t midr;
		bool has;
	} cpus[] = {
		{ 0x410fc075, true },						   /* Cortex-A7 */
		{ 0x410fc0d1, true },						   /* Cortex-A12 */
		{ 0x410fc0f0, true },						   /* Cortex-A15 */
		{ 0x413fc0f3, true },  { 0x41ffc0ff, true }, { 0x411fc0e2, true }, /* Cortex-A17 */
		{ 0x413fc090, false },						   /* Cortex-A9 */
		{ 0x411fd050, false },						   /* Cortex-A55 */
		{ 0x420f00f3, false },						   /* Brahma-B15 */
		{ 0x512fc0f1, false }, /* an A15 of another implementer */
	};
	unsigned int n;

	(void)state;
	for (n = 0; n < sizeof(cpus) / sizeof(cpus[0]); n++) {
		print_message("MIDR %08x\n", cpus[n].midr);
		assert_int_equal(midr_has_l2ctlr(cpus[n].midr), cpus[n].has);
	}
}

/* The other bits of ACTLR are SMP and the like. */
static void branch_predictors(void **state)
{
	static const struct {
		uint32_t midr;
		enum branch_flush clear, set; /* by ACTLR[0] */
	} cpus[] = {
		{ 0x410fc075, BRANCH_FLUSH_NOT_NEEDED, BRANCH_FLUSH_NOT_NEEDED },
		{ 0x410fc0d1, BRANCH_FLUSH_DONE, BRANCH_FLUSH_DONE },
		{ 0x411fc0e1, BRANCH_FLUSH_DONE, BRANCH_FLUSH_DONE },
		{ 0x412fc0f1, BRANCH_FLUSH_DISABLED, BRANCH_FLUSH_DONE },
		{ 0x414fc0f0, BRANCH_FLUSH_DISABLED, BRANCH_FLUSH_DONE },
		{ 0x420f00f3, BRANCH_FLUSH_UNKNOWN, BRANCH_FLUSH_UNKNOWN },
		{ 0x413fc090, BRANCH_FLUSH_UNKNOWN, BRANCH_FLUSH_UNKNOWN },
	};
	unsigned int n;

	(void)state;
	for (n = 0; n < sizeof(cpus) / sizeof(cpus[0]); n++) {
		print_message("MIDR %08x\n", cpus[n].midr);
		assert_int_equal(branch_flush_of(cpus[n].midr, 0x40), cpus[n].clear);
		assert_int_equal(branch_flush_of(cpus[n].midr, ~1u), cpus[n].clear);
		assert_int_equal(branch_flush_of(cpus[n].midr, 0x41), cpus[n].set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(other_fixes),
		cmocka_unit_test(diagnostic_registers),
		cmocka_unit_test(l2_control_register),
		cmocka_unit_test(branch_predictors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
