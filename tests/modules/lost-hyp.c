// SPDX-License-Identifier: GPL-2.0-only
/*
 * When it is loaded, this CPU goes into a low-power state, as far as drivers can tell, and for
 * kvm_armv7 it comes back without HYP mode: hyp_cpu_install() returns false.
 */
#include <linux/cpu_pm.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/module.h>

static unsigned int failed;

static int install_begins(struct kprobe *here, struct pt_regs *regs)
{
	failed++;
	regs->ARM_r0 = 0;
	regs->ARM_pc = regs->ARM_lr;
	return 1;
}

/* With this the probe is not optimized: an optimized one cannot skip the function. */
static void install_stepped(struct kprobe *here, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = {
	.symbol_name = "kvm_armv7:hyp_cpu_install",
	.pre_handler = install_begins,
	.post_handler = install_stepped,
};

static int __init lost_hyp_init(void)
{
	int ret = register_kprobe(&probe);

	if (ret)
		return ret;
	local_irq_disable();
	ret = cpu_pm_enter();
	if (!ret)
		ret = cpu_pm_exit();
	local_irq_enable();
	unregister_kprobe(&probe);
	if (!ret && failed != 1)
		ret = -ENODEV;
	return ret;
}

static void __exit lost_hyp_exit(void)
{
}

module_init(lost_hyp_init);
module_exit(lost_hyp_exit);
MODULE_DESCRIPTION("Test only: firmware that forgets HYP mode in a low-power state");
MODULE_LICENSE("GPL v2");
