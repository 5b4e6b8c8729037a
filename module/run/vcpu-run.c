// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN.  A vCPU's registers are in the CPU only between local_irq_disable() and
 * the return of HYP_CALL_RUN.  At all other times they are in memory.
 */
#include <linux/sched/signal.h>

#include "core/guest-regs.h"
#include "core/hyp-page.h"
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "debug/guest-debug.h"
#include "debug/trace.h"
#include "hyp/guest-insn.h"
#include "irq/vgic-eoi.h"
#include "irq/timer-irqs.h"
#include "irq/vgic-hyp.h"
#include "irq/vgic-init.h"
#include "irq/vgic-lr.h"
#include "irq/vgic.h"
#include "irq/vpmu.h"
#include "irq/vtimer.h"
#include "machine/hyp-call.h"
#include "machine/machine.h"
#include "machine/ppi.h"
#include "machine/vfp.h"
#include "memory/vmid.h"
#include "run/exits.h"
#include "run/mmio.h"
#include "run/psci.h"
#include "run/vcpu-run.h"
#include "run/wait.h"

/*
 * A guest's local TLB and I-cache maintenance covers its own vCPU's translations only,
 * but all vCPUs of a VM share a VMID.  So where another vCPU of the VM ran last on this
 * CPU, HYP flushes before it enters.
 */
static void note_cpu(struct vcpu *vcpu, struct hyp_vcpu *hyp, int cpu)
{
	struct vcpu **last = raw_cpu_ptr(vcpu->vm->last_vcpu);

	hyp->flush_local = *last != vcpu;
	*last = vcpu;
	vcpu->ran_on = cpu;
}

/*
 * HYP is not installed on this CPU.  Either the CPU is going offline and the scheduler
 * will migrate us, or it was refused when it came online and the scheduler does not
 * know: we could stay here for ever.  Returns 1 to try again, 0 to tell the VMM.
 */
static int handle_unsupported_cpu(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	unsigned int cpu;
	bool refused;

	preempt_disable();
	cpu = smp_processor_id();
	refused = cpu_active(cpu) && !hyp_call_ready();
	preempt_enable();
	if (!refused) {
		schedule_timeout_interruptible(1);
		return 1;
	}
	memset(&run->fail_entry, 0, sizeof(run->fail_entry));
	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = KVM_ARMV7_FAIL_ENTRY_CPU_UNSUPPORTED;
	run->fail_entry.cpu = cpu;
	return 0;
}

/* HYP has not run the guest, or only a part of what it does for that. */
static noinline void note_failed_run(struct vcpu *vcpu, u32 reason)
{
	/* The access that faulted may have been to GICH: list registers may still be live. */
	if (reason == HYP_EXIT_PANIC)
		machine_clear_gich();
	/* It may not have come to the flush that note_cpu() has asked for. */
	if (reason == HYP_EXIT_PANIC || reason == HYP_EXIT_HOST_ABORT)
		*raw_cpu_ptr(vcpu->vm->last_vcpu) = NULL;
}

static noinline void trace_exit(struct vcpu *vcpu, u32 reason)
{
	if (reason == HYP_EXIT_IRQ || reason == HYP_EXIT_HOST_ABORT)
		trace_kvm_exit(TRACE_EXIT_IRQ, 0, *vcpu_pc(vcpu));
	else
		trace_kvm_exit(TRACE_EXIT_TRAP, HSR_EC(vcpu->hyp->hsr), *vcpu_pc(vcpu));
}

/*
 * Anything that has to come before the guest: see serve_work().  Interrupts are off, and
 * in_guest is set, so whatever becomes pending after this interrupts us.
 */
static bool work_is_pending(const struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;
	/* Acquire: pairs with vm_resume_others(), so that vgic_flush() sees cpu_mapped. */
	unsigned long work = atomic_read_acquire(&vm->pause);

	work |= compat_thread_work();
	work |= READ_ONCE(vcpu->power_off) | READ_ONCE(vcpu->reset_pending);
	work |= compat_immediate_exit(vcpu->run);
	return work;
}

/* A module that checks itself: HYP gets no state to which an ERET is UNPREDICTABLE. */
static inline void check_state(const u32 *regs)
{
#ifdef KVM_ARMV7_CHECKS
	u32 pc = regs[HYP_REG_PC], cpsr = regs[HYP_REG_CPSR];

	WARN_ONCE(pc & (cpsr & PSR_T ? 1 : 3), "kvm_armv7: PC %08x with CPSR %08x\n", pc, cpsr);
	WARN_ONCE(cpsr & (PSR_IT | PSR_J) && !(cpsr & PSR_T), "kvm_armv7: CPSR %08x\n", cpsr);
#endif
}

/*
 * Enter the guest once.  Returns enum hyp_exit, 0 if pending work came first, NO_HYP if
 * HYP is not installed on this CPU.  Interrupts and preemption are on.
 */
#define NO_HYP (~0u)
static u32 vcpu_enter_guest(struct vcpu *vcpu)
{
	struct hyp_vcpu *hyp = vcpu->hyp;
	u32 reason = 0, *regs = hyp->regs.usr, fpexc;
	int cpu;

	preempt_disable();
	local_irq_disable();
	if (unlikely(!hyp_call_ready())) {
		local_irq_enable();
		preempt_enable();
		return NO_HYP;
	}
	cpu = smp_processor_id();
	vcpu->cpu = cpu;
	/*
	 * From here on vcpu_kick() interrupts us.  Pairs with the barrier there:
	 * either it sees in_guest, or we see what the kicker changed.
	 */
	smp_wmb(); /* pairs with vcpu_kick(): a CPU that sees in_guest sees cpu, too */
	WRITE_ONCE(vcpu->in_guest, true);
	smp_mb();
	/* Pairs with vmid_next_generation(): interrupts have been off since before this. */
	if (unlikely(work_is_pending(vcpu) || !vmid_is_current(vcpu->vttbr_epoch)))
		goto out;
	/* Every entry passes here, whichever code has set PC or CPSR. */
	regs[HYP_REG_CPSR] = guest_legal_cpsr(regs[HYP_REG_CPSR]);
	regs[HYP_REG_PC] = guest_legal_pc(regs[HYP_REG_PC], regs[HYP_REG_CPSR]);
	note_cpu(vcpu, hyp, cpu);
	if (trace_cp14_enabled()) /* a static branch */
		hyp->trace = true;
	if (static_branch_unlikely(&kvm_trace_exits))
		hyp->answers.on = false;
	hyp->runs++;
	smp_wmb(); /* before HYP writes anything: pairs with snapshot_copy_stopped() */
	vtimer_flush(vcpu);
	vgic_flush(vcpu);
	vtimer_flush_ppi(vcpu);

	trace_kvm_entry(regs[HYP_REG_PC]);
	check_state(regs);
	hyp_page_take_away(vcpu);
	compat_guest_timing_enter();
	if (unlikely(vcpu->vpmu))
		vpmu_enter(vcpu);
	compat_guest_context_enter();
	fpexc = vfp_open(static_branch_likely(&machine_has_vfp));
	reason = hyp_call(HYP_CALL_RUN, vcpu->hyp_va.va, 0);
	vfp_close(fpexc);
	compat_guest_context_exit();
	if (unlikely(vcpu->vpmu))
		vpmu_exit(vcpu);
	hyp_page_give_back(vcpu);
	stat_inc(&vcpu->stats.exits);

	if (unlikely(reason > HYP_EXIT_TRAP))
		note_failed_run(vcpu, reason);
	vgic_sync(vcpu);
	vtimer_sync(vcpu);
	ppi_check_active();
	if (reason == HYP_EXIT_IRQ) {
		hyp->answers.on = true; /* until the next entry finds a tracepoint enabled */
		/* Take the interrupt while time is still accounted to the guest. */
		local_irq_enable();
		isb();
		local_irq_disable();
		/*
		 * Not at each entry, as it costs 32 instructions: the tick ends a guest's run
		 * often enough for RCU's grace periods.
		 */
		compat_note_quiescent_state();
	}
	compat_guest_timing_exit();
	if (trace_kvm_exit_enabled()) /* a static branch */
		trace_exit(vcpu, reason);
out:
	/* After everything that HYP wrote: pairs with snapshot_copy_stopped(). */
	smp_store_release(&vcpu->in_guest, false);
	vgic_put(vcpu);
	local_irq_enable();
	preempt_enable();
	return reason;
}

/*
 * Work that the kernel does on the way to user space is pending: task work, throttling by
 * the memory cgroup, rseq.  The functions that do it are not exported, so return as if to
 * user space, and have the kernel restart the system call.  TIF_SIGPENDING makes it look at
 * the return value; it finds no signal and clears the flag.  If a signal comes meanwhile, as the
 * work may sleep, KVM_RUN ends with it: ERESTARTNOHAND becomes EINTR once a handler has run.
 *
 * That the work comes before the restart depends on the entry code of 6.1 to 6.12: it hands
 * do_work_pending() the thread's flags shifted left by 16, so the first round does the work
 * and only the second one sees TIF_SIGPENDING.  Other entry code may restart the call with
 * the work still pending, always; and this one does if the thread is preempted in between.
 * So after MAX_RESTARTS in a row KVM_RUN returns -EINTR, which the kernel does not restart:
 * the VMM calls again, as it does after a signal.
 */
#define MAX_RESTARTS 8
static int restart_run(struct vcpu *vcpu)
{
	vcpu->restarts++;
	set_thread_flag(TIF_SIGPENDING);
	vcpu->run->exit_reason = KVM_EXIT_INTR;
	return -ERESTARTNOHAND;
}

/* Does the kernel restart KVM_RUN again and again without doing the pending work? */
static bool restart_failed(struct vcpu *vcpu)
{
	bool pending = test_thread_flag(TIF_NOTIFY_RESUME);
	bool failed = pending && vcpu->restarts >= MAX_RESTARTS;

	if (failed || !pending)
		vcpu->restarts = 0;
	return failed;
}

/* KVM_RUN ends before the guest has done anything that user space has to see. */
static int interrupted(struct vcpu *vcpu)
{
	stat_inc(&vcpu->stats.signal_exits);
	vcpu->run->exit_reason = KVM_EXIT_INTR;
	return -EINTR;
}

/*
 * What work_is_pending() found, or an old VMID.  Returns 1 to enter the guest, or what
 * KVM_RUN returns.
 */
static noinline int serve_work(struct vcpu *vcpu)
{
	cond_resched();
	if (signal_pending(current) || compat_immediate_exit(vcpu->run))
		return interrupted(vcpu);
	if (test_thread_flag(TIF_NOTIFY_RESUME))
		return restart_run(vcpu);
	if (READ_ONCE(vcpu->power_off) || READ_ONCE(vcpu->reset_pending)) {
		if (vcpu_wait_powered_on(vcpu))
			return interrupted(vcpu);
	}
	if (atomic_read(&vcpu->vm->pause))
		vcpu_wait_resumed(vcpu);
	vcpu->vttbr_epoch = vmid_update(&vcpu->vm->stage2, &vcpu->hyp->vttbr);
	return 1;
}

/* Before the first entry of this KVM_RUN: 1, or what KVM_RUN returns. */
static int begin_run(struct vcpu *vcpu)
{
	int ret;

	if (restart_failed(vcpu))
		return interrupted(vcpu);
	ret = timer_irqs_fix(vcpu->vm);
	if (ret)
		return ret;
	if (vcpu->vpmu) {
		ret = vpmu_begin_run(vcpu);
		if (ret)
			return ret;
	}
	ret = vgic_map_resources(vcpu->vm);
	if (ret)
		return ret;
	vgic_hyp_begin_run(vcpu);
	psci_begin_run(vcpu);
	guest_debug_begin_step(vcpu);
	ret = mmio_complete(vcpu);
	if (ret <= 0)
		return ret;
	if (compat_immediate_exit(vcpu->run))
		return interrupted(vcpu);
	if (vcpu->inject_bkpt)
		guest_debug_inject_bkpt(vcpu);
	return 1;
}

int vcpu_run(struct vcpu *vcpu)
{
	u32 reason;
	int ret;

	if (!vcpu->initialized)
		return -ENOEXEC;
	ret = begin_run(vcpu);
	while (ret > 0) {
		reason = vcpu_enter_guest(vcpu);
		if (unlikely(vcpu->vgic.nr_ended))
			vgic_eoi_notify(vcpu);
		if (likely(reason == HYP_EXIT_TRAP))
			ret = vcpu_handle_trap(vcpu);
		else if (!reason)
			ret = serve_work(vcpu);
		else if (reason == NO_HYP)
			ret = handle_unsupported_cpu(vcpu);
		else
			ret = vcpu_handle_exit(vcpu, reason);
	}
	return ret;
}
