// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens the host's performance monitors to User mode: PMUSERENR.EN is set on each CPU that is
 * online while this module is loaded.  Unloading puts back what was there.
 */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#define PMUSERENR_EN 1u

static DEFINE_PER_CPU(u32, before);

static void pmuserenr_write(u32 value)
{
	asm volatile("mcr p15, 0, %0, c9, c14, 0\n\tisb" : : "r"(value) : "memory");
}

static void open_on_this_cpu(void *unused)
{
	u32 value;

	asm volatile("mrc p15, 0, %0, c9, c14, 0" : "=r"(value));
	__this_cpu_write(before, value);
	pmuserenr_write(PMUSERENR_EN);
}

static void shut_on_this_cpu(void *unused)
{
	pmuserenr_write(__this_cpu_read(before));
}

static int __init pmu_open_init(void)
{
	on_each_cpu(open_on_this_cpu, NULL, 1);
	return 0;
}

static void __exit pmu_open_exit(void)
{
	on_each_cpu(shut_on_this_cpu, NULL, 1);
}

module_init(pmu_open_init);
module_exit(pmu_open_exit);
MODULE_DESCRIPTION("Test only: PMUSERENR.EN set on the host");
MODULE_LICENSE("GPL v2");
