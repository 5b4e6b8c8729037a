/* SPDX-License-Identifier: GPL-2.0-only */
/* Barriers, CPSR and coprocessor accessors. */
#ifndef GUEST_ARM_H
#define GUEST_ARM_H

#include "layout.h"
#include "types.h"

#define dsb() __asm__ volatile("dsb" ::: "memory")
#define dmb() __asm__ volatile("dmb" ::: "memory")
#define isb() __asm__ volatile("isb" ::: "memory")
#define wfi() __asm__ volatile("wfi" ::: "memory")
#define wfe() __asm__ volatile("wfe" ::: "memory")
#define sev() __asm__ volatile("sev" ::: "memory")

#define STR_(x) #x
#define STR(x)	STR_(x)

/*
 * A coprocessor register is named by its operands: cp, opc1, CRn, CRm, opc2.  A read returns
 * NOT_READ if the instruction did not execute.
 */
#define NOT_READ 0xdeadc0deu
#define MRC_(cp, o1, n, m, o2)                                                       \
	({                                                                           \
		u32 v_ = NOT_READ;                                                   \
		__asm__ volatile("mrc p" #cp ", " #o1 ", %0, c" #n ", c" #m ", " #o2 \
				 : "+r"(v_)                                          \
				 :                                                   \
				 : "memory", "lr");                                  \
		v_;                                                                  \
	})
#define MCR_(cp, o1, n, m, o2, val)                                          \
	__asm__ volatile("mcr p" #cp ", " #o1 ", %0, c" #n ", c" #m ", " #o2 \
			 :                                                   \
			 : "r"((u32)(val))                                   \
			 : "memory", "lr")
#define MRRC_(cp, o1, m)                                                \
	({                                                              \
		u32 lo_ = NOT_READ, hi_ = NOT_READ;                     \
		__asm__ volatile("mrrc p" #cp ", " #o1 ", %0, %1, c" #m \
				 : "+r"(lo_), "+r"(hi_)                 \
				 :                                      \
				 : "memory", "lr");                     \
		(u64) hi_ << 32 | lo_;                                  \
	})
#define MRC(reg)      MRC_(reg)
#define MCR(reg, val) MCR_(reg, val)
#define MRRC(reg)     MRRC_(reg)

#define REG_MIDR       15, 0, 0, 0, 0
#define REG_CTR	       15, 0, 0, 0, 1
#define REG_MPIDR      15, 0, 0, 0, 5
#define REG_SCTLR      15, 0, 1, 0, 0
#define REG_ACTLR      15, 0, 1, 0, 1
#define REG_CPACR      15, 0, 1, 0, 2
#define REG_TTBR0      15, 0, 2, 0, 0
#define REG_TTBR1      15, 0, 2, 0, 1
#define REG_TTBCR      15, 0, 2, 0, 2
#define REG_DACR       15, 0, 3, 0, 0
#define REG_DFSR       15, 0, 5, 0, 0
#define REG_IFSR       15, 0, 5, 0, 1
#define REG_ADFSR      15, 0, 5, 1, 0
#define REG_AIFSR      15, 0, 5, 1, 1
#define REG_DFAR       15, 0, 6, 0, 0
#define REG_IFAR       15, 0, 6, 0, 2
#define REG_PAR	       15, 0, 7, 4, 0
#define REG_ICIALLU    15, 0, 7, 5, 0
#define REG_ICIMVAU    15, 0, 7, 5, 1
#define REG_BPIALL     15, 0, 7, 5, 6
#define REG_DCIMVAC    15, 0, 7, 6, 1
#define REG_DCCMVAC    15, 0, 7, 10, 1
#define REG_DCCMVAU    15, 0, 7, 11, 1
#define REG_DCCIMVAC   15, 0, 7, 14, 1
#define REG_TLBIALL    15, 0, 8, 7, 0
#define REG_MAIR0      15, 0, 10, 2, 0
#define REG_MAIR1      15, 0, 10, 2, 1
#define REG_VBAR       15, 0, 12, 0, 0
#define REG_CONTEXTIDR 15, 0, 13, 0, 1
#define REG_TPIDRURW   15, 0, 13, 0, 2
#define REG_TPIDRURO   15, 0, 13, 0, 3
#define REG_TPIDRPRW   15, 0, 13, 0, 4
#define REG_CNTFRQ     15, 0, 14, 0, 0
#define REG_CNTKCTL    15, 0, 14, 1, 0
#define REG_CNTP_TVAL  15, 0, 14, 2, 0
#define REG_CNTP_CTL   15, 0, 14, 2, 1
#define REG_CNTV_TVAL  15, 0, 14, 3, 0
#define REG_CNTV_CTL   15, 0, 14, 3, 1
#define REG_CNTPCT     15, 0, 14 /* MRRC */
#define REG_CNTVCT     15, 1, 14 /* MRRC */

#define SCTLR_M	 (1u << 0)
#define SCTLR_A	 (1u << 1)
#define SCTLR_C	 (1u << 2)
#define SCTLR_Z	 (1u << 11)
#define SCTLR_I	 (1u << 12)
#define SCTLR_V	 (1u << 13)
#define SCTLR_EE (1u << 25)
#define SCTLR_TE (1u << 30)

static inline u32 cpsr(void)
{
	u32 v;

	__asm__ volatile("mrs %0, cpsr" : "=r"(v));
	return v;
}

static inline void irq_enable(void)
{
	__asm__ volatile("cpsie i" ::: "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("cpsid i" ::: "memory");
}

static inline u32 read32(u32 addr)
{
	u32 v;

	/* A plain load without writeback, which every hypervisor must be able to decode. */
	__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(addr) : "memory");
	return v;
}

static inline void write32(u32 addr, u32 v)
{
	__asm__ volatile("str %0, [%1]" : : "r"(v), "r"(addr) : "memory");
}

#endif
