// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that restarts KVM_RUN without doing the work which that was for: whenever
 * vcpu_run() of kvm_armv7 begins, TIF_NOTIFY_RESUME is set.
 *
 *   times   do so for this many calls; reads as how many are left
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/thread_info.h>

static uint times;
module_param(times, uint, 0400);

static int vcpu_run_begins(struct kprobe *probe, struct pt_regs *regs)
{
	if (times) {
		times--;
		set_thread_flag(TIF_NOTIFY_RESUME);
	}
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "kvm_armv7:vcpu_run",
	.pre_handler = vcpu_run_begins,
};

static int __init notify_again_init(void)
{
	return register_kprobe(&probe);
}

static void __exit notify_again_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(notify_again_init);
module_exit(notify_again_exit);
MODULE_DESCRIPTION("Test only: KVM_RUN always begins with work pending");
MODULE_LICENSE("GPL v2");
