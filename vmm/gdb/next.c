// SPDX-License-Identifier: GPL-2.0-only
/* Section numbers are those of DDI 0406C. */
#include <errno.h>

#include "gdb/next_insn.h"

/* CPSR, B1.3.3 */
#define PSR_T (1u << 5)
#define PSR_E (1u << 9)

/* The longest sequence from LDREX to STREX that is one step, in instructions. */
#define SEQUENCE_MAX 32u

/* ---- what the decoders use ---- */

bool gdb_next_load(const struct gdb_next_cpu *cpu, uint32_t va, unsigned int size, uint32_t *value)
{
	uint8_t data[4];

	if (!cpu->read(cpu->context, va, data, size))
		return false;
	*value = 0;
	for (unsigned int i = 0; i < size; i++)
		*value |= (uint32_t)data[cpu->cpsr & PSR_E ? size - 1 - i : i] << (8 * i);
	return true;
}

uint32_t gdb_next_reg(const struct gdb_insn *insn, unsigned int n)
{
	return n == 15 ? insn->va + (insn->thumb ? 4 : 8) : insn->cpu->r[n];
}

enum gdb_flow gdb_next_interwork(uint32_t value, struct gdb_target *target)
{
	/* Bits 1-0 of 0b10 are UNPREDICTABLE; no guest can start at such an address. */
	target->thumb = value & 1;
	target->va = value & (target->thumb ? ~1u : ~3u);
	return GDB_FLOW_JUMP;
}

enum gdb_flow gdb_next_load_pc(const struct gdb_insn *insn, uint32_t va, struct gdb_target *target)
{
	uint32_t value;

	if (!gdb_next_load(insn->cpu, va, 4, &value))
		return GDB_FLOW_FAULT;
	return gdb_next_interwork(value, target);
}

enum gdb_flow gdb_next_return(uint32_t value, uint32_t spsr, struct gdb_target *target)
{
	target->thumb = spsr & PSR_T;
	target->va = value & (target->thumb ? ~1u : ~3u);
	return GDB_FLOW_JUMP;
}

enum gdb_flow gdb_next_rfe(const struct gdb_insn *insn, uint32_t va, struct gdb_target *target)
{
	uint32_t pc, psr;

	if (!gdb_next_load(insn->cpu, va, 4, &pc) || !gdb_next_load(insn->cpu, va + 4, 4, &psr))
		return GDB_FLOW_FAULT;
	return gdb_next_return(pc, psr, target);
}

/* ---- one instruction ---- */

/* Instructions are little-endian in either byte order of data (A3.3.1). */
static bool fetch(const struct gdb_next_cpu *cpu, uint32_t va, bool thumb, struct gdb_insn *insn)
{
	uint8_t code[4];

	*insn = (struct gdb_insn){ .cpu = cpu, .va = va, .size = 4, .thumb = thumb };
	if (!cpu->read(cpu->context, va, code, thumb ? 2 : 4))
		return false;
	if (!thumb) {
		insn->code = code[0] | code[1] << 8 | code[2] << 16 | (uint32_t)code[3] << 24;
		return true;
	}
	insn->code = code[0] | code[1] << 8;
	/* 0b11101, 0b11110 and 0b11111 begin an instruction of two halfwords (A6.1). */
	if (insn->code >> 11 < 0x1d) {
		insn->size = 2;
		return true;
	}
	if (!cpu->read(cpu->context, va + 2, code + 2, 2))
		return false;
	insn->code = insn->code << 16 | code[2] | code[3] << 8;
	return true;
}

static enum gdb_flow flow_of(const struct gdb_insn *insn, struct gdb_target *target)
{
	return insn->thumb ? gdb_thumb_flow(insn, target) : gdb_arm_flow(insn, target);
}

static enum gdb_exclusive exclusive_of(const struct gdb_insn *insn)
{
	return insn->thumb ? gdb_thumb_exclusive(insn) : gdb_arm_exclusive(insn);
}

/* Table A8-1.  0b1111 is no condition. */
static bool condition_holds(uint32_t cpsr, unsigned int cond)
{
	bool n = cpsr >> 31 & 1, z = cpsr >> 30 & 1, c = cpsr >> 29 & 1, v = cpsr >> 28 & 1;
	bool holds = true;

	if (cond >= GDB_COND_ALWAYS)
		return cond != GDB_COND_NEVER;
	switch (cond >> 1) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = v;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == v;
		break;
	case 6:
		holds = n == v && !z;
		break;
	}
	return cond & 1 ? !holds : holds;
}

/* ITSTATE is CPSR[15:10,26:25]; its upper half is the condition while the lower is not 0. */
static unsigned int it_condition(uint32_t cpsr)
{
	return gdb_bits(cpsr, 11, 10) || gdb_bits(cpsr, 26, 25) ? gdb_bits(cpsr, 15, 12)
								: GDB_COND_ALWAYS;
}

static bool executes(const struct gdb_insn *insn)
{
	uint32_t cpsr = insn->cpu->cpsr;

	if (insn->thumb && !condition_holds(cpsr, it_condition(cpsr)))
		return false;
	return condition_holds(cpsr,
			       insn->thumb ? gdb_thumb_condition(insn) : gdb_arm_condition(insn));
}

/* ---- from LDREX to STREX ---- */

/*
 * insn is an LDREX.  Returns false if no STREX follows, or more than one branch
 * leaves: then it is an instruction like any other.
 */
static bool skip_sequence(const struct gdb_insn *ldrex, struct gdb_next *next)
{
	struct gdb_target target, away = { 0 };
	struct gdb_insn insn = *ldrex;
	bool leaves = false;

	for (unsigned int i = 0; i < SEQUENCE_MAX; i++) {
		if (!fetch(ldrex->cpu, insn.va + insn.size, ldrex->thumb, &insn))
			return false;
		switch (flow_of(&insn, &target)) {
		case GDB_FLOW_ON:
			break;
		case GDB_FLOW_BRANCH:
			if (leaves && (away.va != target.va || away.thumb != target.thumb))
				return false;
			away = target;
			leaves = true;
			break;
		default:
			return false;
		}
		if (exclusive_of(&insn) != GDB_EXCLUSIVE_STORE)
			continue;
		next->at[0] = (struct gdb_target){ insn.va + insn.size, insn.thumb };
		next->count = 1;
		/* A branch within the sequence ends at its STREX too. */
		if (leaves && (away.va < ldrex->va || away.va > insn.va))
			next->at[next->count++] = away;
		return true;
	}
	return false;
}

int gdb_next(const struct gdb_next_cpu *cpu, struct gdb_next *next)
{
	struct gdb_target *target = &next->at[0];
	struct gdb_insn insn;

	if (!fetch(cpu, cpu->r[15], cpu->cpsr & PSR_T, &insn))
		return -EFAULT;
	if (exclusive_of(&insn) == GDB_EXCLUSIVE_LOAD && skip_sequence(&insn, next))
		return 0;
	next->count = 1;
	switch (executes(&insn) ? flow_of(&insn, target) : GDB_FLOW_ON) {
	case GDB_FLOW_FAULT:
		return -EFAULT;
	case GDB_FLOW_ON:
		*target = (struct gdb_target){ insn.va + insn.size, insn.thumb };
		break;
	default:
		break;
	}
	return 0;
}
