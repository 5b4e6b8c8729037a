// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual timer's interrupt.
 *
 * While a guest runs, its CNTV drives the physical virtual timer PPI.  When that fires,
 * the CPU returns to the host with CNTV saved and off.  The saved state gives the level
 * of the guest's PPI, which the vgic delivers linked to the physical one.  As long as
 * the line is high, or the guest is serving it, the physical PPI is kept active in the
 * GIC: an active interrupt is not signalled again, so the guest can run with its timer
 * expired.  The guest's own EOI deactivates both.
 */

#include "core/kvm-trace.h"
#include "core/vm.h"
#include "hyp/sysreg-bits.h"
#include "irq/vgic.h"
#include "irq/vtimer.h"
#include "machine/machine.h"
#include "machine/ppi.h"

u64 vtimer_host_count(void)
{
	u64 count;

	/* Do not read the counter ahead of earlier instructions (B8.1.2). */
	isb();
	asm volatile("mrrc p15, 0, %Q0, %R0, c14" : "=r"(count));
	return count;
}

static bool deadline_counts(const struct vcpu *vcpu)
{
	return (vcpu->hyp->timer.cntv_ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE;
}

/* Ticks until the deadline, 0 when it has passed. */
static u64 ticks_left(const struct vcpu *vcpu)
{
	u64 now = vtimer_host_count() - vcpu->vm->cntvoff;
	u64 deadline = vcpu->hyp->timer.cntv_cval;

	return now >= deadline ? 0 : deadline - now;
}

static bool vtimer_expired(const struct vcpu *vcpu)
{
	return deadline_counts(vcpu) && !ticks_left(vcpu);
}

void vtimer_set_line(struct vcpu *vcpu, bool level)
{
	if (!vcpu->vm->vgic.initialized || level == vcpu->timer.irq->line_level)
		return;
	trace_kvm_timer_update_irq(vcpu->id, vcpu->timer.intid, level);
	vgic_set_own_line(vcpu, &vcpu->timer.intid, level);
}

void vtimer_update(struct vcpu *vcpu)
{
	vcpu->timer.expired = vtimer_expired(vcpu);
	vtimer_set_line(vcpu, vcpu->timer.expired);
}

ktime_t vtimer_ticks_to_time(u64 ticks)
{
	ticks = min(ticks, (u64)machine.cntfrq * 3600 - 1) + 1;
	return ns_to_ktime(mul_u64_u32_div(ticks, NSEC_PER_SEC, machine.cntfrq));
}

static enum hrtimer_restart vtimer_wakeup(struct hrtimer *timer)
{
	struct vcpu *vcpu = container_of(timer, struct vcpu, timer.wakeup);
	u64 left = ticks_left(vcpu);

	if (left) {
		hrtimer_forward_now(timer, vtimer_ticks_to_time(left));
		return HRTIMER_RESTART;
	}
	trace_kvm_timer_hrtimer_expire(TRACE_VTIMER);
	rcuwait_wake_up(&vcpu->wait);
	return HRTIMER_NORESTART;
}

void vtimer_block(struct vcpu *vcpu)
{
	if (vcpu->vm->vgic.initialized && deadline_counts(vcpu))
		hrtimer_start(&vcpu->timer.wakeup, vtimer_ticks_to_time(ticks_left(vcpu)),
			      HRTIMER_MODE_REL_HARD);
}

void vtimer_unblock(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->timer.wakeup);
}

void vtimer_vcpu_init(struct vcpu *vcpu)
{
	/* Hard: on PREEMPT_RT, too, the timer wakes the vCPU without a detour by a thread. */
	compat_hrtimer_setup(&vcpu->timer.wakeup, vtimer_wakeup, CLOCK_MONOTONIC,
			     HRTIMER_MODE_REL_HARD);
}

void vtimer_vcpu_destroy(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->timer.wakeup);
}

void vtimer_vcpu_reset(struct vcpu *vcpu)
{
	vcpu->hyp->timer.cntv_ctl = 0;
	vcpu->hyp->timer.cntv_cval = 0;
}
