// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host that is not in monitor mode: DBGDSCR.MDBGen is clear on some CPUs while
 * this module is loaded, and set again where it was set when it goes.
 *
 *   cpus   a mask of CPUs; all where it is not given
 */
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "cp14.h"

static uint cpus = ~0u;
module_param(cpus, uint, 0400);

static DEFINE_PER_CPU(bool, was_set);

static void turn_off(void *unused)
{
	u32 dscr = dbgdscr_read();

	if (!(cpus >> smp_processor_id() & 1))
		return;
	__this_cpu_write(was_set, dscr & DBGDSCR_MDBGEN);
	dbgdscr_write(dscr & ~DBGDSCR_MDBGEN);
	isb();
}

static void turn_on(void *unused)
{
	if (__this_cpu_read(was_set))
		dbgdscr_write(dbgdscr_read() | DBGDSCR_MDBGEN);
	isb();
}

static int __init monitor_off_init(void)
{
	on_each_cpu(turn_off, NULL, 1);
	return 0;
}

static void __exit monitor_off_exit(void)
{
	on_each_cpu(turn_on, NULL, 1);
}

module_init(monitor_off_init);
module_exit(monitor_off_exit);
MODULE_DESCRIPTION("Test only: monitor debug-mode off");
MODULE_LICENSE("GPL v2");
