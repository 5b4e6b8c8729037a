// SPDX-License-Identifier: GPL-2.0-only
/* A32 instructions that write the PC (DDI 0406C A5, A8, B9). */
#include "gdb/next_insn.h"

#define PC	15u
#define PSR_C	(1u << 29)
#define BIT(n)	(1u << (n))
#define S_BIT	BIT(20) /* of data processing: sets flags, or returns from an exception */
#define L_BIT	BIT(20) /* of loads and stores */
#define LDM_S	BIT(22)
#define ADDS_UP BIT(23)
#define IS_PRE	BIT(24)

/* A8.4.3: shift types */
enum {
	LSL,
	LSR,
	ASR,
	ROR
};

unsigned int gdb_arm_condition(const struct gdb_insn *insn)
{
	return insn->code >> 28;
}

/* LDREX, LDREXB, LDREXD, LDREXH and their stores (A8.8.75, A8.8.212). */
enum gdb_exclusive gdb_arm_exclusive(const struct gdb_insn *insn)
{
	if (insn->code >> 28 == 15 || (insn->code & 0x0f800ff0) != 0x01800f90)
		return GDB_EXCLUSIVE_NONE;
	return insn->code & L_BIT ? GDB_EXCLUSIVE_LOAD : GDB_EXCLUSIVE_STORE;
}

static uint32_t shift(uint32_t value, unsigned int type, unsigned int amount)
{
	switch (type) {
	case LSL:
		return amount < 32 ? value << amount : 0;
	case LSR:
		return amount < 32 ? value >> amount : 0;
	case ASR:
		if (amount > 31)
			amount = 31;
		return value >> amount | (value >> 31 ? ~(~0u >> amount) : 0);
	default:
		amount %= 32;
		return amount ? value >> amount | value << (32 - amount) : value;
	}
}

/* Rm shifted by an immediate in bits 11-5; 0 means 32 for LSR and ASR, and RRX for ROR. */
static uint32_t shifted_reg(const struct gdb_insn *insn)
{
	uint32_t value = gdb_next_reg(insn, gdb_bits(insn->code, 3, 0));
	unsigned int type = gdb_bits(insn->code, 6, 5), amount = gdb_bits(insn->code, 11, 7);

	if (!amount && type == ROR)
		return value >> 1 | (insn->cpu->cpsr & PSR_C ? 1u << 31 : 0);
	return shift(value, type, amount || type == LSL ? amount : 32);
}

static uint32_t second_operand(const struct gdb_insn *insn)
{
	uint32_t code = insn->code;

	if (code & BIT(25)) /* A5.2.4 */
		return shift(gdb_bits(code, 7, 0), ROR, 2 * gdb_bits(code, 11, 8));
	if (code & BIT(4))
		return shift(gdb_next_reg(insn, gdb_bits(code, 3, 0)), gdb_bits(code, 6, 5),
			     gdb_next_reg(insn, gdb_bits(code, 11, 8)) & 0xff);
	return shifted_reg(insn);
}

/* A5.2.1 to A5.2.3, with Rd the PC. */
static enum gdb_flow data_processing(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t a = gdb_next_reg(insn, gdb_bits(insn->code, 19, 16)), b = second_operand(insn);
	uint32_t carry = insn->cpu->cpsr & PSR_C ? 1 : 0, value;

	switch (gdb_bits(insn->code, 24, 21)) {
	case 0:
		value = a & b;
		break;
	case 1:
		value = a ^ b;
		break;
	case 2:
		value = a - b;
		break;
	case 3:
		value = b - a;
		break;
	case 4:
		value = a + b;
		break;
	case 5:
		value = a + b + carry;
		break;
	case 6:
		value = a - b - !carry;
		break;
	case 7:
		value = b - a - !carry;
		break;
	case 12:
		value = a | b;
		break;
	case 13:
		value = b;
		break;
	case 14:
		value = a & ~b;
		break;
	case 15:
		value = ~b;
		break;
	default: /* TST, TEQ, CMP, CMN have no Rd */
		return GDB_FLOW_ON;
	}
	/* SUBS PC, LR and related instructions (B9.3.20) */
	if (insn->code & S_BIT)
		return gdb_next_return(value, insn->cpu->spsr, target);
	return gdb_next_interwork(value, target);
}

/* A5.2.12: BX, BXJ, BLX, ERET; the rest does not branch. */
static enum gdb_flow miscellaneous(const struct gdb_insn *insn, struct gdb_target *target)
{
	unsigned int op = gdb_bits(insn->code, 22, 21), op2 = gdb_bits(insn->code, 6, 4);

	/* Jazelle is not implemented, so BXJ is BX (A2.10.1). */
	if (op == 1 && op2 >= 1 && op2 <= 3)
		return gdb_next_interwork(gdb_next_reg(insn, gdb_bits(insn->code, 3, 0)), target);
	/* ERET at PL1 and PL0 is SUBS PC, LR, #0 (B9.3.3). */
	if (op == 3 && op2 == 6)
		return gdb_next_return(insn->cpu->r[14], insn->cpu->spsr, target);
	return GDB_FLOW_ON;
}

/* A5.2: bits 27-26 are 0b00. */
static enum gdb_flow data_and_miscellaneous(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code;
	bool immediate = code & BIT(25);

	/* multiplies, and the loads and stores of A5.2.8 to A5.2.10, which cannot load the PC */
	if (!immediate && (code & 0x90) == 0x90)
		return GDB_FLOW_ON;
	if ((code & 0x01900000) == 0x01000000) /* opcode 0b10xx without S */
		return immediate ? GDB_FLOW_ON : miscellaneous(insn, target);
	if (gdb_bits(code, 15, 12) != PC)
		return GDB_FLOW_ON;
	return data_processing(insn, target);
}

/* A5.3: LDR with Rt the PC. */
static enum gdb_flow load_word(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code, va = gdb_next_reg(insn, gdb_bits(code, 19, 16)), offset;

	if (!(code & L_BIT) || code & BIT(22) || gdb_bits(code, 15, 12) != PC)
		return GDB_FLOW_ON;
	offset = code & BIT(25) ? shifted_reg(insn) : gdb_bits(code, 11, 0);
	if (code & IS_PRE)
		va += code & ADDS_UP ? offset : -offset;
	return gdb_next_load_pc(insn, va, target);
}

/* The lowest address of an LDM or RFE of that many words (A8.8.58). */
static uint32_t block_start(const struct gdb_insn *insn, unsigned int words)
{
	uint32_t va = insn->cpu->r[gdb_bits(insn->code, 19, 16)];
	bool pre = insn->code & IS_PRE;

	if (insn->code & ADDS_UP)
		return va + (pre ? 4 : 0);
	return va - 4 * words + (pre ? 0 : 4);
}

/* LDM with the PC, which is the last word (A8.8.58, B9.3.5). */
static enum gdb_flow load_multiple(const struct gdb_insn *insn, struct gdb_target *target)
{
	unsigned int words = __builtin_popcount(gdb_bits(insn->code, 15, 0));
	uint32_t va = block_start(insn, words) + 4 * (words - 1), value;

	if (!(insn->code & LDM_S))
		return gdb_next_load_pc(insn, va, target);
	if (!gdb_next_load(insn->cpu, va, 4, &value))
		return GDB_FLOW_FAULT;
	return gdb_next_return(value, insn->cpu->spsr, target);
}

static enum gdb_flow branch(const struct gdb_insn *insn, bool thumb, struct gdb_target *target)
{
	uint32_t offset = (uint32_t)((int32_t)(insn->code << 8) >> 6);

	/* BLX to T32 has bit 1 of the offset in bit 24 (A8.8.25). */
	if (thumb && insn->code & BIT(24))
		offset += 2;
	*target = (struct gdb_target){ insn->va + 8 + offset, thumb };
	return GDB_FLOW_BRANCH;
}

/* A5.7: no condition. */
static enum gdb_flow unconditional(const struct gdb_insn *insn, struct gdb_target *target)
{
	if (gdb_bits(insn->code, 27, 25) == 5)
		return branch(insn, true, target);
	if ((insn->code & 0x0e500000) == 0x08100000)
		return gdb_next_rfe(insn, block_start(insn, 2), target);
	return GDB_FLOW_ON;
}

enum gdb_flow gdb_arm_flow(const struct gdb_insn *insn, struct gdb_target *target)
{
	uint32_t code = insn->code;

	if (code >> 28 == 15)
		return unconditional(insn, target);
	switch (gdb_bits(code, 27, 25)) {
	case 0:
	case 1:
		return data_and_miscellaneous(insn, target);
	case 2:
		return load_word(insn, target);
	case 3:
		return code & BIT(4) ? GDB_FLOW_ON /* media, A5.4 */ : load_word(insn, target);
	case 4:
		return code & L_BIT && code & BIT(PC) ? load_multiple(insn, target) : GDB_FLOW_ON;
	case 5:
		return branch(insn, false, target);
	default: /* coprocessors; SVC is stepped over */
		return GDB_FLOW_ON;
	}
}
