// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvmtool, `lkvm run -c 2`, of 2013 to 2024: it makes a machine and runs it.  It saves nothing, and
 * when its guest resets the machine, it ends; who wants another machine starts it again.  Before
 * 2014 it made the GIC by KVM_CREATE_IRQCHIP.
 */
#include "clients.h"

#define VM                                                                                         \
	STEP("open", call_open, 0),                                                                \
		STEP("KVM_GET_API_VERSION", call_kvm, 12, .a = KVM_GET_API_VERSION),               \
		STEP("KVM_CREATE_VM", call_create_vm, ANY), CAP(ONE_REG, 1), CAP(ARM_PSCI, 1),     \
		CAP(CHECK_EXTENSION_VM, 1), CAP_UP_TO(NR_VCPUS, 1, 8), CAP_UP_TO(MAX_VCPUS, 2, 8), \
		VM_CAP(IOEVENTFD, 1)

#define VCPU(n, feature_bits)                                                                     \
	STEP("KVM_ARM_PREFERRED_TARGET", call_preferred_target, 0, .vcpu = (n)), VCPU_MADE(n),    \
		STEP("KVM_CAP_ARM_PSCI_0_2 of the VM", call_vm_cap, 1, .a = KVM_CAP_ARM_PSCI_0_2, \
		     .vcpu = (n)),                                                                \
		STEP("KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n)),   \
		CAP(COALESCED_MMIO, 1)

/* CPSR and the registers of Linux's boot protocol. */
#define START                                                                              \
	STEP("KVM_SET_ONE_REG of CPSR", call_set_reg, 0, .a = CORE_ID(16), .b = 0x1d3),    \
		STEP("KVM_SET_ONE_REG of r0", call_set_reg, 0, .a = CORE_ID(0)),           \
		STEP("KVM_SET_ONE_REG of r1", call_set_reg, 0, .a = CORE_ID(1), .b = ~0u), \
		STEP("KVM_SET_ONE_REG of r2", call_set_reg, 0, .a = CORE_ID(2), .b = RAM), \
		STEP("KVM_SET_ONE_REG of PC", call_set_reg, 0, .a = CORE_ID(15), .b = RAM)

#define RUN                                                              \
	STEP("KVM_RUN: the guest is ready", call_run, GUEST_READY),      \
		GUEST("it has kept its registers", DO_LOOK, GUEST_KEPT), \
		GUEST("it turns on the other vCPU", DO_ON, GUEST_ON),    \
		STEP("KVM_RUN of the other", call_run, GUEST_SECONDARY, .vcpu = 1)

/* `--irqchip gicv2`, or gicv2m: the kernel is not told of the frame. */
#define MACHINE                                                                            \
	VM, GIC_CREATED, GICC_PLACED, GICD_PLACED, VCPU(0, PSCI), VCPU(1, PSCI | OFF),     \
		STEP("the guest's code", call_load, 0),                                    \
		STEP("KVM_SET_USER_MEMORY_REGION", call_memory, 0, .a = 0, .c = RAM_SIZE), \
		GIC_HAS_LINES, GIC_LINES(128), GIC_HAS_INIT, GIC_INITIALIZED, START

/*
 * The guest's driver makes a queue of virtio-mmio; then the device interrupts, by a pulse.  An
 * interrupt of vhost is an irqfd, and one of VFIO has a second eventfd for its end.
 */
#define DEVICES                                                                                   \
	QUEUES_NOTIFY, STEP("KVM_IRQ_LINE of SPI 34: 1", call_irq_line, 0, .a = SPI(34), .b = 1), \
		STEP("KVM_IRQ_LINE of SPI 34: 0", call_irq_line, 0, .a = SPI(34), .b = 0),        \
		GUEST("the guest takes it", DO_TAKE, GUEST_TOOK(34)),                             \
		GUEST("once", DO_NO_IRQ, GUEST_NONE), VM_CAP(IRQ_ROUTING, 4096),                  \
		STEP("KVM_IRQFD of vhost", call_irqfd, 0, .a = INTERRUPT, .b = EDGE_PIN),         \
		STEP("its eventfd is signalled", call_signal, 0, .a = INTERRUPT),                 \
		GUEST("the guest takes it", DO_TAKE, GUEST_TOOK(34)),                             \
		STEP("KVM_IRQFD of VFIO", call_irqfd, 0, .a = LINE, .b = LEVEL_PIN,               \
		     .c = KVM_IRQFD_FLAG_RESAMPLE),                                               \
		STEP("its eventfd is signalled", call_signal, 0, .a = LINE),                      \
		GUEST("the guest takes it", DO_TAKE, GUEST_TOOK(33)),                             \
		GUEST("and ends it", DO_NO_IRQ, GUEST_NONE),                                      \
		STEP("the resample eventfd", call_taken, 1, .a = RESAMPLED)

#define DEVICES_END                                                                              \
	STEP("KVM_IRQFD is removed", call_irqfd, 0, .a = INTERRUPT, .b = EDGE_PIN,               \
	     .c = KVM_IRQFD_FLAG_DEASSIGN),                                                      \
		STEP("KVM_IRQFD is removed", call_irqfd, 0, .a = LINE, .b = LEVEL_PIN,           \
		     .c = KVM_IRQFD_FLAG_DEASSIGN),                                              \
		STEP("KVM_IOEVENTFD is removed", call_ioeventfd, 0, .a = QUEUE_0, .b = UNMATCH), \
		STEP("KVM_IOEVENTFD is removed", call_ioeventfd, 0, .a = QUEUE_1, .b = UNMATCH,  \
		     .c = 1),                                                                    \
		STEP("KVM_UNREGISTER_COALESCED_MMIO of what never was one", call_coalesced, 0,   \
		     .a = KVM_UNREGISTER_COALESCED_MMIO, .b = NOTIFY & ~0xfffull, .c = 0x200)

const struct step kvmtool_steps[] = {
	MACHINE,
	RUN,
	DEVICES,
	GUEST("it resets the machine", DO_RESET, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	STEP("the exit says so", call_event_type, KVM_SYSTEM_EVENT_RESET),
	DEVICES_END,
	STEP("kvmtool ends", call_close, 0),
	MACHINE,
	STEP("KVM_RUN: the guest is ready", call_run, GUEST_READY),
	GUEST("no interrupt is pending", DO_NO_IRQ, GUEST_NONE),
	GUEST("it switches the machine off", DO_OFF, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	STEP("the exit says so", call_event_type, KVM_SYSTEM_EVENT_SHUTDOWN),
	STEP("kvmtool ends", call_close, 0),

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
	STEP("KVM_IRQ_LINE of SPI 33: 1", call_irq_line, 0, .a = SPI(UART_SPI), .b = 1),
	RUN,
	GUEST("it takes SPI 33", DO_TAKE, GUEST_TOOK(33)),
	STEP("KVM_IRQ_LINE of SPI 33: 0", call_irq_line, 0, .a = SPI(UART_SPI), .b = 0),
	GUEST("once", DO_NO_IRQ, GUEST_NONE),
	GUEST("it resets the machine", DO_RESET, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	{ .call = 0 },
};
