// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every capability that KVM/arm of Linux 4.19 answered with something else than 0, and those of
 * later kernels and other architectures that clients ask for.
 */
#include "clients.h"

#define CAP_DIFFERS(name, answer, text)                                                         \
	STEP("KVM_CAP_" #name, call_kvm, answer, .a = KVM_CHECK_EXTENSION, .b = KVM_CAP_##name, \
	     .why = (text))

const struct step capability_steps[] = {
	STEP("open", call_open, 0),
	CAP(USER_MEMORY, 1),
	CAP(SYNC_MMU, 1),
	CAP(IOEVENTFD, 1),
	CAP(IOEVENTFD_ANY_LENGTH, 1),
	CAP(IRQFD, 1),
	CAP(IRQFD_RESAMPLE, 1),
	CAP(IRQ_ROUTING, 4096),
	CAP(SIGNAL_MSI, 1),
	CAP(COALESCED_MMIO, 1),
	CAP(DESTROY_MEMORY_REGION_WORKS, 1),
	CAP(JOIN_MEMORY_REGIONS_WORKS, 1),
	CAP(INTERNAL_ERROR_DATA, 1),
	CAP(CHECK_EXTENSION_VM, 1),
	CAP(IRQCHIP, 1),
	CAP(DEVICE_CTRL, 1),
	CAP(ONE_REG, 1),
	CAP(ARM_PSCI, 1),
	CAP(ARM_PSCI_0_2, 1),
	CAP(READONLY_MEM, 1),
	CAP(MP_STATE, 1),
	CAP(IMMEDIATE_EXIT, 1),
	CAP(VCPU_EVENTS, 1),
	CAP(ARM_SET_DEVICE_ADDR, 1),
	CAP_UP_TO(NR_VCPUS, 1, 8),
	CAP(MAX_VCPUS, 8),
	CAP(MAX_VCPU_ID, 8),
	CAP_UP_TO(NR_MEMSLOTS, 32, 512),
	CAP_DIFFERS(ARM_USER_IRQ, 0, "Linux: 1; there is no GIC in user space"),

	/* Later kernels for 32-bit Arm. */
	CAP(ARM_IRQ_LINE_LAYOUT_2, 1),
	CAP(ARM_INJECT_EXT_DABT, 1),
	CAP(ARM_NISV_TO_USER, 1),
	CAP(ENABLE_CAP_VM, 1),
	CAP(BINARY_STATS_FD, 1),
	CAP(MANUAL_DIRTY_LOG_PROTECT2, 1),
	/* Of other architectures. */
	CAP(ENABLE_CAP, 0),
	CAP(MSI_DEVID, 0),
	CAP(COALESCED_PIO, 0),
	CAP(ARM_VM_IPA_SIZE, 0),
	CAP(ARM_EL1_32BIT, 0),
	CAP(ARM_INJECT_SERROR_ESR, 0),
	CAP(ARM_SVE, 0),
	CAP(SET_TSS_ADDR, 0),
	CAP(SPLIT_IRQCHIP, 0),
	{ .call = 0 },
};
