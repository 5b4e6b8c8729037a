// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decoder of loads and stores, against the encoding diagrams of DDI 0406C A8.8 and
 * B9.3, which ldst-forms.def holds.  An interpreter of the diagrams says what an instruction
 * does; every 16-bit instruction and many random longer ones must come out the same.
 * Assembled instructions check both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ldst-forms.h"

#define IT_LAST 0x0000e800u /* ITSTATE 0b11101000: one instruction left */
#define IT_MORE 0x0000ec00u /* more than one */

static uint32_t random_word(void)
{
	static uint64_t state = 0x2545f4914f6cdd1dull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static struct ldst_cpu random_cpu(bool thumb)
{
	static const uint32_t modes[] = { SVC, SVC, USR, SYS };
	static const uint32_t its[] = { 0, 0, IT_LAST, IT_MORE };
	struct ldst_cpu cpu;
	unsigned int n;

	for (n = 0; n < 15; n++)
		cpu.r[n] = random_word();
	cpu.pc = random_word() & (thumb ? ~1u : ~3u);
	cpu.cpsr = modes[random_word() & 3] | (random_word() & 0xf0000000);
	if (thumb)
		cpu.cpsr |= T_BIT | its[random_word() & 3];
	return cpu;
}

static unsigned int seen[FORM_SETS][MAX_FORMS];
static unsigned int done[4]; /* by result: OK, refused, UNPREDICTABLE, none matches */

/* One instruction, both ways. */
static void compare(unsigned int set, uint32_t insn, const struct ldst_cpu *cpu)
{
	struct ldst want, got;
	const struct form *form = form_find(set, insn);
	enum ldst_result expected, result = ldst_decode(insn, cpu, &got);
	const char *name = form ? form->name : "none";

	if (!form) {
		if (result == LDST_OK)
			fail_msg("%08x: decoded, but is no load or store", insn);
		done[3]++;
		return;
	}
	expected = form_meaning(set, form, insn, cpu, &want);
	if (expected != LDST_OK) {
		if (result == LDST_OK)
			fail_msg("%08x: %s must be refused", insn, name);
		/* Refused rows do not say why; the others do. */
		if (expected == LDST_UNPREDICTABLE && result != LDST_UNPREDICTABLE)
			fail_msg("%08x: %s is UNPREDICTABLE, not %u", insn, name, result);
		done[expected == LDST_UNPREDICTABLE ? 2 : 1]++;
		return;
	}
	if (result != LDST_OK)
		fail_msg("%08x: %s is refused with %u", insn, name, result);
	if (want.rn == LDST_NO_REG)
		want.base = got.base;
	if (memcmp(&got, &want, sizeof(got)))
		fail_msg("%08x: %s: address %08x, not %08x; base %08x, not %08x; rn %u, not %u; "
			 "%u of %u bytes, not %u of %u; flags %u%u%u%u, not %u%u%u%u; r%u, not r%u",
			 insn, name, got.address, want.address, got.base, want.base, got.rn,
			 want.rn, got.count, got.size, want.count, want.size, got.write, got.sign,
			 got.unprivileged, got.user, want.write, want.sign, want.unprivileged,
			 want.user, got.rt[0], want.rt[0]);
	seen[set][form - form_sets[set].forms]++;
	done[0]++;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each row that can be decoded has been. */
static void all_seen(unsigned int set)
{
	const struct form *forms = form_sets[set].forms;
	unsigned int n;

	for (n = 0; n < form_sets[set].count; n++)
		if (!(forms[n].what & NEVER) && !(forms[n].bad & UNDEF) && seen[set][n] < 8)
			fail_msg("%s: decoded %u times only", forms[n].name, seen[set][n]);
}

/* Registers that are often equal, or SP or PC, so that UNPREDICTABLE cases are not rare. */
static uint32_t mix(uint32_t insn, unsigned int lsb)
{
	static const uint32_t some[] = { 1, 2, 2, 4, 13, 15 };

	return (insn & ~(0xfu << lsb)) | some[random_word() % COUNT(some)] << lsb;
}

static uint32_t mix_registers(uint32_t insn)
{
	if (random_word() & 1)
		insn = mix(insn, 16);
	if (random_word() & 1)
		insn = mix(insn, 12);
	if (!(random_word() & 3))
		insn = mix(insn, 8);
	if (!(random_word() & 3))
		insn = mix(insn, 0);
	/* Few instructions have a bit here. */
	if (random_word() & 1)
		insn &= ~0xf00u;
	return insn;
}

static void every_a32(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 0; n < 400000; n++) {
		/* Bits 27 to 25: the classes that have loads and stores, and once all. */
		static const uint32_t classes[] = { 0, 0, 2, 3, 4, 4, 5, 6, 7 };
		struct ldst_cpu cpu = random_cpu(false);
		uint32_t insn = mix_registers(random_word());

		insn = (insn & ~0x0e000000u) | classes[n % COUNT(classes)] << 25;
		if (n % COUNT(classes) == 0)
			insn |= 0x90;
		if (insn >> 28 == 0xf && n & 7)
			insn &= ~0x10000000u;
		compare(SET_A32, insn, &cpu);
	}
	all_seen(SET_A32);
}

static void every_t16(void **state)
{
	unsigned int insn, n;

	(void)state;
	for (insn = 0; insn < 0xe800; insn++)
		for (n = 0; n < 8; n++) {
			struct ldst_cpu cpu = random_cpu(true);

			assert_int_equal(ldst_t32_length(insn), 2);
			compare(SET_T16, insn, &cpu);
		}
	for (; insn < 0x10000; insn++)
		assert_int_equal(ldst_t32_length(insn), 4);
	all_seen(SET_T16);
}

static void every_t32(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 0; n < 400000; n++) {
		/* The first byte: load/store multiple, dual, single; and once all. */
		static const uint32_t first[] = { 0xe8, 0xe9, 0xf8, 0xf9, 0xf8, 0xe8 };
		struct ldst_cpu cpu = random_cpu(true);
		uint32_t insn = mix_registers(random_word());

		if (n % 8 < COUNT(first))
			insn = (insn & 0x00ffffff) | first[n % 8] << 24;
		insn |= 0xe0000000;
		if (!(insn & 0x18000000))
			insn |= 0x08000000;
		compare(SET_T32, insn, &cpu);
	}
	all_seen(SET_T32);
}

/* What the random ones were: none of the outcomes is rare. */
static void enough(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 0; n < COUNT(done); n++)
		assert_in_range(done[n], 20000, 1000000);
}

/* ---- assembled instructions ---- */

struct example {
	const char *text;
	bool thumb;
	uint32_t insn;
	unsigned int size, what;
	uint32_t address;
	uint8_t rn;
	uint32_t base;
	uint8_t rt[LDST_MAX + 1], count;
};

#define A32	     false
#define T32	     true
#define NO_WB	     LDST_NO_REG, 0
#define WB(rn, base) rn, base
#define ALL	     0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#define INSN(text, thumb, insn, size, what, address, wb, ...) \
	{ text,                                               \
	  thumb,                                              \
	  insn,                                               \
	  size,                                               \
	  what,                                               \
	  address,                                            \
	  wb,                                                 \
	  { __VA_ARGS__ },                                    \
	  sizeof((uint8_t[]){ __VA_ARGS__ }) },
#define REFUSED(...)

static struct ldst_cpu example_cpu(bool thumb)
{
	struct ldst_cpu cpu = { .pc = thumb ? 0x8002 : 0x8000,
				.cpsr = SVC | C_BIT | (thumb ? T_BIT : 0) };

	cpu.r[1] = 0x1000;
	cpu.r[2] = 0x10;
	cpu.r[3] = 0x80000004;
	cpu.r[13] = 0x5000;
	return cpu;
}

static void assembled(void **state)
{
	static const struct example examples[] = {
#include "ldst-insns.def"
	};
	unsigned int n;

	(void)state;
	for (n = 0; n < COUNT(examples); n++) {
		const struct example *e = &examples[n];
		struct ldst_cpu cpu = example_cpu(e->thumb);
		struct ldst got, want = {
			.address = e->address,
			.base = e->base,
			.rn = e->rn,
			.size = e->size,
			.count = e->count,
			.length = e->thumb && e->insn < 0x10000 ? 2 : 4,
			.write = e->what & STORE,
			.sign = e->what & SIGN,
			.unprivileged = e->what & PRIV0,
			.user = e->what & USER,
		};

		memcpy(want.rt, e->rt, sizeof(want.rt));
		if (ldst_decode(e->insn, &cpu, &got) != LDST_OK)
			fail_msg("%s is refused", e->text);
		if (e->rn == LDST_NO_REG)
			got.base = 0;
		if (memcmp(&got, &want, sizeof(got)))
			fail_msg("%s: %u of %u bytes at %08x, base %08x", e->text, got.count,
				 got.size, got.address, got.base);
	}
}

#undef INSN
#undef REFUSED
#define INSN(...)
#define REFUSED(text, thumb, insn, why) { text, thumb, insn, why },

static void refused(void **state)
{
	static const struct {
		const char *text;
		bool thumb;
		uint32_t insn;
		enum ldst_result why;
	} examples[] = {
#include "ldst-insns.def"
	};
	unsigned int n;

	(void)state;
	for (n = 0; n < COUNT(examples); n++) {
		struct ldst_cpu cpu = example_cpu(examples[n].thumb);
		struct ldst got;

		if (ldst_decode(examples[n].insn, &cpu, &got) != examples[n].why)
			fail_msg("%s", examples[n].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assembled), cmocka_unit_test(refused),
		cmocka_unit_test(every_a32), cmocka_unit_test(every_t16),
		cmocka_unit_test(every_t32), cmocka_unit_test(enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
