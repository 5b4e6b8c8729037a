/* SPDX-License-Identifier: GPL-2.0-only */
/* What next.c, next_arm.c and next_thumb.c share: one instruction and where it goes. */
#ifndef ARMVM_GDB_NEXT_INSN_H
#define ARMVM_GDB_NEXT_INSN_H

#include "gdb/next.h"

struct gdb_insn {
	const struct gdb_next_cpu *cpu;
	uint32_t va;
	uint32_t code;	   /* T32 of size 4: the first halfword is in the upper half */
	unsigned int size; /* 2 or 4 */
	bool thumb;
};

enum gdb_flow {
	GDB_FLOW_ON,	 /* to the instruction after it */
	GDB_FLOW_BRANCH, /* to an address that does not depend on registers or memory */
	GDB_FLOW_JUMP,	 /* to any other address */
	GDB_FLOW_FAULT,	 /* to an address in memory that cannot be read */
};

enum gdb_exclusive {
	GDB_EXCLUSIVE_NONE,
	GDB_EXCLUSIVE_LOAD,
	GDB_EXCLUSIVE_STORE
};

/* Where the instruction goes if it executes. */
enum gdb_flow gdb_arm_flow(const struct gdb_insn *insn, struct gdb_target *target);
enum gdb_flow gdb_thumb_flow(const struct gdb_insn *insn, struct gdb_target *target);
/* The condition in the instruction itself, 14 if it has none; for CBZ and CBNZ whether it holds. */
unsigned int gdb_arm_condition(const struct gdb_insn *insn);
unsigned int gdb_thumb_condition(const struct gdb_insn *insn);
enum gdb_exclusive gdb_arm_exclusive(const struct gdb_insn *insn);
enum gdb_exclusive gdb_thumb_exclusive(const struct gdb_insn *insn);

#define GDB_COND_ALWAYS 14u
#define GDB_COND_NEVER	16u /* a CBZ that does not branch */

/* Bits high to low of value, moved to bit 0. */
static inline uint32_t gdb_bits(uint32_t value, unsigned int high, unsigned int low)
{
	return value >> low & ((2u << (high - low)) - 1);
}

/* Read 1, 2 or 4 bytes of data in the byte order of CPSR.E. */
bool gdb_next_load(const struct gdb_next_cpu *cpu, uint32_t va, unsigned int size, uint32_t *value);
/* A register as an operand; the PC reads as the instruction's address + 8, in T32 + 4 (A2.3). */
uint32_t gdb_next_reg(const struct gdb_insn *insn, unsigned int n);

/* Branch to value, whose bit 0 selects the instruction set (BXWritePC, A2.3.2). */
enum gdb_flow gdb_next_interwork(uint32_t value, struct gdb_target *target);
/* The same with the word at va (LoadWritePC). */
enum gdb_flow gdb_next_load_pc(const struct gdb_insn *insn, uint32_t va, struct gdb_target *target);
/* An exception return to value with this SPSR (B1.8.10). */
enum gdb_flow gdb_next_return(uint32_t value, uint32_t spsr, struct gdb_target *target);
/* RFE: the words at va are PC and CPSR. */
enum gdb_flow gdb_next_rfe(const struct gdb_insn *insn, uint32_t va, struct gdb_target *target);

#endif
