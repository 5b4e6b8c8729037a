// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the host leave monitor mode: DBGDSCR.MDBGen is clear on some CPUs while this module is
 * loaded.  Unloading sets it again on the CPUs where it was set.
 *
 *   cpus   a mask of CPUs, including ones that come online later; default: all
 */
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <linux/percpu.h>

#include "cp14.h"

static uint cpus = ~0u;
module_param(cpus, uint, 0400);

static DEFINE_PER_CPU(bool, was_set);

static int state;

static int turn_off(unsigned int cpu)
{
	u32 dscr = dbgdscr_read();

	if (!(cpus >> cpu & 1))
		return 0;
	__this_cpu_write(was_set, dscr & DBGDSCR_MDBGEN);
	dbgdscr_write(dscr & ~DBGDSCR_MDBGEN);
	isb();
	return 0;
}

static int turn_on(unsigned int cpu)
{
	if (__this_cpu_read(was_set))
		dbgdscr_write(dbgdscr_read() | DBGDSCR_MDBGEN);
	isb();
	return 0;
}

static int __init monitor_off_init(void)
{
	/* Runs after the kernel's own callback, which sets MDBGen, and before a later module's. */
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "monitor_off", turn_off, turn_on);
	return min(state, 0);
}

static void __exit monitor_off_exit(void)
{
	cpuhp_remove_state(state);
}

module_init(monitor_off_init);
module_exit(monitor_off_exit);
MODULE_DESCRIPTION("Test only: monitor debug-mode off");
MODULE_LICENSE("GPL v2");
