// SPDX-License-Identifier: GPL-2.0-only
/*
 * The active state of physical PPIs, on each CPU.
 *
 * An active interrupt is not signalled again, so a guest can run with its timer
 * expired.  irq/vtimer.c decides when the virtual timer's has to be active.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>

#include "machine/machine.h"
#include "machine/ppi.h"

DEFINE_PER_CPU(bool, ppi_active);

bool ppi_is_ours(unsigned int irq)
{
	bool active = false;

	irq_set_irqchip_state(irq, IRQCHIP_STATE_ACTIVE, true);
	irq_get_irqchip_state(irq, IRQCHIP_STATE_ACTIVE, &active);
	irq_set_irqchip_state(irq, IRQCHIP_STATE_ACTIVE, false);
	return active;
}

void ppi_write_active(bool active)
{
	irq_set_irqchip_state(machine.vtimer_irq, IRQCHIP_STATE_ACTIVE, active);
	__this_cpu_write(ppi_active, active);
}

#ifdef KVM_ARMV7_CHECKS
void ppi_check_active(void)
{
	bool active = false;

	/* On a chip a guest's EOI may still be under way; in the emulator it has arrived. */
	irq_get_irqchip_state(machine.vtimer_irq, IRQCHIP_STATE_ACTIVE, &active);
	WARN_ONCE(active != __this_cpu_read(ppi_active), "the vtimer's PPI is %sactive\n",
		  active ? "" : "in");
}
#endif
