// SPDX-License-Identifier: GPL-2.0-only
/*
 * How one thread makes a vCPU look at its state again: an interrupt takes it out of
 * the guest, a wake-up ends its sleep.
 *
 * The kicker changes state and then reads in_guest; vcpu_enter_guest() sets in_guest
 * and then reads the state.  Each has a full barrier in between, so at least one of
 * the two sees what the other wrote.
 */
#include <linux/sched.h>
#include <linux/smp.h>

#include "core/kick.h"
#include "core/vm.h"

/* On the CPU that the vCPU was on.  The interrupt is enough if the vCPU is still there. */
static void vcpu_kick_ipi(void *info)
{
	struct vcpu *vcpu = info;

	/*
	 * Clear before reading in_guest, so that a later kicker queues again.  Release: it finds
	 * the call_single_data free, as the kernel has left it before it called us.
	 */
	atomic_set_release(&vcpu->kick_queued, 0);
	smp_mb();
	if (READ_ONCE(vcpu->in_guest))
		vcpu_kick(vcpu);
}

/*
 * One queued kick is enough, because vcpu_kick_ipi() follows the vCPU to its CPU.  And
 * a vCPU has one call_single_data, which only one CPU at a time may queue.
 */
void vcpu_kick(struct vcpu *vcpu)
{
	int cpu;

	smp_mb(); /* pairs with vcpu_enter_guest() */
	if (!READ_ONCE(vcpu->in_guest)) {
		rcuwait_wake_up(&vcpu->wait);
		return;
	}
	smp_rmb(); /* pairs with vcpu_enter_guest(): cpu is as new as in_guest, or newer */
	cpu = READ_ONCE(vcpu->cpu);
	if (cpu == raw_smp_processor_id() || !cpu_online(cpu))
		return;
	if (atomic_xchg(&vcpu->kick_queued, 1))
		return;
	if (smp_call_function_single_async(cpu, &vcpu->kick))
		atomic_set(&vcpu->kick_queued, 0); /* the CPU went offline: no guest runs there */
}

void vcpu_kick_init(struct vcpu *vcpu)
{
	rcuwait_init(&vcpu->wait);
	INIT_CSD(&vcpu->kick, vcpu_kick_ipi, vcpu);
}

static void ipi_nop(void *unused)
{
}

void vcpu_kick_exit(struct vcpu *vcpu)
{
	while (atomic_read(&vcpu->kick_queued))
		cpu_relax();
	/*
	 * kick_queued is 0 as soon as vcpu_kick_ipi() begins.  A CPU that answers this
	 * call has left it.
	 */
	smp_call_function(ipi_nop, NULL, 1);
}

void vm_kick_all(struct vm *vm)
{
	int n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *vcpu = READ_ONCE(vm->vcpus[n]);

		if (vcpu)
			vcpu_kick(vcpu);
	}
}

void vm_pause_others(struct vm *vm, struct vcpu *self)
{
	int n;

	/*
	 * A vCPU that has left the guest must stay out while we wait for the next one.
	 * Pairs with vcpu_enter_guest(): we see its in_guest, or it sees this count.  The
	 * barrier in between is vcpu_kick()'s.  No vCPU is added any more: the GIC is
	 * initialized.
	 */
	atomic_inc(&vm->pause);
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *vcpu = READ_ONCE(vm->vcpus[n]);

		if (!vcpu || vcpu == self)
			continue;
		vcpu_kick(vcpu);
		/*
		 * The interrupt takes it out; vgic_sync() is done when in_guest falls, and the
		 * caller sees what it did.
		 */
		while (smp_load_acquire(&vcpu->in_guest)) {
			cpu_relax();
			cond_resched();
		}
	}
}

void vm_resume_others(struct vm *vm)
{
	int n;

	/*
	 * Pairs with vcpu_enter_guest(): a vCPU that sees this sees what we changed.  An atomic
	 * operation that returns a value is a full barrier (Documentation/atomic_t.txt).
	 */
	if (!atomic_dec_and_test(&vm->pause))
		return;
	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *vcpu = READ_ONCE(vm->vcpus[n]);

		if (vcpu)
			rcuwait_wake_up(&vcpu->wait); /* vcpu_wait_resumed() */
	}
}
