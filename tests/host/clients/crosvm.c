// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM such as crosvm: it interrupts its vCPUs by a signal that only KVM_RUN unblocks, asks before
 * it uses what later kernels had, and gives each device eventfds both ways.  It saves nothing; at a
 * guest's reset it ends, and its user starts another one.
 */
#include "clients.h"

#define VCPU(n, feature_bits)                                                                   \
	VCPU_MADE(n), STEP("KVM_ARM_PREFERRED_TARGET", call_preferred_target, 0, .vcpu = (n)),  \
		STEP("KVM_ARM_VCPU_INIT", call_vcpu_init, 0, .a = (feature_bits), .vcpu = (n)), \
		STEP("KVM_SET_SIGNAL_MASK", call_signal_mask, 0, .vcpu = (n))

#define MACHINE                                                                                    \
	STEP("open", call_open, 0),                                                                \
		STEP("KVM_GET_API_VERSION", call_kvm, 12, .a = KVM_GET_API_VERSION),               \
		CAP(IMMEDIATE_EXIT, 1), CAP(ARM_VM_IPA_SIZE, 0), CAP(CHECK_EXTENSION_VM, 1),       \
		STEP("KVM_CREATE_VM", call_create_vm, ANY), VM_CAP(USER_MEMORY, 1),                \
		VM_CAP(ARM_PSCI_0_2, 1), VM_CAP(ARM_PMU_V3, 0),                                    \
		STEP("the guest's code", call_load, 0),                                            \
		STEP("KVM_SET_USER_MEMORY_REGION", call_memory, 0, .a = 0, .c = RAM_SIZE),         \
		STEP("KVM_CREATE_DEVICE of a GICv3", call_create_device, -ENODEV,                  \
		     .a = KVM_DEV_TYPE_ARM_VGIC_V3),                                               \
		GIC_CREATED, GICC_PLACED, GICD_PLACED, GIC_LINES(64), VCPU(0, PSCI),               \
		VCPU(1, PSCI | OFF), GIC_INITIALIZED,                                              \
		STEP("KVM_SET_GSI_ROUTING, with an MSI", call_routing, 0, .a = 32, .b = 1),        \
		STEP("KVM_IRQFD of the serial port", call_irqfd, 0, .a = INTERRUPT,                \
		     .b = EDGE_PIN),                                                               \
		STEP("KVM_IRQFD of a PCI device's line", call_irqfd, 0, .a = LINE, .b = LEVEL_PIN, \
		     .c = KVM_IRQFD_FLAG_RESAMPLE),                                                \
		STEP("KVM_IOEVENTFD of a store of any length", call_ioeventfd_any, 0,              \
		     .a = QUEUE_0),                                                                \
		STEP("KVM_ENABLE_CAP of what the VM does not have", call_enable_cap, -EINVAL,      \
		     .a = KVM_CAP_SPLIT_IRQCHIP),                                                  \
		STEP("KVM_GET_REGS", call_vcpu, -EINVAL, .a = KVM_GET_REGS),                       \
		STEP("KVM_SET_ONE_REG of PC", call_set_reg, 0, .a = CORE_ID(15), .b = RAM),        \
		STEP("KVM_SET_ONE_REG of r2", call_set_reg, 0, .a = CORE_ID(2), .b = RAM),         \
		STEP("KVM_GET_MP_STATE", call_get_mp_state, KVM_MP_STATE_STOPPED, .vcpu = 1),      \
		STEP("KVM_RUN: the guest is ready", call_run, GUEST_READY)

/* Devices that come and go, and the dirty log of a frame buffer. */
const struct step crosvm_steps[] = {
	MACHINE,
	STEP("KVM_RUN with immediate_exit", call_run_kicked, -EINTR),
	GUEST("it has kept its registers", DO_LOOK, GUEST_KEPT),
	GUEST("it notifies a device", DO_NOTIFY, GUEST_DONE),
	STEP("whose eventfd is signalled", call_taken, 1, .a = QUEUE_0),
	STEP("the serial port's eventfd is signalled", call_signal, 0, .a = INTERRUPT),
	GUEST("the guest takes its interrupt", DO_TAKE, GUEST_TOOK(34)),
	STEP("the PCI device's eventfd is signalled", call_signal, 0, .a = LINE),
	GUEST("the guest takes its interrupt", DO_TAKE, GUEST_TOOK(33)),
	STEP("which it has not ended", call_taken, -EAGAIN, .a = RESAMPLED),
	GUEST("it ends it, and the line is low", DO_NO_IRQ, GUEST_NONE),
	STEP("as the device is told", call_taken, 1, .a = RESAMPLED),
	STEP("KVM_SET_USER_MEMORY_REGION: the log begins", call_memory, 0, .a = 0,
	     .b = KVM_MEM_LOG_DIRTY_PAGES, .c = RAM_SIZE),
	GUEST("the guest writes to a page", DO_DIRTY, GUEST_DONE),
	STEP("KVM_GET_DIRTY_LOG has it", call_dirty_log, DIRTY(DIRTY_PAGE), .a = 0),
	STEP("once", call_dirty_log, 0, .a = 0),
	GUEST("it writes to it again", DO_DIRTY, GUEST_DONE),
	STEP("KVM_GET_DIRTY_LOG has it again", call_dirty_log, DIRTY(DIRTY_PAGE), .a = 0),
	STEP("KVM_IOEVENTFD is removed", call_ioeventfd_any, 0, .a = QUEUE_0,
	     .b = KVM_IOEVENTFD_FLAG_DEASSIGN),
	GUEST("its stores exit again", DO_NOTIFY, EXIT(KVM_EXIT_MMIO)),
	STEP("KVM_RUN: it goes on", call_run, GUEST_DONE),
	STEP("KVM_IRQFD is removed", call_irqfd, 0, .a = LINE, .b = LEVEL_PIN,
	     .c = KVM_IRQFD_FLAG_DEASSIGN),
	STEP("its eventfd is signalled", call_signal, 0, .a = LINE),
	GUEST("which interrupts no more", DO_NO_IRQ, GUEST_NONE),
	GUEST("it turns on the other vCPU", DO_ON, GUEST_ON),
	STEP("KVM_RUN of the other", call_run, GUEST_SECONDARY, .vcpu = 1),
	GUEST("it resets the machine", DO_RESET, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	STEP("the exit says so", call_event_type, KVM_SYSTEM_EVENT_RESET),
	STEP("crosvm ends", call_close, 0),
	MACHINE,
	GUEST("no interrupt is pending", DO_NO_IRQ, GUEST_NONE),
	GUEST("it switches the machine off", DO_OFF, EXIT(KVM_EXIT_SYSTEM_EVENT)),
	STEP("the exit says so", call_event_type, KVM_SYSTEM_EVENT_SHUTDOWN),
	{ .call = 0 },
};
