// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every cp14 encoding: MRC and MCR, MRRC and MCRR, LDC and STC, from PL1 and PL0, in ARM and
 * Thumb, with no condition, one that passes and one that fails.  It prints which encodings
 * are UNDEFINED, what a read returns and whether a write sticks, and checks that nothing
 * except the operands changes.
 */
#include "lib/arm.h"
#include "lib/report.h"
#include "lib/sweep.h"
#include "lib/debug.h"
#include "lib/insn.h"
#include "lib/mmu.h"

#define MODE_BITS ((1u << SWEEP_MODES) - 1)
/* Modes whose condition fails: the instruction is not executed, UNDEFINED or not. */
#define NOT_RUN (15u << 8)

static const struct {
	const char *name;
	u8 opc1, crn, crm, opc2, slots, write;
} names[] = {
#define ACCESS_RO					1
#define ACCESS_WO					2
#define ACCESS_RW					3
#define V7DBG_REG(name, o1, n, m, o2, access, ...)	{ #name, o1, n, m, o2, 0, ACCESS_##access },
#define V7DBG_TWIN(name, o1, n, m, o2, access, ...)	{ #name, o1, n, m, o2, 0, ACCESS_##access },
#define V7DBG_BANK(name, o1, n, o2, count, access, ...) { #name, o1, n, 0, o2, 1, ACCESS_##access },
#include "v7dbg_regs.def"
	{ "TEECR", 6, 0, 0, 0, 0, 3 }, { "TEEHBR", 6, 1, 0, 0, 0, 3 }, { "JIDR", 7, 0, 0, 0, 0, 1 },
	{ "JOSCR", 7, 1, 0, 0, 0, 3 }, { "JMCR", 7, 2, 0, 0, 0, 3 },
};

#define ENCODINGS 16384u
static u16 done[ENCODINGS], kept[ENCODINGS];
static u32 values[ENCODINGS], highs[256];
static bool readable[ENCODINGS]; /* at PL1 */
static u32 cleared[ENCODINGS];

static u32 opc1_of(u32 i)
{
	return i >> 11;
}
static u32 crn_of(u32 i)
{
	return i >> 7 & 15;
}
static u32 crm_of(u32 i)
{
	return i >> 3 & 15;
}
static u32 opc2_of(u32 i)
{
	return i & 7;
}

static u32 insn_mrc(u32 i)
{
	return INSN_MRC(14, opc1_of(i), crn_of(i), crm_of(i), opc2_of(i), 0);
}
static u32 insn_mcr(u32 i)
{
	return INSN_MCR(14, opc1_of(i), crn_of(i), crm_of(i), opc2_of(i), 0);
}
static u32 insn_mrrc(u32 i)
{
	return INSN_MRRC(14, i >> 4, i & 15, 0, 3);
}
static u32 insn_mcrr(u32 i)
{
	return INSN_MCRR(14, i >> 4, i & 15, 0, 3);
}
/*
 * A8.8.55, A8.8.56, A8.8.197: all four values of {P, W}, both of D and U, all of CRd, two
 * offsets, and r3 as base; for LDC also the PC.
 */
#define LDC_STC 1024u
static u32 insn_ldc_of(u32 i, u32 rn)
{
	u32 p = i & 1, w = i >> 1 & 1, d = i >> 2 & 1, u = i >> 7 & 1, imm8 = i >> 8 & 1 ? 0x11 : 1;

	/*
	 * PC-relative has only one form.  With P, U and W all clear the encoding is MRRC or
	 * MCRR.
	 */
	if (rn == 15) {
		p = 1;
		w = 0;
	}
	if (!p && !w)
		u = 1;
	return 0xec100000u | p << 24 | u << 23 | d << 22 | w << 21 | rn << 16 |
	       (i >> 3 & 15) << 12 | 14u << 8 | imm8;
}
static u32 insn_ldc(u32 i)
{
	return insn_ldc_of(i, i >> 9 ? 15 : 3);
}
static u32 insn_stc(u32 i)
{
	return insn_ldc_of(i, 3) & ~(1u << 20);
}

/*
 * The value to write.  It differs from slot to slot, enables and locks nothing, and has no
 * reserved bits that the emulator nevertheless keeps.  In DBGBCR it goes into LBN, because
 * half of BAS cannot be written there; in DBGDSCRext into UDCCdis.
 */
static u32 pattern(u32 i)
{
	if (!opc1_of(i) && !crn_of(i) && opc2_of(i) == 5)
		return (crm_of(i) % 15 + 1) << 16;
	if (!opc1_of(i) && !crn_of(i) && crm_of(i) == 2 && opc2_of(i) == 2)
		return 1u << 12;
	return (crm_of(i) % 15 + 1) << 5;
}
static u32 no_value(u32 i)
{
	return NOT_READ + 0 * i;
}
static u32 zero(u32 i)
{
	return 0 * i;
}

static const char *name_of(u32 i, bool write)
{
	u32 n;

	for (n = 0; n < ARRAY_SIZE(names); n++)
		if (names[n].opc1 == opc1_of(i) && names[n].crn == crn_of(i) &&
		    names[n].opc2 == opc2_of(i) && (names[n].slots || names[n].crm == crm_of(i)) &&
		    names[n].write & (write ? ACCESS_WO : ACCESS_RO))
			return names[n].name;
	return "no debug register";
}

/*
 * These are listed although a guest has no register there, because the emulator does:
 * DBGDCCINT, which is an ARMv8 register, and DBGDEVID2, DBGDEVID1 and DBGDEVID at a CRm and
 * opc2 that are not theirs (C11.3).
 */
static bool listed(u32 i)
{
	return done[i] != NOT_RUN || i == (2u << 3) || (i >= 7u << 7 && i <= (7u << 7) + 2);
}

/* Counts the encodings that are UNDEFINED in every mode; the others are listed one by one. */
static void summary(const char *name, u32 count, u32 group, bool lists)
{
	u32 first, i;

	for (first = 0; first < count; first += group) {
		u32 rest = 0;

		for (i = first; i < first + group; i++)
			rest += lists ? !listed(i) : done[i] == NOT_RUN;
		say("%s, part %u of %u = %u of %u encodings UNDEFINED from PL1 and PL0, ARM and "
		    "Thumb",
		    name, first / group, count / group, rest, group);
	}
}

/* The state from which the sweep of writes starts in each mode. */
static void clear_all(void)
{
	u32 i;

	for (i = 0; i < ENCODINGS; i++)
		if (readable[i])
			cp_write(14, opc1_of(i), crn_of(i), crm_of(i), opc2_of(i), 0);
	for (i = 0; i < ENCODINGS; i++)
		if (readable[i])
			cp_read(14, opc1_of(i), crn_of(i), crm_of(i), opc2_of(i), &cleared[i]);
}

/* Note which writes stuck: a value is kept if the same encoding reads it back. */
static void note_kept(u32 mode)
{
	u32 i, val;

	for (i = 0; i < ENCODINGS; i++)
		if (readable[i] &&
		    !cp_read(14, opc1_of(i), crn_of(i), crm_of(i), opc2_of(i), &val) &&
		    (val ^ cleared[i]) == pattern(i))
			kept[i] |= (u16)(1u << mode);
}

enum kind {
	READS,
	READS_TWO, /* also into r3 */
	WRITES,
	NEITHER
};

/* Run one form of instruction in all modes and record the outcome of each encoding. */
static void sweep(const char *name, u32 count, u32 (*insn)(u32), u32 (*operand)(u32),
		  enum kind kind)
{
	struct sweep_check sum = { 0 };
	bool same = true;
	u32 mode, i;

	for (i = 0; i < count; i++) {
		done[i] = 0;
		values[i] = NOT_READ;
	}
	for (mode = 0; mode < SWEEP_MODES; mode++) {
		if (kind == WRITES)
			clear_all();
		for (i = 0; i < count; i += SWEEP_BLOCK) {
			const struct sweep_result *r;
			u32 n;

			r = sweep_block(mode, i, insn, operand, &sum);
			for (n = 0; n < SWEEP_BLOCK; n++) {
				bool changed = r[n].r0 != operand(i + n) || r[n].r3 != SWEEP_R3;

				if (!r[n].undefined)
					done[i + n] |= (u16)(1u << mode);
				if (r[n].undefined || 1u << mode & NOT_RUN || kind > READS_TWO) {
					sum.changed += changed;
					continue;
				}
				if (kind == READS)
					sum.changed += r[n].r3 != SWEEP_R3;
				else if (!mode)
					highs[i + n] = r[n].r3;
				else
					same &= values[i + n] == NOT_READ ||
						highs[i + n] == r[n].r3;
				if (!mode)
					values[i + n] = r[n].r0;
				else if (values[i + n] != NOT_READ)
					same &= values[i + n] == r[n].r0;
			}
		}
		if (kind == WRITES)
			note_kept(mode);
	}
	report(!sum.lr, "%s: LR of each exception is right", name);
	report(!sum.spsr, "%s: SPSR of each exception is right", name);
	report(!sum.registers, "%s: no other register changes", name);
	report(!sum.changed, "%s: an operand that is not a result does not change", name);
	report(!sum.undefined_not_run, "%s: none is executed under a condition that fails", name);
	if (kind <= READS_TWO)
		report(same, "%s: the value is the same in ARM, Thumb and under a condition", name);
	if (sum.lr || sum.spsr || sum.registers || sum.changed)
		note("%s: lr %u spsr %u registers %u changed %u", name, sum.lr, sum.spsr,
		     sum.registers, sum.changed);
}

static void list_reads(void)
{
	u32 i;

	for (i = 0; i < ENCODINGS; i++) {
		if (!listed(i))
			continue;
		readable[i] = done[i] & 1;
		/* "none": the instruction executed and left its register unchanged. */
		if (values[i] == NOT_READ)
			say("MRC %u,c%u,c%u,%u, %s = modes %03x, value none", opc1_of(i), crn_of(i),
			    crm_of(i), opc2_of(i), name_of(i, false), done[i]);
		else
			say("MRC %u,c%u,c%u,%u, %s = modes %03x, value 0x%08x", opc1_of(i),
			    crn_of(i), crm_of(i), opc2_of(i), name_of(i, false), done[i],
			    values[i]);
	}
}

static void list_writes(void)
{
	u32 i;

	for (i = 0; i < ENCODINGS; i++)
		if (listed(i))
			say("MCR %u,c%u,c%u,%u, %s = modes %03x, kept in %03x", opc1_of(i),
			    crn_of(i), crm_of(i), opc2_of(i), name_of(i, true), done[i], kept[i]);
}

static void list_long(const char *name, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (done[i] != NOT_RUN)
			say("%s %u = 0x%08x 0x%08x, modes %03x", name, i, values[i], highs[i],
			    done[i]);
}

/* Each operand register in each mode, because the modes bank some of them. */
static void operands(void)
{
	static const u8 modes[] = { MODE_SVC, MODE_SYS, MODE_ABT, MODE_UND, MODE_IRQ, MODE_FIQ };
	static const char *const mode_names[] = { "svc", "sys", "abt", "und", "irq", "fiq" };
	u32 m, rt, got;

	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		bool written = true, read = true;

		for (rt = 0; rt < 15; rt++) {
			MCR_(14, 0, 0, 3, 4, 0);
			got = sweep_operand(modes[m], rt, INSN_MCR(14, 0, 0, 3, 4, rt),
					    0x1000 + 4 * rt);
			written &= got == 0x1000 + 4 * rt && MRC_(14, 0, 0, 3, 4) == got;
			MCR_(14, 0, 0, 3, 4, 0x2000 + 4 * rt);
			got = sweep_operand(modes[m], rt, INSN_MRC(14, 0, 0, 3, 4, rt), 0x55);
			read &= got == 0x2000 + 4 * rt;
		}
		report(written, "MCR from each register of %s mode", mode_names[m]);
		report(read, "MRC to each register of %s mode", mode_names[m]);
	}
	MCR_(14, 0, 0, 3, 4, 0);
}

/* C11.11.20, A8.8.107: MRC to APSR_nzcv, which only DBGDSCRint allows. */
static void flags(void)
{
	u32 dscr = MRC(REG_DBGDSCRINT), got;

	got = sweep_flags(INSN_MRC(14, 0, 0, 1, 0, 15));
	say("MRC of DBGDSCRint to the flags = 0x%08x", got);
	report((got ^ dscr) >> 28 == 0, "the flags are DBGDSCRint[31:28]");
}

void guest_main(void)
{
	mmu_on(MMU_SHORT);
	MCR(REG_DBGOSLAR, 0);
	isb();
	/* Reads first, because some writes change what other registers read as. */
	sweep("MRC", ENCODINGS, insn_mrc, no_value, READS);
	summary("MRC", ENCODINGS, 2048, true);
	list_reads();
	sweep("MRRC", 256, insn_mrrc, no_value, READS_TWO);
	summary("MRRC", 256, 256, false);
	list_long("MRRC", 256);
	sweep("STC", LDC_STC, insn_stc, no_value, NEITHER);
	summary("STC", LDC_STC, LDC_STC, false);
	operands();
	flags();
	sweep("LDC", LDC_STC, insn_ldc, no_value, NEITHER);
	summary("LDC", LDC_STC, LDC_STC, false);
	sweep("MCRR", 256, insn_mcrr, zero, NEITHER);
	summary("MCRR", 256, 256, false);
	sweep("MCR", ENCODINGS, insn_mcr, pattern, WRITES);
	summary("MCR", ENCODINGS, 2048, true);
	list_writes();
	clear_all();
}
