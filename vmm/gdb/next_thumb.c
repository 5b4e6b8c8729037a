// SPDX-License-Identifier: GPL-2.0-only
/* T32 instructions that write the PC (DDI 0406C A6, A8, B9). */
#include "gdb/next_insn.h"

#define PC     15u
#define SP     13u
#define LR     14u
#define BIT(n) (1u << (n))

static uint32_t sign_extend(uint32_t value, unsigned int bits)
{
	return (uint32_t)((int32_t)(value << (32 - bits)) >> (32 - bits));
}

/* ---- conditions, LDREX ---- */

unsigned int gdb_thumb_condition(const struct gdb_insn *insn)
{
	uint32_t code = insn->code, value;

	if (insn->size == 2 && code >> 12 == 0xd && gdb_bits(code, 11, 8) < 14) /* B, T1 */
		return gdb_bits(code, 11, 8);
	if (insn->size == 2 && (code & 0xf500) == 0xb100) { /* CBZ, CBNZ */
		value = insn->cpu->r[gdb_bits(code, 2, 0)];
		return !value == !(code & BIT(11)) ? GDB_COND_ALWAYS : GDB_COND_NEVER;
	}
	/* B, T3: its values 0b111x of the condition are other instructions */
	if (insn->size == 4 && (code & 0xf800d000) == 0xf0008000 && gdb_bits(code, 25, 23) != 7)
		return gdb_bits(code, 25, 22);
	return GDB_COND_ALWAYS;
}

/* A6.3.6: LDREX, and LDREXB, LDREXH, LDREXD, with their stores. */
enum gdb_exclusive gdb_thumb_exclusive(const struct gdb_insn *insn)
{
	unsigned int op3 = gdb_bits(insn->code, 7, 4);

	if (insn->size == 2)
		return GDB_EXCLUSIVE_NONE;
	if ((insn->code & 0xffe00000) != 0xe8400000 &&
	    ((insn->code & 0xffe00000) != 0xe8c00000 || op3 < 4 || op3 == 6 || op3 > 7))
		return GDB_EXCLUSIVE_NONE;
	return insn->code & BIT(20) ? GDB_EXCLUSIVE_LOAD : GDB_EXCLUSIVE_STORE;
}

/* ---- 16 bits ---- */

/* A branch by offset stays in T32. */
static enum gdb_flow branch(const struct gdb_insn *insn, uint32_t offset, struct gdb_target *target)
{
	*target = (struct gdb_target){ insn->va + 4 + offset, true };
	return GDB_FLOW_BRANCH;
}

/* ADD and MOV with Rd the PC stay in T32 too (ALUWritePC, A2.3.2). */
static enum gdb_flow stay(uint32_t value, struct gdb_target *target)
{
	*target = (struct gdb_target){ value & ~1u, true };
	return GDB_FLOW_JUMP;
}

/* A6.2.3 */
static enum gdb_flow special_data(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t m = gdb_next_reg(insn, gdb_bits(insn->code, 6, 3));
	unsigned int d = gdb_bits(insn->code, 2, 0) | gdb_bits(insn->code, 7, 7) << 3;

	switch (gdb_bits(insn->code, 9, 8)) {
	case 0: /* ADD */
		return d == PC ? stay(gdb_next_reg(insn, PC) + m, target) : GDB_FLOW_ON;
	case 2: /* MOV */
		return d == PC ? stay(m, target) : GDB_FLOW_ON;
	case 3: /* BX, BLX */
		return gdb_next_interwork(m, target);
	default: /* CMP */
		return GDB_FLOW_ON;
	}
}

static enum gdb_flow flow16(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code;

	if (code >> 10 == 0x11)
		return special_data(insn, target);
	if ((code & 0xf500) == 0xb100) /* CBZ, CBNZ */
		return branch(insn, gdb_bits(code, 9, 9) << 6 | gdb_bits(code, 7, 3) << 1, target);
	if (code >> 8 == 0xbd) /* POP with the PC, the last word */
		return gdb_next_load_pc(
			insn, insn->cpu->r[SP] + 4 * __builtin_popcount(gdb_bits(code, 7, 0)),
			target);
	/* B, T1; conditions 0b1110 and 0b1111 are UDF and SVC, which are stepped over */
	if (code >> 12 == 0xd && gdb_bits(code, 11, 8) < 14)
		return branch(insn, sign_extend(code, 8) << 1, target);
	if (code >> 11 == 0x1c) /* B, T2 */
		return branch(insn, sign_extend(code, 11) << 1, target);
	return GDB_FLOW_ON;
}

/* ---- 32 bits ---- */

/* A6.3.4; bits 31-27 are 0b11110, bit 15 is 1. */
static enum gdb_flow branches(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code, s = gdb_bits(code, 26, 26), offset;
	uint32_t j1 = gdb_bits(code, 13, 13), j2 = gdb_bits(code, 11, 11);
	bool link = code & BIT(14), stays = code & BIT(12);

	if (!link && !stays) {
		if (gdb_bits(code, 25, 23) != 7) { /* B, T3 */
			offset = s << 19 | j2 << 18 | j1 << 17 | gdb_bits(code, 21, 16) << 11 |
				 gdb_bits(code, 10, 0);
			return branch(insn, sign_extend(offset, 20) << 1, target);
		}
		if (gdb_bits(code, 26, 20) == 0x3c) /* BXJ: BX, as there is no Jazelle */
			return gdb_next_interwork(insn->cpu->r[gdb_bits(code, 19, 16)], target);
		if (gdb_bits(code, 26, 20) == 0x3d) /* SUBS PC, LR, #imm8; ERET is #0 (B9.3.19) */
			return gdb_next_return(insn->cpu->r[LR] - gdb_bits(code, 7, 0),
					       insn->cpu->spsr, target);
		return GDB_FLOW_ON; /* MSR, MRS, hints, HVC, SMC, UDF */
	}
	/* B, T4, BL and BLX: I1 is NOT(J1 EOR S) */
	offset = s << 23 | (j1 ^ s ^ 1) << 22 | (j2 ^ s ^ 1) << 21 | gdb_bits(code, 25, 16) << 11 |
		 gdb_bits(code, 10, 0);
	offset = sign_extend(offset, 24) << 1;
	if (stays)
		return branch(insn, offset, target);
	/* BLX to A32: relative to Align(PC, 4) */
	*target = (struct gdb_target){ ((insn->va + 4) & ~3u) + (offset & ~3u), false };
	return GDB_FLOW_BRANCH;
}

/* A6.3.5: LDMIA, LDMDB and RFE; bits 31-25 are 0b1110100, bit 22 is 0. */
static enum gdb_flow multiple(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code, va = insn->cpu->r[gdb_bits(code, 19, 16)];
	unsigned int op = gdb_bits(code, 24, 23), words = __builtin_popcount(code & 0xffff);

	if (!(code & BIT(20)))
		return GDB_FLOW_ON;
	if (op == 0 || op == 3) /* RFEDB, RFEIA */
		return gdb_next_rfe(insn, op ? va : va - 8, target);
	if (!(code & BIT(PC)))
		return GDB_FLOW_ON;
	return gdb_next_load_pc(insn, op == 1 ? va + 4 * (words - 1) : va - 4, target);
}

/* TBB and TBH (A8.8.237) */
static enum gdb_flow table_branch(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t base = gdb_next_reg(insn, gdb_bits(insn->code, 19, 16)), entry;
	uint32_t index = insn->cpu->r[gdb_bits(insn->code, 3, 0)];
	unsigned int size = insn->code & BIT(4) ? 2 : 1;

	if (!gdb_next_load(insn->cpu, base + size * index, size, &entry))
		return GDB_FLOW_FAULT;
	*target = (struct gdb_target){ insn->va + 4 + 2 * entry, true };
	return GDB_FLOW_JUMP;
}

/* A6.3.7: LDR with Rt the PC; bits 31-25 are 0b1111100, 22-20 are 0b101. */
static enum gdb_flow load_word(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code, va = gdb_next_reg(insn, gdb_bits(code, 19, 16));
	bool up = code & BIT(23);

	if (gdb_bits(code, 15, 12) != PC)
		return GDB_FLOW_ON;
	if (gdb_bits(code, 19, 16) == PC) /* literal: from Align(PC, 4) */
		va = (va & ~3u) + (up ? code & 0xfff : -(code & 0xfff));
	else if (up)
		va += code & 0xfff;
	else if (!(code & BIT(11)))
		va += insn->cpu->r[gdb_bits(code, 3, 0)] << gdb_bits(code, 5, 4);
	else if (code & BIT(10)) /* P; otherwise it is post-indexed */
		va += code & BIT(9) ? code & 0xff : -(code & 0xff);
	return gdb_next_load_pc(insn, va, target);
}

static enum gdb_flow flow32(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code;

	if ((code & 0xf8008000) == 0xf0008000)
		return branches(insn, target);
	if ((code & 0xfe400000) == 0xe8000000)
		return multiple(insn, target);
	if ((code & 0xfff0ffe0) == 0xe8d0f000)
		return table_branch(insn, target);
	if ((code & 0xff700000) == 0xf8500000)
		return load_word(insn, target);
	return GDB_FLOW_ON;
}

enum gdb_flow gdb_thumb_flow(const struct gdb_insn *insn, struct gdb_target *target)
{
	return insn->size == 2 ? flow16(insn, target) : flow32(insn, target);
}
