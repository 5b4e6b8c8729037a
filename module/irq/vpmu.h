/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's performance monitors, DDI 0406C C12: a PMUv2 whose counters are the host's perf
 * events (irq/vpmu-events.c).  A vCPU has them if it was made with KVM_ARM_VCPU_PMU_V3;
 * otherwise vcpu->vpmu is NULL.
 *
 * The caller holds vcpu->mutex, unless a function says something else.
 */
#ifndef KVM_ARMV7_VPMU_H
#define KVM_ARMV7_VPMU_H

#include <linux/types.h>

struct vcpu;
struct vm;

enum vpmu_reg {
	PMU_PMCR,
	PMU_PMCNTENSET,
	PMU_PMCNTENCLR,
	PMU_PMOVSR,
	PMU_PMSWINC,
	PMU_PMSELR,
	PMU_PMCEID0,
	PMU_PMCEID1,
	PMU_PMCCNTR,
	PMU_PMXEVTYPER,
	PMU_PMXEVCNTR,
	PMU_PMUSERENR,
	PMU_PMINTENSET,
	PMU_PMINTENCLR,
	PMU_PMOVSSET,
};

/* When the module is loaded.  May sleep. */
void vpmu_probe(void);
/* Can vCPUs have a PMU?  Any context. */
bool vpmu_available(void);

/* 0 or -ENOMEM. */
int vpmu_vcpu_create(struct vcpu *vcpu);
/* Nobody else has the vCPU any more.  May sleep. */
void vpmu_vcpu_destroy(struct vcpu *vcpu);
/* vcpu->vpmu may be NULL.  May sleep. */
void vpmu_vcpu_reset(struct vcpu *vcpu);
/*
 * KVM_ARM_VCPU_PMU_V3_IRQ and _INIT.  -ENODEV: no PMU, or no GIC yet that is initialized;
 * -EINVAL, -EBUSY, -ENXIO, -EEXIST as docs/uapi.md says.  Take vm->lock.
 */
int vpmu_set_irq(struct vcpu *vcpu, u32 intid);
int vpmu_get_irq(struct vcpu *vcpu, u32 *intid);
int vpmu_init(struct vcpu *vcpu);
/* At KVM_RUN, for a vCPU with a PMU: 0, or -EINVAL before vpmu_init().  May sleep. */
int vpmu_begin_run(struct vcpu *vcpu);

/* The guest's accesses; vcpu->vpmu is not NULL.  May sleep: events are made and released. */
u32 vpmu_read(struct vcpu *vcpu, enum vpmu_reg reg);
void vpmu_write(struct vcpu *vcpu, enum vpmu_reg reg, u32 value);
/* May User mode make this access? */
bool vpmu_open_to_pl0(const struct vcpu *vcpu, enum vpmu_reg reg, bool write);
/*
 * User space reads the same, but sets the state itself: the value of PMCNTENSET, PMOVSR and
 * PMINTENSET is replaced.  0, or -EINVAL for the PMCR of another PMU.
 */
int vpmu_user_set(struct vcpu *vcpu, enum vpmu_reg reg, u32 value);
/* A counter by its number, as in PMSELR: PMXEVCNTR or PMCCNTR, and PMXEVTYPER. */
bool vpmu_has_counter(u32 n);
u32 *vpmu_user_value(struct vcpu *vcpu, u32 n);
u32 vpmu_user_get_type(const struct vcpu *vcpu, u32 n);
void vpmu_user_set_type(struct vcpu *vcpu, u32 n, u32 type);

/* Directly before and after the guest, interrupts off; vcpu->vpmu is not NULL. */
void vpmu_enter(struct vcpu *vcpu);
void vpmu_exit(struct vcpu *vcpu);

#endif /* KVM_ARMV7_VPMU_H */
