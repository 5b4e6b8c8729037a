// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that make several accesses to a device: user space serves one at a time, and
 * the guest's registers change after the last one.
 */
#include "guest-debug.h"

#include <string.h>

#define EC_WATCH 0x24u

static struct debug_vm g;

/* Is the exit an access of one word there, of this value if it is a store? */
static bool is_access(int reason, uint32_t address, bool write, uint32_t value)
{
	return reason == KVM_EXIT_MMIO && g.run->mmio.phys_addr == address &&
	       g.run->mmio.len == 4 && g.run->mmio.is_write == write &&
	       (!write || !memcmp(g.run->mmio.data, &value, 4));
}

static void answer(uint32_t value)
{
	memcpy(g.run->mmio.data, &value, 4);
}

/* KVM_RUN that completes an access and does not enter the guest. */
static int complete(void)
{
	int reason;

	g.run->immediate_exit = 1;
	reason = go(&g);
	g.run->immediate_exit = 0;
	return reason;
}

static void several_stores(void)
{
	begin(&g, AT(device_stm), PSR_SVC_IF);
	report(is_access(go(&g), MMIO, true, DATA), "an STM of three registers stores the first");
	report(is_access(go(&g), MMIO + 4, true, STORE), "then the second");
	report(core(&g, 15) == AT(device_stm) && core(&g, 9) == MMIO,
	       "meanwhile PC and base are as before");
	set_core(g.vcpu, 8, 0x1234);
	report(is_access(go(&g), MMIO + 8, true, REACHED),
	       "then the third, with the value that it had when the STM began");
	report(complete() == -EINTR, "immediate_exit completes the last one");
	report(core(&g, 15) == AT(device_stm_next) && core(&g, 9) == MMIO + 12,
	       "now PC and base are those after the STM");
	report(stores(&g, MMIO + 12), "and the guest continues there");
}

static void several_loads(void)
{
	bool good = true;
	uint32_t n;

	begin(&g, AT(device_ldm), PSR_SVC_IF);
	set_core(g.vcpu, 4, 0x4444);
	set_core(g.vcpu, 6, 0x6666);
	report(is_access(go(&g), MMIO + 4, false, 0), "an LDMIB of three registers loads");
	for (n = 1; n < 3; n++) {
		answer(0x100 * n);
		good &= is_access(complete(), MMIO + 4 + 4 * n, false, 0);
		good &= core(&g, 4) == 0x4444 && core(&g, 15) == AT(device_ldm);
	}
	report(good, "with immediate_exit, too, each access comes, and no register changes");
	answer(0x300);
	report(complete() == -EINTR && core(&g, 4) == 0x100 && core(&g, 5) == 0x200 &&
		       core(&g, 6) == 0x300 && core(&g, 9) == MMIO + 12 &&
		       core(&g, 15) == AT(device_ldm_next),
	       "after the last one all of them have their values");
	report(stores(&g, 0x300), "and the guest continues there");
}

static void dropped_by_reset(void)
{
	struct kvm_vcpu_init init = { 0 };

	begin(&g, AT(device_ldm), PSR_SVC_IF);
	report(is_access(go(&g), MMIO + 4, false, 0), "an LDM again");
	ioctl(g.vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	WORKS(ioctl(g.vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT between its accesses");
	put(&g, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors));
	report(complete() == -EINTR, "nothing is left to complete");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	report(is_access(go(&g), MMIO, true, DATA), "and the next instruction begins anew");
}

/* The guest takes a data abort, and user space sees no access. */
static bool aborts(uint32_t address, uint32_t fault)
{
	return stores(&g, DATA_ABT) && core(&g, LR_ABT) == address + 8 &&
	       (reg(&g, ID_DFSR) & 0x40f) == 8 && reg(&g, ID_DFAR) == fault;
}

static void refused_forms(void)
{
	begin(&g, AT(device_ldrex), PSR_SVC_IF);
	report(aborts(AT(device_ldrex), MMIO), "LDREX of a device aborts");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	set_core(g.vcpu, 9, MMIO + PAGE - 8);
	report(aborts(AT(device_stm), MMIO + PAGE - 8),
	       "an STM that crosses the end of a device's page aborts");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	set_core(g.vcpu, 9, DATA + PAGE - 4);
	report(aborts(AT(device_stm), DATA + PAGE),
	       "and so does one that begins in memory and ends in a device");
}

static void watched(void)
{
	begin(&g, AT(device_stm), PSR_SVC_IF);
	debug_watch(&g, 0, MMIO + 8, WATCH_STORE);
	report(stops(&g, AT(device_stm), EC_WATCH, MMIO + 8, 10),
	       "a watchpoint on the third word stops before the first");
	debug_watch(&g, 0, MMIO + 12, WATCH_STORE);
	report(is_access(go(&g), MMIO, true, DATA), "one on the word after it does not stop");
	debug_set(&g, 0);
}

/* KVM_CAP_ARM_NISV_TO_USER: what cannot be emulated is user space's to decide. */
static void refused_to_user(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER, .flags = 1 };
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	report(ioctl(g.vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_NISV_TO_USER) == 1,
	       "ARM_NISV_TO_USER is offered");
	REFUSED(EINVAL, ioctl(g.vm, KVM_ENABLE_CAP, &cap), "enabling it with flags");
	begin(&g, AT(device_ldrex), PSR_SVC_IF);
	report(aborts(AT(device_ldrex), MMIO), "LDREX of a device still aborts");
	cap.flags = 0;
	WORKS(ioctl(g.vm, KVM_ENABLE_CAP, &cap), "enabling ARM_NISV_TO_USER");
	begin(&g, AT(device_ldrex), PSR_SVC_IF);
	report(go(&g) == KVM_EXIT_ARM_NISV && g.run->arm_nisv.fault_ipa == MMIO &&
		       (g.run->arm_nisv.esr_iss & ~3u) == 4 && core(&g, 15) == AT(device_ldrex),
	       "now LDREX of a device is KVM_EXIT_ARM_NISV");
	WORKS(ioctl(g.vcpu, KVM_SET_VCPU_EVENTS, &events), "user space injects the abort");
	report(aborts(AT(device_ldrex), MMIO), "and the guest takes it");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	set_core(g.vcpu, 9, MMIO + PAGE - 8);
	report(go(&g) == KVM_EXIT_ARM_NISV && g.run->arm_nisv.fault_ipa == MMIO + PAGE - 8 &&
		       (g.run->arm_nisv.esr_iss & ~3u) == (0x40 | 4),
	       "so is an STM over the end of a page, with WnR");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	report(is_access(go(&g), MMIO, true, DATA), "what can be emulated is still KVM_EXIT_MMIO");
}

/* This process, like most, is below 32 MB, where FCSEIDR would move its addresses. */
static void fcse(void)
{
	begin(&g, AT(fcse), PSR_SVC_IF);
	report(stores(&g, REACHED) && (uintptr_t)&g < 32 << 20,
	       "a guest writes FCSEIDR, and its VMM still has its memory");
	report(stores(&g, 0), "after the exit FCSEIDR reads as zero");
}

void test_mmio(void)
{
	debug_vm_open(&g);
	several_stores();
	several_loads();
	dropped_by_reset();
	refused_forms();
	watched();
	refused_to_user();
	fcse();
	debug_vm_close(&g);
}
