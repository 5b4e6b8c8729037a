// SPDX-License-Identifier: GPL-2.0-only
/*
 * The active state of the physical interrupt of the virtual timer, on each CPU.
 *
 * An active interrupt is not signalled again, so a guest can run with its timer
 * expired.  irq/vtimer.c decides when it has to be active.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>

#include "machine/machine.h"
#include "machine/ppi.h"

DEFINE_PER_CPU(bool, ppi_active);

void ppi_write_active(bool active)
{
	irq_set_irqchip_state(machine.vtimer_irq, IRQCHIP_STATE_ACTIVE, active);
	__this_cpu_write(ppi_active, active);
}
