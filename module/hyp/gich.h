/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICH, the registers of the virtual CPU interface: Arm IHI 0048B section 5.3.  The
 * kernel side fills list registers in, HYP loads and saves them.
 */
#ifndef HYP_GICH_H
#define HYP_GICH_H

#define HYP_MAX_LRS   16	  /* list registers that we use at most */
#define HYP_GICH_SIZE GICH_LR(64) /* with the last list register there can be */

#define GICH_HCR   0x00
#define GICH_VTR   0x04
#define GICH_VMCR  0x08
#define GICH_APR   0xf0
#define GICH_LR(n) (0x100 + 4 * (n))

#define GICH_HCR_EN	       (1u << 0)
#define GICH_HCR_LRENPIE       (1u << 2)
#define GICH_HCR_NPIE	       (1u << 3)
#define GICH_HCR_EOICOUNT(hcr) ((hcr) >> 27)

#define GICH_VMCR_PRIMASK(vmcr) ((vmcr) >> 27)

#define GICH_VTR_LISTREGS(vtr) (((vtr)&0x3f) + 1)

#define GICH_LR_VIRTUALID(lr)  ((lr)&0x3ff)
#define GICH_LR_PHYSID(lr)     ((lr) >> 10 & 0x3ff)
#define GICH_LR_PHYSID_SHIFT   10
#define GICH_LR_EOI	       (1u << 19)
#define GICH_LR_PRIORITY_SHIFT 23
#define GICH_LR_PENDING	       (1u << 28)
#define GICH_LR_ACTIVE	       (1u << 29)
#define GICH_LR_GROUP1	       (1u << 30)
#define GICH_LR_HW	       (1u << 31)
#define GICH_LR_STATE	       (GICH_LR_PENDING | GICH_LR_ACTIVE)

/* The physical distributor, of which HYP writes one register. */
#define GICD_ISACTIVER0 0x300

#endif /* HYP_GICH_H */
