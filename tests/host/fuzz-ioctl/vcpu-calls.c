// SPDX-License-Identifier: GPL-2.0-only
/* The calls of a vCPU. */
#include <linux/kvm.h>
#include <linux/kvm_armv7.h>

#include "fuzz-ioctl.h"

#define NOISE 1024u

void run(const struct row *row, int fd)
{
	if (call(row, fd, number(!below(32))) == 0)
		count(&counts->entered);
}

void vcpu_init(const struct row *row, int fd)
{
	struct kvm_vcpu_init init = { .target = below(16) ? 0 : below(4),
				      .features = { below(8) ? 2 : rnd() & 15 } };

	call(row, fd, &init);
}

/*
 * Not near all ones: the emulated board hangs if a guest's CNTV_CVAL is (docs/emulator.md), and
 * CNTVOFF is what makes it so.
 */
static bool is_timer(uint64_t id)
{
	return id == KVM_REG_ARM_TIMER_CNT || id == KVM_REG_ARM_TIMER_CVAL;
}

static uint64_t some_reg(void)
{
	uint32_t noise = rnd();

	switch (below(10)) {
	case 0 ... 3:
		return KVM_REG_ARM | KVM_REG_SIZE_U32 | KVM_REG_ARM_CORE | below(40);
	case 4:
		return KVM_REG_ARM | ONE_OF(KVM_REG_ARM_VFP | 0x1000, KVM_REG_ARM_VFP) |
		       (below(2) ? KVM_REG_SIZE_U32 : KVM_REG_SIZE_U64) | below(34);
	case 5:
		return ARM_CP15_REG32(noise & 7, noise >> 3 & 15, noise >> 7 & 15, noise >> 11 & 7);
	case 6:
		return ARM_CP15_REG32(0, ONE_OF(1, 2, 3, 5, 6, 10, 12, 13, 14), below(4), below(4));
	case 7:
		return KVM_REG_ARM | KVM_REG_SIZE_U32 | 14 << KVM_REG_ARM_COPROC_SHIFT |
		       (noise & 0x7fff);
	case 8:
		return below(2) ? KVM_REG_ARM_TIMER_CTL : ARM_CP15_REG64(below(8), below(16));
	default:
		return KVM_REG_ARM | (uint64_t)(noise & 7) << KVM_REG_SIZE_SHIFT |
		       (rnd() & 0x1fffffff);
	}
}

void one_reg(const struct row *row, int fd)
{
	uint64_t id = some_reg(), value[8] = { (uint64_t)rnd() << 32 | rnd() };
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	if (!below(3))
		value[0] = RAM_BASE + 4 * below(1024);
	if (is_timer(id))
		value[0] &= 0x00ffffffffffffffull;
	if (!below(32))
		reg.addr = some_hva();
	call(row, fd, &reg);
}

void reg_list(const struct row *row, int fd)
{
	static _Thread_local struct {
		uint64_t n, reg[1024];
	} list;
	struct kvm_one_reg reg;
	uint64_t value[8];

	list.n = ONE_OF(0, 1, 1024, ~0u);
	if (call(row, fd, &list) < 0 || list.n > 1024 || below(4))
		return;
	/* Save a vCPU, and write it all back. */
	for (unsigned int n = 0; n < list.n; n++) {
		reg = (struct kvm_one_reg){ .id = list.reg[n], .addr = (uintptr_t)value };
		if (call(&rows[VCPU_KVM_GET_ONE_REG], fd, &reg) == 0 && !is_timer(reg.id))
			call(&rows[VCPU_KVM_SET_ONE_REG], fd, &reg);
	}
}

void mp_state(const struct row *row, int fd)
{
	struct kvm_mp_state state = { .mp_state = below(8) ? ONE_OF(0, 5) : rnd() };

	call(row, fd, &state);
}

void vcpu_attr(const struct row *row, int fd)
{
	uint32_t irq = below(8) ? 16 + below(16) : below(1100);
	struct kvm_device_attr attr = {
		.group = ONE_OF(KVM_ARM_VCPU_TIMER_CTRL, KVM_ARM_VCPU_TIMER_CTRL,
				KVM_ARM_VCPU_PMU_V3_CTRL, below(4)),
		.attr = below(16) ? below(2) : rnd(),
		.addr = below(16) ? (uintptr_t)&irq : some_hva(),
		.flags = below(16) ? 0 : rnd(),
	};

	call(row, fd, &attr);
}

void guest_debug(const struct row *row, int fd)
{
	struct kvm_guest_debug debug = { .control = below(4) | ONE_OF(0, 0x10000, 0x80000) };

	call(row, fd, &debug);
}

void armv7_guest_debug(const struct row *row, int fd)
{
	struct kvm_armv7_guest_debug debug = { .control = below(8) };

	debug.control |= ONE_OF(0, 0x10000, 0x20000, 0x30000, 0x80000, rnd());
	for (unsigned int n = 0; n < 6; n++) {
		debug.dbgbvr[n] = RAM_BASE + 4 * below(64);
		debug.dbgbcr[n] = ONE_OF(0, 0x1e7, rnd());
		debug.dbgwvr[n] = RAM_BASE + 4 * below(1024);
		debug.dbgwcr[n] = n < 4 ? ONE_OF(0, 0x1ff, rnd()) : 0;
	}
	call(row, fd, &debug);
}

void vcpu_events(const struct row *row, int fd)
{
	uint8_t events[128] = { below(2), below(2), below(4) };

	call(row, fd, events);
}

void signal_mask(const struct row *row, int fd)
{
	struct {
		struct kvm_signal_mask head;
		uint64_t set;
	} mask = { .head = { .len = below(8) ? 8 : below(16) }, .set = rnd() & ~0x200ull };

	call(row, fd, below(2) ? &mask : NULL);
}

void with_noise(const struct row *row, int fd)
{
	static _Thread_local uint8_t noise[NOISE];

	for (unsigned int n = 0; n < NOISE; n++)
		noise[n] = rnd();
	call(row, fd, noise);
}
