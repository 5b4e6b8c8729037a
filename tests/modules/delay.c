// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delays each thread that comes to one of some places, to hold a race open: insmod delay.ko
 * at=FUNCTION,.. offset=N,.. ms=N,..  The CPU does nothing else meanwhile.
 */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#define MOST 2

static char *at[MOST];
static unsigned int offset[MOST], ms[MOST], count;
module_param_array(at, charp, &count, 0);
module_param_array(offset, uint, NULL, 0);
module_param_array(ms, uint, NULL, 0);

static struct kprobe probe[MOST];
static struct kprobe *probes[MOST];

static int delay(struct kprobe *here, struct pt_regs *regs)
{
	mdelay(ms[here - probe]);
	return 0;
}

static int __init delay_init(void)
{
	unsigned int n;

	for (n = 0; n < count; n++) {
		probe[n].symbol_name = at[n];
		probe[n].offset = offset[n];
		probe[n].pre_handler = delay;
		probes[n] = &probe[n];
	}
	return register_kprobes(probes, count);
}

static void __exit delay_exit(void)
{
	unregister_kprobes(probes, count);
}

module_init(delay_init);
module_exit(delay_exit);
MODULE_DESCRIPTION("Test only: places in the kernel that take long");
MODULE_LICENSE("GPL v2");
