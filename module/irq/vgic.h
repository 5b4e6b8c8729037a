/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual GICv2 (Arm IHI 0048B): the distributor in software, the CPU interface
 * in hardware (GICV mapped to the guest, list registers in GICH).
 */
#ifndef KVM_ARMV7_VGIC_H
#define KVM_ARMV7_VGIC_H

#include <linux/bitmap.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>

#include "hyp/abi.h"

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
	bool edge;  /* GICD_ICFGR */
	bool line;  /* level: the input is high */
	bool latch; /* edge, or pending by GICD_ISPENDR */
	bool active;
	struct vcpu *active_vcpu; /* SPI, while active: who serves it */
	struct vcpu *lr_vcpu;	  /* whose list registers hold it, or NULL */
	u16 hwirq;		  /* the physical interrupt it is linked to, or 0 */
};

struct vgic_cpu {
	struct vgic_irq irqs[VGIC_NR_PRIVATE];
	/* INTIDs that belong into list registers: see vgic_update(). */
	DECLARE_BITMAP(todo, VGIC_MAX_IRQS);
	struct vgic_irq *lr_irq[HYP_MAX_LRS]; /* what each list register holds */
	bool lr_latch[HYP_MAX_LRS];	      /* its request came from latch */
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

#define VGIC_ADDR_UNSET (~0ULL)

irqreturn_t maint_irq_handler(int irq, void *cookie);

/* vgic.c */
void vgic_vm_init(struct vm *vm);
void vgic_vm_destroy(struct vm *vm);
void vgic_vcpu_init(struct vcpu *vcpu);
void vgic_vcpu_reset(struct vcpu *vcpu);
/* Allocate SPIs and open for business; once, under vm->lock. */
int vgic_init(struct vm *vm);
/* Before the first run: the vgic must be complete; maps GICV.  -errno. */
int vgic_map_resources(struct vm *vm);
/* The interrupt, as vcpu (any, for SPIs) sees it; NULL if there is none. */
struct vgic_irq *vgic_get_irq(struct vm *vm, struct vcpu *vcpu, u32 intid);
/* Who would be interrupted by it now; NULL for an SPI without a target. */
struct vcpu *vgic_target(struct vm *vm, struct vcpu *owner, const struct vgic_irq *irq);
/* Recompute who has to deliver irq after any of its fields changed. */
void vgic_update(struct vm *vm, struct vcpu *owner, struct vgic_irq *irq);
/* A device's line: level for level interrupts, a rising edge else. */
int vgic_set_line(struct vm *vm, struct vcpu *vcpu, u32 intid, bool level);
/* Around the guest, interrupts off. */
void vgic_flush(struct vcpu *vcpu);
void vgic_sync(struct vcpu *vcpu);
/* Something that should end a WFI is pending. */
bool vgic_pending(struct vcpu *vcpu);
/* Link a private interrupt to a physical one: the guest's EOI deactivates both. */
void vgic_link(struct vcpu *vcpu, u32 intid, u32 hwirq);
/* Is it waiting or being served? */
bool vgic_busy(struct vcpu *vcpu, u32 intid);

/* vgic-dist.c: registers; len is 1 or 4 */
bool vgic_dist_access(struct vcpu *vcpu, u64 ipa, unsigned int len, bool write, u32 *value);

#endif /* KVM_ARMV7_VGIC_H */
