/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Fields of the CP14 debug registers, each under its register, by their names in the
 * ARMv7-A/R manual, DDI 0406C.  Nothing but macros: any program may include it, with
 * or without v7dbg.h.  REGISTER_FIELD is a mask or a single bit; REGISTER_FIELD(value)
 * extracts a field; REGISTER_FIELD_NAME is a value of a field, not shifted.
 */
#ifndef V7DBG_FIELDS_H
#define V7DBG_FIELDS_H

/* DBGDIDR, C11.11.15.  The counts are the fields plus 1. */
#define DBGDIDR_WRPS_SHIFT	  28
#define DBGDIDR_BRPS_SHIFT	  24
#define DBGDIDR_CTX_CMPS_SHIFT	  20
#define DBGDIDR_VERSION_SHIFT	  16
#define DBGDIDR_NR_WRPS(didr)	  ((((didr) >> DBGDIDR_WRPS_SHIFT) & 0xfu) + 1)
#define DBGDIDR_NR_BRPS(didr)	  ((((didr) >> DBGDIDR_BRPS_SHIFT) & 0xfu) + 1)
#define DBGDIDR_NR_CTX_CMPS(didr) ((((didr) >> DBGDIDR_CTX_CMPS_SHIFT) & 0xfu) + 1)
#define DBGDIDR_VERSION(didr)	  (((didr) >> DBGDIDR_VERSION_SHIFT) & 0xfu)
#define DBGDIDR_VERSION_V7_1	  5u /* v7.1 Debug through CP14 */
#define DBGDIDR_DEVID_IMP	  (1u << 15)
#define DBGDIDR_NSUHD_IMP	  (1u << 14)
#define DBGDIDR_PCSR_IMP	  (1u << 13)
#define DBGDIDR_SE_IMP		  (1u << 12)
#define DBGDIDR_VARIANT		  (0xfu << 4)
#define DBGDIDR_REVISION	  0xfu

/* DBGDSCRint and DBGDSCRext, C11.11.20.  Values of MOE: enum v7dbg_moe of v7dbg.h. */
#define DBGDSCR_MOE_SHIFT 2
#define DBGDSCR_MOE_MASK  (0xfu << DBGDSCR_MOE_SHIFT)
#define DBGDSCR_MOE(dscr) (((dscr) >> DBGDSCR_MOE_SHIFT) & 0xfu)
#define DBGDSCR_UDCCDIS	  (1u << 12)
#define DBGDSCR_HDBGEN	  (1u << 14)
#define DBGDSCR_MDBGEN	  (1u << 15)
#define DBGDSCR_SPIDDIS	  (1u << 16)
#define DBGDSCR_SPNIDDIS  (1u << 17)
#define DBGDSCR_NS	  (1u << 18)
#define DBGDSCR_TXFULL	  (1u << 29)
/* Monitor debug-mode selected and enabled: with HDBGen set it is Halting debug-mode. */
#define DBGDSCR_MONITOR_MODE(dscr) (((dscr) & (DBGDSCR_MDBGEN | DBGDSCR_HDBGEN)) == DBGDSCR_MDBGEN)

/* DBGBCR, C11.11.2, and DBGWCR, C11.11.44: the fields that both have. */
#define DBGCR_E		    (1u << 0)
#define DBGCR_PMC_SHIFT	    1 /* DBGWCR: PAC */
#define DBGCR_PMC_MASK	    (3u << DBGCR_PMC_SHIFT)
#define DBGCR_PMC(cr)	    (((cr) >> DBGCR_PMC_SHIFT) & 3u)
#define DBGCR_PMC_PL1	    1u
#define DBGCR_PMC_PL0	    2u
#define DBGCR_BAS_SHIFT	    5
#define DBGCR_HMC	    (1u << 13)
#define DBGCR_SSC_SHIFT	    14
#define DBGCR_SSC_MASK	    (3u << DBGCR_SSC_SHIFT)
#define DBGCR_SSC(cr)	    (((cr) >> DBGCR_SSC_SHIFT) & 3u)
#define DBGCR_SSC_NONSECURE 1u
#define DBGCR_LBN_SHIFT	    16
#define DBGCR_LBN_MASK	    (0xfu << DBGCR_LBN_SHIFT)
#define DBGCR_LBN(cr)	    (((cr) >> DBGCR_LBN_SHIFT) & 0xfu)
#define DBGCR_MASK_SHIFT    24
#define DBGCR_MASK_MASK	    (0x1fu << DBGCR_MASK_SHIFT)
#define DBGCR_MASK(cr)	    (((cr) >> DBGCR_MASK_SHIFT) & 0x1fu)

/* DBGBCR, C11.11.2. */
#define DBGBCR_BAS_MASK		  (0xfu << DBGCR_BAS_SHIFT)
#define DBGBCR_BAS(bcr)		  (((bcr) >> DBGCR_BAS_SHIFT) & 0xfu)
#define DBGBCR_BT_SHIFT		  20
#define DBGBCR_BT_MASK		  (0xfu << DBGBCR_BT_SHIFT)
#define DBGBCR_BT(bcr)		  (((bcr) >> DBGBCR_BT_SHIFT) & 0xfu)
#define DBGBCR_BT_ADDRESS	  0u
#define DBGBCR_BT_ADDRESS_LINKED  1u
#define DBGBCR_BT_CONTEXT	  2u
#define DBGBCR_BT_CONTEXT_LINKED  3u
#define DBGBCR_BT_MISMATCH	  4u
#define DBGBCR_BT_MISMATCH_LINKED 5u
#define DBGBCR_BT_VMID		  8u

/* DBGWCR, C11.11.44. */
#define DBGWCR_LSC_SHIFT 3
#define DBGWCR_LSC_MASK	 (3u << DBGWCR_LSC_SHIFT)
#define DBGWCR_LSC(wcr)	 (((wcr) >> DBGWCR_LSC_SHIFT) & 3u)
#define DBGWCR_LSC_LOAD	 1u
#define DBGWCR_LSC_STORE 2u
#define DBGWCR_BAS_MASK	 (0xffu << DBGCR_BAS_SHIFT)
#define DBGWCR_BAS(wcr)	 (((wcr) >> DBGCR_BAS_SHIFT) & 0xffu)
#define DBGWCR_WT	 (1u << 20)

/* DBGVCR, C11.11.42: vectors taken in Non-secure state. */
#define DBGVCR_NSU (1u << 25) /* Undefined Instruction */
#define DBGVCR_NSS (1u << 26) /* Supervisor Call */
#define DBGVCR_NSP (1u << 27) /* Prefetch Abort */
#define DBGVCR_NSD (1u << 28) /* Data Abort */
#define DBGVCR_NSI (1u << 30) /* IRQ */
#define DBGVCR_NSF (1u << 31) /* FIQ */

/* DBGOSLAR, C11.11.31: this value sets the OS lock, any other clears it. */
#define DBGOSLAR_KEY 0xc5acce55u

/* DBGOSLSR, C11.11.32. */
#define DBGOSLSR_OSLK	   (1u << 1)
#define DBGOSLSR_OSLM_V7_1 0x8u /* OSLM 0b10: the OS lock without save and restore registers */

/* DBGOSDLR, C11.11.29, and DBGPRCR, C11.11.40. */
#define DBGOSDLR_DLK	  (1u << 0)
#define DBGPRCR_CORENPDRQ (1u << 0)

/* DBGAUTHSTATUS, C11.11.1: for both kinds of debug, invasive and non-invasive. */
#define DBGAUTHSTATUS_S_DISABLED  0xa0u /* Secure: implemented and disabled */
#define DBGAUTHSTATUS_NS_DISABLED 0x0au
#define DBGAUTHSTATUS_NS_ENABLED  0x0fu

/* DBGDEVID, C11.11.12. */
#define DBGDEVID_PCSAMPLE	   0xfu
#define DBGDEVID_WPADDRMASK_SHIFT  4
#define DBGDEVID_WPADDRMASK(devid) (((devid) >> DBGDEVID_WPADDRMASK_SHIFT) & 0xfu)
#define DBGDEVID_BPADDRMASK_SHIFT  8
#define DBGDEVID_BPADDRMASK(devid) (((devid) >> DBGDEVID_BPADDRMASK_SHIFT) & 0xfu)
#define DBGDEVID_ADDRMASK_YES	   0x1u
#define DBGDEVID_ADDRMASK_NO	   0xfu
#define DBGDEVID_VECTORCATCH	   (0xfu << 12)
#define DBGDEVID_DOUBLELOCK	   (1u << 20) /* of a field of four bits */

#endif /* V7DBG_FIELDS_H */
