/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of the system registers under the names of DDI 0406C, registers in alphabetical
 * order; CPSR comes last.  Only numbers, because the kernel side, HYP's C code and HYP's
 * assembly all include this file.
 */
#ifndef HYP_SYSREG_BITS_H
#define HYP_SYSREG_BITS_H

/* The assembler knows no suffixes. */
#ifdef __ASSEMBLY__
#define SYSREG_1 1
#else
#define SYSREG_1 1u
#endif
#define SYSREG_BIT(n)		 (SYSREG_1 << (n))
#define SYSREG_FIELD(value, lsb) (SYSREG_1 * (value) << (lsb))

#define CLIDR_CTYPE(clidr, level) ((clidr) >> (3 * (level)) & 7)
#define CLIDR_CTYPE_INSTRUCTION	  1
#define CLIDR_CTYPE_DATA	  2
#define CLIDR_CTYPE_SEPARATE	  3
#define CLIDR_CTYPE_UNIFIED	  4

#define CNTHCTL_PL1PCTEN SYSREG_BIT(0)
#define CNTHCTL_PL1PCEN	 SYSREG_BIT(1)

#define CNTKCTL_PL0PCTEN SYSREG_BIT(0)
#define CNTKCTL_PL0PTEN	 SYSREG_BIT(9)

/* CNTV_CTL and CNTP_CTL. */
#define CNT_CTL_ENABLE	SYSREG_BIT(0)
#define CNT_CTL_IMASK	SYSREG_BIT(1)
#define CNT_CTL_ISTATUS SYSREG_BIT(2)

#define FPEXC_EN SYSREG_BIT(30)

#define HCPTR_TCP_OTHER 0x33ff /* coprocessors 0 to 9, 12, 13 */
#define HCPTR_TCP_VFP	SYSREG_FIELD(3, 10)
#define HCPTR_TTA	SYSREG_BIT(20)

#define HCR_VM	   SYSREG_BIT(0)
#define HCR_SWIO   SYSREG_BIT(1)
#define HCR_PTW	   SYSREG_BIT(2)
#define HCR_FMO	   SYSREG_BIT(3)
#define HCR_IMO	   SYSREG_BIT(4)
#define HCR_AMO	   SYSREG_BIT(5)
#define HCR_VA	   SYSREG_BIT(8)
#define HCR_FB	   SYSREG_BIT(9)
#define HCR_BSU_IS SYSREG_FIELD(1, 10)
#define HCR_TWI	   SYSREG_BIT(13)
#define HCR_TWE	   SYSREG_BIT(14)
#define HCR_TID3   SYSREG_BIT(18)
#define HCR_TSC	   SYSREG_BIT(19)
#define HCR_TIDCP  SYSREG_BIT(20)
#define HCR_TAC	   SYSREG_BIT(21)
#define HCR_TSW	   SYSREG_BIT(22)
#define HCR_TVM	   SYSREG_BIT(26)

#define HDCR_TPMCR SYSREG_BIT(5)
#define HDCR_TPM   SYSREG_BIT(6)
#define HDCR_TDE   SYSREG_BIT(8)
#define HDCR_TDA   SYSREG_BIT(9)
#define HDCR_TDOSA SYSREG_BIT(10)
#define HDCR_TDRA  SYSREG_BIT(11)

#define HMAIR0_ATTR(n, attribute) SYSREG_FIELD(attribute, 8 * (n)) /* n: 0 to 3 */
#define HMAIR_NORMAL_WBWA	  0xff /* Inner and Outer, non-transient */
#define HMAIR_DEVICE		  0x04

#define HPFAR_FIPA 0xfffffff0 /* IPA[39:12] */

/* HSR, B3.13.6: the fields that do not depend on the exception class. */
#define HSR_EC(hsr)   ((hsr) >> 26)
#define HSR_EC_MASK   SYSREG_FIELD(0x3f, 26)
#define HSR_IL	      SYSREG_BIT(25)
#define HSR_CV	      SYSREG_BIT(24)
#define HSR_COND(hsr) ((hsr) >> 20 & 0xf)
#define EC_UNKNOWN    0x00
#define EC_WFX	      0x01
#define EC_CP15_32    0x03
#define EC_CP15_64    0x04
#define EC_CP14_32    0x05
#define EC_CP14_LS    0x06
#define EC_HCPTR      0x07
#define EC_CP10_ID    0x08
#define EC_BXJ	      0x0a
#define EC_CP14_64    0x0c
#define EC_HVC	      0x12
#define EC_SMC	      0x13
#define EC_PABT	      0x20
#define EC_DABT	      0x24
#define EC_DABT_HYP   0x25

/* HSR.ISS of WFI and WFE. */
#define HSR_WFE SYSREG_BIT(0)

/* HSR.ISS of MCR and MRC; of VMRS too, where CRn is the VFP register. */
#define HSR_OPC2(hsr) ((hsr) >> 17 & 7)
#define HSR_OPC1(hsr) ((hsr) >> 14 & 7)
#define HSR_CRN(hsr)  ((hsr) >> 10 & 0xf)
/* HSR.ISS of MCRR and MRRC. */
#define HSR_OPC1_64(hsr) ((hsr) >> 16 & 0xf)
#define HSR_RT2(hsr)	 ((hsr) >> 10 & 0xf)
/* HSR.ISS of all four; the manual calls HSR_READ Direction. */
#define HSR_RT(hsr)  ((hsr) >> 5 & 0xf)
#define HSR_CRM(hsr) ((hsr) >> 1 & 0xf)
#define HSR_READ     SYSREG_BIT(0)

/* HSR.ISS of what HCPTR traps; TA is set for Advanced SIMD instructions. */
#define HSR_TA		SYSREG_BIT(5)
#define HSR_COPROC(hsr) ((hsr)&0xf)

/* HSR.ISS of BXJ. */
#define HSR_RM(hsr) ((hsr)&0xf)

/* HSR.ISS of aborts; prefetch aborts have only S1PTW and the fault status. */
#define HSR_ISV		   SYSREG_BIT(24)
#define HSR_SAS(hsr)	   ((hsr) >> 22 & 3)
#define HSR_SSE		   SYSREG_BIT(21)
#define HSR_SRT(hsr)	   ((hsr) >> 16 & 0xf)
#define HSR_CM		   SYSREG_BIT(8)
#define HSR_S1PTW	   SYSREG_BIT(7)
#define HSR_WNR		   SYSREG_BIT(6)
#define HSR_DFSC	   SYSREG_FIELD(0x3f, 0)
#define HSR_FSC(hsr)	   ((hsr)&0x3f) /* IFSC or DFSC, B3.13.3 */
#define FSC_TYPE(fsc)	   ((fsc)&0x3c) /* without the level */
#define FSC_TRANSLATION	   0x04
#define FSC_ACCESS_FLAG	   0x08
#define FSC_PERMISSION	   0x0c
#define FSC_EXTERNAL_ASYNC 0x11
#define FSC_PARITY	   0x08 /* of memory, where 0 is external */
#define FSC_DEBUG	   0x22

#define HSCTLR_M   SYSREG_BIT(0)
#define HSCTLR_C   SYSREG_BIT(2)
#define HSCTLR_I   SYSREG_BIT(12)
#define HSCTLR_WXN SYSREG_BIT(19)
#define HSCTLR_TE  SYSREG_BIT(30)

#define HSTR_T15   SYSREG_BIT(15)
#define HSTR_TTEE  SYSREG_BIT(16)
#define HSTR_TJDBX SYSREG_BIT(17)

#define HTCR_T0SZ(bits) (32 - (bits)) /* bits of address */
#define HTCR_IRGN0_WBWA SYSREG_FIELD(1, 8)
#define HTCR_ORGN0_WBWA SYSREG_FIELD(1, 10)
#define HTCR_SH0_INNER	SYSREG_FIELD(3, 12)
#define HTCR_SBOP	(SYSREG_BIT(23) | SYSREG_BIT(31))

#define ID_PFR0_STATE3	       SYSREG_FIELD(0xf, 12)
#define ID_PFR1_VIRTUALIZATION SYSREG_FIELD(0xf, 12)

#define ISR_A SYSREG_BIT(8)

/* IMPLEMENTATION DEFINED: Cortex-A15 TRM 4.3.60, Cortex-A7 TRM 4.3.59. */
#define L2CTLR_NUM_CPUS(n)   SYSREG_FIELD((n)-1, 24)
#define L2CTLR_NUM_CPUS_MASK SYSREG_FIELD(3, 24)

#define MIDR_CPU(midr)	((midr)&0xff0ffff0) /* without Variant and Revision */
#define MIDR_CORTEX_A7	0x410fc070
#define MIDR_CORTEX_A12 0x410fc0d0
#define MIDR_CORTEX_A15 0x410fc0f0
#define MIDR_CORTEX_A17 0x410fc0e0

#define MPIDR_AFF  0x00ffffff /* Aff2, Aff1, Aff0 */
#define MPIDR_AFF0 0x000000ff
#define MPIDR_MP   SYSREG_BIT(31) /* RAO: the format of the Multiprocessing Extensions */

#define MVFR0_A_SIMD(mvfr0) ((mvfr0)&0xf)
#define MVFR0_A_SIMD_32	    2 /* double registers */

#define PAR_F  SYSREG_BIT(0)
#define PAR_PA 0xfffffff000 /* PA[39:12] of the 64-bit format, B4.1.112 */

#define ID_DFR0_PERFMON SYSREG_FIELD(0xf, 24)

#define PMCR_E		SYSREG_BIT(0)
#define PMCR_P		SYSREG_BIT(1)
#define PMCR_C		SYSREG_BIT(2)
#define PMCR_D		SYSREG_BIT(3)
#define PMCR_X		SYSREG_BIT(4)
#define PMCR_DP		SYSREG_BIT(5)
#define PMCR_WRITE_MASK 0x3f
#define PMCR_N(pmcr)	((pmcr) >> 11 & 0x1f)

#define PMSELR_SEL   0x1f
#define PMUSERENR_EN SYSREG_BIT(0)

#define PMXEVTYPER_P	       SYSREG_BIT(31)
#define PMXEVTYPER_U	       SYSREG_BIT(30)
#define PMXEVTYPER_NSK	       SYSREG_BIT(29)
#define PMXEVTYPER_NSU	       SYSREG_BIT(28)
#define PMXEVTYPER_EVENT(type) ((type)&0xff)
#define PMU_EVENT_SW_INCR      0x00

#define SCTLR_M SYSREG_BIT(0)
#define SCTLR_C SYSREG_BIT(2)
#define SCTLR_V SYSREG_BIT(13)

#define VTCR_T0SZ(bits) ((32 - (bits)) & 0xf) /* bits of address */
#define VTCR_S		SYSREG_BIT(4)	      /* T0SZ is negative */
#define VTCR_SL0_1	SYSREG_FIELD(1, 6)    /* walks begin at level 1 */
#define VTCR_IRGN0_WBWA SYSREG_FIELD(1, 8)
#define VTCR_ORGN0_WBWA SYSREG_FIELD(1, 10)
#define VTCR_SH0_INNER	SYSREG_FIELD(3, 12)
#define VTCR_SBOP	SYSREG_BIT(31)

#define VTTBR_VMID_SHIFT 48

/* CPSR and SPSR, B1.3.3.  HYP cannot use the kernel's macros. */
#define PSR_MODE 0x1f
#define PSR_USR	 0x10
#define PSR_FIQ	 0x11
#define PSR_IRQ	 0x12
#define PSR_SVC	 0x13
#define PSR_ABT	 0x17
#define PSR_UND	 0x1b
#define PSR_SYS	 0x1f
#define PSR_T	 SYSREG_BIT(5)
#define PSR_F	 SYSREG_BIT(6)
#define PSR_I	 SYSREG_BIT(7)
#define PSR_A	 SYSREG_BIT(8)
#define PSR_E	 SYSREG_BIT(9)
#define PSR_IT	 0x0600fc00 /* both parts */
#define PSR_J	 SYSREG_BIT(24)
#define PSR_V	 SYSREG_BIT(28)
#define PSR_C	 SYSREG_BIT(29)
#define PSR_Z	 SYSREG_BIT(30)
#define PSR_N	 SYSREG_BIT(31)
#define PSR_NZCV (PSR_N | PSR_Z | PSR_C | PSR_V)

#endif /* HYP_SYSREG_BITS_H */
