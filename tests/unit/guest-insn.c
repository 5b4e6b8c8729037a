// SPDX-License-Identifier: GPL-2.0-only
/*
 * What HYP and the module need to know of a trapped instruction: whether its condition
 * holds, its length, and how the IT block continues.  The emulator never traps one whose
 * condition fails, but a CPU may (B1.14.3): only these tables prove that case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../module/hyp/guest-insn.h"

/*
 * A8.3.1, table A8-1: the values of N:Z:C:V with which each condition holds, one bit
 * for each value.
 */
static const uint16_t holds[16] = {
	0xf0f0, /* EQ: Z */
	0x0f0f, /* NE */
	0xcccc, /* CS: C */
	0x3333, /* CC */
	0xff00, /* MI: N */
	0x00ff, /* PL */
	0xaaaa, /* VS: V */
	0x5555, /* VC */
	0x0c0c, /* HI: C and not Z */
	0xf3f3, /* LS */
	0xaa55, /* GE: N equals V */
	0x55aa, /* LT */
	0x0a05, /* GT: not Z, and N equals V */
	0xf5fa, /* LE */
	0xffff, /* AL */
	0xffff, /* 0b1111: unconditional instructions */
};

#define REST 0x01ff01dfu /* of CPSR: neither NZCV, IT nor T */

static uint32_t cpsr_of(unsigned int nzcv, unsigned int it, bool thumb, uint32_t rest)
{
	/* B1.3.3: IT[7:2] are bits 15:10, IT[1:0] bits 26:25. */
	return nzcv << 28 | (it & 3) << 25 | (it >> 2) << 10 | (thumb ? 1u << 5 : 0) |
	       (rest & REST);
}

/* CurrentCond(), A8.3.1, if HSR does not have it: ITSTATE's, or always. */
static unsigned int current(unsigned int it, bool thumb)
{
	return thumb && (it & 0xf) ? it >> 4 : 14;
}

static void conditions(void **state)
{
	unsigned int cond, nzcv, it, thumb, cv;

	(void)state;
	for (cond = 0; cond < 16; cond++)
		for (nzcv = 0; nzcv < 16; nzcv++)
			for (it = 0; it < 256; it++)
				for (cv = 0; cv < 2; cv++)
					for (thumb = 0; thumb < 2; thumb++) {
						uint32_t hsr = cv << 24 | cond << 20 | 0xfe0fffffu;
						unsigned int which = cv ? cond : current(it, thumb);

						/* Such a state is UNPREDICTABLE. */
						if (it && !(it & 0xf))
							continue;
						assert_int_equal(
							guest_cond_passed(hsr, cpsr_of(nzcv, it,
										       thumb, ~0u)),
							holds[which] >> nzcv & 1);
						assert_int_equal(guest_cond_passed(hsr & 0x01f00000,
										   cpsr_of(nzcv, it,
											   thumb,
											   0)),
								 holds[which] >> nzcv & 1);
					}
}

/*
 * Each IT block of one to four instructions, from the meaning of IT<x><y><z> (A8.8.54): T
 * has the first condition, E its inverse; then the block ends.
 */
static void blocks(void **state)
{
	unsigned int first, count, pattern, n, nzcv;

	(void)state;
	for (first = 0; first < 15; first++)
		for (count = 1; count <= 4; count++)
			for (pattern = 0; pattern < 1u << (count - 1); pattern++) {
				unsigned int it = first << 4 | 1u << (4 - count);
				uint32_t cpsr;

				for (n = 1; n < count; n++)
					if ((pattern >> (n - 1) & 1) ^ (first & 1))
						it |= 1u << (4 - n);
				cpsr = cpsr_of(0, it, true, ~0u);
				for (n = 0; n < count; n++) {
					bool otherwise = n && (pattern >> (n - 1) & 1);
					unsigned int cond = first ^ (otherwise ? 1 : 0);

					for (nzcv = 0; nzcv < 16; nzcv++)
						assert_int_equal(
							guest_cond_passed(0, cpsr | nzcv << 28),
							holds[cond] >> nzcv & 1);
					cpsr = guest_it_advance(cpsr);
				}
				assert_int_equal(guest_itstate(cpsr), 0);
				assert_int_equal(cpsr, cpsr_of(0, 0, true, ~0u));
			}
}

/* ITAdvance(), A2.5.2, of every ITSTATE: nothing else of CPSR changes, and in ARM nothing. */
static void advance(void **state)
{
	unsigned int it, n;

	(void)state;
	for (it = 0; it < 256; it++)
		for (n = 0; n < 16; n++) {
			unsigned int next = it & 7 ? (it & 0xe0) | (it & 0xf) << 1 : 0;
			uint32_t rest = n & 1 ? ~0u : 0;

			assert_int_equal(guest_itstate(cpsr_of(n, it, true, rest)), it);
			assert_int_equal(guest_it_advance(cpsr_of(n, it, true, rest)),
					 cpsr_of(n, next, true, rest));
			assert_int_equal(guest_it_advance(cpsr_of(n, it, false, rest)),
					 cpsr_of(n, it, false, rest));
		}
}

/* Every combination of the low bits, the instruction set and the IT bits. */
static void legal(void **state)
{
	uint32_t low, it, others;

	(void)state;
	for (low = 0; low < 4; low++) {
		assert_int_equal(guest_legal_pc(0xfffffff0u | low, 0), 0xfffffff0u);
		assert_int_equal(guest_legal_pc(0x8000u | low, 0x20), 0x8000u | (low & 2));
	}
	for (it = 0; it < 256; it++) {
		for (others = 0; others < 2; others++) {
			uint32_t rest = others ? ~0x0600fc20u : 0;
			uint32_t cpsr = rest | (it & 0xfc) << 8 | (it & 3) << 25;

			assert_int_equal(guest_legal_cpsr(cpsr | 0x20), cpsr | 0x20);
			/* J with T is ThumbEE; alone, it is Jazelle. */
			assert_int_equal(guest_legal_cpsr(cpsr), rest & ~0x01000000u);
		}
	}
}

/* HSR.IL, bit 25, and nothing else of HSR (B3.13.6). */
static void length(void **state)
{
	unsigned int bit;

	(void)state;
	assert_int_equal(guest_insn_length(0), 2);
	assert_int_equal(guest_insn_length(~0u), 4);
	for (bit = 0; bit < 32; bit++) {
		assert_int_equal(guest_insn_length(1u << bit), bit == 25 ? 4 : 2);
		assert_int_equal(guest_insn_length(~(1u << bit)), bit == 25 ? 2 : 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions), cmocka_unit_test(blocks), cmocka_unit_test(advance),
		cmocka_unit_test(length),     cmocka_unit_test(legal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
