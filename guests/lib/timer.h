/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual counter and timer of the Generic Timer, DDI 0406C B8. */
#ifndef GUEST_TIMER_H
#define GUEST_TIMER_H

#include "arm.h"

#define CNTV_CTL_ENABLE	 1u
#define CNTV_CTL_IMASK	 2u
#define CNTV_CTL_ISTATUS 4u

/*
 * How long to wait for an event that must come.  The counter advances while other work has the
 * machine's CPUs, so the limit is far above what a working program ever needs.
 */
#define PATIENCE_MS 30000

u64 timer_now(void);
u64 timer_ms(u32 ms); /* in counter ticks, like timer_us() */
u64 timer_us(u32 us);
void timer_set(u64 cval, u32 ctl);
u64 timer_cval(void);
void timer_off(void);
/* Busy-waits. */
void timer_delay_ms(u32 ms);

#endif
