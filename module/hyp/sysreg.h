/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HYP's own system registers and operations by their names in DDI 0406C, as operands of
 * MRC and MCR.  The guest's registers are in cp15.def: read_cp15() and write_cp15().
 * CP14 debug registers are in debug-sr.c and debug-probe.c only.
 */
#ifndef HYP_SYSREG_H
#define HYP_SYSREG_H

#define CP15(opc1, crn, crm, opc2) "p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2
#define CP15_D(opc1, crm)	   "p15, " #opc1 ", %Q0, %R0, " #crm

#define read_sysreg(reg)                                              \
	({                                                            \
		uint32_t v_;                                          \
		__asm__ volatile("mrc " reg : "=r"(v_) : : "memory"); \
		v_;                                                   \
	})
#define write_sysreg(reg, value) __asm__ volatile("mcr " reg : : "r"((uint32_t)(value)) : "memory")
#define read_sysreg64(reg)                                             \
	({                                                             \
		uint64_t v_;                                           \
		__asm__ volatile("mrrc " reg : "=r"(v_) : : "memory"); \
		v_;                                                    \
	})
#define write_sysreg64(reg, value) \
	__asm__ volatile("mcrr " reg : : "r"((uint64_t)(value)) : "memory")

#include "sysreg-bits.h"

#define isb()	  __asm__ volatile("isb" : : : "memory")
#define dsb(kind) __asm__ volatile("dsb " #kind : : : "memory")
#define dmb(kind) __asm__ volatile("dmb " #kind : : : "memory")

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))

/* Identification */
#define VMPIDR CP15(4, c0, c0, 5)

/* What traps */
#define HCR   CP15(4, c1, c1, 0)
#define HDCR  CP15(4, c1, c1, 1)
#define HCPTR CP15(4, c1, c1, 2)
#define HSTR  CP15(4, c1, c1, 3)

/* Syndrome and translation */
#define HSR	CP15(4, c5, c2, 0)
#define HDFAR	CP15(4, c6, c0, 0)
#define HIFAR	CP15(4, c6, c0, 2)
#define HPFAR	CP15(4, c6, c0, 4)
#define ATS1CPR CP15(0, c7, c8, 0)
#define ATS1CUR CP15(0, c7, c8, 2)
#define VTTBR	CP15_D(6, c2)
#define HTPIDR	CP15(4, c13, c0, 2)
#define HVBAR	CP15(4, c12, c0, 0)
#define FCSEIDR CP15(0, c13, c0, 0)
#define ISR	CP15(0, c12, c1, 0)

/* TLB and instruction cache maintenance, B4.2 */
#define TLBIALLIS     CP15(0, c8, c3, 0)
#define TLBIALLHIS    CP15(4, c8, c3, 0)
#define TLBIALLNSNHIS CP15(4, c8, c3, 4)
#define TLBIALL	      CP15(0, c8, c7, 0)
#define ICIALLUIS     CP15(0, c7, c1, 0)
#define ICIALLU	      CP15(0, c7, c5, 0)

/* Generic timer, B8.2 */
#define CNTHCTL CP15(4, c14, c1, 0)
#define CNTVOFF CP15_D(4, c14)

/* Banked registers, B9.3.9; the mode is part of the name. */
#define read_banked(reg)                                      \
	({                                                    \
		uint32_t v_;                                  \
		__asm__ volatile("mrs %0, " #reg : "=r"(v_)); \
		v_;                                           \
	})
#define write_banked(reg, value) __asm__ volatile("msr " #reg ", %0" : : "r"((uint32_t)(value)))

/* In Hyp mode, the banked form of SPSR_hyp is UNPREDICTABLE (B9.3.9). */
static inline uint32_t read_spsr_hyp(void)
{
	uint32_t value;

	__asm__ volatile("mrs %0, spsr" : "=r"(value));
	return value;
}

static inline void write_spsr_hyp(uint32_t value)
{
	__asm__ volatile("msr spsr_cxsf, %0" : : "r"(value));
}

#endif /* HYP_SYSREG_H */
