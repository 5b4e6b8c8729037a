/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a virtual GICv2 is made of; irq/vgic.c has the rules.
 */
#ifndef KVM_ARMV7_VGIC_STATE_H
#define KVM_ARMV7_VGIC_STATE_H

#include <linux/bitmap.h>
#include <linux/spinlock.h>

#include "hyp/abi.h"

#define VGIC_ADDR_UNSET	    (~0ULL)
#define VGIC_NR_SGIS	    16
#define VGIC_NR_PRIVATE	    32
#define VGIC_MAX_IRQS	    1024 /* INTIDs 1020 to 1023 mean something else */
#define VGIC_FIRST_RESERVED 1020

struct vm;
struct vcpu;

/* One interrupt; SGIs and PPIs exist once per vCPU.  Under vgic->lock. */
struct vgic_irq {
	u16 intid;
	u8 priority;
	u8 targets;	  /* SPI: GICD_ITARGETSR; bit n is vCPU n */
	u8 sources;	  /* SGI: vCPUs whose requests are pending */
	u8 active_source; /* SGI: whose request the guest is serving */
	bool enabled;
	bool edge;	    /* GICD_ICFGR */
	bool line_level;    /* level: the input is high */
	bool pending_latch; /* edge, or pending by GICD_ISPENDR */
	bool active;
	struct vcpu *active_vcpu; /* SPI, while active: who serves it */
	struct vcpu *lr_vcpu;	  /* whose list registers hold it, or NULL */
	u16 hwirq;		  /* the physical interrupt it is linked to, or 0 */
};

struct vgic_cpu {
	struct vgic_irq irqs[VGIC_NR_PRIVATE];
	/* INTIDs that belong into list registers: see vgic_update(). */
	DECLARE_BITMAP(ap_list, VGIC_MAX_IRQS);
	struct vgic_irq *lr_irq[HYP_MAX_LRS]; /* what each list register holds */
	bool lr_from_latch[HYP_MAX_LRS];      /* its request came from latch */
};

struct vgic {
	spinlock_t lock;
	bool created;
	bool initialized;
	u32 nr_irqs;   /* with SGIs and PPIs; a multiple of 32 */
	u64 dist_base; /* VGIC_ADDR_UNSET until user space sets it */
	u64 cpu_base;
	bool cpu_mapped;
	bool enabled;	       /* GICD_CTLR.Enable */
	struct vgic_irq *spis; /* from INTID 32 */
};

#endif /* KVM_ARMV7_VGIC_STATE_H */
