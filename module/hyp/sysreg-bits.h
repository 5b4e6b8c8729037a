/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fields of the registers that say what traps to HYP, by their names in DDI
 * 0406C B4.1; the module fills in HCR, the image the others.
 */
#ifndef HYP_SYSREG_BITS_H
#define HYP_SYSREG_BITS_H

#define HCR_VM		 (1u << 0)
#define HCR_SWIO	 (1u << 1)
#define HCR_PTW		 (1u << 2)
#define HCR_FMO		 (1u << 3)
#define HCR_IMO		 (1u << 4)
#define HCR_AMO		 (1u << 5)
#define HCR_VF		 (1u << 6)
#define HCR_VI		 (1u << 7)
#define HCR_VA		 (1u << 8)
#define HCR_FB		 (1u << 9)
#define HCR_BSU_IS	 (1u << 10)
#define HCR_TWI		 (1u << 13)
#define HCR_TWE		 (1u << 14)
#define HCR_TID3	 (1u << 18)
#define HCR_TSC		 (1u << 19)
#define HCR_TIDCP	 (1u << 20)
#define HCR_TAC		 (1u << 21)
#define HCR_TSW		 (1u << 22)
#define HCR_TVM		 (1u << 26)
#define HDCR_TPMCR	 (1u << 5)
#define HDCR_TPM	 (1u << 6)
#define HDCR_TDE	 (1u << 8)
#define HDCR_TDA	 (1u << 9)
#define HDCR_TDOSA	 (1u << 10)
#define HDCR_TDRA	 (1u << 11)
#define HCPTR_TCP_OTHER	 0x33ffu /* CP0-9, CP12, CP13 */
#define HCPTR_TCP_VFP	 (3u << 10)
#define ISR_A		 (1u << 8)
#define HCPTR_TTA	 (1u << 20)
#define HSTR_T15	 (1u << 15)
#define HSTR_TTEE	 (1u << 16)
#define HSTR_TJDBX	 (1u << 17)
#define CNTHCTL_PL1PCTEN (1u << 0)
#define CNTHCTL_PL1PCEN	 (1u << 1)

#define SCTLR_M (1u << 0)
#define SCTLR_C (1u << 2)

#endif /* HYP_SYSREG_BITS_H */
