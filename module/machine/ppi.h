/* SPDX-License-Identifier: GPL-2.0-only */
/* Physical PPIs, mostly the virtual timer's.  Interrupts are off for all calls. */
#ifndef KVM_ARMV7_PPI_H
#define KVM_ARMV7_PPI_H

#include <linux/percpu.h>
#include <linux/types.h>

/*
 * Does this CPU's GIC let us have the PPI?  In Group 0 it belongs to Secure state, and all its
 * bits are RAZ/WI for us (GICv2 architecture, 4.3): it would never be signalled to the kernel.
 * The PPI must be inactive and stays so.
 */
bool ppi_is_ours(unsigned int irq);

/* We made this CPU's PPI active, and no guest has deactivated it since. */
DECLARE_PER_CPU(bool, ppi_active);

/* The slow half of ppi_set_active(). */
void ppi_write_active(bool active);

/* Make this CPU's PPI active or inactive in the GIC, if it is not so already. */
static inline void ppi_set_active(bool active)
{
	if (__this_cpu_read(ppi_active) != active)
		ppi_write_active(active);
}

/* HYP has made this CPU's PPI active: hyp/raise.c. */
static inline void ppi_activated(void)
{
	__this_cpu_write(ppi_active, true);
}

/* The guest's EOI has deactivated this CPU's PPI (GICH_LR.HW). */
static inline void ppi_deactivated(void)
{
	__this_cpu_write(ppi_active, false);
}

#ifdef KVM_ARMV7_CHECKS
/* After a guest's run, once the list registers are folded: is ppi_active what the GIC has? */
void ppi_check_active(void);
#else
static inline void ppi_check_active(void)
{
}
#endif

#endif /* KVM_ARMV7_PPI_H */
