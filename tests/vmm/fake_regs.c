// SPDX-License-Identifier: GPL-2.0-only
/* The registers of a fake vCPU, behind the ioctls that armvm uses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"

#define COPROC(id) ((id)&KVM_REG_ARM_COPROC_MASK)

static void move(void *own, const struct kvm_one_reg *reg, bool set, size_t size)
{
	void *user = (void *)(uintptr_t)reg->addr;

	memcpy(set ? own : user, set ? user : own, size);
}

static int no_such(void)
{
	errno = ENOENT;
	return -1;
}

/* A constant takes its own value only. */
static int one_midr(const struct kvm_one_reg *reg, bool set)
{
	const char *wish = getenv("FAKE_MIDR");
	uint32_t midr = wish ? strtoul(wish, NULL, 0) : 0x410fc0f0, given;

	if (!set) {
		move(&midr, reg, false, 4);
		return 0;
	}
	move(&given, reg, true, 4);
	if (given == midr)
		return 0;
	errno = EINVAL;
	return -1;
}

/* Of the VM.  It does not count; a new machine's is late. */
static uint64_t counter = 1000000;

int fake_one_reg(struct fake_vcpu *vcpu, const struct kvm_one_reg *reg, bool set)
{
	const struct {
		uint64_t id;
		void *own;
		size_t size;
	} others[] = {
		{ KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_VFP | KVM_REG_ARM_VFP_FPSCR,
		  &vcpu->fpscr, 4 },
		{ ARM_CP15_REG32(0, 1, 0, 0), &vcpu->sctlr, 4 },
		{ ARM_CP15_REG32(0, 2, 0, 2), &vcpu->ttbcr, 4 },
		{ ARM_CP15_REG64(0, 2), &vcpu->ttbr0, 8 },
		{ ARM_CP15_REG64(1, 2), &vcpu->ttbr1, 8 },
		{ FAKE_DBGWCR0, &vcpu->dbgwcr0, 4 },
		{ KVM_REG_ARM_TIMER_CVAL, &vcpu->timer_cval, 8 },
		{ KVM_REG_ARM_TIMER_CTL, &vcpu->timer_ctl, 4 },
		{ KVM_REG_ARM_TIMER_CNT, &counter, 8 },
	};
	unsigned int low = reg->id & 0xffff;

	if (reg->id == FAKE_MIDR)
		return one_midr(reg, set);
	if (COPROC(reg->id) == KVM_REG_ARM_CORE && low < 128) {
		move(&vcpu->core[low], reg, set, 4);
		/* Writing PC or CPSR cancels what was requested at the old one. */
		if (set && (low == 15 || low == 16))
			vcpu->inject = vcpu->begun = false;
		return 0;
	}
	if (COPROC(reg->id) == KVM_REG_ARM_VFP && low < 32) {
		move(&vcpu->d[low], reg, set, 8);
		return 0;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].id == reg->id) {
			move(others[i].own, reg, set, others[i].size);
			vcpu->early |= set && vcpu->timer_ctl && counter >= vcpu->timer_cval;
			return 0;
		}
	}
	return no_such();
}

uint32_t fake_debug_controls(void)
{
	const char *step = getenv("FAKE_STEP");

	return KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW |
	       KVM_GUESTDBG_INJECT_BP | (step && *step == '1' ? KVM_GUESTDBG_SINGLESTEP : 0);
}

static bool slot_is_free(const struct kvm_armv7_guest_debug *debug)
{
	if (!(debug->control & KVM_GUESTDBG_USE_HW))
		return true;
	for (unsigned int i = 0; i < 6; i++) {
		if (!(debug->dbgbcr[i] & 1))
			return true;
	}
	return false;
}

int fake_guest_debug(struct fake_vcpu *vcpu, const struct kvm_armv7_guest_debug *debug)
{
	const char *slow = getenv("FAKE_SLOW_INJECT");

	if (debug->control & ~fake_debug_controls() ||
	    (debug->control & KVM_GUESTDBG_SINGLESTEP && !slot_is_free(debug)) ||
	    (debug->control & ~KVM_GUESTDBG_INJECT_BP && !(debug->control & KVM_GUESTDBG_ENABLE))) {
		errno = EINVAL;
		return -1;
	}
	vcpu->inject = debug->control & KVM_GUESTDBG_INJECT_BP;
	vcpu->begun = false;
	vcpu->debug = *debug;
	if (vcpu->inject && slow)
		usleep(1000 * atoi(slow));
	return 0;
}
