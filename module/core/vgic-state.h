/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a virtual GICv2; irq/vgic.c has the rules.
 */
#ifndef KVM_ARMV7_VGIC_STATE_H
#define KVM_ARMV7_VGIC_STATE_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

#include "hyp/abi.h"

#define VGIC_ADDR_UNSET	    (~0ULL)
#define VGIC_NR_SGIS	    16
#define VGIC_NR_PRIVATE	    32
#define VGIC_MAX_IRQS	    1024
#define VGIC_FIRST_RESERVED 1020 /* INTIDs 1020 to 1023 are special */

/* The order of delivery: active interrupts by priority, then pending ones by priority. */
#define VGIC_RANKS	  64
#define VGIC_RANK_PENDING 32

#define VGIC_SOURCE_UNKNOWN 0xff

/* Interrupts that one run can end: GICH_HCR.EOICount, and what was in list registers. */
#define VGIC_MAX_ENDED (31 + HYP_MAX_LRS)

struct vm;
struct vcpu;

/* One interrupt.  Each vCPU has its own SGIs and PPIs.  vgic->lock protects all of it. */
struct vgic_irq {
	u16 intid;
	u16 hwirq;  /* the linked physical interrupt, or 0 */
	bool owned; /* its line belongs to a timer or a PMU; user space cannot set it */
	u8 priority;
	u8 targets; /* SPI: GICD_ITARGETSR; bit n is vCPU n */
	u8 sources; /* SGI: vCPUs whose requests are pending */
	/* SGI: the vCPU whose request the guest is serving, or VGIC_SOURCE_UNKNOWN */
	u8 active_source;
	u8 rank;	    /* in the queue of queue_vcpu */
	bool group1;	    /* GICD_IGROUPR */
	bool enabled;	    /* of an SGI or PPI; for an SPI see vgic_is_enabled() */
	bool edge;	    /* GICD_ICFGR */
	bool line_level;    /* level: the input is high */
	bool pending_latch; /* by an edge, or by GICD_ISPENDR */
	bool active;
	struct vcpu *active_vcpu; /* SPI, while active: the vCPU that serves it */
	struct vcpu *queue_vcpu;  /* the vCPU whose queue it is in, or NULL */
	struct vcpu *lr_vcpu;	  /* the vCPU that has it in a list register, or NULL */
};

/* irq/vgic-queue.h */
struct vgic_queue {
	u32 ranks[VGIC_RANKS / 32];
	u32 words[VGIC_RANKS];
	u32 *intids; /* nr_words for each rank */
	unsigned int nr_words;
};

struct vgic_cpu {
	struct vgic_irq irqs[VGIC_NR_PRIVATE];
	/* Interrupts that are active, or pending and enabled: see vgic_update(). */
	struct vgic_queue queue;
	/*
	 * The list registers are not what the queue wants: see vgic_lr_stale().  Written
	 * with vgic->lock held.
	 */
	bool stale;
	struct vgic_irq *lr_irq[HYP_MAX_LRS]; /* what each list register holds */
	u32 lr[HYP_MAX_LRS];		      /* .. as it was loaded */
	bool lr_from_latch[HYP_MAX_LRS];      /* it was pending by pending_latch */
	/* Level-sensitive SPIs whose end vgic_eoi_notify() has to tell; lr_vcpu is still set. */
	struct vgic_irq *ended[VGIC_MAX_ENDED];
	unsigned int nr_ended;
};

struct vgic {
	raw_spinlock_t lock; /* the run loop takes it with interrupts off */
	bool created;
	bool initialized;
	u32 nr_irqs;   /* with SGIs and PPIs; a multiple of 32 */
	u32 typer;     /* GICD_TYPER */
	u32 end_id;    /* every vCPU's id is below it */
	u64 dist_base; /* VGIC_ADDR_UNSET until user space sets it */
	u64 cpu_base;
	bool cpu_mapped;
	u8 ctlr;		 /* GICD_CTLR: bit n enables group n */
	bool groups_writable;	 /* by user space, because it has written GICD_IIDR */
	struct vgic_irq *spis;	 /* from INTID 32 */
	struct hyp_gicd_vm *hyp; /* a page that HYP maps at hyp_va */
	hyp_va_t hyp_va;

	struct rw_semaphore notifiers_lock; /* the list; writers of notified */
	struct hlist_head notifiers;
	DECLARE_BITMAP(notified, VGIC_MAX_IRQS); /* INTIDs that have notifiers */
};

#endif /* KVM_ARMV7_VGIC_STATE_H */
