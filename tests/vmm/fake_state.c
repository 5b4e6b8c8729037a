// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VMM saves and restores beside single registers: the list of registers, whether a vCPU is
 * on, pending aborts, and the registers of the GIC.
 */
#include <errno.h>
#include <string.h>

#include "fake.h"

#define CORE(n) (KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | (n))
#define VFP(n)	(KVM_REG_ARM | KVM_REG_SIZE_U64 | KVM_REG_ARM_VFP | (n))

#define NR_CORE 38u
#define NR_VFP	32u

static const uint64_t others[] = {
	FAKE_MIDR,
	FAKE_DBGWCR0,
	KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_VFP | KVM_REG_ARM_VFP_FPSCR,
	ARM_CP15_REG32(0, 1, 0, 0),
	ARM_CP15_REG32(0, 2, 0, 2),
	ARM_CP15_REG64(0, 2),
	ARM_CP15_REG64(1, 2),
	/* In the order in which the timer must not be restored. */
	KVM_REG_ARM_TIMER_CTL,
	KVM_REG_ARM_TIMER_CVAL,
	KVM_REG_ARM_TIMER_CNT,
};

#define NR_OTHERS (sizeof(others) / sizeof(others[0]))

static int refuse(int error)
{
	errno = error;
	return -1;
}

static int list_registers(struct kvm_reg_list *list)
{
	const unsigned int count = NR_CORE + NR_VFP + NR_OTHERS;
	unsigned int n = 0, room = list->n;

	list->n = count;
	if (room < count)
		return refuse(E2BIG);
	for (unsigned int i = 0; i < NR_CORE; i++)
		list->reg[n++] = CORE(i);
	for (unsigned int i = 0; i < NR_VFP; i++)
		list->reg[n++] = VFP(i);
	memcpy(&list->reg[n], others, sizeof(others));
	return 0;
}

int fake_state_ioctl(struct fake_vcpu *vcpu, unsigned long number, void *arg)
{
	struct kvm_vcpu_events *events = arg;
	struct kvm_mp_state *state = arg;

	switch (number) {
	case KVM_GET_REG_LIST:
		return list_registers(arg);
	case KVM_GET_MP_STATE:
		state->mp_state = vcpu->off ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_RUNNABLE;
		return 0;
	case KVM_SET_MP_STATE:
		if (state->mp_state != KVM_MP_STATE_STOPPED &&
		    state->mp_state != KVM_MP_STATE_RUNNABLE)
			return refuse(EINVAL);
		vcpu->off = state->mp_state == KVM_MP_STATE_STOPPED;
		return 0;
	case KVM_GET_VCPU_EVENTS:
		memset(events, 0, sizeof(*events));
		events->exception.serror_pending = vcpu->serror;
		return 0;
	case KVM_SET_VCPU_EVENTS:
		vcpu->serror |= events->exception.serror_pending;
		return 0;
	}
	return refuse(ENOTTY);
}

/* ---- the GIC ---- */

#define NR_REGISTERS 0x400u /* words of the distributor */

static uint32_t distributor[MAX_CPUS][NR_REGISTERS];
static uint32_t interface[MAX_CPUS][NR_REGISTERS];

/* Which register's bits a write sets or clears; both are one state, kept where they are set. */
static bool sets_and_clears(uint32_t offset, uint32_t *state, bool *clears)
{
	if (offset >= 0x100 && offset < 0x400) {
		*clears = offset & 0x80;
		*state = offset & ~0x80u;
		return true;
	}
	if (offset >= 0xf10 && offset < 0xf30) {
		*clears = offset < 0xf20;
		*state = 0xf20 + (offset & 0xf);
		return true;
	}
	return false;
}

int fake_gic_ioctl(unsigned long number, const struct kvm_device_attr *attr)
{
	uint32_t offset = attr->attr, cpu = attr->attr >> 32 & 0xff;
	uint32_t *value = (uint32_t *)(uintptr_t)attr->addr, state, *own;
	bool clears;

	if (attr->group != KVM_DEV_ARM_VGIC_GRP_DIST_REGS &&
	    attr->group != KVM_DEV_ARM_VGIC_GRP_CPU_REGS)
		return 0;
	if (fake_anyone_runs())
		return refuse(EBUSY);
	if (cpu >= MAX_CPUS || offset / 4 >= NR_REGISTERS || offset % 4)
		return refuse(EINVAL);
	own = attr->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS ? distributor[cpu] : interface[cpu];
	if (attr->group == KVM_DEV_ARM_VGIC_GRP_CPU_REGS ||
	    !sets_and_clears(offset, &state, &clears)) {
		if (number == KVM_SET_DEVICE_ATTR)
			own[offset / 4] = *value;
		else
			*value = own[offset / 4];
	} else if (number != KVM_SET_DEVICE_ATTR) {
		*value = own[state / 4];
	} else if (clears) {
		own[state / 4] &= ~*value;
	} else {
		own[state / 4] |= *value;
	}
	return 0;
}
