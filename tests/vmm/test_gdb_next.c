// SPDX-License-Identifier: GPL-2.0-only
/* Where the next instruction is: encodings and operation as DDI 0406C A8 and B9 give them. */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "gdb/next.h"

#define CODE_ARM   0x8000u
#define CODE_THUMB 0x8002u /* not a multiple of 4: the literal base is aligned (A8.8.64) */
#define LOW	   0x8000u
#define HIGH	   0x9100u

#define AFTER 1u /* the next instruction in memory; no instruction is there */

#define N (1u << 31)
#define Z (1u << 30)
#define C (1u << 29)
#define V (1u << 28)
#define T (1u << 5)
#define E (1u << 9)

static uint8_t memory[HIGH - LOW];
static struct gdb_next_cpu cpu;
static struct gdb_next next;

/* What the word at va holds: every word differs, and they select A32 and T32 in turn. */
static uint32_t word_at(uint32_t va)
{
	return 0xc0000000 | va << 4 | (va >> 3 & 1) << 5 | (va >> 2 & 1);
}

static bool read_memory(void *context, uint32_t va, uint8_t *data, size_t length)
{
	(void)context;
	if (va < LOW || va > HIGH - length)
		return false;
	memcpy(data, memory + (va - LOW), length);
	return true;
}

static void put(uint32_t va, uint32_t value, unsigned int size)
{
	memcpy(memory + (va - LOW), &value, size);
}

static void reset(uint32_t pc, uint32_t cpsr)
{
	for (uint32_t va = LOW; va < HIGH; va += 4)
		put(va, word_at(va), 4);
	cpu = (struct gdb_next_cpu){
		.r = { 0x9000, 0x9010, 2, 3, 0x00010000, 0x00020101, 0xfffeffff, 0 },
		.cpsr = cpsr,
		.read = read_memory,
	};
	cpu.r[13] = 0x9020;
	cpu.r[14] = 0x00030008;
	cpu.r[15] = pc;
}

/* Place an A32 instruction; or a T32 one, whose first halfword is the upper one if it has two. */
static uint32_t place(uint32_t va, uint32_t code, bool thumb)
{
	if (!thumb) {
		put(va, code, 4);
		return va + 4;
	}
	if (code >> 16) {
		put(va, code >> 16, 2);
		va += 2;
	}
	put(va, code, 2);
	return va + 2;
}

struct row {
	const char *name;
	uint32_t code;
	uint32_t to;
	bool thumb;
	uint32_t cpsr, spsr;
};

static void check(const struct row *row, bool from_thumb)
{
	uint32_t pc = from_thumb ? CODE_THUMB : CODE_ARM, after;

	reset(pc, row->cpsr | (from_thumb ? T : 0));
	cpu.spsr = row->spsr;
	after = place(pc, row->code, from_thumb);
	assert_int_equal(gdb_next(&cpu, &next), 0);
	if (next.count != 1 || next.at[0].va != (row->to == AFTER ? after : row->to) ||
	    next.at[0].thumb != (row->to == AFTER ? from_thumb : row->thumb))
		fail_msg("%s: to %#x, %s", row->name, next.at[0].va,
			 next.at[0].thumb ? "T32" : "A32");
}

static void arm(void **state)
{
	static const struct row rows[] = {
		{ "nop", 0xe320f000, AFTER, false, 0, 0 },
		/* A8.8.18, A8.8.25 to 28 */
		{ "b .+0x100", 0xea00003e, 0x8100, false, 0, 0 },
		{ "b .-0x100", 0xeaffffbe, 0x7f00, false, 0, 0 },
		{ "b .", 0xeafffffe, 0x8000, false, 0, 0 },
		{ "bl .+0x200", 0xeb00007e, 0x8200, false, 0, 0 },
		{ "blx .+0x200", 0xfa00007e, 0x8200, true, 0, 0 },
		{ "blx .+0x202", 0xfb00007e, 0x8202, true, 0, 0 },
		{ "bx r4", 0xe12fff14, 0x10000, false, 0, 0 },
		{ "bxne r4", 0x112fff14, 0x10000, false, 0, 0 },
		{ "bxne r4, Z", 0x112fff14, AFTER, false, Z, 0 },
		{ "blx r5", 0xe12fff35, 0x20100, true, 0, 0 },
		{ "bxj r5", 0xe12fff25, 0x20100, true, 0, 0 },
		/* A2.3.1: data processing interworks in A32 */
		{ "mov pc, r4", 0xe1a0f004, 0x10000, false, 0, 0 },
		{ "mov pc, r5", 0xe1a0f005, 0x20100, true, 0, 0 },
		{ "add pc, pc, r2, lsl #2", 0xe08ff102, 0x8010, false, 0, 0 },
		{ "add pc, pc, #16", 0xe28ff010, 0x8018, false, 0, 0 },
		{ "sub pc, pc, #8", 0xe24ff008, 0x8000, false, 0, 0 },
		{ "add pc, r4, #0x3fc0", 0xe284fdff, 0x13fc0, false, 0, 0 },
		{ "adc pc, r4, r2, C", 0xe0a4f002, 0x10002, true, C, 0 },
		{ "adc pc, r4, r2", 0xe0a4f002, 0x10000, false, 0, 0 },
		{ "rsb pc, r2, r4", 0xe062f004, 0xfffc, false, 0, 0 },
		{ "rsc pc, r2, r4", 0xe0e2f004, 0xfffc, true, 0, 0 },
		{ "rsc pc, r2, r4, C", 0xe0e2f004, 0xfffc, false, C, 0 },
		{ "sbc pc, r4, r2", 0xe0c4f002, 0xfffc, true, 0, 0 },
		{ "and pc, r4, r6", 0xe004f006, 0, false, Z, 0 },
		{ "eor pc, r5, #1", 0xe225f001, 0x20100, false, 0, 0 },
		{ "orr pc, r4, #1", 0xe384f001, 0x10000, true, 0, 0 },
		{ "bic pc, r5, #1", 0xe3c5f001, 0x20100, false, 0, 0 },
		{ "mvn pc, r6", 0xe1e0f006, 0x10000, false, 0, 0 },
		{ "mov pc, r5, lsr #1", 0xe1a0f0a5, 0x10080, false, 0, 0 },
		{ "mov pc, r6, lsr #32", 0xe1a0f026, 0, false, 0, 0 },
		{ "mov pc, r6, ror #1", 0xe1a0f0e6, 0xffff7ffe, true, 0, 0 },
		{ "mov pc, r6, asr #1", 0xe1a0f0c6, 0xffff7ffe, true, 0, 0 },
		{ "mov pc, r6, rrx", 0xe1a0f066, 0x7fff7ffe, true, 0, 0 },
		{ "mov pc, r6, rrx, C", 0xe1a0f066, 0xffff7ffe, true, C, 0 },
		{ "mov pc, r5, lsl r2", 0xe1a0f215, 0x80404, false, 0, 0 },
		{ "cmp r0, r1", 0xe1500001, AFTER, false, 0, 0 },
		{ "cmp r0, r1 with Rd 15", 0xe150f001, AFTER, false, 0, 0 },
		{ "movw r0", 0xe3010234, AFTER, false, 0, 0 },
		{ "msr cpsr_c, #0xdf", 0xe321f0df, AFTER, false, 0, 0 },
		{ "mul", 0xe0000291, AFTER, false, 0, 0 },
		{ "ldrh", 0xe1d030b0, AFTER, false, 0, 0 },
		/* A8.8.63 to 66 */
		{ "ldr pc, [r0]", 0xe590f000, 0xc0090000, false, 0, 0 },
		{ "ldr pc, [r0], big-endian", 0xe590f000, 0x000009c0, false, E, 0 },
		{ "ldr pc, [r0, #4]", 0xe590f004, 0xc0090040, true, 0, 0 },
		{ "ldr pc, [r1, #-4]!", 0xe531f004, 0xc00900e0, true, 0, 0 },
		{ "ldr pc, [r0], #4", 0xe490f004, 0xc0090000, false, 0, 0 },
		{ "ldr pc, [r0, r2, lsl #2]", 0xe790f102, 0xc00900a0, false, 0, 0 },
		{ "ldr pc, [r1, -r2, lsl #1]", 0xe711f082, 0xc00900e0, true, 0, 0 },
		{ "ldr pc, [pc, #4]", 0xe59ff004, 0xc00800e0, true, 0, 0 },
		{ "ldrb r0, [r0]", 0xe5d00000, AFTER, false, 0, 0 },
		{ "ldr r1, [r0]", 0xe5901000, AFTER, false, 0, 0 },
		{ "str pc, [r0]", 0xe580f000, AFTER, false, 0, 0 },
		{ "usat, a media instruction", 0xe6e0f015, AFTER, false, 0, 0 },
		/* A8.8.57 to 61: the PC is the last word */
		{ "pop {r4, pc}", 0xe8bd8010, 0xc0090240, true, 0, 0 },
		{ "pop {pc}", 0xe49df004, 0xc0090200, false, 0, 0 },
		{ "ldm r0, {r1, r2, pc}", 0xe8908006, 0xc00900a0, false, 0, 0 },
		{ "ldmib r0, {r1, pc}", 0xe9908002, 0xc00900a0, false, 0, 0 },
		{ "ldmda r1, {r2, pc}", 0xe8118004, 0xc0090100, false, 0, 0 },
		{ "ldmdb r1!, {r2, r3, pc}", 0xe931800c, 0xc00900e0, true, 0, 0 },
		{ "ldmeq r0, {r1, pc}", 0x08908002, AFTER, false, 0, 0 },
		{ "ldm r0, {r1, lr}", 0xe8904002, AFTER, false, 0, 0 },
		{ "stm r0, {r1, pc}", 0xe8808002, AFTER, false, 0, 0 },
		/* exception returns: SPSR selects the instruction set (B9.3) */
		{ "movs pc, lr", 0xe1b0f00e, 0x30008, false, 0, 0 },
		{ "movs pc, lr to T32", 0xe1b0f00e, 0x30008, true, 0, T },
		{ "subs pc, lr, #4", 0xe25ef004, 0x30004, false, 0, 0 },
		{ "eret", 0xe160006e, 0x30008, false, 0, 0 },
		{ "eret to T32", 0xe160006e, 0x30008, true, 0, T },
		{ "ldm r0, {r1, pc}^", 0xe8d08002, 0xc0090040, false, 0, 0 },
		{ "ldm r0, {r1, pc}^ to T32", 0xe8d08002, 0xc0090040, true, 0, T },
		{ "rfeia r0", 0xf8900a00, 0xc0090000, false, 0, T },
		{ "rfedb r1!", 0xf9310a00, 0xc00900a0, true, 0, 0 },
		{ "rfeda r1", 0xf8110a00, 0xc00900e0, false, 0, T },
		{ "rfeib r0", 0xf9900a00, 0xc0090040, true, 0, 0 },
		{ "srsia sp!", 0xf8ad0513, AFTER, false, 0, 0 },
		/* stepped over */
		{ "svc", 0xef000000, AFTER, false, 0, 0 },
		{ "hvc", 0xe1400070, AFTER, false, 0, 0 },
		{ "smc", 0xe1600070, AFTER, false, 0, 0 },
		{ "bkpt", 0xe1200070, AFTER, false, 0, 0 },
		{ "udf", 0xe7f000f0, AFTER, false, 0, 0 },
		{ "mcr p15", 0xee070f95, AFTER, false, 0, 0 },
		{ "mrc to APSR", 0xee11ff10, AFTER, false, 0, 0 },
		{ "cps #0x1f", 0xf102001f, AFTER, false, 0, 0 },
		{ "wfi", 0xe320f003, AFTER, false, 0, 0 },
		{ "ldc", 0xed9f5e01, AFTER, false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], false);
}

static void thumb(void **state)
{
	static const struct row rows[] = {
		{ "nop", 0xbf00, AFTER, false, 0, 0 },
		{ "movs r0, #1", 0x2001, AFTER, false, 0, 0 },
		{ "dmb", 0xf3bf8f5f, AFTER, false, 0, 0 },
		{ "b .+0x104", 0xe080, 0x8106, true, 0, 0 },
		{ "b .", 0xe7fe, 0x8002, true, 0, 0 },
		{ "b.w .-0x400", 0xf7ffbdfe, 0x7c02, true, 0, 0 },
		{ "bne.w .+0x1000", 0xf04087fe, 0x9002, true, 0, 0 },
		{ "bne.w .+0x1000, Z", 0xf04087fe, AFTER, true, Z, 0 },
		{ "bl .+0x204", 0xf000f900, 0x8206, true, 0, 0 },
		{ "blx .+0x408, aligned", 0xf000ea04, 0x840c, false, 0, 0 },
		{ "bx r4", 0x4720, 0x10000, false, 0, 0 },
		{ "blx r5", 0x47a8, 0x20100, true, 0, 0 },
		{ "bx lr", 0x4770, 0x30008, false, 0, 0 },
		{ "bx pc", 0x4778, 0x8004, false, 0, 0 },
		{ "bxj r4", 0xf3c48f00, 0x10000, false, 0, 0 },
		/* A2.3.2: ADD and MOV stay in T32 */
		{ "mov pc, r4", 0x46a7, 0x10000, true, 0, 0 },
		{ "mov pc, r5", 0x46af, 0x20100, true, 0, 0 },
		{ "add pc, r2", 0x4497, 0x8008, true, 0, 0 },
		{ "mov r8, pc", 0x46f8, AFTER, true, 0, 0 },
		/* A8.8.29 */
		{ "cbz r7", 0xb177, 0x8022, true, 0, 0 },
		{ "cbnz r7", 0xb977, AFTER, true, 0, 0 },
		{ "cbz r2", 0xb172, AFTER, true, 0, 0 },
		{ "cbnz r2", 0xbb72, 0x8062, true, 0, 0 },
		/* A8.8.131, A8.8.57 */
		{ "pop {r4, pc}", 0xbd10, 0xc0090240, true, 0, 0 },
		{ "pop {r4}", 0xbc10, AFTER, true, 0, 0 },
		{ "pop.w {r4, r8, pc}", 0xe8bd8110, 0xc00902a0, false, 0, 0 },
		{ "pop.w {pc}", 0xf85dfb04, 0xc0090200, false, 0, 0 },
		{ "ldmia.w r0!, {r1, r2, pc}", 0xe8b08006, 0xc00900a0, false, 0, 0 },
		{ "ldmdb r1, {r2, r3, pc}", 0xe911800c, 0xc00900e0, true, 0, 0 },
		{ "ldmia.w r0, {r1, r2}", 0xe8900006, AFTER, true, 0, 0 },
		{ "stmdb sp!, {r4, lr}", 0xe92d4010, AFTER, true, 0, 0 },
		/* A8.8.62 to 65 */
		{ "ldr.w pc, [r0]", 0xf8d0f000, 0xc0090000, false, 0, 0 },
		{ "ldr.w pc, [r0, #8]", 0xf8d0f008, 0xc00900a0, false, 0, 0 },
		{ "ldr.w pc, [r1, #-4]!", 0xf851fd04, 0xc00900e0, true, 0, 0 },
		{ "ldr.w pc, [r0, #4]!", 0xf850ff04, 0xc0090040, true, 0, 0 },
		{ "ldr.w pc, [r0], #4", 0xf850fb04, 0xc0090000, false, 0, 0 },
		{ "ldr.w pc, [r0, r2, lsl #2]", 0xf850f022, 0xc00900a0, false, 0, 0 },
		{ "ldr.w pc, [pc, #8]", 0xf8dff008, 0xc00800e0, true, 0, 0 },
		{ "ldr.w pc, [pc, #-4]", 0xf85ff004, 0xf85f0000, false, 0, 0 },
		{ "ldr.w r1, [r0]", 0xf8d01000, AFTER, true, 0, 0 },
		/* A8.8.237 */
		{ "tbb [r0, r2]", 0xe8d0f002, 0x8018, true, 0, 0 },
		{ "tbh [r0, r2, lsl #1]", 0xe8d0f012, 0x8088, true, 0, 0 },
		{ "tbh, big-endian", 0xe8d0f012, 0x8006 + 2 * 0x4100, true, E, 0 },
		{ "tbb [pc, r2]", 0xe8dff002, 0x8146, true, 0, 0 },
		/* exception returns */
		{ "subs pc, lr, #4", 0xf3de8f04, 0x30004, false, 0, 0 },
		{ "subs pc, lr, #4 to T32", 0xf3de8f04, 0x30004, true, 0, T },
		{ "eret", 0xf3de8f00, 0x30008, false, 0, 0 },
		{ "rfeia r0", 0xe990c000, 0xc0090000, false, 0, T },
		{ "rfedb r1!", 0xe831c000, 0xc00900a0, true, 0, 0 },
		/* stepped over */
		{ "svc", 0xdf00, AFTER, true, 0, 0 },
		{ "udf", 0xde00, AFTER, true, 0, 0 },
		{ "bkpt", 0xbe00, AFTER, true, 0, 0 },
		{ "hvc", 0xf7e08000, AFTER, true, 0, 0 },
		{ "smc", 0xf7f08000, AFTER, true, 0, 0 },
		{ "it eq", 0xbf08, AFTER, true, 0, 0 },
		{ "mrs r0, cpsr", 0xf3ef8000, AFTER, true, 0, 0 },
		{ "wfi.w", 0xf3af8003, AFTER, true, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], true);
}

/* Table A8-1, in A32, as a T32 branch and in an IT block, for all flags. */
static void conditions(void **state)
{
	(void)state;
	for (uint32_t flags = 0; flags < 16; flags++) {
		uint32_t cpsr = flags << 28;
		bool n = cpsr & N, z = cpsr & Z, c = cpsr & C, v = cpsr & V;
		/* clang-format off */
		const bool holds[15] = {
			z, !z, c, !c, n, !n, v, !v, c && !z, !c || z,
			n == v, n != v, !z && n == v, z || n != v, true,
		};
		/* clang-format on */

		for (uint32_t cond = 0; cond < 15; cond++) {
			struct row row = { "b<cond>",
					   cond << 28 | 0x0a00003e,
					   holds[cond] ? 0x8100 : AFTER,
					   false,
					   cpsr,
					   0 };

			check(&row, false);
			if (cond == 14)
				continue;
			row = (struct row){ "b<cond>, T1",
					    0xd020 | cond << 8,
					    holds[cond] ? 0x8046 : AFTER,
					    true,
					    cpsr,
					    0 };
			check(&row, true);
			/* ITSTATE = cond:0b1000, the last of a block: CPSR[15:10] and [26:25] */
			row = (struct row){ "it; bx lr",
					    0x4770,
					    holds[cond] ? 0x30008 : AFTER,
					    false,
					    cpsr | cond << 12 | 0x800,
					    0 };
			check(&row, true);
			row.cpsr = cpsr | cond << 12 | 1u << 25; /* the first of four */
			check(&row, true);
			row.code = 0xe080; /* b */
			row.to = holds[cond] ? 0x8106 : AFTER;
			row.thumb = true;
			check(&row, true);
		}
	}
	/* Outside a block, CPSR[15:12] means nothing. */
	check(&(struct row){ "no IT block", 0x4770, 0x30008, false, 0x0000f000 & ~E, 0 }, true);
}

static void not_readable(void **state)
{
	(void)state;
	reset(0x7000, 0);
	assert_int_equal(gdb_next(&cpu, &next), -EFAULT);
	reset(HIGH - 2, T); /* the second halfword is on the next page */
	place(HIGH - 2, 0xf8d0, true);
	assert_int_equal(gdb_next(&cpu, &next), -EFAULT);
	reset(CODE_ARM, 0);
	place(CODE_ARM, 0xe591f800, false); /* ldr pc, [r1, #0x800] */
	assert_int_equal(gdb_next(&cpu, &next), -EFAULT);
	place(CODE_ARM, 0x0591f800, false); /* not executed: ldreq */
	assert_int_equal(gdb_next(&cpu, &next), 0);
	assert_int_equal(next.at[0].va, CODE_ARM + 4);
}

/* ---- LDREX to STREX is one step ---- */

static void sequence(bool from_thumb, const uint32_t *codes, size_t count)
{
	uint32_t va = CODE_ARM;

	reset(va, from_thumb ? T : 0);
	for (size_t i = 0; i < count; i++)
		va = place(va, codes[i], from_thumb);
	assert_int_equal(gdb_next(&cpu, &next), 0);
}
#define SEQUENCE(from_thumb, ...)                               \
	sequence(from_thumb, (const uint32_t[]){ __VA_ARGS__ }, \
		 sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

#define LDREX  0xe1903f9f
#define STREX  0xe1802f93
#define ADD    0xe2833001
#define CMP    0xe3530000
#define LDREXB 0xe8d03f4f
#define STREXB 0xe8c03f42

static void exclusives(void **state)
{
	(void)state;
	/* an atomic addition: bne is after STREX */
	SEQUENCE(false, LDREX, ADD, STREX, CMP, 0x1afffffa);
	assert_int_equal(next.count, 1);
	assert_int_equal(next.at[0].va, CODE_ARM + 12);
	/* ldrexd, strexd */
	SEQUENCE(false, 0xe1b02f9f, ADD, 0xe1a06f92);
	assert_int_equal(next.at[0].va, CODE_ARM + 12);
	/* compare and swap: bne leaves between them */
	SEQUENCE(false, LDREX, CMP, 0x1a000003, STREX);
	assert_int_equal(next.count, 2);
	assert_int_equal(next.at[0].va, CODE_ARM + 16);
	assert_int_equal(next.at[1].va, CODE_ARM + 8 + 8 + 12);
	assert_false(next.at[0].thumb || next.at[1].thumb);
	/* a branch back to LDREX does not leave */
	SEQUENCE(false, LDREX, CMP, 0x1afffffc, STREX);
	assert_int_equal(next.count, 1);
	assert_int_equal(next.at[0].va, CODE_ARM + 16);
	/* two ways out, or a jump: an instruction like any other */
	SEQUENCE(false, LDREX, 0x1a000003, 0x0a000008, STREX);
	assert_int_equal(next.count, 1);
	assert_int_equal(next.at[0].va, CODE_ARM + 4);
	SEQUENCE(false, LDREX, 0xe12fff14, STREX);
	assert_int_equal(next.at[0].va, CODE_ARM + 4);
	/* no STREX in sight */
	SEQUENCE(false, LDREX, ADD, 0xe12fff1e);
	assert_int_equal(next.at[0].va, CODE_ARM + 4);
	/* STREX by itself */
	SEQUENCE(false, STREX, ADD);
	assert_int_equal(next.at[0].va, CODE_ARM + 4);

	SEQUENCE(true, 0xe8503f00, 0x3301, 0xe8403200); /* ldrex, adds, strex */
	assert_int_equal(next.count, 1);
	assert_int_equal(next.at[0].va, CODE_ARM + 10);
	assert_true(next.at[0].thumb);
	SEQUENCE(true, LDREXB, 0xbb72 /* cbnz r2 */, STREXB);
	assert_int_equal(next.count, 2);
	assert_int_equal(next.at[0].va, CODE_ARM + 10);
	assert_int_equal(next.at[1].va, CODE_ARM + 4 + 0x60);
	assert_true(next.at[1].thumb);
	/* in an IT block: it ne; bne */
	SEQUENCE(true, LDREXB, 0x2b00, 0xbf18, 0xe080, STREXB);
	assert_int_equal(next.count, 2);
	assert_int_equal(next.at[0].va, CODE_ARM + 14);
	assert_int_equal(next.at[1].va, CODE_ARM + 8 + 0x104);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arm),	      cmocka_unit_test(thumb),
		cmocka_unit_test(conditions), cmocka_unit_test(not_readable),
		cmocka_unit_test(exclusives),
	};

	RUN_TESTS("gdb_next", tests);
}
