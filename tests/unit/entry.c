// SPDX-License-Identifier: GPL-2.0-only
/* How a guest takes the exceptions that it is given: a table from B1.8.3 and B1.9. */
#include "sim.h"

static const struct {
	enum v7dbg_exception kind;
	struct v7dbg_guest guest;
	struct v7dbg_entry entry;
} cases[] = {
	/* pc, cpsr, sctlr, vbar, ttbcr, hsr        -> pc, cpsr, lr, spsr, fsr */
	/* ARM, SVC, low vectors at VBAR, short descriptors. */
	{ V7DBG_EXC_UNDEF,
	  { 0x8000, 0x60000013, 0, 0x40000000, 0, 0 },
	  { 0x40000004, 0x6000009b, 0x8004, 0x60000013, 0 } },
	{ V7DBG_EXC_PREFETCH_DEBUG,
	  { 0x8000, 0x60000013, 0, 0x40000000, 0, 0 },
	  { 0x4000000c, 0x60000197, 0x8004, 0x60000013, 0x002 } },
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0x8000, 0x60000013, 0, 0x40000000, 0, 0 },
	  { 0x40000010, 0x60000197, 0x8008, 0x60000013, 0x002 } },
	{ V7DBG_EXC_PREFETCH_EXT,
	  { 0x8000, 0x60000013, 0, 0x40000000, 0, 0 },
	  { 0x4000000c, 0x60000197, 0x8004, 0x60000013, 0x008 } },
	{ V7DBG_EXC_DATA_EXT,
	  { 0x8000, 0x60000013, 0, 0x40000000, 0, 0 },
	  { 0x40000010, 0x60000197, 0x8008, 0x60000013, 0x008 } },
	/* Thumb, USR, in an IT block, Q and GE set: LR of UNDEF is +2, aborts as in ARM. */
	{ V7DBG_EXC_UNDEF,
	  { 0x9002, 0x0e0f8c30, 0, 0x40000000, 0, 0 },
	  { 0x40000004, 0x080f009b, 0x9004, 0x0e0f8c30, 0 } },
	{ V7DBG_EXC_PREFETCH_DEBUG,
	  { 0x9002, 0x0e0f8c30, 0, 0x40000000, 0, 0 },
	  { 0x4000000c, 0x080f0197, 0x9006, 0x0e0f8c30, 0x002 } },
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0x9002, 0x0e0f8c30, 0, 0x40000000, 0, 0 },
	  { 0x40000010, 0x080f0197, 0x900a, 0x0e0f8c30, 0x002 } },
	/* High vectors: VBAR does not count.  TE and EE. */
	{ V7DBG_EXC_UNDEF,
	  { 0x8000, 0x13, 1u << 13 | 1u << 30, 0x40000000, 0, 0 },
	  { 0xffff0004, 0xbb, 0x8004, 0x13, 0 } },
	{ V7DBG_EXC_PREFETCH_DEBUG,
	  { 0x8000, 0x13, 1u << 13 | 1u << 25, 0x40000000, 0, 0 },
	  { 0xffff000c, 0x397, 0x8004, 0x13, 0x002 } },
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0x8000, 0x213, 1u << 13, 0, 0, 0 },
	  { 0xffff0010, 0x197, 0x8008, 0x213, 0x002 } },
	/* F is kept set and kept clear; UNDEF keeps A, aborts set it; J goes. */
	{ V7DBG_EXC_UNDEF, { 0x8000, 0x10001d3, 0, 0, 0, 0 }, { 4, 0x1db, 0x8004, 0x10001d3, 0 } },
	{ V7DBG_EXC_UNDEF, { 0x8000, 0x10, 0, 0, 0, 0 }, { 4, 0x9b, 0x8004, 0x10, 0 } },
	{ V7DBG_EXC_DATA_DEBUG, { 0x8000, 0x50, 0, 0, 0, 0 }, { 0x10, 0x1d7, 0x8008, 0x50, 0x2 } },
	/* LPAE format, WnR and CM of the syndrome for data aborts only. */
	{ V7DBG_EXC_PREFETCH_DEBUG,
	  { 0x8000, 0x13, 0, 0, 1u << 31, 0x140 },
	  { 0xc, 0x197, 0x8004, 0x13, 0x222 } },
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0x8000, 0x13, 0, 0, 1u << 31, 0 },
	  { 0x10, 0x197, 0x8008, 0x13, 0x222 } },
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0x8000, 0x13, 0, 0, 1u << 31, 0x040 },
	  { 0x10, 0x197, 0x8008, 0x13, 0xa22 } },
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0x8000, 0x13, 0, 0, 1u << 31, 0x140 },
	  { 0x10, 0x197, 0x8008, 0x13, 0x2a22 } },
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0x8000, 0x13, 0, 0, 0, 0x90000062 },
	  { 0x10, 0x197, 0x8008, 0x13, 0x802 } },
	{ V7DBG_EXC_PREFETCH_EXT,
	  { 0x8000, 0x13, 0, 0, 1u << 31, 0x140 },
	  { 0xc, 0x197, 0x8004, 0x13, 0x210 } },
	{ V7DBG_EXC_DATA_EXT,
	  { 0x8000, 0x13, 0, 0, 1u << 31, 0x040 },
	  { 0x10, 0x197, 0x8008, 0x13, 0xa10 } },
	{ V7DBG_EXC_DATA_EXT,
	  { 0x8000, 0x13, 0, 0, 0, 0x100 },
	  { 0x10, 0x197, 0x8008, 0x13, 0x2008 } },
	/* VBAR[4:0] are reserved (B4.1, VBAR): whatever they read as, the vector is aligned. */
	{ V7DBG_EXC_UNDEF,
	  { 0x8000, 0x13, 0, 0x4000001f, 0, 0 },
	  { 0x40000004, 0x9b, 0x8004, 0x13, 0 } },
	{ V7DBG_EXC_PREFETCH_DEBUG,
	  { 0x8000, 0x13, 1u << 30, 0x40000002, 0, 0 },
	  { 0x4000000c, 0x1b7, 0x8004, 0x13, 0x002 } },
	/* At the end of the address space. */
	{ V7DBG_EXC_DATA_DEBUG,
	  { 0xfffffffc, 0x13, 0, 0xffffffe0, 0, 0 },
	  { 0xfffffff0, 0x197, 4, 0x13, 0x002 } },
};

static void table(void **state)
{
	struct v7dbg_entry entry;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&entry, 0x5a, sizeof(entry));
		v7dbg_exception_entry(cases[i].kind, &cases[i].guest, &entry);
		if (memcmp(&entry, &cases[i].entry, sizeof(entry)))
			print_message("case %zu: pc %x cpsr %x lr %x spsr %x fsr %x\n", i, entry.pc,
				      entry.cpsr, entry.lr, entry.spsr, entry.fsr);
		assert_memory_equal(&entry, &cases[i].entry, sizeof(entry));
	}
}

/* Whatever the state was, the new one is ABT or UND, I set, IT and J clear. */
static void any_state(void **state)
{
	struct v7dbg_guest guest = { 0 };
	struct v7dbg_entry entry;
	unsigned int bit, kind;

	(void)state;
	for (kind = V7DBG_EXC_UNDEF; kind <= V7DBG_EXC_DATA_EXT; kind++)
		for (bit = 0; bit < 64; bit++) {
			guest.cpsr = bit < 32 ? 1u << bit : ~(1u << (bit - 32));
			v7dbg_exception_entry((enum v7dbg_exception)kind, &guest, &entry);
			assert_int_equal(entry.cpsr & 0x1f, kind == V7DBG_EXC_UNDEF ? 0x1b : 0x17);
			assert_int_equal(entry.cpsr & 0x0700fc00, 0);
			assert_int_equal(entry.cpsr & 0xa0, 0x80);
			assert_int_equal(entry.cpsr & 0xf80f0040, guest.cpsr & 0xf80f0040);
			assert_int_equal(entry.spsr, guest.cpsr);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(any_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
