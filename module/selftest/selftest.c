// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small guest on each CPU, before there is a /dev/kvm: the first thing to try on a board that
 * nobody has tried.
 *
 * It is an ordinary VM of the process that loads the module, without descriptors.  A kernel
 * thread that is bound to the CPU runs it in that process's address space: a thread of user space
 * may have work to do on its way there, for which KVM_RUN would have to return.
 *
 * A guest that hangs is ended by an hrtimer.  Nothing ends code in HYP that hangs, because
 * interrupts are masked there; so each step logs its name at KERN_DEBUG before it begins.
 */
#define pr_fmt(fmt) "kvm_armv7: selftest: " fmt

#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "api/vcpu-fd.h"
#include "api/vgic-device.h"
#include "api/vm-fd.h"
#include "compat/compat.h"
#include "core/guest-regs.h"
#include "core/kick.h"
#include "core/vm.h"
#include "irq/vtimer.h"
#include "machine/hyp-call.h"
#include "machine/machine.h"
#include "memory/memslot.h"
#include "run/vcpu-init.h"
#include "run/vcpu-run.h"
#include "selftest/guest.h"
#include "selftest/selftest.h"

#define MEMORY_SIZE  (2 * PAGE_SIZE)
#define STEP_SECONDS 10
#define DATA_WORD    0x5e1f7e57 /* of CPU 0 */

static bool wanted;
module_param_named(selftest, wanted, bool, 0444);
MODULE_PARM_DESC(selftest, "try a guest on each CPU before there is a /dev/kvm (default: no)");

enum selftest_step {
	STEP_ENTER,
	STEP_HYPERCALL,
	STEP_FAULT,
	STEP_VFP,
	STEP_TIMER,
	STEP_WATCHPOINT,
	STEP_END
};

static const char *const step_names[] = {
	[STEP_ENTER] = "enter", [STEP_HYPERCALL] = "hypercall", [STEP_FAULT] = "stage 2 fault",
	[STEP_VFP] = "VFP",	[STEP_TIMER] = "timer",		[STEP_WATCHPOINT] = "watchpoint",
};

struct selftest {
	struct mm_struct *mm;
	unsigned long memory; /* where it is mapped in mm */
	unsigned int cpu;
	struct vm *vm;
	struct vcpu *vcpu;
	struct hrtimer deadline;
	bool late;
	char why[80];
};

/* Without debug registers, or without the monitor mode that they need, there is no last step. */
static enum selftest_step __init last_step(void)
{
	return machine.debug.absent || !machine.debug.monitor ? STEP_TIMER : STEP_WATCHPOINT;
}

static enum hrtimer_restart selftest_deadline(struct hrtimer *timer)
{
	struct selftest *s = container_of(timer, struct selftest, deadline);

	WRITE_ONCE(s->late, true);
	compat_set_immediate_exit(s->vcpu->run);
	vcpu_kick(s->vcpu);
	return HRTIMER_NORESTART;
}

/* Both the code and the word are new for each CPU: they are in this CPU's caches. */
static int __init fill_memory(const struct selftest *s)
{
	void __user *code = (void __user *)s->memory, *data = code + PAGE_SIZE;
	u32 word = DATA_WORD + s->cpu;

	if (copy_to_user(code, selftest_guest, selftest_guest_end - selftest_guest) ||
	    copy_to_user(data, &word, sizeof(word)))
		return -EFAULT;
	return 0;
}

static int __init make_vm(struct selftest *s)
{
	const struct kvm_userspace_memory_region region = {
		.guest_phys_addr = SELFTEST_RAM,
		.memory_size = MEMORY_SIZE,
		.userspace_addr = s->memory,
	};
	int ret;

	s->vm = vm_new();
	if (IS_ERR(s->vm))
		return PTR_ERR(s->vm);
	s->vcpu = vcpu_new(s->vm);
	ret = PTR_ERR_OR_ZERO(s->vcpu);
	if (!ret)
		ret = memslot_set(s->vm, &region);
	if (!ret)
		ret = vgic_create(s->vm, KVM_DEV_TYPE_ARM_VGIC_V2);
	if (!ret)
		ret = vgic_set_address(s->vm, KVM_VGIC_V2_ADDR_TYPE_DIST, SELFTEST_GICD);
	if (!ret)
		ret = vgic_set_address(s->vm, KVM_VGIC_V2_ADDR_TYPE_CPU, SELFTEST_GICC);
	if (ret)
		vm_put(s->vm);
	return ret;
}

static int __init reset_vcpu(struct selftest *s)
{
	const struct kvm_vcpu_init init = {
		.target = machine.target,
		.features[0] = BIT(KVM_ARM_VCPU_PSCI_0_2),
	};
	int ret = vcpu_init(s->vcpu, &init);

	*vcpu_pc(s->vcpu) = SELFTEST_RAM;
	*vcpu_reg(s->vcpu, 3) = DATA_WORD + s->cpu;
	return ret;
}

static int __init step_failed(struct selftest *s, enum selftest_step step, int error)
{
	pr_err("CPU%u fails at \"%s\": %s; PC %08x\n", s->cpu, step_names[step], s->why,
	       *vcpu_pc(s->vcpu));
	return error;
}

/* What the guest has reported; r1 and r2 say more. */
static bool __init report_is_good(struct selftest *s)
{
	u32 report = *(u32 *)s->vcpu->run->mmio.data;
	u32 r1 = *vcpu_reg(s->vcpu, 1), r2 = *vcpu_reg(s->vcpu, 2);

	if (report == SELFTEST_GOOD)
		return true;
	if (report == SELFTEST_EXCEPTION)
		scnprintf(s->why, sizeof(s->why), "the guest took exception %u, LR %08x", r1, r2);
	else
		scnprintf(s->why, sizeof(s->why), "the guest found %08x, not %08x", r1, r2);
	return false;
}

/* Run until the guest's next report. */
static int __init run_step(struct selftest *s, enum selftest_step step)
{
	const struct kvm_run *run = s->vcpu->run;
	int ret;

	printk(KERN_DEBUG pr_fmt("CPU%u: %s\n"), s->cpu, step_names[step]);
	hrtimer_start(&s->deadline, ktime_set(STEP_SECONDS, 0), HRTIMER_MODE_REL_HARD);
	ret = vcpu_run(s->vcpu);
	hrtimer_cancel(&s->deadline);
	if (ret && READ_ONCE(s->late)) {
		scnprintf(s->why, sizeof(s->why), "no answer in %u seconds", STEP_SECONDS);
		return step_failed(s, step, -ETIMEDOUT);
	}
	if (ret) {
		scnprintf(s->why, sizeof(s->why), "KVM_RUN says %d", ret);
		return step_failed(s, step, -EIO);
	}
	if (run->exit_reason != KVM_EXIT_MMIO || run->mmio.phys_addr != SELFTEST_REPORT ||
	    !run->mmio.is_write) {
		scnprintf(s->why, sizeof(s->why), "KVM_RUN ends for reason %u (HSR %08x)",
			  run->exit_reason, s->vcpu->hyp->hsr);
		return step_failed(s, step, -EIO);
	}
	return report_is_good(s) ? 0 : step_failed(s, step, -EIO);
}

/* r2 is the guest's time at the interrupt. */
static int __init check_time(struct selftest *s, u64 before, u64 after)
{
	u32 guest = *vcpu_reg(s->vcpu, 2);

	if (guest - (u32)before <= (u32)(after - before))
		return 0;
	scnprintf(s->why, sizeof(s->why), "CNTVCT was %08x, not in %08x to %08x", guest,
		  (u32)before, (u32)after);
	return step_failed(s, STEP_TIMER, -EIO);
}

static int __init run_steps(struct selftest *s)
{
	u64 offset = s->vm->cntvoff, before;
	enum selftest_step step;
	int ret;

	for (step = STEP_ENTER; step <= last_step(); step++) {
		before = vtimer_host_count() - offset;
		ret = run_step(s, step);
		if (!ret && step == STEP_TIMER)
			ret = check_time(s, before, vtimer_host_count() - offset);
		if (ret)
			return ret;
	}
	return 0;
}

/* On the CPU.  1: it has run there and passed; 0: the CPU went offline meanwhile; or -errno. */
static long __init test_cpu(void *data)
{
	struct selftest *s = data;
	int ret;

	kthread_use_mm(s->mm);
	ret = fill_memory(s);
	if (!ret)
		ret = make_vm(s);
	if (ret) {
		pr_err("no guest for CPU%u (%d)\n", s->cpu, ret);
		goto out;
	}
	compat_hrtimer_setup(&s->deadline, selftest_deadline, CLOCK_MONOTONIC,
			     HRTIMER_MODE_REL_HARD);
	mutex_lock(&s->vcpu->mutex);
	ret = reset_vcpu(s);
	if (!ret)
		ret = run_steps(s);
	if (!ret)
		ret = s->vcpu->ran_on == s->cpu;
	mutex_unlock(&s->vcpu->mutex);
	vm_put(s->vm);
out:
	kthread_unuse_mm(s->mm);
	return ret;
}

int __init selftest_run(void)
{
	static struct selftest s __initdata;
	unsigned int passed = 0;
	long ret = 0;

	if (!wanted)
		return 0;
	s.mm = current->mm;
	s.memory = vm_mmap(NULL, 0, MEMORY_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(s.memory))
		return s.memory;
	for_each_cpu(s.cpu, &hyp_call_cpus) {
		ret = work_on_cpu(s.cpu, test_cpu, &s);
		if (ret < 0)
			break;
		passed += ret;
	}
	vm_munmap(s.memory, MEMORY_SIZE);
	if (ret < 0)
		return ret;
	pr_info("passed on %u CPUs: enter, hypercall, stage 2 fault, VFP, timer%s\n", passed,
		last_step() == STEP_WATCHPOINT ? ", watchpoint" : "; no watchpoints to test");
	return 0;
}
