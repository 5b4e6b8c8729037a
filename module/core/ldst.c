// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decoding of loads and stores.  The sections are those of DDI 0406C; each "return
 * LDST_UNPREDICTABLE" is one line of an instruction's encoding there, or a bit that should
 * have another value.
 */
#include "core/ldst.h"
#include "hyp/guest-insn.h"

#define SP 13
#define LR 14
#define PC 15

static uint32_t field(uint32_t insn, unsigned int lsb, unsigned int bits)
{
	return insn >> lsb & ((1u << bits) - 1);
}

static bool bit(uint32_t insn, unsigned int n)
{
	return insn >> n & 1;
}

/* BadReg(), A6.1.1: what T32 instructions take in few places only. */
static bool bad_reg(unsigned int n)
{
	return n == SP || n == PC;
}

/* The PC as an operand, A2.3; T32 literals count from a word, and A32 is aligned anyway. */
static uint32_t read_reg(const struct ldst_cpu *cpu, unsigned int n)
{
	if (n != PC)
		return cpu->r[n];
	return cpu->cpsr & PSR_T ? (cpu->pc + 4) & ~3u : cpu->pc + 8;
}

/* A load of the PC branches, so it has to be the last instruction of its IT block. */
static bool branch_in_it_block(const struct ldst_cpu *cpu)
{
	uint32_t it = guest_itstate(cpu->cpsr);

	return (cpu->cpsr & PSR_T) && (it & 0xf) && (it & 0xf) != 8;
}

/* DecodeImmShift() and Shift(), A8.4.3. */
static uint32_t shifted(const struct ldst_cpu *cpu, unsigned int rm, unsigned int type,
			unsigned int amount)
{
	uint32_t value = read_reg(cpu, rm);

	switch (type) {
	case 0:
		return value << amount;
	case 1:
		return amount ? value >> amount : 0;
	case 2: /* by 32 is the same as by 31 */
		return (uint32_t)((int32_t)value >> (amount ? amount : 31));
	default:
		if (!amount) /* RRX */
			return (cpu->cpsr & PSR_C ? 1u << 31 : 0) | value >> 1;
		return value >> amount | value << (32 - amount);
	}
}

/* The address of an instruction with P, U and W, and what it leaves in Rn. */
static void set_address(struct ldst *ldst, const struct ldst_cpu *cpu, unsigned int rn,
			uint32_t offset, bool index, bool add, bool wback)
{
	uint32_t base = read_reg(cpu, rn), moved = add ? base + offset : base - offset;

	ldst->address = index ? moved : base;
	ldst->base = moved;
	ldst->rn = wback ? rn : LDST_NO_REG;
}

/* Registers in a list, the lowest at the lowest address; all are words. */
static void set_list(struct ldst *ldst, uint32_t list, uint32_t address)
{
	unsigned int n;

	ldst->address = address;
	ldst->size = 4;
	for (n = 0; n < 16; n++)
		if (bit(list, n))
			ldst->rt[ldst->count++] = n;
}

/*
 * LDM, STM and their kin, A8.8.57 to A8.8.60, A8.8.131 to A8.8.133, A8.8.199 to A8.8.202.
 * A store with write-back of an Rn that is not the lowest register stores an UNKNOWN
 * value: the base as it was.
 */
static enum ldst_result multiple(struct ldst *ldst, const struct ldst_cpu *cpu, unsigned int rn,
				 uint32_t list, bool before, bool up, bool wback)
{
	uint32_t base = read_reg(cpu, rn), bytes, low;

	if (rn == PC || !list)
		return LDST_UNPREDICTABLE;
	set_list(ldst, list, 0);
	bytes = 4 * ldst->count;
	low = up ? base : base - bytes;
	ldst->address = before == up ? low + 4 : low;
	ldst->base = up ? base + bytes : base - bytes;
	ldst->rn = wback ? rn : LDST_NO_REG;
	if (!ldst->write && wback && bit(list, rn))
		return LDST_UNPREDICTABLE;
	if (!ldst->write && bit(list, PC) && branch_in_it_block(cpu))
		return LDST_UNPREDICTABLE;
	return LDST_OK;
}

static void single(struct ldst *ldst, unsigned int rt, unsigned int size)
{
	ldst->size = size;
	ldst->count = 1;
	ldst->rt[0] = rt;
}

/* ---- A32, A5.3 ---- */

/*
 * A5.3, load/store word and unsigned byte: A8.8.62 to 69, 92, 203 to 208, 218, and the
 * unprivileged forms, which have P clear and W set.
 */
static enum ldst_result a32_word_byte(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	unsigned int rn = field(insn, 16, 4), rt = field(insn, 12, 4), rm = field(insn, 0, 4);
	bool by_reg = bit(insn, 25), index = bit(insn, 24), byte = bit(insn, 22), w = bit(insn, 21);
	bool wback = !index || w;
	uint32_t offset = field(insn, 0, 12);

	ldst->write = !bit(insn, 20);
	ldst->unprivileged = !index && w;
	if (by_reg) {
		if (rm == PC)
			return LDST_UNPREDICTABLE;
		offset = shifted(cpu, rm, field(insn, 5, 2), field(insn, 7, 5));
	}
	if (rt == PC && (byte || (ldst->unprivileged && !ldst->write)))
		return LDST_UNPREDICTABLE;
	if (wback && (rn == PC || rn == rt))
		return LDST_UNPREDICTABLE;
	single(ldst, rt, byte ? 1 : 4);
	set_address(ldst, cpu, rn, offset, index, bit(insn, 23), wback);
	return LDST_OK;
}

/* A5.2.8, A5.2.9, extra load/store: A8.8.72 to 91, 210 to 211, 217, 219. */
static enum ldst_result a32_extra(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	unsigned int rn = field(insn, 16, 4), rt = field(insn, 12, 4), rm = field(insn, 0, 4);
	bool index = bit(insn, 24), immediate = bit(insn, 22), w = bit(insn, 21);
	bool load = bit(insn, 20), wback = !index || w;
	unsigned int op2 = field(insn, 5, 2);
	bool dual = op2 != 1 && !load;
	uint32_t offset = field(insn, 8, 4) << 4 | field(insn, 0, 4);

	ldst->write = dual ? op2 == 3 : !load;
	ldst->unprivileged = !index && w;
	if (!immediate) {
		if (rm == PC || field(insn, 8, 4))
			return LDST_UNPREDICTABLE;
		offset = read_reg(cpu, rm);
	}
	if (dual) {
		if (rt & 1 || rt == LR || ldst->unprivileged)
			return LDST_UNPREDICTABLE;
		if (!immediate && !ldst->write && (rm == rt || rm == rt + 1))
			return LDST_UNPREDICTABLE;
		if (wback && rn == rt + 1)
			return LDST_UNPREDICTABLE;
	}
	if (rt == PC || (wback && (rn == PC || rn == rt)))
		return LDST_UNPREDICTABLE;
	if (dual) {
		set_list(ldst, 3u << rt, 0);
	} else {
		single(ldst, rt, op2 == 2 ? 1 : 2);
		ldst->sign = load && op2 != 1;
	}
	set_address(ldst, cpu, rn, offset, index, bit(insn, 23), wback);
	return LDST_OK;
}

/* A5.5: LDM and STM, also with ^, B9.3.5, B9.3.6 and B9.3.17. */
static enum ldst_result a32_multiple(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	uint32_t list = field(insn, 0, 16), mode = cpu->cpsr & PSR_MODE;
	bool wback = bit(insn, 21);

	ldst->write = !bit(insn, 20);
	if (bit(insn, 22)) {
		if (!ldst->write && bit(list, PC)) /* an exception return */
			return LDST_OTHER;
		if (wback || mode == PSR_USR || mode == PSR_SYS)
			return LDST_UNPREDICTABLE;
		ldst->user = true;
	}
	return multiple(ldst, cpu, field(insn, 16, 4), list, bit(insn, 24), bit(insn, 23), wback);
}

static enum ldst_result decode_a32(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	ldst->length = 4;
	if (insn >> 28 == 0xf) /* A5.7: among others Advanced SIMD, RFE, SRS and PLD */
		return (insn & 0x0f100000) == 0x04000000 || (insn & 0x0e000000) == 0x0c000000
			       ? LDST_VECTOR
			       : LDST_OTHER;
	switch (field(insn, 25, 3)) {
	case 0:
		if ((insn & 0x90) != 0x90)
			return LDST_OTHER;
		if (field(insn, 5, 2))
			return a32_extra(insn, cpu, ldst);
		return bit(insn, 24) ? LDST_EXCLUSIVE : LDST_OTHER; /* A5.2.10; MUL */
	case 2:
		return a32_word_byte(insn, cpu, ldst);
	case 3:
		return bit(insn, 4) ? LDST_OTHER : a32_word_byte(insn, cpu, ldst);
	case 4:
		return a32_multiple(insn, cpu, ldst);
	case 6:
		return LDST_VECTOR;
	default:
		return LDST_OTHER;
	}
}

/* ---- T32, 16 bits, A6.2 ---- */

static void t16_single(struct ldst *ldst, const struct ldst_cpu *cpu, unsigned int rn,
		       uint32_t offset, unsigned int rt, unsigned int size)
{
	single(ldst, rt, size);
	set_address(ldst, cpu, rn, offset, true, true, false);
}

/* A6.2.4: Rt, [Rn, Rm]. */
static enum ldst_result t16_register(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	/* STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH */
	static const uint8_t sizes[8] = { 4, 2, 1, 1, 4, 2, 1, 2 };
	unsigned int op = field(insn, 9, 3);

	ldst->write = op < 3;
	ldst->sign = op == 3 || op == 7;
	t16_single(ldst, cpu, field(insn, 3, 3), cpu->r[field(insn, 6, 3)], field(insn, 0, 3),
		   sizes[op]);
	return LDST_OK;
}

/* A6.2.4: Rt, [Rn, #imm5]; the immediate counts in units of the size. */
static enum ldst_result t16_immediate(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst,
				      unsigned int size)
{
	ldst->write = !bit(insn, 11);
	t16_single(ldst, cpu, field(insn, 3, 3), field(insn, 6, 5) * size, field(insn, 0, 3), size);
	return LDST_OK;
}

/* A6.2.4, A8.8.64: Rt, [SP or PC, #imm8]. */
static enum ldst_result t16_base(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst,
				 unsigned int rn)
{
	ldst->write = rn == SP && !bit(insn, 11);
	t16_single(ldst, cpu, rn, field(insn, 0, 8) * 4, field(insn, 8, 3), 4);
	return LDST_OK;
}

static enum ldst_result decode_t16(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	uint32_t list = field(insn, 0, 8);
	unsigned int rn = field(insn, 8, 3);

	ldst->length = 2;
	switch (insn >> 11) {
	case 0x09:
		return t16_base(insn, cpu, ldst, PC);
	case 0x0a:
	case 0x0b:
		return t16_register(insn, cpu, ldst);
	case 0x0c:
	case 0x0d:
		return t16_immediate(insn, cpu, ldst, 4);
	case 0x0e:
	case 0x0f:
		return t16_immediate(insn, cpu, ldst, 1);
	case 0x10:
	case 0x11:
		return t16_immediate(insn, cpu, ldst, 2);
	case 0x12:
	case 0x13:
		return t16_base(insn, cpu, ldst, SP);
	case 0x16: /* A8.8.133: PUSH, which may have LR */
		if (field(insn, 9, 2) != 2)
			return LDST_OTHER;
		ldst->write = true;
		return multiple(ldst, cpu, SP, list | (bit(insn, 8) ? 1u << LR : 0), true, false,
				true);
	case 0x17: /* A8.8.131: POP, which may have PC */
		if (field(insn, 9, 2) != 2)
			return LDST_OTHER;
		return multiple(ldst, cpu, SP, list | (bit(insn, 8) ? 1u << PC : 0), false, true,
				true);
	case 0x18:
		ldst->write = true;
		return multiple(ldst, cpu, rn, list, false, true, true);
	case 0x19: /* A8.8.57: a loaded Rn takes the place of the write-back */
		return multiple(ldst, cpu, rn, list, false, true, !bit(list, rn));
	default:
		return LDST_OTHER;
	}
}

/* ---- T32, 32 bits, A6.3 ---- */

/* A6.3.5: LDM, STM, PUSH, POP. */
static enum ldst_result t32_multiple(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	uint32_t list = field(insn, 0, 16), op = field(insn, 23, 2);
	unsigned int rn = field(insn, 16, 4);
	bool wback = bit(insn, 21);

	ldst->write = !bit(insn, 20);
	if (op == 0 || op == 3) /* SRS, RFE */
		return LDST_OTHER;
	if (!(list & (list - 1)) || bit(list, SP) || (wback && bit(list, rn)))
		return LDST_UNPREDICTABLE;
	if (ldst->write ? bit(list, PC) : (list >> LR) == 3)
		return LDST_UNPREDICTABLE;
	return multiple(ldst, cpu, rn, list, op == 2, op == 1, wback);
}

/* A6.3.6: LDRD, STRD; the exclusives and table branches are there as well. */
static enum ldst_result t32_dual(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	unsigned int rn = field(insn, 16, 4), rt = field(insn, 12, 4), rt2 = field(insn, 8, 4);
	bool index = bit(insn, 24), up = bit(insn, 23), wback = bit(insn, 21);

	ldst->write = !bit(insn, 20);
	if (!index && !wback) {
		bool table_branch = up && !ldst->write && field(insn, 4, 4) < 2;

		return table_branch ? LDST_OTHER : LDST_EXCLUSIVE;
	}
	if (bad_reg(rt) || bad_reg(rt2) || (!ldst->write && rt == rt2))
		return LDST_UNPREDICTABLE;
	if (rn == PC && (wback || ldst->write))
		return LDST_UNPREDICTABLE;
	if (wback && (rn == rt || rn == rt2))
		return LDST_UNPREDICTABLE;
	ldst->size = 4;
	ldst->count = 2;
	ldst->rt[0] = rt;
	ldst->rt[1] = rt2;
	set_address(ldst, cpu, rn, field(insn, 0, 8) * 4, index, up, wback);
	return LDST_OK;
}

/* Rt, [Rn, Rm, LSL #n] or Rt, [Rn, #imm8] with P, U and W; A6.3.7 to A6.3.10. */
static enum ldst_result t32_single_short(uint32_t insn, const struct ldst_cpu *cpu,
					 struct ldst *ldst)
{
	unsigned int rn = field(insn, 16, 4), rt = ldst->rt[0], rm = field(insn, 0, 4);
	bool index = bit(insn, 10), up = bit(insn, 9), wback = bit(insn, 8);

	if (!bit(insn, 11)) {
		if (field(insn, 6, 5) || bad_reg(rm))
			return LDST_UNPREDICTABLE;
		set_address(ldst, cpu, rn, cpu->r[rm] << field(insn, 4, 2), true, true, false);
		return LDST_OK;
	}
	if (!index && !wback) /* UNDEFINED */
		return LDST_UNPREDICTABLE;
	ldst->unprivileged = index && up && !wback;
	if ((wback && rn == rt) || (ldst->unprivileged && bad_reg(rt)))
		return LDST_UNPREDICTABLE;
	set_address(ldst, cpu, rn, field(insn, 0, 8), index, up, wback);
	return LDST_OK;
}

/* A6.3.7 to A6.3.10: bytes, halfwords, words. */
static enum ldst_result t32_single(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	unsigned int rn = field(insn, 16, 4), rt = field(insn, 12, 4), size = field(insn, 21, 2);
	bool sign = bit(insn, 24), load = bit(insn, 20), long_form = bit(insn, 23);

	if (sign && !load)
		return LDST_VECTOR;	      /* A7.7: Advanced SIMD elements */
	if (size == 3 || (sign && size == 2)) /* UNDEFINED */
		return LDST_UNPREDICTABLE;
	ldst->write = !load;
	ldst->sign = sign;
	single(ldst, rt, 1u << size);
	if (size == 2 ? !load && rt == PC : rt == SP)
		return LDST_UNPREDICTABLE;
	if (size != 2 && rt == PC) /* PLD, PLI and hints that do nothing */
		return load ? LDST_OTHER : LDST_UNPREDICTABLE;
	if (rt == PC && branch_in_it_block(cpu))
		return LDST_UNPREDICTABLE;
	if (rn == PC) {
		if (!load) /* UNDEFINED */
			return LDST_UNPREDICTABLE;
		set_address(ldst, cpu, rn, field(insn, 0, 12), true, long_form, false);
		return LDST_OK;
	}
	if (!long_form)
		return t32_single_short(insn, cpu, ldst);
	set_address(ldst, cpu, rn, field(insn, 0, 12), true, true, false);
	return LDST_OK;
}

static enum ldst_result decode_t32(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	ldst->length = 4;
	if ((insn & 0xfe400000) == 0xe8000000)
		return t32_multiple(insn, cpu, ldst);
	if ((insn & 0xfe400000) == 0xe8400000)
		return t32_dual(insn, cpu, ldst);
	if ((insn & 0xfe000000) == 0xf8000000)
		return t32_single(insn, cpu, ldst);
	if ((insn & 0xee000000) == 0xec000000) /* A6.3.18 */
		return LDST_VECTOR;
	return LDST_OTHER;
}

enum ldst_result ldst_decode(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst)
{
	*ldst = (struct ldst){ .rn = LDST_NO_REG };
	if (!(cpu->cpsr & PSR_T))
		return decode_a32(insn, cpu, ldst);
	if (insn >> 16)
		return decode_t32(insn, cpu, ldst);
	return decode_t16(insn, cpu, ldst);
}
