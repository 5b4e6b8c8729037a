// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that restarts KVM_RUN without doing the work which that was for: whenever
 * vcpu_run() of kvm_armv7 begins, TIF_NOTIFY_RESUME is set.
 *
 *   times    do so for this many calls; reads as how many are left
 *   signals  SIGUSR1 comes that many times while the kernel does the work, which is rseq's: each
 *            thread of glibc has that
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/thread_info.h>

static uint times, signals;
module_param(times, uint, 0400);
module_param(signals, uint, 0400);

static const struct task_struct *working; /* only compared */

static int vcpu_run_begins(struct kprobe *probe, struct pt_regs *regs)
{
	if (times) {
		times--;
		working = current;
		set_thread_flag(TIF_NOTIFY_RESUME);
	}
	return 0;
}

static int work_is_done(struct kprobe *probe, struct pt_regs *regs)
{
	if (signals && working == current) {
		signals--;
		working = NULL; /* delivering the signal comes here, too */
		send_sig(SIGUSR1, current, 0);
	}
	return 0;
}

static struct kprobe begins = {
	.symbol_name = "kvm_armv7:vcpu_run",
	.pre_handler = vcpu_run_begins,
};
static struct kprobe work = {
	.symbol_name = "__rseq_handle_notify_resume",
	.pre_handler = work_is_done,
};

static int __init notify_again_init(void)
{
	struct kprobe *both[] = { &begins, &work };

	return register_kprobes(both, 2);
}

static void __exit notify_again_exit(void)
{
	struct kprobe *both[] = { &begins, &work };

	unregister_kprobes(both, 2);
}

module_init(notify_again_init);
module_exit(notify_again_exit);
MODULE_DESCRIPTION("Test only: KVM_RUN always begins with work pending");
MODULE_LICENSE("GPL v2");
