// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated physical timer.
 *
 * Its condition, CNTPCT >= CNTP_CVAL, becomes true when the counter passes the deadline, and
 * false only when the vCPU or user space writes a register.  So nothing has to look at it when
 * a guest is entered or left: a write computes the line and sets an hrtimer for the deadline,
 * and the hrtimer raises the line, wherever the vCPU is then.  That ends its WFI, or kicks it
 * out of the guest.
 */
#include "core/kvm-trace.h"
#include "core/vm.h"
#include "hyp/sysreg-bits.h"
#include "irq/ptimer.h"
#include "irq/vgic.h"
#include "irq/vtimer.h"

/* Ticks until the deadline, 0 if it has passed. */
static u64 ticks_left(const struct vcpu *vcpu)
{
	u64 now = vtimer_host_count();

	return now >= vcpu->ptimer.cval ? 0 : vcpu->ptimer.cval - now;
}

static void ptimer_set_line(struct vcpu *vcpu, bool level)
{
	if (vgic_set_own_line(vcpu, &vcpu->ptimer.intid, level))
		trace_kvm_timer_update_irq(vcpu->id, READ_ONCE(vcpu->ptimer.intid), level);
}

static enum hrtimer_restart ptimer_deadline(struct hrtimer *timer)
{
	struct vcpu *vcpu = container_of(timer, struct vcpu, ptimer.deadline);
	u64 left = ticks_left(vcpu);

	/* It was too far away, or the host's clock runs faster than the counter. */
	if (left) {
		hrtimer_forward_now(timer, vtimer_ticks_to_time(left));
		return HRTIMER_RESTART;
	}
	trace_kvm_timer_hrtimer_expire(TRACE_PTIMER);
	ptimer_set_line(vcpu, true);
	return HRTIMER_NORESTART;
}

static bool deadline_counts(const struct vcpu *vcpu)
{
	return (vcpu->ptimer.ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE;
}

/* After any register changed; the hrtimer is cancelled. */
static void ptimer_update(struct vcpu *vcpu)
{
	bool counts = deadline_counts(vcpu);
	u64 left = counts ? ticks_left(vcpu) : 0;

	trace_kvm_timer_emulate(TRACE_PTIMER, counts && !left);
	ptimer_set_line(vcpu, counts && !left);
	if (left)
		hrtimer_start(&vcpu->ptimer.deadline, vtimer_ticks_to_time(left),
			      HRTIMER_MODE_REL_HARD);
}

u64 ptimer_read(struct vcpu *vcpu, enum ptimer_reg reg)
{
	const struct ptimer *ptimer = &vcpu->ptimer;

	switch (reg) {
	case PTIMER_CTL:
		/* While the timer is off ISTATUS is UNKNOWN (B4.1.27); ours is 0 then. */
		if (ptimer->ctl & CNT_CTL_ENABLE && !ticks_left(vcpu))
			return ptimer->ctl | CNT_CTL_ISTATUS;
		return ptimer->ctl;
	case PTIMER_CVAL:
		return ptimer->cval;
	case PTIMER_TVAL:
		return lower_32_bits(ptimer->cval - vtimer_host_count());
	case PTIMER_COUNT:
		return vtimer_host_count();
	}
	return 0;
}

void ptimer_write(struct vcpu *vcpu, enum ptimer_reg reg, u64 value)
{
	struct ptimer *ptimer = &vcpu->ptimer;

	/* The callback, which may be running on another CPU, reads what changes here. */
	hrtimer_cancel(&ptimer->deadline);
	switch (reg) {
	case PTIMER_CTL:
		ptimer->ctl = value & (CNT_CTL_ENABLE | CNT_CTL_IMASK);
		break;
	case PTIMER_CVAL:
		ptimer->cval = value;
		break;
	case PTIMER_TVAL:
		ptimer->cval = vtimer_host_count() + (s32)value;
		break;
	case PTIMER_COUNT:
		break;
	}
	ptimer_update(vcpu);
}

bool ptimer_level(const struct vcpu *vcpu)
{
	return deadline_counts(vcpu) && !ticks_left(vcpu);
}

void ptimer_vcpu_init(struct vcpu *vcpu)
{
	/*
	 * The counter runs on while the host is suspended, and so does this clock: a deadline
	 * that passes meanwhile is due at the resume.
	 */
	compat_hrtimer_setup(&vcpu->ptimer.deadline, ptimer_deadline, CLOCK_BOOTTIME,
			     HRTIMER_MODE_REL_HARD);
}

void ptimer_vcpu_destroy(struct vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->ptimer.deadline);
}

void ptimer_vcpu_reset(struct vcpu *vcpu)
{
	vcpu->ptimer.cval = 0;
	ptimer_write(vcpu, PTIMER_CTL, 0);
}
