// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's counters are perf events of the thread that runs the vCPU.  The host's perf schedules
 * them on the CPU's counters like the events of any other thread.
 *
 * The PMU driver of arm cannot exclude the host, and an event of a thread counts whenever the
 * thread has the CPU.  So an event is started directly before the guest runs, which discards
 * what it has counted since perf switched it on, and stopped directly after.  Only the
 * difference counts.  HYP itself is excluded by the counter's filter.
 *
 * The hardware counter is set to overflow when the guest's does.  Its interrupt only has to end
 * the guest's run: the overflow is found when the difference is added.
 */
#include <linux/perf_event.h>
#include <linux/smp.h>

#include "core/vpmu-state.h"
#include "core/vm.h"
#include "hyp/sysreg-bits.h"
#include "irq/vpmu-events.h"

#define CYCLES_PRESCALER 64 /* PMCR.D */

static struct perf_event_attr counter_attr(u32 n, u32 type)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.type = n == PMU_CYCLES ? PERF_TYPE_HARDWARE : PERF_TYPE_RAW,
		.config = n == PMU_CYCLES ? PERF_COUNT_HW_CPU_CYCLES : PMXEVTYPER_EVENT(type),
		.pinned = 1,
		.exclude_hv = 1,
		.exclude_user = !vpmu_type_counts(type, true),
		.exclude_kernel = !vpmu_type_counts(type, false),
	};
}

bool vpmu_events_probe(void)
{
	struct perf_event_attr attr = counter_attr(PMU_CYCLES, 0);
	struct perf_event *event;

	attr.disabled = 1;
	event = perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
	if (IS_ERR(event))
		return false;
	perf_event_release_kernel(event);
	return true;
}

/* Secure state's bits select Non-secure state by their difference: C12.8.14. */
bool vpmu_type_counts(u32 type, bool user)
{
	return user ? !(type & PMXEVTYPER_U) == !(type & PMXEVTYPER_NSU)
		    : !(type & PMXEVTYPER_P) == !(type & PMXEVTYPER_NSK);
}

void vpmu_event_create(struct vcpu *vcpu, u32 n)
{
	struct vpmu_counter *counter = &vcpu->vpmu->counters[n];
	struct perf_event_attr attr = counter_attr(n, counter->type);
	struct perf_event *event;

	if (counter->event) {
		/* Perf gives up a pinned event that finds the CPU's counters taken. */
		if (counter->event->state == PERF_EVENT_STATE_ERROR)
			perf_event_enable(counter->event);
		return;
	}
	/* Software increments need no event; 0xff is how the host's driver names its cycles. */
	if (n != PMU_CYCLES && (attr.config == PMU_EVENT_SW_INCR || attr.config == 0xff))
		return;
	if (attr.exclude_user && attr.exclude_kernel)
		return;
	event = perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
	if (IS_ERR(event))
		return; /* an event that this CPU does not have: the counter stands still */
	counter->event = event;
	vcpu->vpmu->with_event |= BIT(n);
}

void vpmu_event_release(struct vcpu *vcpu, u32 n)
{
	struct vpmu_counter *counter = &vcpu->vpmu->counters[n];

	if (!counter->event)
		return;
	perf_event_release_kernel(counter->event);
	counter->event = NULL;
	vcpu->vpmu->with_event &= ~BIT(n);
}

static u32 prescaler(const struct vpmu *vpmu, u32 n)
{
	return n == PMU_CYCLES && vpmu->pmcr & PMCR_D ? CYCLES_PRESCALER : 1;
}

/* Events until the guest's counter wraps. */
static u64 until_overflow(const struct vpmu *vpmu, u32 n)
{
	const struct vpmu_counter *counter = &vpmu->counters[n];

	return (BIT_ULL(32) - counter->value) * prescaler(vpmu, n) - counter->prescaled;
}

/*
 * The host's counters on or off, all at once: while this starts or stops one event, the others
 * must not count what it does.
 */
static void switch_pmu(struct vcpu *vcpu, bool on)
{
	struct pmu *pmu = vcpu->vpmu->counters[__ffs(vcpu->vpmu->with_event)].event->pmu;

	if (on)
		pmu->pmu_enable(pmu);
	else
		pmu->pmu_disable(pmu);
}

void vpmu_events_start(struct vcpu *vcpu, u32 counters)
{
	unsigned long todo = counters & vcpu->vpmu->with_event;
	u32 n;

	vcpu->vpmu->started = 0;
	if (!todo)
		return;
	switch_pmu(vcpu, false);
	for_each_set_bit(n, &todo, PMU_NR_COUNTERS) {
		struct vpmu_counter *counter = &vcpu->vpmu->counters[n];
		struct perf_event *event = counter->event;

		/* Others have the CPU's counters. */
		if (event->state != PERF_EVENT_STATE_ACTIVE || event->oncpu != smp_processor_id())
			continue;
		local64_set(&event->hw.period_left, until_overflow(vcpu->vpmu, n));
		event->pmu->start(event, 0);
		counter->base = local64_read(&event->count);
		vcpu->vpmu->started |= BIT(n);
	}
	switch_pmu(vcpu, true);
}

u32 vpmu_events_stop(struct vcpu *vcpu)
{
	unsigned long todo = vcpu->vpmu->started;
	u32 n, wrapped = 0;

	if (!todo)
		return 0;
	switch_pmu(vcpu, false);
	for_each_set_bit(n, &todo, PMU_NR_COUNTERS) {
		struct vpmu_counter *counter = &vcpu->vpmu->counters[n];
		struct perf_event *event = counter->event;
		u64 sum;

		event->pmu->stop(event, PERF_EF_UPDATE);
		sum = local64_read(&event->count) - counter->base;
		if (prescaler(vcpu->vpmu, n) != 1) {
			sum += counter->prescaled;
			counter->prescaled = sum % CYCLES_PRESCALER;
			sum /= CYCLES_PRESCALER;
		}
		sum += counter->value;
		counter->value = lower_32_bits(sum);
		if (upper_32_bits(sum))
			wrapped |= BIT(n);
	}
	switch_pmu(vcpu, true);
	return wrapped;
}
