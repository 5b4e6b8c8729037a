/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's virtual timer: hyp/timer-sr.h has its registers, irq/vtimer.c its interrupt. */
#ifndef KVM_ARMV7_VTIMER_H
#define KVM_ARMV7_VTIMER_H

#include <linux/ktime.h>

#include "core/kvm-trace.h"
#include "core/vm.h"
#include "hyp/sysreg-bits.h"
#include "machine/ppi.h"

#define VTIMER_INTID 27 /* the guest's PPI, as on most boards, unless user space sets another */

/* The counter as the host sees it, in ticks of CNTFRQ. */
u64 vtimer_host_count(void);
/* How long the counter takes for that many ticks; an hour, if it takes longer. */
ktime_t vtimer_ticks_to_time(u64 ticks);

void vtimer_vcpu_init(struct vcpu *vcpu);
void vtimer_vcpu_destroy(struct vcpu *vcpu);
void vtimer_vcpu_reset(struct vcpu *vcpu);
/* Set the PPI's line to the level that the saved timer and the counter give.  Any context. */
void vtimer_update(struct vcpu *vcpu);
/* timer.expired has changed: the slow half of vtimer_sync(). */
void vtimer_set_line(struct vcpu *vcpu, bool level);

/*
 * Before the guest and before vgic_flush(), interrupts off.
 *
 * A deadline that has passed since the exit is found by the hardware: the PPI ends the run at
 * once, and vtimer_sync() sees it.  A deadline that had passed may have been moved since, by
 * user space or with the VM's offset, and nothing would find that.
 */
static inline void vtimer_flush(struct vcpu *vcpu)
{
	struct hyp_timer *timer = &vcpu->hyp->timer;

	timer->cntvoff = vcpu->vm->cntvoff;
	if (vcpu->timer.expired)
		vtimer_update(vcpu);
	trace_kvm_timer_restore_state(timer->cntv_ctl, timer->cntv_cval, TRACE_VTIMER);
}

/*
 * After vgic_flush(), which may have found that the guest's interrupt is neither pending nor
 * active any more.  Make the PPI active even if the guest has it disabled, or has no GIC at all.
 * Otherwise the line would end each entry at once, for ever.
 */
static inline void vtimer_flush_ppi(struct vcpu *vcpu)
{
	ppi_set_active(vcpu->timer.expired || READ_ONCE(vcpu->timer.irq->queue_vcpu));
}

/* After it, interrupts still off: the level of the line is what CNTV_CTL says (B8.1). */
static inline void vtimer_sync(struct vcpu *vcpu)
{
	const struct hyp_timer *timer = &vcpu->hyp->timer;

	trace_kvm_timer_save_state(timer->cntv_ctl, timer->cntv_cval, TRACE_VTIMER);
	vcpu->timer.expired =
		(timer->cntv_ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK | CNT_CTL_ISTATUS)) ==
		(CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
	if (vcpu->timer.expired != vcpu->timer.irq->line_level)
		vtimer_set_line(vcpu, vcpu->timer.expired);
}

/* Start and cancel the hrtimer that stands in for CNTV while a vCPU is halted. */
void vtimer_block(struct vcpu *vcpu);
void vtimer_unblock(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VTIMER_H */
