// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvmtool, `lkvm run -c 2`, of 2013 to 2024: it makes a machine and runs it; it saves nothing.
 * Before 2014 it made the GIC by KVM_CREATE_IRQCHIP.
 */
#include "clients.h"

#define PSCI (1u << KVM_ARM_VCPU_PSCI_0_2)
#define OFF  (1u << KVM_ARM_VCPU_POWER_OFF)

#define VM                                                                                     \
	STEP("open", call_open, 0),                                                            \
		STEP("KVM_GET_API_VERSION", call_kvm, 12, .a = KVM_GET_API_VERSION),           \
		STEP("KVM_CREATE_VM", call_create_vm, ANY), CAP(ONE_REG, 1), CAP(ARM_PSCI, 1), \
		CAP_UP_TO(NR_VCPUS, 1, 8), CAP_UP_TO(MAX_VCPUS, 2, 8)

#define VCPU(n, feature_bits)                                                                     \
	STEP("KVM_ARM_PREFERRED_TARGET", call_preferred_target, 0, .vcpu = (n)),                  \
		STEP("KVM_CREATE_VCPU", call_create_vcpu, ANY, .vcpu = (n)),                      \
		STEP("KVM_GET_VCPU_MMAP_SIZE", call_vcpu_mmap_size, ANY, .vcpu = (n)),            \
		STEP("mmap", call_mmap, 0, .vcpu = (n)),                                          \
		STEP("KVM_CAP_ARM_PSCI_0_2 of the VM", call_vm_cap, 1, .a = KVM_CAP_ARM_PSCI_0_2, \
		     .vcpu = (n)),                                                                \
		STEP("KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n))

/* CPSR and the registers of Linux's boot protocol. */
#define START                                                                              \
	STEP("KVM_SET_ONE_REG of CPSR", call_set_reg, 0, .a = CORE_ID(16), .b = 0x1d3),    \
		STEP("KVM_SET_ONE_REG of r0", call_set_reg, 0, .a = CORE_ID(0)),           \
		STEP("KVM_SET_ONE_REG of r1", call_set_reg, 0, .a = CORE_ID(1), .b = ~0u), \
		STEP("KVM_SET_ONE_REG of r2", call_set_reg, 0, .a = CORE_ID(2), .b = RAM), \
		STEP("KVM_SET_ONE_REG of PC", call_set_reg, 0, .a = CORE_ID(15), .b = RAM)

#define RUN                                                                         \
	STEP("KVM_RUN: the guest is ready", call_run, GUEST_READY),                 \
		STEP("KVM_RUN: it has kept its registers", call_run, GUEST_KEPT),   \
		STEP("KVM_RUN: it turns on the other vCPU", call_run, GUEST_ON),    \
		STEP("KVM_RUN of the other", call_run, GUEST_SECONDARY, .vcpu = 1), \
		STEP("KVM_RUN: the guest ends", call_run, EXIT(KVM_EXIT_SYSTEM_EVENT))

const struct step kvmtool_steps[] = {
	/* `--irqchip gicv2` */
	VM,
	STEP("KVM_CREATE_DEVICE of a GICv2", call_create_device, 0, .a = KVM_DEV_TYPE_ARM_VGIC_V2),
	STEP("the CPU interface's address", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_ADDR,
	     .b = KVM_VGIC_V2_ADDR_TYPE_CPU, .c = GICC),
	STEP("the distributor's address", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_ADDR,
	     .b = KVM_VGIC_V2_ADDR_TYPE_DIST, .c = GICD),
	VCPU(0, PSCI),
	VCPU(1, PSCI | OFF),
	STEP("the guest's code", call_load, 0),
	STEP("KVM_SET_USER_MEMORY_REGION", call_memory, 0, .a = 0, .c = RAM_SIZE),
	STEP("it has NR_IRQS", call_has_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_NR_IRQS),
	STEP("NR_IRQS is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_NR_IRQS, .c = 128),
	STEP("it has CTRL_INIT", call_has_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_CTRL,
	     .b = KVM_DEV_ARM_VGIC_CTRL_INIT),
	STEP("CTRL_INIT is set", call_set_attr, 0, .a = KVM_DEV_ARM_VGIC_GRP_CTRL,
	     .b = KVM_DEV_ARM_VGIC_CTRL_INIT),
	START,
	RUN,
	STEP("close", call_close, 0),

	/* `--irqchip gicv3` is refused. */
	VM,
	STEP("KVM_CREATE_DEVICE of a GICv3", call_create_device, -ENODEV,
	     .a = KVM_DEV_TYPE_ARM_VGIC_V3),
	STEP("close", call_close, 0),

	/* 2013 */
	VM,
	STEP("KVM_CREATE_IRQCHIP", call_create_irqchip, 0),
	STEP("KVM_ARM_SET_DEVICE_ADDR of the CPU interface", call_device_addr, 0,
	     .a = KVM_VGIC_V2_ADDR_TYPE_CPU, .b = GICC),
	STEP("KVM_ARM_SET_DEVICE_ADDR of the distributor", call_device_addr, 0,
	     .a = KVM_VGIC_V2_ADDR_TYPE_DIST, .b = GICD),
	VCPU(0, PSCI),
	VCPU(1, PSCI | OFF),
	STEP("the guest's code", call_load, 0),
	STEP("KVM_SET_USER_MEMORY_REGION", call_memory, 0, .a = 0, .c = RAM_SIZE),
	START,
	STEP("KVM_IRQ_LINE of SPI 33", call_irq_line, 0, .a = 1 << 24 | UART_SPI, .b = 1),
	RUN,
	{ .call = 0 },
};
