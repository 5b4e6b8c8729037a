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
#include "machine/hyp-cpu.h"
#include "machine/hyp-map.h"
#include "machine/machine.h"
#include "core/vm.h"

bool param_debug = true;
module_param_named(debug, param_debug, bool, 0444);
MODULE_PARM_DESC(debug, "give guests debug registers (default: yes)");

bool param_allow_unknown_cpu;
module_param_named(allow_unknown_cpu, param_allow_unknown_cpu, bool, 0444);
MODULE_PARM_DESC(allow_unknown_cpu, "load on a CPU that is no Cortex-A7, A12, A15 or A17");

int kvm_capability(unsigned long extension)
{
	switch (extension) {
	case KVM_CAP_USER_MEMORY:
	case KVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case KVM_CAP_JOIN_MEMORY_REGIONS_WORKS:
	case KVM_CAP_IRQCHIP:
	case KVM_CAP_ONE_REG:
	case KVM_CAP_ARM_PSCI:
	case KVM_CAP_ARM_PSCI_0_2:
	case KVM_CAP_READONLY_MEM:
	case KVM_CAP_MP_STATE:
	case KVM_CAP_IMMEDIATE_EXIT:
	case KVM_CAP_DEVICE_CTRL:
	case KVM_CAP_ARM_SET_DEVICE_ADDR:
	case KVM_CAP_ARM_IRQ_LINE_LAYOUT_2:
	case KVM_CAP_CHECK_EXTENSION_VM:
	case KVM_CAP_SET_GUEST_DEBUG:
		return 1;
	case KVM_CAP_SET_GUEST_DEBUG2:
		return guest_debug_controls();
	case KVM_CAP_GUEST_DEBUG_HW_BPS:
		return guest_debug_brps();
	case KVM_CAP_GUEST_DEBUG_HW_WPS:
		return guest_debug_wrps();
	case KVM_CAP_NR_VCPUS:
		return min_t(int, num_online_cpus(), KVM_ARMV7_MAX_VCPUS);
	case KVM_CAP_MAX_VCPUS:
	case KVM_CAP_MAX_VCPU_ID:
		return KVM_ARMV7_MAX_VCPUS;
	case KVM_CAP_NR_MEMSLOTS:
		return KVM_ARMV7_MAX_MEMSLOTS;
	default:
		return 0;
	}
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return arg ? -EINVAL : vm_create();
	case KVM_CHECK_EXTENSION:
		return kvm_capability(arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : PAGE_SIZE;
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

	ret = coproc_check_table();
	if (ret)
		return ret;
	ret = machine_probe();
	if (ret)
		return ret;
	ret = hyp_map_init();
	if (ret)
		goto release_machine;
	ret = hyp_cpu_init();
	if (ret)
		goto exit_map;
	vm_debugfs_init();
	ret = misc_register(&dev);
	if (ret) {
		pr_err("/dev/kvm cannot be made (%d); is there another KVM?\n", ret);
		goto exit_debugfs;
	}
	pr_info("ready: %u break- and %u watchpoints%s, GICv2 with %u list registers, 8 VMID bits, "
		"%u CPUs\n",
		machine.debug.nr_brps, machine.debug.nr_wrps,
		machine.debug.absent	? " (debug=0: not for guests)"
		: machine.debug.monitor ? ", monitor mode on"
					: ", monitor mode off: guests cannot use them",
		machine.nr_lrs, cpumask_weight(&hyp_cpus));
	return 0;

exit_debugfs:
	vm_debugfs_exit();
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
MODULE_LICENSE("GPL v2");
MODULE_ALIAS_MISCDEV(KVM_MINOR);
MODULE_ALIAS("devname:kvm");
