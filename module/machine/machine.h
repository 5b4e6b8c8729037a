/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this machine has: determined when the module is loaded, constant from then on.
 */
#ifndef KVM_ARMV7_MACHINE_H
#define KVM_ARMV7_MACHINE_H

#include <linux/jump_label.h>
#include <linux/types.h>

#include "hyp/abi.h"

struct machine {
	u32 target;	  /* KVM_ARM_TARGET_* of KVM_ARM_PREFERRED_TARGET */
	u32 dregs;	  /* VFP double registers: 0, 16 or 32 */
	phys_addr_t gicd; /* 0: HYP does not use it */
	phys_addr_t gich;
	phys_addr_t gicv;
	void __iomem *gich_base;
	u32 nr_lrs;		 /* list registers of the virtual interface */
	int maint_irq;		 /* the virtual interface's maintenance interrupt */
	int vtimer_irq;		 /* the virtual timer's PPI, as Linux numbers it */
	u32 vtimer_hwirq;	 /* the same as an INTID */
	u32 cntfrq;		 /* of the generic timers, Hz; not 0 */
	struct v7dbg_caps debug; /* what guests see; fixed before /dev/kvm appears */
};

extern struct machine machine;
/* machine.dregs is not 0. */
DECLARE_STATIC_KEY_FALSE(machine_has_vfp);

/*
 * Fill in machine, and request its interrupts.  0; -ENODEV, after one line in the log, if
 * it cannot run guests; or -ENOMEM.  May sleep.
 */
int machine_probe(void);
/* Undo it; no CPU has HYP any more.  May sleep. */
void machine_release(void);
/*
 * Disable and empty this CPU's virtual interface.  What firmware, or the kernel before a
 * kexec, left in a list register would become a guest's interrupt as soon as GICH_HCR.En
 * is set (Arm IHI 0048B 5.3.1).  Preemption is off.
 */
void machine_clear_gich(void);

#endif /* KVM_ARMV7_MACHINE_H */
