/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's virtual timer: registers in hyp/timer-sr.c, its interrupt here. */
#ifndef KVM_ARMV7_TIMER_H
#define KVM_ARMV7_TIMER_H

#include <linux/hrtimer.h>
#include <linux/interrupt.h>

struct vcpu;
struct vm;

#define VTIMER_INTID 27 /* the PPI that a guest sees, like the boards it knows */

struct vtimer {
	struct hrtimer wakeup; /* ends a WFI at the deadline */
};

irqreturn_t vtimer_irq_handler(int irq, void *cookie);

/* The counter as the host sees it, in ticks of CNTFRQ. */
u64 vtimer_host_count(void);

void vtimer_vcpu_init(struct vcpu *vcpu);
void vtimer_vcpu_destroy(struct vcpu *vcpu);
void vtimer_vcpu_reset(struct vcpu *vcpu);
/* Before the guest, interrupts off, before vgic_flush(). */
void vtimer_flush(struct vcpu *vcpu);
/* Bring the interrupt's line up to date with the saved timer and the clock. */
void vtimer_update(struct vcpu *vcpu);
/* While a vCPU waits. */
void vtimer_block(struct vcpu *vcpu);
void vtimer_unblock(struct vcpu *vcpu);
/* The guest's EOI has deactivated the physical interrupt of this CPU. */
void vtimer_deactivated(void);
/* This CPU goes away, or the module does: leave its interrupt as it was. */
void vtimer_cpu_forget(void);

#endif /* KVM_ARMV7_TIMER_H */
