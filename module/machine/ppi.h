/* SPDX-License-Identifier: GPL-2.0-only */
/* The physical interrupt of the virtual timer.  Interrupts are off for all calls. */
#ifndef KVM_ARMV7_PPI_H
#define KVM_ARMV7_PPI_H

#include <linux/types.h>

/* Make this CPU's PPI active or inactive in the GIC, if it is not so already. */
void ppi_set_active(bool active);

/* The guest's EOI has deactivated this CPU's PPI (GICH_LR.HW). */
void ppi_deactivated(void);

#endif /* KVM_ARMV7_PPI_H */
