/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* System registers, syndromes and modes by their names in DDI 0406C. */
#ifndef EXAMPLE_CPU_H
#define EXAMPLE_CPU_H

#include <v7dbg.h>
#include <v7dbg_fields.h>

/* A coprocessor register: coprocessor, opc1, CRn, CRm, opc2. */
#define READ_(cp, opc1, n, m, opc2)                                                      \
	({                                                                               \
		uint32_t v_;                                                             \
		__asm__ volatile("mrc p" #cp ", " #opc1 ", %0, c" #n ", c" #m ", " #opc2 \
				 : "=r"(v_)                                              \
				 :                                                       \
				 : "memory");                                            \
		v_;                                                                      \
	})
#define WRITE_(cp, opc1, n, m, opc2, value)                                      \
	__asm__ volatile("mcr p" #cp ", " #opc1 ", %0, c" #n ", c" #m ", " #opc2 \
			 :                                                       \
			 : "r"((uint32_t)(value))                                \
			 : "memory")
#define READ(reg)	  READ_(reg)
#define WRITE(reg, value) WRITE_(reg, value)
#define isb()		  __asm__ volatile("isb" : : : "memory")
#define dsb()		  __asm__ volatile("dsb" : : : "memory")

#define SCTLR	    15, 0, 1, 0, 0
#define TTBCR	    15, 0, 2, 0, 2
#define DFSR	    15, 0, 5, 0, 0
#define IFSR	    15, 0, 5, 0, 1
#define DFAR	    15, 0, 6, 0, 0
#define VBAR	    15, 0, 12, 0, 0
#define CONTEXTIDR  15, 0, 13, 0, 1
#define HCR	    15, 4, 1, 1, 0
#define HDCR	    15, 4, 1, 1, 1
#define HCPTR	    15, 4, 1, 1, 2
#define HSTR	    15, 4, 1, 1, 3
#define VTCR	    15, 4, 2, 1, 2
#define HSR	    15, 4, 5, 2, 0
#define HDFAR	    15, 4, 6, 0, 0
#define HPFAR	    15, 4, 6, 0, 4
#define TLBIALLNSNH 15, 4, 8, 7, 4

/* HDCR, B4.1.66 */
#define HDCR_TDE   (1u << 8)
#define HDCR_TDA   (1u << 9)
#define HDCR_TDOSA (1u << 10)
#define HDCR_TDRA  (1u << 11)

/* HSR, B3.13.6 */
#define HSR_EC(hsr)   ((hsr) >> 26)
#define HSR_IL	      (1u << 25)
#define HSR_CV	      (1u << 24)
#define HSR_COND(hsr) (((hsr) >> 20) & 0xf)
#define HSR_FSC(hsr)  ((hsr)&0x3f)
/* LDC and STC, B3.13.6: [3:1] is the addressing form, 4 and more without Rn. */
#define HSR_LS_OFFSET(hsr)	(((hsr) >> 12 & 0xff) * 4)
#define HSR_LS_RN(hsr)		((hsr) >> 5 & 0xf)
#define HSR_LS_ADD		(1u << 4)
#define HSR_LS_LITERAL		(1u << 3)
#define HSR_LS_INDEXED		(1u << 2)
#define HSR_LS_WRITE_BACK	(1u << 1)
#define EC_CP14_32		0x05u
#define EC_CP14_LS		0x06u
#define EC_CP14_64		0x0cu
#define EC_HVC			0x12u
#define EC_PABT			0x20u
#define EC_DABT			0x24u
#define FSC_DEBUG		0x22u
#define FSC_IS_TRANSLATION(fsc) (((fsc)&0x3c) == 0x04)
/* of a data abort */
#define HSR_ISV	      (1u << 24)
#define HSR_SIZE(hsr) (1u << (((hsr) >> 22) & 3))
#define HSR_SRT(hsr)  (((hsr) >> 16) & 0xf)
#define HSR_WNR	      (1u << 6)

/* CPSR, B1.3.3 */
#define MODE_USR 0x10u
#define MODE_FIQ 0x11u
#define MODE_IRQ 0x12u
#define MODE_SVC 0x13u
#define MODE_ABT 0x17u
#define MODE_UND 0x1bu
#define MODE_SYS 0x1fu
#define PSR_MODE 0x1fu
#define PSR_T	 (1u << 5)
#define PSR_F	 (1u << 6)
#define PSR_I	 (1u << 7)
#define PSR_A	 (1u << 8)
#define PSR_IT	 0x0600fc00u

/* HVC #n */
#define CALL_YIELD 1
#define CALL_DONE  2
#define CALL_DEBUG 3  /* a breakpoint of the hypervisor's debugger at r0 */
#define CALL_STEP  4  /* it steps from r0; r0: whether it can */
#define CALL_TRAP  14 /* unit-made-up.c: the next instruction traps */
#define CALL_FETCH 15 /* unit-made-up.c: the guest fetches from r0 */

#endif
