/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and stores of general-purpose registers, A32 and T32: which accesses an
 * instruction makes.  A pure function of the instruction and the registers; the unit
 * tests build it too.
 */
#ifndef KVM_ARMV7_LDST_H
#define KVM_ARMV7_LDST_H

#include "../../v7dbg/v7dbg_env.h"

#define LDST_MAX    16 /* accesses of an instruction */
#define LDST_NO_REG 0xff

/* The CPU as the instruction finds it. */
struct ldst_cpu {
	uint32_t r[15]; /* of the current mode */
	uint32_t pc;	/* the instruction's address */
	uint32_t cpsr;
};

/*
 * Accesses at ascending addresses: number n is of `size` bytes at address + n * size, and
 * loads or stores register rt[n].  size is 1, 2 or 4: LDRD and STRD are two words (A3.5.3
 * makes only their words atomic).
 */
struct ldst {
	uint32_t address;
	uint32_t base; /* what rn is after the instruction */
	uint8_t rn;    /* LDST_NO_REG: no write-back */
	uint8_t size;
	uint8_t count;
	uint8_t length; /* of the instruction, in bytes */
	bool write;
	bool sign;	   /* sign-extend what is loaded */
	bool unprivileged; /* LDRT, STRT: an access of PL0 */
	bool user;	   /* LDM, STM with ^: the registers of User mode */
	uint8_t rt[LDST_MAX];
};

enum ldst_result {
	LDST_OK,
	LDST_OTHER,	    /* no load or store of general-purpose registers */
	LDST_VECTOR,	    /* of VFP, Advanced SIMD or another coprocessor */
	LDST_EXCLUSIVE,	    /* LDREX, STREX, SWP: the device would have to be locked */
	LDST_UNPREDICTABLE, /* and what goes with it: UNDEFINED forms of the encodings */
};

/* Bytes of a T32 instruction whose first halfword is first, A6.1: 2 or 4. */
static inline unsigned int ldst_t32_length(uint32_t first)
{
	return first >> 11 >= 0x1d ? 4 : 2;
}

/*
 * Decode an instruction whose condition holds (A8.8).  insn is the word of an A32
 * instruction, the halfword of a T32 one, or both its halfwords, the first one in bits
 * [31:16].  CPSR.T decides which.  Fills in *ldst if the result is LDST_OK.
 */
enum ldst_result ldst_decode(uint32_t insn, const struct ldst_cpu *cpu, struct ldst *ldst);

#endif /* KVM_ARMV7_LDST_H */
