/* SPDX-License-Identifier: GPL-2.0-only */
/* The physical interrupt of the virtual timer.  Interrupts are off for all calls. */
#ifndef KVM_ARMV7_PPI_H
#define KVM_ARMV7_PPI_H

#include <linux/percpu.h>
#include <linux/types.h>

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

/* The guest's EOI has deactivated this CPU's PPI (GICH_LR.HW). */
static inline void ppi_deactivated(void)
{
	__this_cpu_write(ppi_active, false);
}

#endif /* KVM_ARMV7_PPI_H */
