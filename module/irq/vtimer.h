/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's virtual timer: hyp/timer-sr.h has its registers, irq/vtimer.c its interrupt. */
#ifndef KVM_ARMV7_VTIMER_H
#define KVM_ARMV7_VTIMER_H

#include <linux/ktime.h>
#include <linux/types.h>

struct vcpu;

#define VTIMER_INTID 27 /* the guest's PPI, as on most boards, unless user space sets another */

/* The counter as the host sees it, in ticks of CNTFRQ. */
u64 vtimer_host_count(void);
/* How long the counter takes for that many ticks; an hour, if it takes longer. */
ktime_t vtimer_ticks_to_time(u64 ticks);

void vtimer_vcpu_init(struct vcpu *vcpu);
void vtimer_vcpu_destroy(struct vcpu *vcpu);
void vtimer_vcpu_reset(struct vcpu *vcpu);
/* Before the guest and before vgic_flush(), interrupts off. */
void vtimer_flush(struct vcpu *vcpu);
/* Set the PPI's line to the level that the saved timer and the counter give.  Any context. */
void vtimer_update(struct vcpu *vcpu);
/* Start and cancel the hrtimer that stands in for CNTV while a vCPU is halted. */
void vtimer_block(struct vcpu *vcpu);
void vtimer_unblock(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VTIMER_H */
