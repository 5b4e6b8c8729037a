// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a guest's PMUv2, its overflow flags and its interrupt (DDI 0406C C12).  All
 * accesses trap (HDCR.TPM, HDCR.TPMCR).  irq/vpmu-events.c counts.
 */
#include <linux/cpumask.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "core/guest-regs.h"
#include "core/vm.h"
#include "hyp/cp15.h"
#include "hyp/sysreg-bits.h"
#include "irq/vgic.h"
#include "irq/vpmu-events.h"
#include "irq/vpmu.h"
#include "machine/hyp-map.h"

#define PMCR_WRITABLE (PMCR_E | PMCR_D | PMCR_X | PMCR_DP)
#define TYPE_FILTER   (PMXEVTYPER_P | PMXEVTYPER_U | PMXEVTYPER_NSK | PMXEVTYPER_NSU)
#define CYCLES_BIT    BIT(PMU_CYCLES)

/* What all CPUs have: the least, where they differ. */
static struct {
	bool available;
	u32 pmcr;     /* IMP, IDCODE, N */
	u32 counters; /* a mask, with the cycle counter */
	u32 pmceid[2];
} host;

static void probe_cpu(void *unused)
{
	u32 pmcr = read_cp15(PMCR);

	if (!host.pmcr || PMCR_N(pmcr) < PMCR_N(host.pmcr))
		host.pmcr = pmcr & ~PMCR_WRITE_MASK;
	host.pmceid[0] &= hyp_percpu(smp_processor_id())->pmceid[0];
	host.pmceid[1] &= hyp_percpu(smp_processor_id())->pmceid[1];
}

void vpmu_probe(void)
{
	int cpu;

	host.available = vpmu_events_probe();
	if (!host.available)
		return;
	host.pmceid[0] = host.pmceid[1] = ~0u;
	for_each_online_cpu(cpu)
		smp_call_function_single(cpu, probe_cpu, NULL, 1);
	host.counters = (BIT(PMCR_N(host.pmcr)) - 1) | CYCLES_BIT;
}

bool vpmu_available(void)
{
	return host.available;
}

/* Counters that count, if PMCR.E and their events let them. */
static u32 counting(const struct vpmu *vpmu)
{
	return vpmu->pmcr & PMCR_E ? vpmu->enabled : 0;
}

static bool line_level(const struct vpmu *vpmu)
{
	return vpmu->pmcr & PMCR_E && vpmu->overflowed & vpmu->interrupts;
}

/* Interrupts off, or in the vCPU's thread.  Before vpmu_init() there is no line. */
static void update_line(struct vcpu *vcpu)
{
	struct vpmu *vpmu = vcpu->vpmu;
	bool level = line_level(vpmu);

	if (!vpmu->ready || !vpmu->intid || level == vpmu->line)
		return;
	vpmu->line = level;
	vgic_set_own_line(vcpu, &vpmu->intid, level);
}

/*
 * After PMCR, PMCNTENSET or a type changed, and at each KVM_RUN, because others may have given the
 * CPU's counters back.  An event is made when its counter is first
 * enabled, and kept while the counter is off: guests switch counters off and on all the time,
 * and what does not count costs the guest nothing.
 */
static void update_events(struct vcpu *vcpu)
{
	unsigned long todo = counting(vcpu->vpmu);
	u32 n;

	if (vcpu->vpmu->task != current)
		return; /* vpmu_begin_run() will do it */
	for_each_set_bit(n, &todo, PMU_NR_COUNTERS)
		vpmu_event_create(vcpu, n);
}

static void release_events(struct vcpu *vcpu)
{
	u32 n;

	for (n = 0; n < PMU_NR_COUNTERS; n++)
		vpmu_event_release(vcpu, n);
}

static void set_type(struct vcpu *vcpu, u32 n, u32 type)
{
	struct vpmu_counter *counter = &vcpu->vpmu->counters[n];

	type &= n == PMU_CYCLES ? TYPE_FILTER : TYPE_FILTER | PMXEVTYPER_EVENT(~0u);
	if (type == counter->type)
		return;
	vpmu_event_release(vcpu, n);
	counter->type = type;
	update_events(vcpu);
}

static void write_pmcr(struct vcpu *vcpu, u32 value)
{
	struct vpmu *vpmu = vcpu->vpmu;
	u32 n;

	for (n = 0; value & PMCR_P && n < PMCR_N(host.pmcr); n++)
		vpmu->counters[n].value = 0;
	if (value & PMCR_C) {
		vpmu->counters[PMU_CYCLES].value = 0;
		vpmu->counters[PMU_CYCLES].prescaled = 0;
	}
	vpmu->pmcr = value & PMCR_WRITABLE;
	if (!(vpmu->pmcr & PMCR_D))
		vpmu->counters[PMU_CYCLES].prescaled = 0;
	update_events(vcpu);
}

/* Event 0x00 in each counter of the mask (C12.8.12). */
static void increment(struct vcpu *vcpu, u32 mask)
{
	struct vpmu *vpmu = vcpu->vpmu;
	bool user = (*vcpu_cpsr(vcpu) & PSR_MODE) == PSR_USR;
	unsigned long todo = mask & counting(vpmu) & ~CYCLES_BIT;
	u32 n;

	for_each_set_bit(n, &todo, PMU_NR_COUNTERS) {
		struct vpmu_counter *counter = &vpmu->counters[n];

		if (PMXEVTYPER_EVENT(counter->type) == PMU_EVENT_SW_INCR &&
		    vpmu_type_counts(counter->type, user) && !++counter->value)
			vpmu->overflowed |= BIT(n);
	}
}

/* The counter that PMSELR selects, or NULL: what it does then is UNPREDICTABLE, here RAZ/WI. */
static struct vpmu_counter *selected(struct vcpu *vcpu)
{
	u32 n = vcpu->vpmu->select;

	return vpmu_has_counter(n) ? &vcpu->vpmu->counters[n] : NULL;
}

u32 vpmu_read(struct vcpu *vcpu, enum vpmu_reg reg)
{
	const struct vpmu *vpmu = vcpu->vpmu;
	const struct vpmu_counter *counter = selected(vcpu);

	switch (reg) {
	case PMU_PMCR:
		return host.pmcr | vpmu->pmcr;
	case PMU_PMCNTENSET:
	case PMU_PMCNTENCLR:
		return vpmu->enabled;
	case PMU_PMOVSR:
	case PMU_PMOVSSET:
		return vpmu->overflowed;
	case PMU_PMINTENSET:
	case PMU_PMINTENCLR:
		return vpmu->interrupts;
	case PMU_PMSELR:
		return vpmu->select;
	case PMU_PMCEID0:
		return host.pmceid[0];
	case PMU_PMCEID1:
		return host.pmceid[1];
	case PMU_PMCCNTR:
		return vpmu->counters[PMU_CYCLES].value;
	case PMU_PMXEVTYPER:
		return counter ? counter->type : 0;
	case PMU_PMXEVCNTR:
		return counter && vpmu->select != PMU_CYCLES ? counter->value : 0;
	case PMU_PMUSERENR:
		return vpmu->userenr;
	case PMU_PMSWINC:
		break;
	}
	return 0;
}

void vpmu_write(struct vcpu *vcpu, enum vpmu_reg reg, u32 value)
{
	struct vpmu *vpmu = vcpu->vpmu;
	struct vpmu_counter *counter = selected(vcpu);
	u32 mask = value & host.counters;

	switch (reg) {
	case PMU_PMCR:
		write_pmcr(vcpu, value);
		break;
	case PMU_PMCNTENSET:
		vpmu->enabled |= mask;
		update_events(vcpu);
		break;
	case PMU_PMCNTENCLR:
		vpmu->enabled &= ~mask;
		break;
	case PMU_PMOVSR:
		vpmu->overflowed &= ~mask;
		break;
	case PMU_PMOVSSET:
		vpmu->overflowed |= mask;
		break;
	case PMU_PMINTENSET:
		vpmu->interrupts |= mask;
		break;
	case PMU_PMINTENCLR:
		vpmu->interrupts &= ~mask;
		break;
	case PMU_PMSWINC:
		increment(vcpu, mask);
		break;
	case PMU_PMSELR:
		vpmu->select = value & PMSELR_SEL;
		break;
	case PMU_PMCCNTR:
		vpmu->counters[PMU_CYCLES].value = value;
		break;
	case PMU_PMXEVTYPER:
		if (counter)
			set_type(vcpu, vpmu->select, value);
		break;
	case PMU_PMXEVCNTR:
		if (counter && vpmu->select != PMU_CYCLES)
			counter->value = value;
		break;
	case PMU_PMUSERENR:
		vpmu->userenr = value & PMUSERENR_EN;
		break;
	case PMU_PMCEID0:
	case PMU_PMCEID1:
		break;
	}
	update_line(vcpu);
}

bool vpmu_open_to_pl0(const struct vcpu *vcpu, enum vpmu_reg reg, bool write)
{
	switch (reg) {
	case PMU_PMINTENSET:
	case PMU_PMINTENCLR:
		return false;
	case PMU_PMUSERENR:
		return !write;
	default:
		return vcpu->vpmu->userenr & PMUSERENR_EN;
	}
}

int vpmu_user_set(struct vcpu *vcpu, enum vpmu_reg reg, u32 value)
{
	struct vpmu *vpmu = vcpu->vpmu;
	u32 mask = value & host.counters;

	switch (reg) {
	case PMU_PMCR:
		if ((value ^ host.pmcr) & ~PMCR_WRITE_MASK)
			return -EINVAL;
		vpmu->pmcr = value & PMCR_WRITABLE;
		update_events(vcpu);
		break;
	case PMU_PMCNTENSET:
		vpmu->enabled = mask;
		update_events(vcpu);
		break;
	case PMU_PMOVSR:
		vpmu->overflowed = mask;
		break;
	case PMU_PMINTENSET:
		vpmu->interrupts = mask;
		break;
	default:
		vpmu_write(vcpu, reg, value);
		return 0;
	}
	update_line(vcpu);
	return 0;
}

bool vpmu_has_counter(u32 n)
{
	return n < PMU_NR_COUNTERS && host.counters & BIT(n);
}

u32 *vpmu_user_value(struct vcpu *vcpu, u32 n)
{
	return &vcpu->vpmu->counters[n].value;
}

u32 vpmu_user_get_type(const struct vcpu *vcpu, u32 n)
{
	return vcpu->vpmu->counters[n].type;
}

void vpmu_user_set_type(struct vcpu *vcpu, u32 n, u32 type)
{
	set_type(vcpu, n, type);
}

int vpmu_vcpu_create(struct vcpu *vcpu)
{
	if (vcpu->vpmu)
		return 0;
	vcpu->vpmu = kzalloc(sizeof(*vcpu->vpmu), GFP_KERNEL_ACCOUNT);
	return vcpu->vpmu ? 0 : -ENOMEM;
}

void vpmu_vcpu_destroy(struct vcpu *vcpu)
{
	if (!vcpu->vpmu)
		return;
	release_events(vcpu);
	if (vcpu->vpmu->task)
		put_task_struct(vcpu->vpmu->task);
	kfree(vcpu->vpmu);
}

/* PMCR, PMUSERENR and the enables are 0 (C12.8); what is UNKNOWN is 0, too. */
void vpmu_vcpu_reset(struct vcpu *vcpu)
{
	struct vpmu *vpmu = vcpu->vpmu;
	u32 n;

	if (!vpmu)
		return;
	release_events(vcpu);
	for (n = 0; n < PMU_NR_COUNTERS; n++)
		vpmu->counters[n] = (struct vpmu_counter){ 0 };
	vpmu->pmcr = 0;
	vpmu->enabled = 0;
	vpmu->overflowed = 0;
	vpmu->interrupts = 0;
	vpmu->select = 0;
	vpmu->userenr = 0;
	update_line(vcpu);
}

/* A PPI has to be the same on all vCPUs, an SPI another on each. */
static bool fits_others(struct vcpu *vcpu, u32 intid)
{
	int n;

	for (n = 0; n < KVM_ARMV7_MAX_VCPUS; n++) {
		struct vcpu *other = vcpu->vm->vcpus[n];

		if (!other || other == vcpu || !other->vpmu || !other->vpmu->intid)
			continue;
		if ((intid < VGIC_NR_PRIVATE) != (other->vpmu->intid == intid))
			return false;
	}
	return true;
}

int vpmu_set_irq(struct vcpu *vcpu, u32 intid)
{
	struct vm *vm = vcpu->vm;
	int ret = 0;

	if (!vcpu->vpmu)
		return -ENODEV;
	mutex_lock(&vm->lock);
	if (!vm->vgic.created || intid < VGIC_NR_SGIS || intid >= VGIC_FIRST_RESERVED ||
	    !fits_others(vcpu, intid))
		ret = -EINVAL;
	else if (vcpu->vpmu->intid || vcpu->vpmu->ready)
		ret = -EBUSY;
	else
		vcpu->vpmu->intid = intid;
	mutex_unlock(&vm->lock);
	return ret;
}

int vpmu_get_irq(struct vcpu *vcpu, u32 *intid)
{
	if (!vcpu->vpmu)
		return -ENODEV;
	*intid = vcpu->vpmu->intid;
	return *intid ? 0 : -ENXIO;
}

/* Its registers may have been restored already. */
static int own_irq(struct vcpu *vcpu)
{
	struct vpmu *vpmu = vcpu->vpmu;
	int ret;

	vpmu->line = line_level(vpmu);
	raw_spin_lock_irq(&vcpu->vm->vgic.lock);
	ret = vgic_own_irq(vcpu, vpmu->intid, 0, vpmu->line);
	raw_spin_unlock_irq(&vcpu->vm->vgic.lock);
	return ret;
}

int vpmu_init(struct vcpu *vcpu)
{
	struct vpmu *vpmu = vcpu->vpmu;
	struct vm *vm = vcpu->vm;
	int ret = 0;

	if (!vpmu)
		return -ENODEV;
	mutex_lock(&vm->lock);
	if (vpmu->ready)
		ret = -EBUSY;
	else if (vm->vgic.created && !vm->vgic.initialized)
		ret = -ENODEV;
	else if (vm->vgic.created)
		ret = vpmu->intid ? own_irq(vcpu) : -ENXIO;
	if (!ret)
		vpmu->ready = true;
	mutex_unlock(&vm->lock);
	return ret;
}

int vpmu_begin_run(struct vcpu *vcpu)
{
	struct vpmu *vpmu = vcpu->vpmu;

	if (!vpmu->ready)
		return -EINVAL;
	if (vpmu->task != current) {
		release_events(vcpu);
		if (vpmu->task)
			put_task_struct(vpmu->task);
		vpmu->task = get_task_struct(current);
	}
	update_events(vcpu);
	return 0;
}

/*
 * Where PMUSERENR.EN is 0, an access from PL0 is UNDEFINED before it can trap.  So the CPU's
 * is set while a guest runs that has set its own.
 */
void vpmu_enter(struct vcpu *vcpu)
{
	struct vpmu *vpmu = vcpu->vpmu;

	if (vpmu->userenr) {
		vpmu->host_userenr = read_cp15(PMUSERENR);
		write_cp15(PMUSERENR, PMUSERENR_EN);
	}
	vpmu_events_start(vcpu, counting(vpmu));
}

void vpmu_exit(struct vcpu *vcpu)
{
	u32 wrapped = vpmu_events_stop(vcpu);

	if (vcpu->vpmu->userenr)
		write_cp15(PMUSERENR, vcpu->vpmu->host_userenr);
	if (!wrapped)
		return;
	vcpu->vpmu->overflowed |= wrapped;
	update_line(vcpu);
}
