/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the guests' programs share: access to the debug registers, and their exceptions. */
#ifndef EXAMPLE_GUEST_H
#define EXAMPLE_GUEST_H

#include "cpu.h"
#include "print.h"

/*
 * SOURCE comes before each CP14 instruction: nothing where the CPU traps it, an HVC
 * in the image with the made-up unit.
 */
#ifdef SECOND_SOURCE
#define SOURCE "hvc #14\n\t"
#else
#define SOURCE
#endif

/*
 * The debug register at opc1, CRn, CRm, opc2.  A read starts from a value that
 * shows where the instruction was UNDEFINED.
 */
#define NOT_READ 0xdeadc0deu
#define CP14_READ_(opc1, n, m, opc2)                                                       \
	({                                                                                 \
		uint32_t v_ = NOT_READ;                                                    \
		__asm__ volatile(SOURCE "mrc p14, " #opc1 ", %0, c" #n ", c" #m ", " #opc2 \
				 : "+r"(v_)                                                \
				 :                                                         \
				 : "memory");                                              \
		v_;                                                                        \
	})
#define CP14_WRITE_(opc1, n, m, opc2, value)                                       \
	__asm__ volatile(SOURCE "mcr p14, " #opc1 ", %0, c" #n ", c" #m ", " #opc2 \
			 :                                                         \
			 : "r"((uint32_t)(value))                                  \
			 : "memory")
#define CP14_READ(...)	       CP14_READ_(__VA_ARGS__)
#define CP14_WRITE(reg, value) CP14_WRITE_(reg, value)

#define DBGDIDR	   0, 0, 0, 0
#define DBGDSCRint 0, 0, 1, 0
#define DBGDSCRext 0, 0, 2, 2
#define DBGVCR	   0, 0, 7, 0
#define DBGBVR0	   0, 0, 0, 4
#define DBGBCR0	   0, 0, 0, 5
#define DBGWVR0	   0, 0, 0, 6
#define DBGWCR0	   0, 0, 0, 7
#define DBGBCR15   0, 0, 15, 5
#define DBGOSLAR   0, 1, 0, 4

/* Parts of a control. */
#define CR_PL1	  (DBGCR_PMC_PL1 << DBGCR_PMC_SHIFT)
#define CR_PL0	  (DBGCR_PMC_PL0 << DBGCR_PMC_SHIFT)
#define BCR_WORD  (0xfu << DBGCR_BAS_SHIFT)
#define BCR_BT(t) ((t) << DBGBCR_BT_SHIFT)
#define WCR_LOAD  (DBGWCR_LSC_LOAD << DBGWCR_LSC_SHIFT)
#define WCR_STORE (DBGWCR_LSC_STORE << DBGWCR_LSC_SHIFT)
#define WCR_WORD  (0xfu << DBGCR_BAS_SHIFT)

#define FSR_DEBUG 0x002u /* short descriptors, B3.13.3 */
#define FSR_BITS  0x40fu /* not WnR: UNKNOWN for a debug event, B4.1.52 */

enum kind {
	KIND_UNDEF,
	KIND_PREFETCH,
	KIND_DATA
};

/* The last exception that the guest took, and how many there were. */
struct taken {
	unsigned int count;
	unsigned int undefined; /* of these */
	enum kind kind;
	uint32_t pc; /* of the instruction concerned */
	uint32_t fsr;
	uint32_t far;
	uint32_t moe;
};
extern volatile struct taken taken;
/* How often the guest yields after its next exception, before it reads DBGDSCR. */
extern volatile unsigned int yields_before_moe;

/* start.S: frame is r0 - r12 and the PC to return to. */
void guest_exception(enum kind kind, uint32_t *frame);
/* Switch all points off. */
void disarm(void);
void guest_main(void);

/* Let the hypervisor run its own task, then this guest again. */
static inline void yield(void)
{
	__asm__ volatile(".arch_extension virt\n\thvc #1" : : : "memory");
}

/* Ask the hypervisor's debugger for a breakpoint there. */
static inline void debug_me(uint32_t where)
{
	register uint32_t r0 __asm__("r0") = where;

	__asm__ volatile(".arch_extension virt\n\thvc #3" : : "r"(r0) : "memory");
}

/*
 * Ask it to step, first over the instruction there; bit 0 set for Thumb.  Returns whether it
 * can.
 */
static inline uint32_t step_me(uint32_t where)
{
	register uint32_t r0 __asm__("r0") = where;

	__asm__ volatile(".arch_extension virt\n\thvc #4" : "+r"(r0) : : "memory");
	return r0;
}

static inline void hypervisor_done(void)
{
	__asm__ volatile(".arch_extension virt\n\thvc #2" : : : "memory");
}

#endif
