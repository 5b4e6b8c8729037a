/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's physical timer, DDI 0406C B8.1.5.  The CPU's own belongs to the host, so each
 * access traps (CNTHCTL.PL1PCEN is 0) and is emulated; an hrtimer stands in for the comparator.
 * CNTPCT does not trap: guest and host read the same counter.
 */
#ifndef KVM_ARMV7_PTIMER_H
#define KVM_ARMV7_PTIMER_H

#include <linux/types.h>

struct vcpu;

#define PTIMER_INTID 30 /* the guest's PPI, unless user space sets another */

enum ptimer_reg {
	PTIMER_CTL,
	PTIMER_CVAL,
	PTIMER_TVAL,
	PTIMER_COUNT, /* CNTPCT: read only */
};

void ptimer_vcpu_init(struct vcpu *vcpu);
void ptimer_vcpu_destroy(struct vcpu *vcpu);
/* The timer is off after it.  The caller holds vcpu->mutex, like those of the other two. */
void ptimer_vcpu_reset(struct vcpu *vcpu);
/*
 * The level of its line.  The vCPU may be writing a register; once it has, it sets the line, for
 * which it needs vgic->lock.  The caller holds that lock.
 */
bool ptimer_level(const struct vcpu *vcpu);
/*
 * A register, for the guest and for user space; CTL and TVAL are in the low word.  A write
 * ignores reserved bits and ISTATUS.  Any context that may spin on the hrtimer's callback.
 */
u64 ptimer_read(struct vcpu *vcpu, enum ptimer_reg reg);
void ptimer_write(struct vcpu *vcpu, enum ptimer_reg reg, u64 value);

#endif /* KVM_ARMV7_PTIMER_H */
