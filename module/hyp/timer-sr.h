/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual timer, DDI 0406C B8.  The host uses the physical timer, but its vDSO reads
 * CNTVCT: CNTVOFF must be 0 whenever the host runs.
 *
 * Inline, like vgic-sr.h: only the world switch uses them, and a call costs as much as half
 * of what they do.
 */
#ifndef HYP_TIMER_SR_H
#define HYP_TIMER_SR_H

#include "hyp.h"

/* Load the guest's virtual timer and counter offset. */
static inline void hyp_timer_enter(const struct hyp_percpu *cpu, const struct hyp_timer *timer)
{
	/* The guest may read CNTPCT; the physical timer remains the host's. */
	write_sysreg(CNTHCTL, cpu->found.guest_cnthctl);
	write_sysreg64(CNTVOFF, timer->cntvoff);
	write_cp15_64(CNTV_CVAL, timer->cntv_cval);
	/* CVAL and the offset are in effect before the timer is enabled. */
	isb();
	write_cp15(CNTV_CTL, timer->cntv_ctl);
}

/* Save and disable it, and give CNTVOFF and CNTHCTL back. */
static inline void hyp_timer_exit(const struct hyp_percpu *cpu, struct hyp_timer *timer)
{
	timer->cntv_ctl = read_cp15(CNTV_CTL);
	timer->cntv_cval = read_cp15_64(CNTV_CVAL);
	write_cp15(CNTV_CTL, 0);
	/* Disabled before the offset changes: otherwise the change may fire the timer. */
	isb();
	write_sysreg64(CNTVOFF, 0);
	write_sysreg(CNTHCTL, cpu->found.cnthctl);
}

#endif /* HYP_TIMER_SR_H */
