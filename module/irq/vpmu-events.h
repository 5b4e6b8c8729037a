/* SPDX-License-Identifier: GPL-2.0-only */
/* The perf events that count for a guest's PMU. */
#ifndef KVM_ARMV7_VPMU_EVENTS_H
#define KVM_ARMV7_VPMU_EVENTS_H

#include <linux/types.h>

struct vcpu;

/* Has the host a PMU whose events the kernel can use?  May sleep. */
bool vpmu_events_probe(void);
/* Counter n may count from now on: give it an event.  In the thread that runs the vCPU. */
void vpmu_event_create(struct vcpu *vcpu, u32 n);
/* Give up the event of counter n, if it has one.  May sleep. */
void vpmu_event_release(struct vcpu *vcpu, u32 n);
/*
 * Around the guest, interrupts off: count what happens in between in those of the counters that
 * have an event.  stop returns the counters that have wrapped.
 */
void vpmu_events_start(struct vcpu *vcpu, u32 counters);
u32 vpmu_events_stop(struct vcpu *vcpu);
/* PMXEVTYPER's event and filter, DDI 0406C C12.8.14 */
bool vpmu_type_counts(u32 type, bool user);

#endif /* KVM_ARMV7_VPMU_EVENTS_H */
