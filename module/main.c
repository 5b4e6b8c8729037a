// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm_armv7: /dev/kvm for 32-bit Arm, with guests that debug themselves.
 */
#define pr_fmt(fmt) "kvm_armv7: " fmt

#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "api/capabilities.h"
#include "api/debugfs.h"
#include "api/vcpu-fd.h"
#include "api/vm-fd.h"
#include "irq/vpmu.h"
#include "machine/errata.h"
#include "machine/hyp-call.h"
#include "machine/hyp-cpu.h"
#include "machine/hyp-map.h"
#include "machine/machine.h"
#include "selftest/selftest.h"

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return arg ? -EINVAL : vm_create();
	case KVM_CHECK_EXTENSION:
		return kvm_check_extension(arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : VCPU_MMAP_PAGES * PAGE_SIZE;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = dev_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice dev = {
	.minor = KVM_MINOR,
	.name = "kvm",
	.fops = &dev_fops,
};

static int __init kvm_armv7_init(void)
{
	int ret;

	ret = machine_probe();
	if (ret)
		return ret;
	ret = hyp_map_init();
	if (ret)
		goto release_machine;
	ret = hyp_cpu_init();
	if (ret)
		goto exit_map;
	vpmu_probe();
	ret = selftest_run();
	if (ret)
		goto exit_cpu;
	vm_debugfs_init();
	ret = misc_register(&dev);
	if (ret) {
		pr_err("cannot register /dev/kvm (%d); is another KVM loaded?\n", ret);
		goto exit_debugfs;
	}
	pr_info("ready: %u break- and %u watchpoints%s, GICv2 with %u list registers, 8 VMID bits, "
		"%u CPUs, %s\n",
		machine.debug.nr_brps, machine.debug.nr_wrps,
		machine.debug.absent	? " (debug=0: not for guests)"
		: machine.debug.monitor ? ", monitor mode on"
					: ", monitor mode off: guests cannot use them",
		machine.nr_lrs, cpumask_weight(&hyp_call_cpus), errata_branch_flush_text());
	return 0;

exit_debugfs:
	vm_debugfs_exit();
exit_cpu:
	hyp_cpu_exit();
exit_map:
	hyp_map_exit();
release_machine:
	machine_release();
	return ret;
}

static void __exit kvm_armv7_exit(void)
{
	misc_deregister(&dev);
	vm_debugfs_exit();
	hyp_cpu_exit();
	hyp_map_exit();
	machine_release();
}

module_init(kvm_armv7_init);
module_exit(kvm_armv7_exit);
MODULE_DESCRIPTION("KVM for 32-bit Arm hosts, with self-debugging guests");
MODULE_VERSION(KVM_ARMV7_VERSION);
MODULE_LICENSE("GPL v2");
MODULE_ALIAS_MISCDEV(KVM_MINOR);
MODULE_ALIAS("devname:kvm");
