// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM such as crosvm: it interrupts its vCPUs by a signal that only KVM_RUN unblocks, and asks
 * before it uses what later kernels had.
 */
#include "clients.h"

#define PSCI (1u << KVM_ARM_VCPU_PSCI_0_2)
#define OFF  (1u << KVM_ARM_VCPU_POWER_OFF)

#define VCPU(n, feature_bits)                                                                   \
	STEP("KVM_CREATE_VCPU", call_create_vcpu, ANY, .vcpu = (n)),                            \
		STEP("KVM_GET_VCPU_MMAP_SIZE", call_vcpu_mmap_size, ANY, .vcpu = (n)),          \
		STEP("mmap", call_mmap, 0, .vcpu = (n)),                                        \
		STEP("KVM_ARM_PREFERRED_TARGET", call_preferred_target, 0, .vcpu = (n)),        \
		STEP("KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n)), \
		STEP("KVM_SET_SIGNAL_MASK", call_signal_mask, 0, .vcpu = (n))

const struct step crosvm_steps[] = {
	STEP("open", call_open, 0),
	STEP("KVM_GET_API_VERSION", call_kvm, 12, .a = KVM_GET_API_VERSION),
	CAP(IMMEDIATE_EXIT, 1),
	CAP(ARM_VM_IPA_SIZE, 0),
	CAP(CHECK_EXTENSION_VM, 1),
	STEP("KVM_CREATE_VM", call_create_vm, ANY),
	VM_CAP(USER_MEMORY, 1),
	VM_CAP(ARM_PSCI_0_2, 1),
	VM_CAP(ARM_PMU_V3, 0),
	STEP("the guest's code", call_load, 0),
	STEP("KVM_SET_USER_MEMORY_REGION", call_memory, 0, .a = 0, .c = RAM_SIZE),
	STEP("KVM_CREATE_DEVICE of a GICv3", call_create_device, -ENODEV,
	     .a = KVM_DEV_TYPE_ARM_VGIC_V3),
	STEP("KVM_CREATE_DEVICE of a GICv2", call_create_device, 0, .a = KVM_DEV_TYPE_ARM_VGIC_V2),
	STEP("the CPU interface's address", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_ADDR,
	     .b = KVM_VGIC_V2_ADDR_TYPE_CPU, .c = GICC),
	STEP("the distributor's address", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_ADDR,
	     .b = KVM_VGIC_V2_ADDR_TYPE_DIST, .c = GICD),
	STEP("NR_IRQS is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_NR_IRQS, .c = 64),
	VCPU(0, PSCI),
	VCPU(1, PSCI | OFF),
	STEP("CTRL_INIT is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_CTRL,
	     .b = KVM_DEV_ARM_VGIC_CTRL_INIT),
	STEP("KVM_ENABLE_CAP of what the VM does not have", call_enable_cap, -EINVAL,
	     .a = KVM_CAP_SPLIT_IRQCHIP),
	STEP("KVM_GET_REGS", call_vcpu, -EINVAL, .a = KVM_GET_REGS),
	STEP("KVM_SET_ONE_REG of PC", call_set_reg, 0, .a = CORE_ID(15), .b = RAM),
	STEP("KVM_SET_ONE_REG of r2", call_set_reg, 0, .a = CORE_ID(2), .b = RAM),
	STEP("KVM_GET_MP_STATE", call_get_mp_state, KVM_MP_STATE_STOPPED, .vcpu = 1),
	STEP("KVM_RUN: the guest is ready", call_run, GUEST_READY),
	STEP("KVM_RUN with immediate_exit", call_run_kicked, -EINTR),
	STEP("KVM_RUN: it has kept its registers", call_run, GUEST_KEPT),
	STEP("KVM_RUN: it turns on the other vCPU", call_run, GUEST_ON),
	STEP("KVM_RUN of the other", call_run, GUEST_SECONDARY, .vcpu = 1),
	STEP("KVM_RUN: the guest ends", call_run, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	{ .call = 0 },
};
