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
static bool is_access(int reason, uint64_t address, bool write, uint32_t value)
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
	claim(is_access(go(&g), MMIO, true, DATA), "an STM of three registers stores the first");
	claim(is_access(go(&g), MMIO + 4, true, STORE), "then the second");
	claim(core(&g, 15) == AT(device_stm) && core(&g, 9) == MMIO,
	      "meanwhile PC and base are as before");
	set_core(g.vcpu, 8, 0x1234);
	claim(is_access(go(&g), MMIO + 8, true, REACHED),
	      "then the third, with the value that it had when the STM began");
	claim(complete() == -EINTR && g.run->exit_reason == KVM_EXIT_INTR,
	      "immediate_exit completes the last one");
	claim(core(&g, 15) == AT(device_stm_next) && core(&g, 9) == MMIO + 12,
	      "now PC and base are those after the STM");
	claim(stores(&g, MMIO + 12), "and the guest continues there");
}

#define LPAE_BLOCK   0x401u /* AF, and a block that PL1 may read and write */
#define ABOVE_4G     0x4010000000u
#define MAPS_ABOVE   0x90000000u
#define SCTLR_M	     1u
#define TTBCR_EAE    0x80000000u
#define MAIR0_NORMAL 0x44u /* attribute 0: Normal memory, Non-cacheable */

/* Stage 1 in long descriptors: 1 GiB as it is, and 1 GiB from 0x80000000 to 0x4000000000. */
static void map_above_4g(uint64_t *tables, uint32_t address)
{
	uint64_t ttbr0 = address;

	memset(tables, 0, 4 * sizeof(*tables));
	tables[1] = CODE | LPAE_BLOCK;
	tables[2] = (ABOVE_4G & ~0x3fffffffull) | LPAE_BLOCK;
	set_reg(g.vcpu, ARM_CP15_REG64(0, 2), &ttbr0);
	put(&g, ARM_CP15_REG32(0, 2, 0, 2), TTBCR_EAE);
	put(&g, ARM_CP15_REG32(0, 10, 2, 0), MAIR0_NORMAL);
	put(&g, ARM_CP15_REG32(0, 1, 0, 0), reg(&g, ARM_CP15_REG32(0, 1, 0, 0)) | SCTLR_M);
}

/* QEMU has PCI devices there, if a guest has LPAE. */
void test_above_4g(void)
{
	debug_vm_open(&g);
	begin(&g, AT(device_stm), PSR_SVC_IF);
	map_above_4g((uint64_t *)g.data + 16, DATA + 128);
	set_core(g.vcpu, 9, MAPS_ABOVE);
	claim(is_access(go(&g), ABOVE_4G, true, DATA),
	      "a store above 4 GiB has all of its address");
	claim(is_access(go(&g), ABOVE_4G + 4, true, STORE), "and so does the next");
	debug_vm_close(&g);
}

static void several_loads(void)
{
	bool good = true;
	uint32_t n;

	begin(&g, AT(device_ldm), PSR_SVC_IF);
	set_core(g.vcpu, 4, 0x4444);
	set_core(g.vcpu, 6, 0x6666);
	claim(is_access(go(&g), MMIO + 4, false, 0), "an LDMIB of three registers loads");
	for (n = 1; n < 3; n++) {
		answer(0x100 * n);
		good &= is_access(complete(), MMIO + 4 + 4 * n, false, 0);
		good &= core(&g, 4) == 0x4444 && core(&g, 15) == AT(device_ldm);
	}
	claim(good, "with immediate_exit, too, each access comes, and no register changes");
	answer(0x300);
	claim(complete() == -EINTR && core(&g, 4) == 0x100 && core(&g, 5) == 0x200 &&
		      core(&g, 6) == 0x300 && core(&g, 9) == MMIO + 12 &&
		      core(&g, 15) == AT(device_ldm_next),
	      "after the last one all of them have their values");
	claim(stores(&g, 0x300), "and the guest continues there");
}

static void dropped_by_reset(void)
{
	struct kvm_vcpu_init init = { 0 };

	begin(&g, AT(device_ldm), PSR_SVC_IF);
	claim(is_access(go(&g), MMIO + 4, false, 0), "an LDM again");
	ioctl(g.vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] = 1u << KVM_ARM_VCPU_PSCI_0_2;
	WORKS(ioctl(g.vcpu, KVM_ARM_VCPU_INIT, &init), "KVM_ARM_VCPU_INIT between its accesses");
	put(&g, ARM_CP15_REG32(0, 12, 0, 0), AT(vectors));
	claim(complete() == -EINTR, "nothing is left to complete");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	claim(is_access(go(&g), MMIO, true, DATA), "and the next instruction begins anew");
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
	claim(aborts(AT(device_ldrex), MMIO), "LDREX of a device aborts");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	set_core(g.vcpu, 9, MMIO + PAGE - 8);
	claim(aborts(AT(device_stm), MMIO + PAGE - 8),
	      "an STM that crosses the end of a device's page aborts");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	set_core(g.vcpu, 9, DATA + PAGE - 4);
	claim(aborts(AT(device_stm), DATA + PAGE),
	      "and so does one that begins in memory and ends in a device");
}

static void watched(void)
{
	begin(&g, AT(device_stm), PSR_SVC_IF);
	debug_watch(&g, 0, MMIO + 8, WATCH_STORE);
	claim(stops(&g, AT(device_stm), EC_WATCH, MMIO + 8, 10),
	      "a watchpoint on the third word stops before the first");
	debug_watch(&g, 0, MMIO + 12, WATCH_STORE);
	claim(is_access(go(&g), MMIO, true, DATA), "one on the word after it does not stop");
	debug_set(&g, 0);
}

/* KVM_CAP_ARM_NISV_TO_USER: what cannot be emulated is user space's to decide. */
static void refused_to_user(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER, .flags = 1 };
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	claim(ioctl(g.vm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_NISV_TO_USER) == 1,
	      "ARM_NISV_TO_USER is offered");
	REFUSED(EINVAL, ioctl(g.vm, KVM_ENABLE_CAP, &cap), "enabling it with flags");
	begin(&g, AT(device_ldrex), PSR_SVC_IF);
	claim(aborts(AT(device_ldrex), MMIO), "LDREX of a device still aborts");
	cap.flags = 0;
	WORKS(ioctl(g.vm, KVM_ENABLE_CAP, &cap), "enabling ARM_NISV_TO_USER");
	begin(&g, AT(device_ldrex), PSR_SVC_IF);
	claim(go(&g) == KVM_EXIT_ARM_NISV && g.run->arm_nisv.fault_ipa == MMIO &&
		      (g.run->arm_nisv.esr_iss & ~3u) == 4 && core(&g, 15) == AT(device_ldrex),
	      "now LDREX of a device is KVM_EXIT_ARM_NISV");
	WORKS(ioctl(g.vcpu, KVM_SET_VCPU_EVENTS, &events), "user space injects the abort");
	claim(aborts(AT(device_ldrex), MMIO), "and the guest takes it");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	set_core(g.vcpu, 9, MMIO + PAGE - 8);
	claim(go(&g) == KVM_EXIT_ARM_NISV && g.run->arm_nisv.fault_ipa == MMIO + PAGE - 8 &&
		      (g.run->arm_nisv.esr_iss & ~3u) == (0x40 | 4),
	      "so is an STM over the end of a page, with WnR");
	begin(&g, AT(device_stm), PSR_SVC_IF);
	claim(is_access(go(&g), MMIO, true, DATA), "what can be emulated is still KVM_EXIT_MMIO");
}

/* This process, like most, is below 32 MB, where FCSEIDR would move its addresses. */
static void fcse(void)
{
	begin(&g, AT(fcse), PSR_SVC_IF);
	claim(stores(&g, REACHED) && (uintptr_t)&g < 32 << 20,
	      "a guest writes FCSEIDR, and its VMM still has its memory");
	claim(stores(&g, 0), "after the exit FCSEIDR reads as zero");
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
